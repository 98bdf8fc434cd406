import Documents
import Messages

/// The order of a frame's parts, such as `[02, command, length, data, checksum]`, for requests and for replies.
struct FrameTemplate: Sendable {
    enum Part: Hashable, Sendable {
        /// Bytes that are always the same.
        case fixed([UInt8])
        /// One byte that may be anything; sent as zero.
        case any
        /// The address of the instrument.
        case unit(FrameUnit)
        /// The command's code.
        case command
        /// The count of the frame's bytes, less some.
        case length
        /// The parameters of a request or the values of a reply.
        case data
        /// The check bytes.
        case checksum
    }

    private(set) var parts: [Part]
    let length: LengthRule
    /// The rule of the check bytes; nil exactly where no part is a checksum.
    let checksum: Checksum?

    /// The frame that carries `data` for the command with this code.
    func frame(code: [UInt8], data: [UInt8]) -> [UInt8] {
        let total = length(code: code, dataCount: data.count)
        var frame: [UInt8] = []
        frame.reserveCapacity(total)
        for part in parts {
            switch part {
            case .fixed(let bytes): frame += bytes
            case .any: frame.append(0)
            case .unit(let unit): frame.append(unit.byte)
            case .command: frame += code
            case .length: frame += length.bytes(total)
            case .data: frame += data
            case .checksum: frame += checksum?.bytes(over: frame) ?? []
            }
        }
        return frame
    }

    /// The length of a frame with `dataCount` bytes of data.
    func length(code: [UInt8], dataCount: Int) -> Int {
        parts.reduce(0) { $0 + size($1, code, dataCount) }
    }

    /// The bytes that a part takes.
    func size(_ part: Part, _ code: [UInt8], _ dataCount: Int) -> Int {
        switch part {
        case .fixed(let bytes): bytes.count
        case .any, .unit: 1
        case .length: length.size
        case .checksum: checksum?.size ?? 0
        case .command: code.count
        case .data: dataCount
        }
    }

    /// What a frame of `total` bytes looks like: its known bytes, its check bytes, and where its data may stand.
    func pattern(code: [UInt8], total: Int) -> FramePattern {
        var known: [UInt8?] = []
        var check = FramePattern.Check.none
        var values = 0..<0
        let dataCount = max(0, total - length(code: code, dataCount: 0))
        for part in parts {
            switch part {
            case .fixed(let bytes): known += bytes.map(Optional.some)
            case .any: known.append(nil)
            case .unit(let unit): known.append(unit.byte)
            case .command: known += code.map(Optional.some)
            case .length: known += length.bytes(total).map(Optional.some)
            case .data:
                values = known.count..<known.count + dataCount
                known += Array(repeating: nil, count: dataCount)
            case .checksum:
                if let checksum {
                    check = .bytes(checksum, at: known.count)
                    known += Array(repeating: nil, count: checksum.size)
                }
            }
        }
        return FramePattern(known: known, check: check, values: values)
    }

    /// Where the address stands; nil if there is none.
    var unitOffset: Int? {
        parts.firstIndex { if case .unit = $0 { true } else { false } }
            .map { parts[..<$0].reduce(0) { $0 + size($1, [], 0) } }
    }

    /// The same frame to or from an instrument that is set to another address.
    func with(unit: FrameUnit) -> FrameTemplate {
        var template = self
        template.parts = parts.map { if case .unit = $0 { .unit(unit) } else { $0 } }
        return template
    }

