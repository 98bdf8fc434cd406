import Documents
import Messages

/// The order of a frame's parts, such as `[02, command, length, data, checksum]`, for requests and for replies.
struct FrameTemplate: Sendable {
    enum Part: Hashable, Sendable {
        /// A byte that is always the same.
        case fixed(UInt8)
        /// The command's code.
        case command
        /// One byte that counts the frame's bytes, less `lengthExcludes`.
        case length
        /// The parameters of a request or the values of a reply.
        case data
        /// The check byte over everything before it.
        case checksum
    }

    let parts: [Part]
    /// How many of the frame's bytes the length byte leaves uncounted.
    let lengthExcludes: Int
    /// The rule of the check byte; nil exactly where no part is a checksum.
    let checksum: Checksum?

    /// The frame that carries `data` for the command with this code.
    func frame(code: [UInt8], data: [UInt8]) -> [UInt8] {
        let total = length(code: code, dataCount: data.count)
        var frame: [UInt8] = []
        frame.reserveCapacity(total)
        for part in parts {
            switch part {
            case .fixed(let byte): frame.append(byte)
            case .command: frame += code
            case .length: frame.append(UInt8(truncatingIfNeeded: total - lengthExcludes))
            case .data: frame += data
            case .checksum: frame.append(checksum?.byte(over: frame) ?? 0)
            }
        }
        return frame
    }

    /// The length of a frame with `dataCount` bytes of data.
    func length(code: [UInt8], dataCount: Int) -> Int {
        parts.reduce(0) { sum, part in
            switch part {
            case .fixed, .length, .checksum: sum + 1
            case .command: sum + code.count
            case .data: sum + dataCount
            }
        }
    }

    /// What a frame of `total` bytes looks like: its known bytes, its check byte, and where its data may stand.
    func pattern(code: [UInt8], total: Int) -> FramePattern {
        var known: [UInt8?] = []
        var check = FramePattern.Check.none
        var values = 0..<0
        let dataCount = total - length(code: code, dataCount: 0)
        for part in parts {
            switch part {
            case .fixed(let byte): known.append(byte)
            case .command: known += code.map(Optional.some)
            case .length: known.append(UInt8(truncatingIfNeeded: total - lengthExcludes))
            case .data:
                values = known.count..<known.count + dataCount
                known += Array(repeating: nil, count: dataCount)
            case .checksum:
                if let checksum { check = .byte(checksum, at: known.count) }
                known.append(nil)
            }
        }
        return FramePattern(known: known, check: check, values: values)
    }

    /// Reads the template under `key`; the checksum's rule and the length's meaning stand beside it.
    init?(_ reader: MappingReader, _ key: String, checksum: Checksum?, lengthExcludes: Int) {
        guard let words = reader.texts(key) else { return nil }
        let parts = words.compactMap { word -> Part? in
            switch word {
            case "command": .command
            case "length": .length
            case "data": .data
            case "checksum": .checksum
            default: bytesFromHexadecimal(word).flatMap { $0.count == 1 ? .fixed($0[0]) : nil }
            }
        }
        let variable: [Part] = [.command, .length, .data, .checksum]
        let once = variable.allSatisfy { part in parts.count { $0 == part } <= 1 }
        guard parts.count == words.count, parts.contains(.command), once,
            !parts.contains(.checksum) || checksum != nil
        else {
            reader.reportWrong(key, found: "[\(words.joined(separator: ", "))]", expected: .profileExpectedTemplate)
            return nil
        }
        self.parts = parts
        self.checksum = parts.contains(.checksum) ? checksum : nil
        self.lengthExcludes = lengthExcludes
    }
}

/// What is known of a frame before it arrives.
struct FramePattern: Sendable {
    enum Check: Sendable {
        case none
        case byte(Checksum, at: Int)
        case modbusCRC
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

    /// Whether a whole frame's check byte agrees with its bytes.
    func checks(_ frame: some RandomAccessCollection<UInt8>) -> Bool {
        let bytes = Array(frame)
        switch check {
        case .none: return true
        case .byte(let checksum, let index): return checksum.byte(over: bytes.prefix(index)) == bytes[index]
        case .modbusCRC:
            let crc = modbusCRC(bytes.dropLast(2))
            return bytes.suffix(2).elementsEqual([UInt8(crc & 0xFF), UInt8(crc >> 8)])
        }
    }

    /// The known bytes in hexadecimal, `··` for any other, as an error shows what was expected.
    var text: String {
        known.map { $0.map { byte in byte < 16 ? "0" + hex(byte) : hex(byte) } ?? "··" }.joined(separator: " ")
    }

    private func hex(_ byte: UInt8) -> String { String(byte, radix: 16, uppercase: true) }
}
