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

    let steps: [Command]
    let confirmation: Confirmation?
    /// How often the whole action is tried before it counts as failed.
    let tries: Int
    /// How long the instrument is usually occupied.
    let typicalDuration: LaneSpan?

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
        let units = steps.compactMap { $0.parameter?.unit }
        guard !steps.isEmpty, units == [kind.parameterUnit].compactMap({ $0 }) else {
            reader.report(
                Message(
                    .profileActionParameter,
                    [
                        "action": .text(kind.rawValue),
                        "found": .text(units.isEmpty ? "–" : units.joined(separator: ", ")),
                        "expected": .text(kind.parameterUnit ?? "–"),
                    ]), at: "steps")
            return nil
        }
        self.steps = steps
        self.confirmation = confirmation
        self.tries = tries
        typicalDuration = duration.map { .milliseconds($0) }
    }
}

extension ActionDefinition.Confirmation {
    init?(_ reader: MappingReader, _ framing: Framing) {
        let mode: OperatingMode? = reader.choice("mode")
        let within = reader.milliseconds("within-ms", from: 1)
        guard let mode, let within else { return nil }
        var known: [OperatingMode] = []
        if case .stream(let frame, _) = framing, let tag = frame.tag { known = Array(tag.modes.values) }
        guard known.contains(mode) else {
            reader.reportUnknown("mode", found: mode.rawValue, known: Set(known.map(\.rawValue)).sorted())
            return nil
        }
        self.init(mode: mode, within: within)
    }
}