    /// Reads the template under `key`.
    ///
    /// - Parameter needsCommand: whether a part `command` has to be there.
    init?(_ reader: MappingReader, _ key: String, rules: FrameRules, needsCommand: Bool = true) {
        guard let words = reader.texts(key) else { return nil }
        let parts = words.compactMap { word -> Part? in
            switch word {
            case "command": .command
            case "length": .length
            case "data": .data
            case "checksum": .checksum
            case "any": .any
            case "unit": rules.unit.map(Part.unit)
            default: bytesOfPart(word).flatMap { $0.isEmpty ? nil : .fixed($0) }
            }
        }
        let variable: [Part] = [.command, .length, .data, .checksum] + (rules.unit.map { [.unit($0)] } ?? [])
        // The address stands where it can be found in any frame: before what differs in length.
        let isUnitFirst = words.firstIndex(of: "unit").map { unit in
            !words[..<unit].contains { ["command", "data", "checksum"].contains($0) }
        }
        let once = variable.allSatisfy { part in parts.count { $0 == part } <= 1 }
        guard parts.count == words.count, !parts.isEmpty, parts.contains(.command) || !needsCommand, once,
            isUnitFirst != false, !parts.contains(.checksum) || rules.checksum != nil
        else {
            reader.reportWrong(key, found: "[\(words.joined(separator: ", "))]", expected: .profileExpectedTemplate)
            return nil
        }
        self.parts = parts
        checksum = parts.contains(.checksum) ? rules.checksum : nil
        length = rules.length
    }
}

/// The count of bytes that many frames carry (长度字节).
struct LengthRule: Sendable {
    /// How the count is written.
    enum Form: String, CaseIterable, Sendable {
        /// In binary, high byte first.
        case big
        /// In binary, low byte first.
        case little
        /// In ASCII decimal digits.
        case decimal
    }

    /// How many bytes the count takes.
    var size = 1
    var form = Form.big
    /// How many of the frame's bytes are left uncounted.
    var excludes = 0
    /// How many bytes one step of the count means.
    var unit = 1

    /// The count of a frame of `total` bytes.
    func bytes(_ total: Int) -> [UInt8] {
        let count = max(0, total - excludes) / unit
        switch form {
        case .big: return (0..<size).reversed().map { UInt8(truncatingIfNeeded: count >> (8 * $0)) }
        case .little: return (0..<size).map { UInt8(truncatingIfNeeded: count >> (8 * $0)) }
        case .decimal:
            let digits = String(count)
            return Array((String(repeating: "0", count: max(0, size - digits.count)) + digits).utf8)
        }
    }

    /// The length of the frame whose count these bytes are; nil if they are none.
    func total(_ bytes: some Collection<UInt8>) -> Int? {
        let count: Int
        switch form {
        case .big: count = bytes.reduce(0) { $0 << 8 | Int($1) }
        case .little: count = bytes.reversed().reduce(0) { $0 << 8 | Int($1) }
        case .decimal:
            guard bytes.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
            count = bytes.reduce(0) { $0 * 10 + Int($1 - 0x30) }
        }
        return count * unit + excludes
    }
}

/// What is known of a frame before it arrives.
struct FramePattern: Sendable {
    enum Check: Sendable {
        case none
        case bytes(Checksum, at: Int)
        /// The longitudinal check of Modbus ASCII: over the bytes that the digits between colon and check mean.
        case modbusLRC
    }

    /// The bytes by position; nil where any byte may stand.
    let known: [UInt8?]
    let check: Check
    /// Where values may stand.
    let values: Range<Int>

    var count: Int { known.count }

    /// Whether the bytes from `start` could be the beginning, or the whole, of such a frame.
    func couldBegin(_ bytes: [UInt8], at start: Int) -> Bool {
        for (index, expected) in zip(start..<min(bytes.count, start + known.count), known)
        where expected != nil && expected != bytes[index] {
            return false
        }
        return true
    }

    /// Whether a whole frame's check bytes agree with its bytes.
    func checks(_ frame: some RandomAccessCollection<UInt8>) -> Bool {
        let bytes = Array(frame)
        switch check {
        case .none: return true
        case .bytes(let checksum, let index):
            return bytes[index..<index + checksum.size].elementsEqual(checksum.bytes(over: bytes.prefix(index)))
        case .modbusLRC:
            guard let body = bytesFromASCII(bytes.dropFirst().dropLast(2)) else { return false }
            return body.reduce(0, &+) == 0
        }
    }

    /// The known bytes in hexadecimal, `··` for any other, as an error shows what was expected.
    var text: String { known.map { $0.map { hexadecimal([$0]) } ?? "··" }.joined(separator: " ") }
}
