public import Evidence
public import Messages
import Metrology

/// Whether a reference material may be used for a check.
public struct ReferenceJudgement: Hashable, Sendable {
    /// What keeps it from being used; empty if nothing does.
    public var objections: [Message] = []
    /// What the technician should know all the same.
    public var warnings: [Message] = []
}

extension ReferenceRegistry {
    /// Judges a reference material for a check that needs certain values of it.
    ///
    /// Refused is one that is not registered, of another kind, past its certificate's last day, without a value that
    /// is needed, or with one that is too uncertain. A nearly empty bottle is told of, and so is one whose pressure
    /// nobody noted.
    ///
    /// - Parameters:
    ///   - needed: the names of the values, such as `propane`.
    ///   - now: the lane's clock; the certificate's day is counted in the lane's calendar (UTC+8).
    public func judge(
        _ number: String, as kind: ReferenceKind, needing needed: [String], rules: AssuranceRules, now: Timestamp
    ) -> ReferenceJudgement {
        var judgement = ReferenceJudgement()
        let name = MessageArgument.text(number)
        guard let reference = self[number] else {
            judgement.objections = [Message(.referenceUnknown, ["number": name])]
            return judgement
        }
        guard reference.kind == kind else {
            judgement.objections = [
                Message(
                    .referenceOtherKind,
                    ["number": name, "found": .text(reference.kind.rawValue), "expected": .text(kind.rawValue)])
            ]
            return judgement
        }
        if now.day(offsetHours: AssuranceRules.calendarOffset) > reference.expires {
            judgement.objections.append(
                Message(.referenceExpired, ["number": name, "expires": .text(reference.expires)]))
        }
        for value in needed {
            guard let certified = reference.values[value] else {
                judgement.objections.append(Message(.referenceLacks, ["number": name, "value": .text(value)]))
                continue
            }
            guard kind == .bottle, let uncertainty = certified.relativeUncertainty,
                let significant = try? SignificantDecimal(uncertainty),
                !significant.isAtMost(rules.bottleUncertainty.decimal)
            else { continue }
            judgement.objections.append(
                Message(
                    .referenceUncertain,
                    [
                        "number": name, "value": .text(value), "uncertainty": .decimal(significant.description),
                        "limit": .decimal(rules.bottleUncertainty.decimal.description),
                    ]))
        }
        guard kind == .bottle else { return judgement }
        if let pressure = reference.pressure {
            if pressure < rules.bottlePressure.decimal {
                judgement.warnings.append(
                    Message(
                        .referenceNearlyEmpty,
                        [
                            "number": name, "pressure": .decimal(pressure.description),
                            "limit": .decimal(rules.bottlePressure.decimal.description),
                        ]))
            }
        } else {
            judgement.warnings.append(Message(.referencePressureUnknown, ["number": name]))
        }
        return judgement
    }
}
