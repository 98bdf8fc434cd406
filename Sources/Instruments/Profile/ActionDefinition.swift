import Documents
import Messages
import Metrology

/// How an instrument is made to do something: the commands in order, and how success is seen.
struct ActionDefinition: Sendable {
    /// The mode that the instrument's stream must show afterwards.
    struct Confirmation: Sendable {
        let mode: OperatingMode
        let within: Duration
    }

    var steps: [Command]
    let confirmation: Confirmation?
    /// How often the whole action is tried before it counts as failed.
    let tries: Int
    /// How long the instrument is usually occupied.
    let typicalDuration: LaneSpan?
    /// Where the profile describes it.
    let location: SourceLocation

    init?(_ kind: InstrumentAction.Kind, _ reader: MappingReader, commands: [String: Command], framing: Framing) {
        let names = reader.texts("steps")
        let tries = reader.has("tries") ? reader.integer("tries", in: 1...10) : 1
        let duration = reader.optional("typical-duration-ms") { reader.integer($0, in: 1...3_600_000) }
        let hasConfirmation = reader.has("confirm")
        let confirmation = reader.optional("confirm") { key in reader.mapping(key) { Confirmation($0, framing) } }
        guard let names, let tries, !hasConfirmation || confirmation != nil else { return nil }
        if let unknown = names.first(where: { commands[$0] == nil }) {
            reader.reportUnknown("steps", found: unknown, known: commands.keys.sorted())
            return nil
        }
        let steps = names.compactMap { commands[$0] }
        let parameters = steps.flatMap(\.parameters)
        guard !steps.isEmpty, kind.accepts(parameters) else {
            let units = parameters.map { "\($0.name) \($0.unit)" }
            reader.report(
                Message(
                    .profileActionParameter,
                    [
                        "action": .text(kind.rawValue),
                        "found": .text(units.isEmpty ? "–" : units.joined(separator: ", ")),
                        "expected": .text(kind.parameterText),
                    ]), at: "steps")
            return nil
        }
        self.steps = steps
        self.confirmation = confirmation
        self.tries = tries
        typicalDuration = duration.map { .milliseconds($0) }
        location = reader.location
    }
}

extension InstrumentAction.Kind {
    /// Whether commands that together take these parameters can carry the action out.
    fileprivate func accepts(_ parameters: [Parameter]) -> Bool {
        switch self {
        case .span:
            let channels = Set(ChannelID.allCases.map(\.rawValue))
            return !parameters.isEmpty && parameters.allSatisfy { channels.contains($0.name) && !$0.encoding.isText }
        case .showText:
            return parameters.contains { $0.name == "text" && $0.encoding.isText }
                && parameters.allSatisfy { $0.name == "text" || $0.name == "row" && !$0.encoding.isText }
        default: return Set(parameters.map(\.unit)) == Set([parameterUnit].compactMap { $0 })
        }
    }

    /// What parameters the action has, for messages.
    var parameterText: String {
        switch self {
        case .span: ChannelID.allCases.filter { $0.role == .gasAnalyzer }.map(\.rawValue).joined(separator: ", ")
        case .showText: "text, row"
        default: parameterUnit ?? "–"
        }
    }
}

extension ActionDefinition.Confirmation {
    init?(_ reader: MappingReader, _ framing: Framing) {
        let mode: OperatingMode? = reader.choice("mode")
        let within = reader.milliseconds("within-ms", from: 1)
        guard let mode, let within else { return nil }
        var known: [OperatingMode] = []
        if case .stream(let frame, _, _) = framing, let tag = frame.tag { known = Array(tag.modes.values) }
        guard known.contains(mode) else {
            reader.reportUnknown("mode", found: mode.rawValue, known: Set(known.map(\.rawValue)).sorted())
            return nil
        }
        self.init(mode: mode, within: within)
    }
}
