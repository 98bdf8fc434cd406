public import Messages
import Metrology
public import Standards

/// What the checks before the tailpipe lead to: whether the test may be carried out, and every reason.
///
/// A pure function of order and pack. Nothing that was not looked at counts as good: an item of the pack without an
/// answer is a problem as long as the check was begun.
public struct VehicleCheckDecision: Hashable, Sendable {
    /// One thing that was found.
    public struct Finding: Hashable, Sendable {
        /// The item or line of the pack.
        public let rule: String
        /// The order's member, such as `vehicle-checks.obd`.
        public let member: String
        /// What follows; nil if an answer is missing, which stops the test too.
        public let consequence: CheckConsequence?
        /// How sure the rule is.
        public let grade: String
        /// The finding.
        public let message: Message
    }

    /// What was found, in the order of the pack.
    public let findings: [Finding]
    /// Whether the vehicle's OBD must be checked; nil if the order does not say enough.
    public let needsOBD: Bool?

    /// The findings that keep the test from being carried out.
    public var obstacles: [Finding] { findings.filter { $0.consequence != .noted } }

    /// Whether every answer is there that the decision needs.
    public var isComplete: Bool { findings.allSatisfy { $0.consequence != nil } }

    /// What follows in all: the gravest of the findings; nil while answers are missing and nothing is grave.
    public var consequence: CheckConsequence? {
        let found = findings.compactMap(\.consequence)
        if let gravest = [CheckConsequence.fails, .comesBack, .mend].first(where: found.contains) { return gravest }
        return obstacles.isEmpty ? .noted : nil
    }

    /// Decides.
    ///
    /// - Parameter isRequired: whether checks that the order does not have are missing.
    public init(_ order: TestOrder, rules: VehicleCheckRules, isRequired: Bool = false) {
        let vehicle = order.vehicle
        needsOBD = Self.needsOBD(vehicle, rules)
        var findings: [Finding] = []
        if let appearance = order.checks?.appearance {
            findings += Self.findings(appearance, vehicle, rules)
        } else if isRequired {
            findings.append(Self.missing("appearance"))
        }
        if let obd = order.checks?.obd {
            findings += Self.findings(obd, rules)
        } else if isRequired, needsOBD != false {
            findings.append(Self.missing("obd"))
        }
        for observation in order.checks?.observations ?? [] {
            findings += Self.finding(observation, vehicle, order.limitSet, rules)
        }
        self.findings = findings
    }

    private static func needsOBD(_ vehicle: OrderedVehicle, _ rules: VehicleCheckRules) -> Bool? {
        // The requirement is one for motor vehicles.
        guard vehicle.category ?? .road == .road else { return false }
        var isOpen = false
        for requirement in rules.obdRequired where requirement.fuels.contains(vehicle.fuel) {
            if let registered = vehicle.registered, registered < requirement.registeredFrom { continue }
            if let limit = requirement.grossMassUpTo, let mass = vehicle.grossMass, mass > limit { continue }
            if vehicle.registered != nil, requirement.grossMassUpTo == nil || vehicle.grossMass != nil { return true }
            isOpen = true
        }
        return isOpen ? nil : false
    }

    private static func missing(_ part: String) -> Finding {
        let member = "vehicle-checks.\(part)"
        return Finding(
            rule: part, member: member, consequence: nil, grade: "own",
            message: Message(.checkMissing, ["member": .text(member)]))
    }

    private static func findings(
        _ check: AppearanceCheck, _ vehicle: OrderedVehicle, _ rules: VehicleCheckRules
    ) -> [Finding] {
        rules.appearance.filter { $0.fuels.contains(vehicle.fuel) }.compactMap { rule in
            let member = "vehicle-checks.appearance.\(rule.id)"
            switch check.items[rule.id] {
            case true: return nil
            case false:
                return Finding(
                    rule: rule.id, member: member, consequence: rule.consequence, grade: rule.grade,
                    message: Message(
                        .checkAppearance,
                        ["item": .text(rule.note ?? rule.id), "what": .message(rule.consequence.message)]))
            case nil:
                return Finding(
                    rule: rule.id, member: member, consequence: nil, grade: rule.grade,
                    message: Message(.checkMissing, ["member": .text(member)]))
            }
        }
    }

    private static func findings(_ check: OBDCheck, _ rules: VehicleCheckRules) -> [Finding] {
        let incomplete = check.monitors.count { $0.value == .incomplete }
        var findings = rules.obdDecisions.filter { rule in
            (rule.communication.map { $0 == check.communication } ?? true)
                && (rule.milCommanded.map { $0 == check.milCommanded } ?? true)
                && (rule.milLit.map { $0 == check.milLit } ?? true)
                && (rule.hasCodes.map { $0 == !check.codes.isEmpty } ?? true)
                && (rule.incompleteAbove.map { incomplete > $0 } ?? true)
        }.map { rule in
            Finding(
                rule: rule.id, member: "vehicle-checks.obd", consequence: rule.decision, grade: rule.grade,
                message: Message(
                    .checkOBD, ["rule": .text(rule.note ?? rule.id), "what": .message(rule.decision.message)]))
        }
        // Where the control units answer, lamp and status must both be known.
        if check.communication {
            for (member, value) in [("mil-commanded", check.milCommanded), ("mil-lit", check.milLit)] where value == nil
            {
                findings.append(missing("obd.\(member)"))
            }
            if check.monitors.isEmpty { findings.append(missing("obd.monitors")) }
            // Platforms take no OBD result without the engine's CAL ID (90Y27).
            if check.units.isEmpty { findings.append(missing("obd.units")) }
        }
        return findings
    }

    private static func finding(
        _ observation: SmokeObservation, _ vehicle: OrderedVehicle, _ set: String, _ rules: VehicleCheckRules
    ) -> [Finding] {
        let member = "vehicle-checks.observations"
        switch observation.kind {
        case .ringelmann(let number):
            guard !Double(number).isAtMost(rules.ringelmann) else { return [] }
            return [
                Finding(
                    rule: "ringelmann", member: member, consequence: .fails, grade: rules.ringelmann.grade,
                    message: Message(
                        .checkRingelmann,
                        [
                            "found": .integer(number), "limit": .decimal(rules.ringelmann.decimal.description),
                            "by": .text(observation.signature.by), "at": .text(observation.signature.at),
                        ]))
            ]
        case .visibleSmoke(let isSeen):
            guard isSeen else { return [] }
            let rule = rules.visibleSmoke
            let counts = vehicle.category.map(rule.categories.contains) == true && rule.limitSets.contains(set)
            let consequence = counts ? rule.consequence : .noted
            return [
                Finding(
                    rule: "visible-smoke", member: member, consequence: consequence, grade: rule.grade,
                    message: Message(
                        .checkVisibleSmoke,
                        [
                            "by": .text(observation.signature.by), "at": .text(observation.signature.at),
                            "what": .message(consequence.message),
                        ]))
            ]
        }
    }
}

extension CheckConsequence {
    /// What follows, for a person.
    public var message: Message {
        switch self {
        case .noted: Message(.checkNoted)
        case .mend: Message(.checkMend)
        case .comesBack: Message(.checkComesBack)
        case .fails: Message(.checkFails)
        }
    }
}
