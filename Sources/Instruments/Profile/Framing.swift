import Documents
import Messages
import Metrology

/// How an instrument's bytes are put into frames.
enum Framing: Sendable {
    /// The host asks, the instrument answers; `refusal` is the first byte of a negative answer.
    case exchange(request: FrameTemplate, reply: FrameTemplate, refusal: UInt8?)
    /// The instrument sends on its own accord, frame after frame; commands, if any, are not answered.
    case stream(StreamFrame, request: FrameTemplate?)
    /// Modbus RTU, with the instrument's unit identifier (从站地址).
    case modbusRTU(unit: UInt8)

    /// The words by which a profile names the kinds.
    enum Kind: String, CaseIterable {
        case exchange = "request-reply"
        case stream
        case modbusRTU = "modbus-rtu"
    }

    init?(_ reader: MappingReader, role: InstrumentRole?) {
        let kind: Kind? = reader.choice("kind")
        switch kind {
        case nil: return nil
        case .modbusRTU:
            guard let unit = reader.integer("unit", in: 1...247) else { return nil }
            self = .modbusRTU(unit: UInt8(unit))
        case .exchange:
            let rule = reader.optional("checksum") { reader.choice($0, Checksum.self) }
            let excludes = reader.optional("length-excludes") { reader.integer($0, in: 0...16) } ?? 0
            let request = FrameTemplate(reader, "request", checksum: rule, lengthExcludes: excludes)
            let reply = FrameTemplate(reader, "reply", checksum: rule, lengthExcludes: excludes)
            let refusal = reader.optional("refusal", reader.byte)
            guard let request, let reply else { return nil }
            self = .exchange(request: request, reply: reply, refusal: refusal)
        case .stream:
            let rule = reader.optional("checksum") { reader.choice($0, Checksum.self) }
            let request = reader.optional("request") {
                FrameTemplate(reader, $0, checksum: rule, lengthExcludes: 0)
            }
            let frame = reader.mapping("frame") { StreamFrame($0, role: role) }
            guard let frame else { return nil }
            self = .stream(frame, request: request)
        }
    }
}

/// The one shape of frame that a stream consists of.
struct StreamFrame: Sendable {
    /// What every frame looks like.
    let pattern: FramePattern
    /// How many frames in a row prove, after noise or in the middle of a frame, that the beginning was found.
    let lock: Int
    /// Where a frame names the instrument's mode, and the names.
    let tag: (offset: Int, modes: [[UInt8]: OperatingMode])?
    let fields: [Field]

    init?(_ reader: MappingReader, role: InstrumentRole?) {
        let length = reader.integer("length", in: 2...255)
        let start = reader.optional("start", reader.bytes) ?? []
        let end = reader.optional("end", reader.bytes) ?? []
        let rule = reader.optional("checksum") { reader.choice($0, Checksum.self) }
        let lock = reader.optional("lock") { reader.integer($0, in: 1...8) } ?? 1
        guard let length else { return nil }
        let markers = start.count + end.count + (rule == nil ? 0 : 1)
        guard markers > 0, markers < length else {
            reader.report(
                Message(
                    .documentOutOfRange,
                    [
                        "key": "start, end, checksum", "found": .integer(markers),
                        "expected": .message(
                            Message(.expectedRange, ["low": "1", "high": .text("\(length - 1)")])),
                    ]), at: "length")
            return nil
        }
        let values = start.count..<length - end.count - (rule == nil ? 0 : 1)
        let blank = [UInt8?](repeating: nil, count: length - start.count - end.count)
        let check = rule.map { FramePattern.Check.byte($0, at: values.upperBound) } ?? .none
        pattern = FramePattern(known: start.map(Optional.some) + blank + end, check: check, values: values)
        let hasTag = reader.has("tag")
        tag = reader.optional("tag") { key in reader.mapping(key) { Self.tag($0, space: values) } }
        let fields = reader.mappings("fields") { Field($0, role: role, space: values) }
        guard let fields, uniqueNames(fields, reader), !hasTag || tag != nil else { return nil }
        self.lock = lock
        self.fields = fields
    }

    private static func tag(
        _ reader: MappingReader, space: Range<Int>
    ) -> (offset: Int, modes: [[UInt8]: OperatingMode])? {
        let offset = reader.integer("offset", in: space.lowerBound...space.upperBound - 1)
        let modes = reader.mapping("modes") { group -> [[UInt8]: OperatingMode]? in
            let choices = group.keys.map { (Array($0.utf8), group.choice($0, OperatingMode.self)) }
            guard choices.allSatisfy({ $0.1 != nil }) else { return nil }
            return Dictionary(choices.compactMap { key, mode in mode.map { (key, $0) } }) { first, _ in first }
        }
        guard let offset, let modes else { return nil }
        let lengths = Set(modes.keys.map(\.count))
        guard lengths.count == 1, let length = lengths.first, offset + length <= space.upperBound else {
            reader.reportWrong(
                "modes", found: modes.keys.map { String(decoding: $0, as: UTF8.self) }.sorted().joined(separator: ", "),
                expected: .profileExpectedTags)
            return nil
        }
        return (offset, modes)
    }
}

/// Whether no two fields share a name or a channel; notes the first that does.
func uniqueNames(_ fields: [Field], _ reader: MappingReader) -> Bool {
    var seen: Set<String> = []
    let channels = fields.compactMap { $0.channel.map { "channel \($0.rawValue)" } }
    for word in fields.map(\.name) + channels
    where !seen.insert(word).inserted {
        reader.report(Message(.documentDuplicateKey, ["key": .text(word)]), at: "fields")
        return false
    }
    return true
}
