import Crypto
import Foundation
import Glibc
public import Messages

/// A key that the lane signs its records with (签名密钥): Ed25519, one per origin.
///
/// A simulated lane has a key of its own, so that nothing it makes can pass for a test. The file is PEM with PKCS #8
/// as RFC 8410 defines it, so that `openssl pkey -in lane.key -pubout` reads it.
public struct SigningKey: Sendable {
    /// What the key may sign.
    public let origin: RecordOrigin

    private let key: Curve25519.Signing.PrivateKey

    /// The algorithm.
    public var algorithm: SignatureAlgorithm { .ed25519 }

    /// The raw public key, 32 bytes.
    public var publicKey: [UInt8] { Array(key.publicKey.rawRepresentation) }

    /// The fingerprint: the SHA-256 of the raw public key, 64 lower-case hexadecimal digits.
    public var id: String { Digest(of: publicKey).hexadecimalDigits }

    /// The name of the key's file.
    public static func fileName(for origin: RecordOrigin) -> String {
        switch origin {
        case .measured: "lane.key"
        case .simulated: "lane-simulated.key"
        }
    }

    /// A new key that exists in memory only.
    public init(origin: RecordOrigin) {
        self.origin = origin
        key = Curve25519.Signing.PrivateKey()
    }

    /// A key from its 32 secret bytes (RFC 8032); nil if there are not 32.
    public init?(origin: RecordOrigin, secret: [UInt8]) {
        guard let key = try? Curve25519.Signing.PrivateKey(rawRepresentation: secret) else { return nil }
        self.origin = origin
        self.key = key
    }

    /// The key of a directory, created on the first start.
    ///
    /// The directory is made if its parent is there. An existing key is never replaced.
    ///
    /// - Throws: ``SigningKeyError`` if directory or file are open to others than their owner, if the file is no key,
    ///   or if the system refuses to read or write it.
    public static func loadOrCreate(in directory: String, origin: RecordOrigin) throws(SigningKeyError) -> SigningKey {
        if mkdir(directory, 0o700) != 0, errno != EEXIST {
            throw .unwritable(path: directory, detail: String(cString: strerror(errno)))
        }
        try checkDirectory(directory)
        let path = "\(directory)/\(fileName(for: origin))"
        if access(path, F_OK) == 0 { return try load(from: directory, origin: origin) }
        do {
            // Another process may have made one in the meantime; then that is the lane's key.
            _ = try DurableFile.create(SigningKey(origin: origin).privateKeyFile, at: path, mode: 0o600)
        } catch {
            throw .unwritable(path: path, detail: error.words)
        }
        return try load(from: directory, origin: origin)
    }

    /// The key of a directory.
    ///
    /// - Throws: ``SigningKeyError`` as ``loadOrCreate(in:origin:)`` does, and if there is no key.
    public static func load(from directory: String, origin: RecordOrigin) throws(SigningKeyError) -> SigningKey {
        try checkDirectory(directory)
        let path = "\(directory)/\(fileName(for: origin))"
        let file: (bytes: [UInt8], mode: mode_t)
        do {
            file = try DurableFile.read(path)
        } catch {
            throw .unreadable(path: path, detail: error.words)
        }
        guard file.mode & 0o077 == 0 else { throw .fileOpenToOthers(path: path, mode: String(file.mode, radix: 8)) }
        guard let secret = secret(ofPrivateKeyFile: file.bytes), let key = SigningKey(origin: origin, secret: secret)
        else { throw .malformed(path: path) }
        return key
    }

    /// Signs bytes.
    ///
    /// - Throws: ``SigningKeyError/signingFailed(detail:)`` if the cryptographic library fails.
    public func signature(for message: [UInt8]) throws(SigningKeyError) -> [UInt8] {
        do {
            return Array(try key.signature(for: message))
        } catch {
            throw .signingFailed(detail: "\(error)")
        }
    }

    private static func checkDirectory(_ directory: String) throws(SigningKeyError) {
        var status = stat()
        guard stat(directory, &status) == 0 else {
            throw .unreadable(path: directory, detail: String(cString: strerror(errno)))
        }
        guard status.st_mode & S_IFMT == S_IFDIR else {
            throw .unreadable(path: directory, detail: String(cString: strerror(ENOTDIR)))
        }
        guard status.st_mode & 0o077 == 0 else {
            throw .directoryOpenToOthers(path: directory, mode: String(status.st_mode & 0o7777, radix: 8))
        }
    }

    // MARK: The file

    /// PKCS #8 around an Ed25519 secret is always these sixteen bytes (RFC 8410, section 7): SEQUENCE, version 0,
    /// algorithm 1.3.101.112, and an OCTET STRING within an OCTET STRING.
    private static let prefix: [UInt8] = [
        0x30, 0x2E, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2B, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20,
    ]
    private static let firstLine = "-----BEGIN PRIVATE KEY-----\n"
    private static let lastLine = "\n-----END PRIVATE KEY-----\n"

    private var privateKeyFile: [UInt8] {
        let body = Data(Self.prefix + key.rawRepresentation).base64EncodedString()
        return Array((Self.firstLine + body + Self.lastLine).utf8)
    }

    private static func secret(ofPrivateKeyFile bytes: [UInt8]) -> [UInt8]? {
        guard let text = String(validating: bytes, as: UTF8.self), text.hasPrefix(firstLine), text.hasSuffix(lastLine),
            let content = decodeBase64(
                String(text.dropFirst(firstLine.count).dropLast(lastLine.count))),
            content.starts(with: prefix)
        else { return nil }
        return Array(content.dropFirst(prefix.count))
    }
}

/// Why there is no key to sign with.
public enum SigningKeyError: MessageError, Equatable {
    /// The directory may be entered by others than its owner; `mode` is octal.
    case directoryOpenToOthers(path: String, mode: String)
    /// The file may be read or written by others than its owner; `mode` is octal.
    case fileOpenToOthers(path: String, mode: String)
    /// The file or directory cannot be read.
    case unreadable(path: String, detail: String)
    /// The file or directory cannot be written.
    case unwritable(path: String, detail: String)
    /// The file is not an Ed25519 private key in PEM.
    case malformed(path: String)
    /// The cryptographic library failed.
    case signingFailed(detail: String)

    /// What to tell the person who starts the lane.
    public var message: Message {
        switch self {
        case .directoryOpenToOthers(let path, let mode):
            Message(.keyDirectoryOpenToOthers, ["path": .text(path), "mode": .text(mode)])
        case .fileOpenToOthers(let path, let mode):
            Message(.keyFileOpenToOthers, ["path": .text(path), "mode": .text(mode)])
        case .unreadable(let path, let detail):
            Message(.keyUnreadable, ["path": .text(path), "detail": .text(detail)])
        case .unwritable(let path, let detail):
            Message(.keyUnwritable, ["path": .text(path), "detail": .text(detail)])
        case .malformed(let path): Message(.keyMalformed, ["path": .text(path)])
        case .signingFailed(let detail): Message(.keySigningFailed, ["detail": .text(detail)])
        }
    }
}
