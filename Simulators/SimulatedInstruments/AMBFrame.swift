/// Frames of Sensors' AMB protocol: `cmd mode nLo nHi words csLo csHi`, words with the low byte first, the check the
/// 16-bit sum of everything before it.
enum AMBFrame {
    /// What stands in the place of the mode in a reply.
    enum Response: UInt8 {
        case done = 0x06
        case busy = 0x05
        case refused = 0x15
    }

    static func frame(_ command: UInt8, _ mode: UInt8, _ words: [UInt16] = []) -> [UInt8] {
        let bytes = [command, mode] + low(UInt16(words.count)) + words.flatMap(low)
        return bytes + low(sum(bytes))
    }

    static func reply(_ command: UInt8, _ response: Response = .done, _ words: [UInt16] = []) -> [UInt8] {
        frame(command, response.rawValue, words)
    }

    /// No request has more words than this; a greater number is noise.
    private static let longest = 30

    static func beginning(of bytes: [UInt8]) -> RequestBeginning {
        guard bytes.count >= 4 else { return .unfinished }
        let count = Int(bytes[2]) | Int(bytes[3]) << 8
        guard count <= longest else { return .damaged(bytes.count) }
        let length = 6 + 2 * count
        guard bytes.count >= length else { return .unfinished }
        return low(sum(bytes[..<(length - 2)])) == Array(bytes[length - 2..<length])
            ? .whole(length) : .damaged(length)
    }

    /// The words of a whole request.
    static func words(_ request: [UInt8]) -> [UInt16] {
        stride(from: 4, to: request.count - 2, by: 2).map { UInt16(request[$0]) | UInt16(request[$0 + 1]) << 8 }
    }

    /// A number in a word, rounded to its scale and kept within a signed word.
    static func word(_ value: Double, _ scale: Double = 1) -> UInt16 {
        UInt16(bitPattern: Int16(max(-32_768, min(32_767, (value * scale).rounded()))))
    }

    private static func sum(_ bytes: some Sequence<UInt8>) -> UInt16 { bytes.reduce(0) { $0 &+ UInt16($1) } }
    private static func low(_ word: UInt16) -> [UInt8] { [UInt8(word & 0xFF), UInt8(word >> 8)] }
}
