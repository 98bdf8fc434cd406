/// One thing that is wrong with a record, in the authority's words.
public struct RecordProblem: Codable, Hashable, Sendable {
    /// The rule that was broken; the same for every record that breaks it.
    public let rule: String
    /// Where: names of members with dots between them and indices in brackets, such as `result.items[2].limit`.
    public let path: String
    /// What is wrong there, for a person.
    public let problem: String

    /// The names of the rules that only records of checks are checked by, in their order.
    public static let rulesOfChecks = Rule.checkRules.map(\.name)

    /// The names of the rules on the checks before the tailpipe, in their order.
    public static let rulesOfVehicleChecks = Rule.vehicleChecks.map(\.name)

    /// The names of the rules that only records of one method are checked by, in their order; empty for a method that
    /// the platform does not know.
    public static func rules(ofMethod name: String) -> [String] {
        RecordedMethod.all.first { $0.name == name }?.rules.map(\.name) ?? []
    }
}

/// One rule that records are checked by.
struct Rule: Sendable {
    /// A place where the rule is broken.
    struct Violation: Sendable {
        /// Path of the member.
        let path: String
        /// What is wrong there.
        let problem: String

        init(_ path: String, _ problem: String) {
            (self.path, self.problem) = (path, problem)
        }
    }

    /// The rule's stable name.
    let name: String
    /// All places where a record breaks it. A rule is silent about members that are missing or of another type, for
    /// that is the subject of the rules on form.
    let violations: @Sendable (TestRecord) -> [Violation]

    init(_ name: String, _ violations: @escaping @Sendable (TestRecord) -> [Violation]) {
        (self.name, self.violations) = (name, violations)
    }

    /// Checks a record by every rule, from its outline to the arithmetic of its method.
    static func problems(of record: TestRecord) -> [RecordProblem] {
        let isCheck = record.payload.at("kind")?.text == "check"
        let ofMethod = record.endsAtChecks ? [] : record.method?.rules ?? []
        let rules =
            isCheck
            ? checkOutline + circumstances + checkRules : outline + circumstances + vehicleChecks + ofMethod
        return rules.flatMap { rule in
            rule.violations(record).map { RecordProblem(rule: rule.name, path: $0.path, problem: $0.problem) }
        }
    }
}
