import Crypto

/// A SHA-256 digest, written `sha256:` and 64 lower-case hexadecimal digits.
public struct Digest: Hashable, Sendable, CustomStringConvertible {
    /// The 32 bytes.
    public let bytes: [UInt8]

    /// The digest of bytes.
    public init(of content: [UInt8]) {
        bytes = Array(SHA256.hash(data: content))
    }

    /// Reads a digest as ``description`` writes it; nil for any other spelling.
    public init?(_ text: String) {
        guard text.utf8.starts(with: "sha256:".utf8), text.utf8.count == 71,
            let bytes = decodeHexadecimal(text.utf8.dropFirst(7))
        else { return nil }
        self.bytes = bytes
    }

    /// `sha256:` and 64 lower-case hexadecimal digits.
    public var description: String { "sha256:" + hexadecimalDigits }

    /// The 64 lower-case hexadecimal digits alone.
    public var hexadecimalDigits: String { lowerCaseHexadecimal(bytes) }
}

/// Bytes as lower-case hexadecimal digits without spaces.
func lowerCaseHexadecimal(_ bytes: [UInt8]) -> String {
    let digits = Array("0123456789abcdef".utf8)
    var text: [UInt8] = []
    text.reserveCapacity(2 * bytes.count)
    for byte in bytes {
        text.append(digits[Int(byte >> 4)])
        text.append(digits[Int(byte & 0x0F)])
    }
    return String(decoding: text, as: UTF8.self)
}

/// The bytes of lower-case hexadecimal digits; nil if there is anything else.
func decodeHexadecimal(_ text: some Collection<UInt8>) -> [UInt8]? {
    var bytes: [UInt8] = []
    var high: UInt8?
    for character in text {
        let digit: UInt8
        switch character {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = character - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): digit = character - UInt8(ascii: "a") + 10
        default: return nil
        }
        if let upper = high {
            bytes.append(upper << 4 | digit)
            high = nil
        } else {
            high = digit
        }
    }
    return high == nil ? bytes : nil
}
