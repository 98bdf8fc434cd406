import Documents
import Messages
import Metrology

/// The one shape of frame that a stream consists of.
struct StreamFrame: Sendable {
    /// What every frame looks like.
    let pattern: FramePattern
    /// How many frames in a row prove, after noise or in the middle of a frame, that the beginning was found.
    let lock: Int
    /// Where a frame names the instrument's mode, and the names.
    let tag: (offset: Int, modes: [[UInt8]: OperatingMode])?
    let fields: [Field]
    let bits: [StatusRule]

    init?(_ reader: MappingReader, roles: [InstrumentRole]) {
        let length = reader.integer("length", in: 2...255)
        let start = reader.optional("start", reader.code) ?? []
        let end = reader.optional("end", reader.code) ?? []
        let checksum = FrameRules(reader).checksum
        let lock = reader.optional("lock") { reader.integer($0, in: 1...8) } ?? 1
        guard let length else { return nil }
        let checkSize = checksum?.size ?? 0
        let markers = start.count + end.count + checkSize
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
        let values = start.count..<length - end.count - checkSize
        let blank = [UInt8?](repeating: nil, count: length - start.count - end.count)
        let check = checksum.map { FramePattern.Check.bytes($0, at: values.upperBound) } ?? .none
        pattern = FramePattern(known: start.map(Optional.some) + blank + end, check: check, values: values)
        let hasTag = reader.has("tag")
        tag = reader.optional("tag") { key in reader.mapping(key) { Self.tag($0, space: values) } }
        let fields = reader.mappings("fields") { Field($0, roles: roles, space: values) }
        let bits = reader.optional("status") { key in
            reader.mappings(key) { StatusRule($0, space: values) }
        }
        guard let fields, uniqueNames(fields, reader), !hasTag || tag != nil, !reader.has("status") || bits != nil
        else { return nil }
        self.lock = lock
        self.fields = fields
        self.bits = bits ?? []
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
func uniqueNames(_ fields: [Field], _ reader: MappingReader, key: String = "fields") -> Bool {
    var seen: Set<String> = []
    let channels = fields.compactMap { $0.channel.map { "channel \($0.rawValue)" } }
    for word in fields.map(\.name) + channels
    where !seen.insert(word).inserted {
        reader.report(Message(.documentDuplicateKey, ["key": .text(word)]), at: key)
        return false
    }
    return true
}
