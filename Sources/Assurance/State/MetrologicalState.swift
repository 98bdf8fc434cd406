public import Evidence
public import Metrology
public import Procedures
public import Standards

/// Where one required check of one instrument stands (计量状态).
public struct CheckStanding: Hashable, Sendable {
    /// How a check stands.
    public enum Status: String, Sendable {
        /// Passed and not due yet.
        case good
        /// Never passed with this instrument.
        case missing
        /// The last one failed.
        case failed
        /// The last passing one is too old.
        case overdue
    }

    /// The requirement.
    public let requirement: AssuranceRules.RequiredCheck
    /// Whether it is good now.
    public let status: Status
    /// The last check with a verdict, of this kind or one that counts as it.
    public let last: CheckResult?
    /// Until when it is or was good; nil if it is not passed.
    public let due: Timestamp?
}

/// What the sealed checks say about the lane's instruments.
public struct CheckHistory: Sendable {
    /// The results in the order of their records.
    public private(set) var results: [CheckResult]

    /// A history of these results, in whatever order they are given.
    public init(_ results: [CheckResult] = []) { self.results = results.sorted { $0.counter < $1.counter } }

    /// Adds the newest result.
    public mutating func add(_ result: CheckResult) { results.append(result) }

    /// The checks of one kind of an instrument, with verdicts, oldest first; aborted ones say nothing.
    public func results(_ kinds: [CheckKind], serial: String?) -> [CheckResult] {
        results.filter { kinds.contains($0.kind) && $0.serial == serial && $0.verdict != "aborted" }
    }

    /// Where a required check stands.
    ///
    /// - Parameters:
    ///   - serial: the serial number of the instrument that stands on the lane; a check of another does not count.
    ///   - lastUse: when the instrument was last used, for requirements that end by idleness.
    public func standing(
        of requirement: AssuranceRules.RequiredCheck, serial: String?, lastUse: Timestamp?, rules: AssuranceRules,
        now: Timestamp
    ) -> CheckStanding {
        let kinds = [requirement.kind] + requirement.satisfiedBy
        guard let last = results(kinds, serial: serial).last else {
            return CheckStanding(requirement: requirement, status: .missing, last: nil, due: nil)
        }
        guard last.verdict == "passed" else {
            return CheckStanding(requirement: requirement, status: .failed, last: last, due: nil)
        }
        let due = rules.end(of: requirement, passedAt: last.ended, lastUse: lastUse)
        // At its end it is overdue: a check of one day is good for less than two.
        let isOverdue = now >= due
        return CheckStanding(requirement: requirement, status: isOverdue ? .overdue : .good, last: last, due: due)
    }
}

extension CheckHistory {
    /// Puts what passed checks found in place of what the lane had, the newest last.
    ///
    /// - Parameter serial: the serial number of the instrument in a role; what was found of another does not count.
    public func apply(to lane: inout LaneParameters, serial: (InstrumentRole) -> String?) {
        for result in results where result.verdict == "passed" {
            guard let role = result.kind.role, result.serial == serial(role) else { continue }
            for (name, value) in result.parameters.sorted(by: { $0.key < $1.key }) {
                SealedParameter(name, value)?.apply(to: &lane)
            }
        }
    }
}

extension CheckHistory {
    /// What passed checks of the instruments on the lane found, the newest of each name, in the order of the names.
    ///
    /// - Parameter serial: as for ``apply(to:serial:)``.
    public func sealedParameters(serial: (InstrumentRole) -> String?) -> [LaneState.Parameter] {
        var newest: [String: LaneState.Parameter] = [:]
        for result in results where result.verdict == "passed" {
            guard let role = result.kind.role, result.serial == serial(role) else { continue }
            for (name, value) in result.parameters {
                // It was read from canonical JSON.
                let text = (try? value.canonicalBytes()).map { String(decoding: $0, as: UTF8.self) } ?? ""
                newest[name] = LaneState.Parameter(
                    name: name, counter: result.counter, record: result.digest, value: text)
            }
        }
        return newest.sorted { $0.key < $1.key }.map(\.value)
    }
}

extension SealedParameter {
    /// Reads what the tests are carried out with from a check's record; nil for what they do not use.
    fileprivate init?(_ name: String, _ value: JSONValue) {
        func number(_ member: String) -> Double? { value[member]?.text.flatMap(Double.init) }
        switch name {
        case "parasitic-loss":
            guard let quadratic = number("quadratic"), let linear = number("linear"), let constant = number("constant")
            else { return nil }
            self = .parasiticLoss(ParasiticLoss(quadratic: quadratic, linear: linear, constant: constant))
        case "base-inertia":
            guard let mass = number("kilograms") else { return nil }
            self = .baseInertia(Mass(mass))
        default:
            guard name.hasPrefix("transport-delay."),
                let channel = ChannelID(rawValue: String(name.dropFirst("transport-delay.".count))),
                let seconds = number("seconds")
            else { return nil }
            self = .transportDelay(channel, .seconds(seconds))
        }
    }
}
