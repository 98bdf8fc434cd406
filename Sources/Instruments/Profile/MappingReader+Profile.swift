import Documents
import Messages

/// What profiles need beyond the general reader: closed ranges, byte numbers and problems in common words.
extension MappingReader {
    /// Notes that a key's value is none of the known ones.
    func reportUnknown(_ key: String, found: String, known: some Sequence<String>) {
        report(
            Message(
                .documentUnknownValue,
                ["key": .text(key), "found": .text(found), "expected": .text(known.joined(separator: ", "))]),
            at: key)
    }

    /// Notes that a key's value is of the wrong kind.
    func reportWrong(_ key: String, found: String, expected: MessageCode) {
        report(
            Message(
                .documentWrongType,
                ["key": .text(key), "found": .text(found), "expected": .message(Message(expected))]),
            at: key)
    }

    /// The range under a key, written `[low, high]` with low not above high.
    func range(_ key: String) -> ClosedRange<Double>? {
        guard let texts = texts(key) else { return nil }
        let numbers = texts.compactMap(Double.init).filter(\.isFinite)
        guard numbers.count == 2, texts.count == 2, numbers[0] <= numbers[1] else {
            reportWrong(key, found: "[\(texts.joined(separator: ", "))]", expected: .profileExpectedRange)
            return nil
        }
        return numbers[0]...numbers[1]
    }

    /// The whole numbers under a key, in decimal or `0x…`, each within `range`.
    func integers(_ key: String, in range: ClosedRange<Int>) -> [Int]? {
        guard let texts = texts(key) else { return nil }
        let numbers = texts.compactMap { text in
            (text.hasPrefix("0x") ? Int(text.dropFirst(2), radix: 16) : Int(text)).flatMap {
                range.contains($0) ? $0 : nil
            }
        }
        if numbers.count == texts.count { return numbers }
        reportWrong(key, found: "[\(texts.joined(separator: ", "))]", expected: .expectedInteger)
        return nil
    }

    /// A factor under a key as written, `0.01` or `2/65536`.
    func decimalOrFraction(_ key: String) -> String? { text(key) }

    /// Bytes under a key, as hexadecimal pairs or as `ascii:` and the characters.
    func code(_ key: String) -> [UInt8]? {
        guard let text = text(key) else { return nil }
        if let bytes = bytesOfPart(text) { return bytes }
        reportWrong(key, found: text, expected: .expectedBytes)
        return nil
    }

    /// One byte under a key, as a hexadecimal pair.
    func byte(_ key: String) -> UInt8? {
        guard let bytes = bytes(key) else { return nil }
        if bytes.count == 1 { return bytes[0] }
        reportWrong(key, found: hexadecimal(bytes), expected: .expectedBytes)
        return nil
    }

    /// The milliseconds under a key, at most ten minutes.
    func milliseconds(_ key: String, from least: Int = 0) -> Duration? {
        integer(key, in: least...600_000).map { .milliseconds($0) }
    }
}

/// The bytes that a word of a profile means: hexadecimal pairs, or `ascii:` and characters; nil if it is neither.
func bytesOfPart(_ word: String) -> [UInt8]? {
    if word.hasPrefix("ascii:") {
        let bytes = Array(word.dropFirst(6).utf8)
        return bytes.allSatisfy { $0 < 0x80 } ? bytes : nil
    }
    return bytesFromHexadecimal(word)
}
