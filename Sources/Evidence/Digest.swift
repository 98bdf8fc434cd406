import COpenSSL
import Crypto
import Glibc

/// A way to make a digest, by the word that its text begins with.
public enum DigestAlgorithm: String, CaseIterable, Sendable {
    /// SHA-256 (FIPS 180-4).
    case sha256
    /// SM3 (GM/T 0004-2012, 密码杂凑算法).
    case sm3
}

/// A digest of 32 bytes, written as its algorithm's name, a colon and 64 lower-case hexadecimal digits.
public struct Digest: Hashable, Sendable, CustomStringConvertible {
    /// How it was made.
    public let algorithm: DigestAlgorithm
    /// The 32 bytes.
    public let bytes: [UInt8]

    /// The digest of bytes.
    public init(of content: [UInt8], _ algorithm: DigestAlgorithm = .sha256) {
        self.algorithm = algorithm
        switch algorithm {
        case .sha256: bytes = Array(SHA256.hash(data: content))
        case .sm3: bytes = sm3(content)
        }
    }

    /// The SHA-256 digest of a file's content, which is read piece by piece: a program need not hold all of itself in memory
    /// to name itself.
    ///
    /// - Throws: ``DurableFile/Failure`` with what the system said.
    package init(ofFile path: String) throws(DurableFile.Failure) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw DurableFile.Failure(path: path) }
        defer { close(descriptor) }
        var hash = SHA256()
        var piece = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = read(descriptor, &piece, piece.count)
            if count == 0 { break }
            if count < 0 {
                if errno == EINTR { continue }
                throw DurableFile.Failure(path: path)
            }
            piece.withUnsafeBytes { hash.update(bufferPointer: UnsafeRawBufferPointer(rebasing: $0[..<count])) }
        }
        algorithm = .sha256
        bytes = Array(hash.finalize())
    }

    /// A digest that has just been made.
    init(_ algorithm: DigestAlgorithm, _ bytes: [UInt8]) {
        self.algorithm = algorithm
        self.bytes = bytes
    }

    /// A SHA-256 digest that was made elsewhere; nil if there are not 32 bytes.
    public init?(bytes: [UInt8]) {
        guard bytes.count == 32 else { return nil }
        algorithm = .sha256
        self.bytes = bytes
    }

    /// Reads a digest as ``description`` writes it; nil for any other spelling or another algorithm.
    public init?(_ text: String, _ algorithm: DigestAlgorithm = .sha256) {
        let prefix = algorithm.rawValue + ":"
        guard text.utf8.starts(with: prefix.utf8), text.utf8.count == prefix.utf8.count + 64,
            let bytes = decodeHexadecimal(text.utf8.dropFirst(prefix.utf8.count))
        else { return nil }
        self.algorithm = algorithm
        self.bytes = bytes
    }

    /// The algorithm's name, a colon and 64 lower-case hexadecimal digits.
    public var description: String { "\(algorithm.rawValue):\(hexadecimalDigits)" }

    /// The 64 lower-case hexadecimal digits alone.
    public var hexadecimalDigits: String { lowerCaseHexadecimal(bytes) }
}

private func sm3(_ content: [UInt8]) -> [UInt8] {
    var digest = [UInt8](repeating: 0, count: 32)
    // It fails only where libcrypto was built without SM3, or memory is out; a digest that is none must not go on.
    precondition(EVP_Digest(content, content.count, &digest, nil, EVP_sm3(), nil) == 1, "libcrypto has no SM3")
    return digest
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
