public import Messages
import Metrology
public import Procedures

/// Writes frames as lines of canonical JSON, one frame a line.
///
/// A line holds the readings and states that changed since the line before, so that a test of several minutes stays
/// small; the first line holds all. Numbers keep every bit of their value.
public struct FrameWriter: Sendable {
    private var samples: [ChannelID: Sample] = [:]
    private var states: [InstrumentRole: InstrumentState] = [:]

    /// Creates a writer for the first frame of a test.
    public init() {}

    /// The next frame's line, with its line feed.
    ///
    /// - Throws: `JSONError` for a value that JSON cannot hold; readings have none.
    public mutating func line(_ frame: Frame) throws(JSONError) -> [UInt8] {
        var members: JSONObject = [
            "n": .integer(Int64(frame.tick)), "t": .integer(frame.time.nanoseconds),
            "late": .integer(frame.lateness.nanoseconds),
        ]
        var changed = JSONObject()
        for (channel, sample) in frame.samples where samples[channel] != sample {
            changed[channel.rawValue] = [
                sample.value.map(JSONValue.number) ?? .null, .integer(sample.acquiredAt.nanoseconds),
                .string(sample.validity.rawValue),
            ]
        }
        if !changed.all.isEmpty { members["s"] = .object(changed) }
        var told = JSONObject()
        for (role, state) in frame.states where states[role] != state {
            told[role.rawValue] = [
                .integer(state.acquiredAt.nanoseconds),
                .array(state.conditions.map(\.rawValue).sorted().map(JSONValue.string)),
            ]
        }
        if !told.all.isEmpty { members["c"] = .object(told) }
        if !frame.lost.isEmpty {
            members["lost"] = .array(frame.lost.map(\.rawValue).sorted().map(JSONValue.string))
        }
        if !frame.events.isEmpty { members["e"] = .array(frame.events.map { .string($0.code) }) }
        samples = frame.samples
        states = frame.states
        return try JSONValue.object(members).canonicalBytes() + [0x0A]
    }
}

/// Reads the lines that a ``FrameWriter`` wrote.
public enum FrameReader {
    /// The frames of a file, in order.
    ///
    /// - Throws: ``FrameFileError`` naming the line that is not a frame.
    public static func frames(_ bytes: [UInt8]) throws(FrameFileError) -> [Frame] {
        var frames: [Frame] = []
        var samples: [ChannelID: Sample] = [:]
        var states: [InstrumentRole: InstrumentState] = [:]
        for (index, line) in bytes.split(separator: 0x0A).enumerated() {
            guard let value = try? JSONValue(parsing: Array(line)), let members = value.members,
                let frame = frame(members, &samples, &states)
            else { throw FrameFileError(line: index + 1) }
            frames.append(frame)
        }
        return frames
    }

    private static func frame(
        _ members: JSONObject, _ samples: inout [ChannelID: Sample], _ states: inout [InstrumentRole: InstrumentState]
    ) -> Frame? {
        guard let tick = members["n"]?.wholeNumber, let time = members["t"]?.wholeNumber,
            let lateness = members["late"]?.wholeNumber
        else { return nil }
        for member in members["s"]?.members?.all ?? [] {
            guard let channel = ChannelID(rawValue: member.name), let fields = member.value.elements, fields.count == 3,
                let acquired = fields[1].wholeNumber, let validity = fields[2].text.flatMap(Validity.init)
            else { return nil }
            samples[channel] = Sample(
                value: fields[0].anyNumber, acquiredAt: LaneInstant(nanoseconds: Int64(acquired)), validity: validity)
        }
        for member in members["c"]?.members?.all ?? [] {
            guard let role = InstrumentRole(rawValue: member.name), let fields = member.value.elements,
                fields.count == 2, let acquired = fields[0].wholeNumber, let words = fields[1].elements
            else { return nil }
            let conditions = words.compactMap { $0.text.flatMap(InstrumentCondition.init) }
            guard conditions.count == words.count else { return nil }
            states[role] = InstrumentState(
                conditions: Set(conditions), acquiredAt: LaneInstant(nanoseconds: Int64(acquired)))
        }
        let lost = (members["lost"]?.elements ?? []).map { $0.text.flatMap(InstrumentRole.init) }
        let events = (members["e"]?.elements ?? []).map { $0.text.flatMap(FrameEvent.init(code:)) }
        guard !lost.contains(nil), !events.contains(nil) else { return nil }
        return Frame(
            tick: tick, time: LaneInstant(nanoseconds: Int64(time)), lateness: LaneSpan(nanoseconds: Int64(lateness)),
            samples: samples, states: states, lost: Set(lost.compactMap { $0 }), events: events.compactMap { $0 })
    }
}

/// A line of a frame file that is not a frame.
public struct FrameFileError: MessageError, Equatable {
    /// The line, from 1.
    public let line: Int

    /// What to tell the reader.
    public var message: Message { Message(.evidenceFrameLine, ["line": .integer(line)]) }
}

extension JSONValue {
    /// The number, whole or not.
    var anyNumber: Double? {
        switch self {
        case .integer(let number): Double(number)
        case .number(let number): number
        default: nil
        }
    }
}

extension FrameEvent {
    /// The word in frame files.
    var code: String {
        switch self {
        case .probeInserted: "probe-inserted"
        case .confirmed: "confirmed"
        case .entered(let values):
            "entered:"
                + values.map { "\($0.key.rawValue)=\($0.value)" }.sorted().joined(separator: ",")
        case .denied: "denied"
        case .operatorAbort: "operator-abort"
        case .emergencyStop: "emergency-stop"
        case .storageLost: "storage-lost"
        case .laneLocked: "lane-locked"
        case .actionFailed(let role): "action-failed:\(role.rawValue)"
        }
    }

    init?(code: String) {
        switch code {
        case "probe-inserted": self = .probeInserted
        case "confirmed": self = .confirmed
        case "denied": self = .denied
        case "operator-abort": self = .operatorAbort
        case "emergency-stop": self = .emergencyStop
        case "storage-lost": self = .storageLost
        case "lane-locked": self = .laneLocked
        case _ where code.hasPrefix("entered:"):
            guard let values = Self.values(code.dropFirst("entered:".count)) else { return nil }
            self = .entered(values)
        default:
            guard code.hasPrefix("action-failed:"),
                let role = InstrumentRole(rawValue: String(code.dropFirst("action-failed:".count)))
            else { return nil }
            self = .actionFailed(role)
        }
    }

    /// Channels with what was entered for each, as `code` writes them; nil for anything else.
    private static func values(_ text: Substring) -> [ChannelID: RoundedDecimal]? {
        var values: [ChannelID: RoundedDecimal] = [:]
        for pair in text.split(separator: ",", omittingEmptySubsequences: false) {
            let halves = pair.split(separator: "=", omittingEmptySubsequences: false)
            guard halves.count == 2, let channel = ChannelID(rawValue: String(halves[0])),
                let value = RoundedDecimal(String(halves[1])), values.updateValue(value, forKey: channel) == nil
            else { return nil }
        }
        return values
    }
}
