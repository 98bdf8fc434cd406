public import Documents
public import Messages
public import Metrology

/// One instrument model as data (设备档案): its line, its frames, its commands, its times, and examples from its manual.
///
/// The language is described in `Devices/README.md`. Everything in a profile is checked on reading, including its own
/// examples against its own rules, so that a slip in an offset shows when the profile is written.
public struct DeviceProfile: Sendable, Identifiable {
    /// How certain the facts of a profile are.
    public enum Grade: String, CaseIterable, Sendable {
        /// Two or more independent sources agree, or the maker's text and working software.
        case corroborated
        /// One production source or one page of the maker.
        case single
        /// One weak or untested source.
        case weak
    }

    /// The stable identity under which lane files and records name the model; equal to the file's name.
    public let id: String
    /// The maker's name of the model.
    public let model: String
    /// The maker.
    public let manufacturer: String
    /// What the instrument is for.
    public let role: InstrumentRole
    /// How certain the profile is.
    public let grade: Grade
    /// Where the facts are from, by the short name that examples use.
    public let sources: [String: String]
    /// The bytes of the document: what a record's digest is made of.
    public let bytes: [UInt8]
    /// How the serial line is set.
    public let line: LineSettings
    /// The times the instrument needs.
    public let timing: Timing
    /// Exchanges and frames with their known meaning, from the manual.
    public let examples: [ProfileExample]

    let wire: WireProtocol
    let polls: [Poll]
    let definitions: [InstrumentAction.Kind: ActionDefinition]

    /// A command that is sent again and again, in the order of the profile.
    struct Poll: Sendable {
        let command: Command
        /// The least time between two, in lane time; zero for every poll of the instrument.
        let every: LaneSpan
    }

    /// The actions that the model can be told to do.
    public var actions: Set<InstrumentAction.Kind> { Set(definitions.keys) }

    /// The channels that the model measures.
    public var channels: Set<ChannelID> {
        var fields = polls.flatMap(\.command.fields)
        if case .stream(let frame, _) = wire.framing { fields += frame.fields }
        return Set(fields.compactMap(\.channel))
    }

    /// Whether the instrument sends without being asked.
    public var sendsByItself: Bool { if case .stream = wire.framing { true } else { false } }

    /// How often the instrument is to be polled, in lane time.
    public var pollInterval: LaneSpan { timing.pollInterval }

    /// How long the instrument is usually occupied by an action, in lane time; nil if it is done at once.
    public func typicalDuration(of action: InstrumentAction.Kind) -> LaneSpan? {
        definitions[action]?.typicalDuration
    }

    /// Reads a profile.
    ///
    /// - Throws: `Problems` with everything that is missing, unknown, contradictory or out of range, with its line.
    public init(document: Document) throws(Problems) {
        let bytes = document.bytes
        self = try document.read { Self($0, bytes: bytes) }
    }

    private init?(_ reader: MappingReader, bytes: [UInt8]) {
        let id = reader.text("id")
        let model = reader.text("model")
        let manufacturer = reader.text("manufacturer")
        let role: InstrumentRole? = reader.choice("role")
        let grade: Grade? = reader.choice("grade")
        let sources = reader.mapping("sources") { list -> [String: String]? in
            let pairs = list.keys.map { ($0, list.text($0)) }
            if pairs.contains(where: { $0.1 == nil }) { return nil }
            return Dictionary(pairs.compactMap { key, text in text.map { (key, $0) } }) { first, _ in first }
        }
        let line = reader.mapping("line", LineSettings.init)
        let timing = reader.mapping("timing", Timing.init)
        let framing = reader.mapping("framing") { Framing($0, role: role) }
        guard let framing else {
            // The meaning of commands, actions and examples hangs on the framing.
            for key in ["commands", "polls", "actions", "examples"] { _ = reader.optional(key) { _ in true } }
            return nil
        }
        let listed = reader.optional("commands") { key in
            reader.named(key) { Command(name: $0, $1, framing: framing, role: role) }
        }
        let commandsRead = !reader.has("commands") || listed != nil
        let commands = Dictionary((listed ?? []).map { ($0.name, $0.value) }) { first, _ in first }
        // A command that was itself rejected must not be reported again as unknown.
        let polls = commandsRead ? Self.polls(reader, commands, framing) : Self.skip(reader, "polls", [Poll]())
        let definitions =
            commandsRead ? Self.definitions(reader, commands, framing) : Self.skip(reader, "actions", [:])
        let wire = WireProtocol(framing: framing, commands: commands)
        let examples =
            commandsRead
            ? reader.mappings("examples") {
                ProfileExample($0, sources: sources.map { Array($0.keys) }, wire: wire)
            } : Self.skip(reader, "examples", [])
        guard let id, let model, let manufacturer, let role, let grade, let sources, let line, let timing,
            commandsRead, let polls, let definitions, let examples
        else { return nil }
        self.id = id
        self.model = model
        self.manufacturer = manufacturer
        self.role = role
        self.grade = grade
        self.sources = sources
        self.bytes = bytes
        self.line = line
        self.timing = timing
        self.wire = wire
        self.polls = polls
        self.definitions = definitions
        self.examples = examples
    }

    private static func skip<Value>(_ reader: MappingReader, _ key: String, _ value: Value) -> Value? {
        _ = reader.optional(key) { _ in true }
        return value
    }

    private static func polls(
        _ reader: MappingReader, _ commands: [String: Command], _ framing: Framing
    ) -> [Poll]? {
        if case .stream = framing { return [] }
        return reader.mappings("polls") { entry in
            let name = entry.text("command")
            let every = entry.optional("every-ms") { entry.integer($0, in: 1...600_000) }
            guard let name else { return nil }
            guard let command = commands[name] else {
                entry.reportUnknown("command", found: name, known: commands.keys.sorted())
                return nil
            }
            return Poll(command: command, every: .milliseconds(every ?? 0))
        }
    }

    private static func definitions(
        _ reader: MappingReader, _ commands: [String: Command], _ framing: Framing
    ) -> [InstrumentAction.Kind: ActionDefinition]? {
        guard reader.has("actions") else { return skip(reader, "actions", [:]) }
        return reader.mapping("actions") { group in
            var definitions: [InstrumentAction.Kind: ActionDefinition] = [:]
            for name in group.keys {
                guard let kind = InstrumentAction.Kind(rawValue: name) else { continue }
                definitions[kind] = group.mapping(name) {
                    ActionDefinition(kind, $0, commands: commands, framing: framing)
                }
            }
            // An action of an unknown name is reported as an unknown key beside those that exist.
            for kind in InstrumentAction.Kind.allCases { _ = group.optional(kind.rawValue) { _ in true } }
            if group.has(InstrumentAction.Kind.brakeForce.rawValue), !group.has(InstrumentAction.Kind.brakeOff.rawValue)
            {
                group.report(Message(.profileNoUnload))
                return nil
            }
            return definitions
        }
    }
}
