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
    /// What it can serve as besides.
    public let furtherRoles: [InstrumentRole]
    /// How certain the profile is.
    public let grade: Grade
    /// Where the facts are from, by the short name that examples use.
    public let sources: [String: String]
    /// The bytes of the document: what a record's digest is made of.
    public let bytes: [UInt8]
    /// How the serial line is set.
    public internal(set) var line: LineSettings
    /// The times the instrument needs.
    public let timing: Timing
    /// Exchanges and frames with their known meaning, from the manual.
    public let examples: [ProfileExample]

    /// Whether the model has no serial line.
    let isOnNetworkOnly: Bool
    // What holds commands; they change together where the instrument is set to another Modbus unit.
    var wire: WireProtocol
    var polls: [Poll]
    /// The commands that are sent once after the port has been opened.
    var start: [Command]
    var identity: Identity?
    /// Whether the model may be looked for on a port on which something else may be.
    let mayBeProbed: Bool
    var definitions: [InstrumentAction.Kind: ActionDefinition]

    /// A command that is sent again and again, in the order of the profile.
    struct Poll: Sendable {
        let command: Command
        /// The least time between two, in lane time; zero for every poll of the instrument.
        let every: LaneSpan
    }

    /// How the model names itself (身份核对).
    struct Identity: Sendable {
        let command: Command
        /// The text field of the command's reply that holds the name.
        let field: String
        /// What it contains if the instrument is one of this model.
        let contains: String
    }

    /// The names of the profile's commands.
    public var commandNames: [String] { wire.commands.keys.sorted() }

    /// The actions that the model can be told to do.
    public var actions: Set<InstrumentAction.Kind> { Set(definitions.keys) }

    /// The channels that the model measures.
    public var channels: Set<ChannelID> {
        var fields = polls.flatMap(\.command.fields)
        if case .stream(let frame, _, _) = wire.framing { fields += frame.fields }
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
        let also = reader.optional("also") { key in
            reader.texts(key).map { words in
                words.compactMap { word -> InstrumentRole? in
                    if let role = InstrumentRole(rawValue: word) { return role }
                    reader.reportUnknown(key, found: word, known: InstrumentRole.allCases.map(\.rawValue))
                    return nil
                }
            }
        }
        let roles = role.map { [$0] + (also ?? []) } ?? []
        let grade: Grade? = reader.choice("grade")
        let sources = reader.mapping("sources") { list -> [String: String]? in
            let pairs = list.keys.map { ($0, list.text($0)) }
            if pairs.contains(where: { $0.1 == nil }) { return nil }
            return Dictionary(pairs.compactMap { key, text in text.map { (key, $0) } }) { first, _ in first }
        }
        let isOnNetworkOnly = reader.optional("network") { reader.boolean($0) } ?? false
        let line =
            isOnNetworkOnly && !reader.has("line")
            ? reader.optional("line") { _ in nil } ?? LineSettings(baud: 9600)
            : reader.mapping("line", LineSettings.init)
        let timing = reader.mapping("timing", Timing.init)
        let framing = reader.mapping("framing") { Framing($0, roles: roles) }
        guard let framing else {
            // The meaning of commands, actions and examples hangs on the framing.
            for key in ["commands", "registers", "start", "identity", "probe", "polls", "actions", "examples"] {
                _ = reader.optional(key) { _ in true }
            }
            return nil
        }
        let listed = reader.optional("commands") { key in
            reader.named(key) { Command(name: $0, $1, framing: framing, roles: roles) }
        }
        let tables = reader.optional("registers") { key in
            reader.named(key) { RegisterTable(name: $0, $1, framing: framing, roles: roles) }
        }
        let commandsRead =
            (!reader.has("commands") || listed != nil) && (!reader.has("registers") || tables != nil)
        let blocks = (tables ?? []).flatMap { $0.value.commands }
        let commands = Dictionary((listed ?? []).map { ($0.name, $0.value) } + blocks.map { ($0.name, $0) }) {
            first, _ in first
        }
        if commandsRead, commands.count < (listed?.count ?? 0) + blocks.count {
            reader.report(Message(.documentDuplicateKey, ["key": "registers"]), at: "registers")
        }
        let groups = Dictionary((tables ?? []).map { ($0.name, $0.value.commands) }) { first, _ in first }
        // A command that was itself rejected must not be reported again as unknown.
        let polls = commandsRead ? Self.polls(reader, commands, groups, framing) : Self.skip(reader, "polls", [Poll]())
        let definitions =
            commandsRead ? Self.definitions(reader, commands, framing) : Self.skip(reader, "actions", [:])
        let start = commandsRead ? Self.start(reader, commands) : Self.skip(reader, "start", [])
        let identity = commandsRead ? Self.identity(reader, commands) : Self.skip(reader, "identity", nil)
        let mayBeProbed = reader.optional("probe") { reader.boolean($0) } ?? true
        if commandsRead { Self.checkWaits(reader, commands) }
        let wire = WireProtocol(framing: framing, commands: commands)
        let examples =
            commandsRead
            ? reader.mappings("examples") {
                ProfileExample($0, sources: sources.map { Array($0.keys) }, wire: wire)
            } : Self.skip(reader, "examples", [])
        guard let id, let model, let manufacturer, let role, let grade, let sources, let line, let timing,
            commandsRead, let polls, let definitions, let examples, let start, let identity
        else { return nil }
        self.id = id
        self.model = model
        self.manufacturer = manufacturer
        self.role = role
        furtherRoles = also ?? []
        self.grade = grade
        self.sources = sources
        self.bytes = bytes
        self.line = line
        self.isOnNetworkOnly = isOnNetworkOnly
        self.timing = timing
        self.wire = wire
        self.polls = polls
        self.start = start
        self.identity = identity
        self.mayBeProbed = mayBeProbed
        self.definitions = definitions
        self.examples = examples
    }

    private static func skip<Value>(_ reader: MappingReader, _ key: String, _ value: Value) -> Value? {
        _ = reader.optional(key) { _ in true }
        return value
    }

    private static func polls(
        _ reader: MappingReader, _ commands: [String: Command], _ groups: [String: [Command]], _ framing: Framing
    ) -> [Poll]? {
        if case .stream = framing { return [] }
        let polls = reader.mappings("polls") { entry -> [Poll]? in
            let name = entry.text("command")
            let every = entry.optional("every-ms") { entry.integer($0, in: 1...600_000) }
            guard let name else { return nil }
            guard let asked = groups[name] ?? commands[name].map({ [$0] }) else {
                entry.reportUnknown("command", found: name, known: (Array(commands.keys) + Array(groups.keys)).sorted())
                return nil
            }
            if let command = asked.first(where: { !$0.parameters.isEmpty }) {
                entry.reportUnknown(
                    "command", found: command.name,
                    known: commands.values.filter(\.parameters.isEmpty).map(\.name).sorted())
                return nil
            }
            return asked.map { Poll(command: $0, every: .milliseconds(every ?? 0)) }
        }
        return polls.map { $0.flatMap { $0 } }
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
            let loads = InstrumentAction.Kind.allCases.contains { $0.loadsBrake && group.has($0.rawValue) }
            if loads, !group.has(InstrumentAction.Kind.brakeOff.rawValue) {
                group.report(Message(.profileNoUnload))
                return nil
            }
            return definitions
        }
    }
}
