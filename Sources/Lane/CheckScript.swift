public import Documents
public import Messages
public import Metrology
public import Standards

/// What a technician takes and answers in checks that nobody attends (检查脚本), as a file states it.
///
/// ```yaml
/// checks:
///   - check: gas-single-point
///     references: [low=B-7]            # as --reference; left out, the registry's first that fit
///     readings: [{exhaust-flow: 6.00}] # as --reading, point by point
///     vehicle-connected: false
///     attempts: 2                      # how often at most it is carried out while it fails; 1
///     answers:                         # steps that are not listed are obeyed and confirmed
///       - {step: low.connect, after: 5, connect: B-9, answer: confirm}
///       - {step: mid-low.connect, answer: abort}
///       - {step: 1000.set, enter: {engine-speed: 1003}}
/// ```
///
/// An answer comes `after` that many seconds of the step in lane time. `connect`, `insert` and `hang` name what the
/// technician takes instead of what the instruction says; `answer` is `confirm`, `deny`, `abort`, `emergency-stop` or
/// `nothing`; `enter` is what reference instruments show at a step that asks for it, instead of `readings`.
public struct CheckScript: Sendable {
    /// What is said at a step that waits for a person.
    public enum Reply: String, CaseIterable, Sendable {
        /// It is done.
        case confirm
        /// What is asked about is not so.
        case deny
        /// The check is broken off.
        case abort
        /// The emergency stop is pressed.
        case emergencyStop = "emergency-stop"
        /// Nobody says anything.
        case nothing
    }

    /// What the technician does at one step.
    public struct Answer: Hashable, Sendable {
        /// The step's name, as the status shows it.
        public let step: String
        /// How long the step waits for it.
        public let after: LaneSpan
        /// The number of the bottle, filter or weight that is taken instead of the instruction's; nil for that one.
        public let takes: String?
        /// What is said.
        public let reply: Reply
        /// What reference instruments show, entered with the confirmation; empty for nothing.
        public let enters: [ChannelID: RoundedDecimal]
        /// Where the script says so.
        public let location: SourceLocation
    }

    /// One check of the script.
    public struct Entry: Sendable {
        /// Which.
        public let kind: CheckKind
        /// Numbers of reference materials; empty for those that the registry suggests.
        public let references: [String]
        /// What reference instruments show, point by point.
        public let readings: [[ChannelID: RoundedDecimal]]
        /// Whether a vehicle is connected to the OBD adapter.
        public let vehicleConnected: Bool
        /// How often at most it is carried out while it fails.
        public let attempts: Int
        /// The answers.
        public let answers: [Answer]

        /// Refuses answers to steps that the check has not.
        ///
        /// - Parameter steps: the prepared check's.
        /// - Throws: `Problems`, all at once.
        public func require(steps: [String]) throws(Problems) {
            let problems = answers.filter { !steps.contains($0.step) }.map { answer in
                Problem(
                    Message(
                        .documentUnknownValue,
                        [
                            "key": "step", "found": .text(answer.step),
                            "expected": .text(steps.joined(separator: ", ")),
                        ]), at: answer.location)
            }
            guard problems.isEmpty else { throw Problems(problems) }
        }
    }

    /// The checks, in the order of the file.
    public let entries: [Entry]

    /// Reads a script.
    ///
    /// - Throws: `Problems` with file and line, all at once.
    public init(document: Document) throws(Problems) {
        entries = try document.read { reader in
            let entries = reader.mappings("checks", Self.entry)
            for (index, entry) in (entries ?? []).enumerated() {
                guard entries?.prefix(index).contains(where: { $0.kind == entry.kind }) == true else { continue }
                reader.report(Message(.checkScriptTwice, ["check": .text(entry.kind.rawValue)]), at: "checks")
            }
            return entries
        }
    }

    /// The part of the script that is about a check; nil if it says nothing about it.
    public subscript(kind: CheckKind) -> Entry? { entries.first { $0.kind == kind } }

    private static func entry(_ group: MappingReader) -> Entry? {
        let kind: CheckKind? = group.choice("check")
        let references = group.optional("references", group.texts)
        let readings = group.optional("readings") { group.mappings($0, reading) }
        let isConnected = group.optional("vehicle-connected", group.boolean)
        let attempts = group.optional("attempts") { group.integer($0, in: 1...10) }
        let answers = group.optional("answers") { group.mappings($0, answer) }
        guard let kind, !group.has("readings") || readings != nil, !group.has("answers") || answers != nil else {
            return nil
        }
        return Entry(
            kind: kind, references: references ?? [], readings: readings ?? [], vehicleConnected: isConnected ?? false,
            attempts: attempts ?? 1, answers: answers ?? [])
    }

    private static func reading(_ group: MappingReader) -> [ChannelID: RoundedDecimal]? {
        var values: [ChannelID: RoundedDecimal] = [:]
        for name in group.keys {
            guard let channel = ChannelID(rawValue: name) else {
                let known = ChannelID.allCases.map(\.rawValue).joined(separator: ", ")
                group.report(
                    Message(
                        .documentUnknownValue, ["key": "readings", "found": .text(name), "expected": .text(known)]),
                    at: name)
                continue
            }
            values[channel] = group.decimal(name).flatMap { RoundedDecimal($0) }
        }
        return values.count == group.keys.count ? values : nil
    }

    private static func answer(_ group: MappingReader) -> Answer? {
        let step = group.text("step")
        let seconds = group.optional("after") { group.number($0, in: 0...3600) }
        let taken = ["connect", "insert", "hang"].compactMap { group.optional($0, group.text) }
        let reply: Reply? = group.optional("answer") { group.choice($0) }
        let enters = group.optional("enter") { group.mapping($0, reading) }
        guard let step, !group.has("after") || seconds != nil, !group.has("answer") || reply != nil,
            !group.has("enter") || enters != nil
        else { return nil }
        return Answer(
            step: step, after: .seconds(seconds ?? 0), takes: taken.first, reply: reply ?? .confirm,
            enters: enters ?? [:], location: group.location)
    }
}
