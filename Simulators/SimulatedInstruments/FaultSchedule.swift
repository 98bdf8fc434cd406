import Documents
public import Messages
public import Metrology

/// What goes wrong on a lane, when and for how long: data that a person writes or a seed draws.
public struct FaultSchedule: Hashable, Sendable {
    /// A fault and its time.
    public struct Entry: Hashable, Sendable {
        /// Lane time at which it begins, s.
        public var begin: Double
        /// How long it lasts, s; nil for the rest of the lane's life.
        public var duration: Double?
        /// The instrument that it befalls.
        public var role: InstrumentRole
        /// What goes wrong.
        public var fault: Fault

        /// Creates an entry.
        public init(at begin: Double, for duration: Double? = nil, _ fault: Fault, on role: InstrumentRole) {
            self.begin = begin
            self.duration = duration
            self.fault = fault
            self.role = role
        }
    }

    /// The faults, in the order of their beginnings.
    public let entries: [Entry]

    /// Creates a schedule.
    public init(_ entries: [Entry]) { self.entries = entries.sorted { $0.begin < $1.begin } }

    /// Draws faults for a lane; the same seed draws the same.
    ///
    /// - Parameters:
    ///   - count: how many.
    ///   - seconds: when the last may begin.
    public init(seed: UInt64, count: Int, over seconds: Double, roles: [InstrumentRole]) {
        var source = SeededChoices(seed: seed)
        var entries: [Entry] = []
        while entries.count < count, let role = source.element(of: roles) {
            guard let kind = source.element(of: Fault.Kind.allCases), kind.roles?.contains(role) ?? true else {
                continue
            }
            entries.append(
                Entry(
                    at: source.number(0...seconds), for: source.number(0.2...max(0.3, seconds / 5)), Fault(kind),
                    on: role))
        }
        self.init(entries)
    }

    /// Reads a schedule from the bytes of a file.
    ///
    /// - Throws: `Problems`, all of them with their lines.
    public init(bytes: [UInt8], name: String) throws(Problems) {
        self = try Document(bytes: bytes, name: name).read(Self.read)
    }

    /// Reads a schedule from a file.
    ///
    /// - Throws: `Problems`, all of them with their lines.
    public init(contentsOf path: String) throws(Problems) { self = try Document(contentsOf: path).read(Self.read) }

    private static func read(_ top: MappingReader) -> FaultSchedule? {
        top.mappings("faults") { reader -> Entry? in
            let begin = reader.number("at", in: 0...1_000_000)
            let duration = reader.has("for") ? reader.number("for", in: 0.001...1_000_000) : nil
            let role = reader.choice("device", InstrumentRole.self)
            let kind = reader.choice("fault", Fault.Kind.self)
            let amount = reader.has("amount") ? reader.number("amount", in: -1_000_000...1_000_000) : nil
            let channel = reader.has("channel") ? reader.choice("channel", SensorChannel.self) : nil
            let count = reader.has("count") ? reader.integer("count", in: 1...1_000_000) : nil
            guard let begin, let role, let kind else { return nil }
            let fault = Fault(kind, amount: amount, channel: channel, count: count)
            do throws(SimulationError) { try fault.check(role) } catch {
                reader.report(
                    Message(
                        .documentUnknownValue,
                        [
                            "key": "fault", "found": .text(kind.rawValue), "expected": .text(error.description),
                        ]), at: "fault")
                return nil
            }
            return Entry(at: begin, for: duration, fault, on: role)
        }.map(FaultSchedule.init)
    }
}

/// Repeatable choices (SplitMix64).
private struct SeededChoices {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    private mutating func share() -> Double {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return Double((mixed ^ (mixed >> 31)) >> 11) * 0x1p-53
    }

    mutating func number(_ range: ClosedRange<Double>) -> Double {
        range.lowerBound + share() * (range.upperBound - range.lowerBound)
    }

    mutating func element<Element>(of choices: [Element]) -> Element? {
        choices.isEmpty ? nil : choices[Int(share() * Double(choices.count))]
    }
}
