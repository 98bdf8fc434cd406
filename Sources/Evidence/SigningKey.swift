import Crypto
import Glibc

/// A key that the lane signs its records with (签名密钥), one per algorithm and origin.
///
/// A simulated lane has keys of its own, so that nothing it makes can pass for a test. The file is PEM with PKCS #8,
/// in clear or encrypted with scrypt, so that `openssl pkey -in lane.key -pubout` reads it.
public struct SigningKey: Sendable {
    /// What the key may sign.
    public let origin: RecordOrigin

    /// What holds the private key.
    private let token: any SigningToken

    /// The algorithm.
    public var algorithm: SignatureAlgorithm { token.algorithm }

    /// The raw public key: 32 bytes for Ed25519, and for SM2 the 65 of the uncompressed point.
    public var publicKey: [UInt8] { token.publicKey }

    /// The fingerprint: the SHA-256 of the raw public key, 64 lower-case hexadecimal digits.
    public var id: String { Digest(of: publicKey).hexadecimalDigits }

    /// The name of the file of a lane's first key.
    public static func fileName(for origin: RecordOrigin, _ algorithm: SignatureAlgorithm = .ed25519) -> String {
        let name =
            switch origin {
            case .measured: "lane"
            case .simulated: "lane-simulated"
            }
        return switch algorithm {
        case .ed25519: "\(name).key"
        case .sm2: "\(name)-sm2.key"
        }
    }

    /// The key of a token, such as one behind PKCS #11; see ``SigningToken``.
    public init(origin: RecordOrigin, token: any SigningToken) {
        self.origin = origin
        self.token = token
    }

    /// A new Ed25519 key that exists in memory only.
    public init(origin: RecordOrigin) {
        self.init(origin: origin, token: Ed25519Pair(key: Curve25519.Signing.PrivateKey()))
    }

    /// A new key of any algorithm that exists in memory only.
    ///
    /// - Throws: ``SigningKeyError/signingFailed(detail:)`` if the cryptographic library has no randomness.
    public init(new algorithm: SignatureAlgorithm, origin: RecordOrigin) throws(SigningKeyError) {
        switch algorithm {
        case .ed25519: self.init(origin: origin)
        case .sm2:
            guard let key = SM2Key.generate() else { throw .signingFailed(detail: "libcrypto: SM2") }
            self.init(origin: origin, token: SM2Pair(key: key))
        }
    }

    /// A key from its 32 secret bytes (RFC 8032; the scalar of SM2); nil if they are no key.
    public init?(origin: RecordOrigin, algorithm: SignatureAlgorithm = .ed25519, secret: [UInt8]) {
        switch algorithm {
        case .ed25519:
            guard let key = try? Curve25519.Signing.PrivateKey(rawRepresentation: secret) else { return nil }
            self.init(origin: origin, token: Ed25519Pair(key: key))
        case .sm2:
            guard let key = SM2Key(secret: secret) else { return nil }
            self.init(origin: origin, token: SM2Pair(key: key))
        }
    }

    /// The key of a directory, created on the first start.
    ///
    /// The directory is made if its parent is there. An existing key is never replaced.
    ///
    /// - Parameter passphrase: what the file is encrypted under; nil leaves it in clear for its owner alone.
    /// - Throws: ``SigningKeyError`` if directory or file are open to others than their owner, if the file is no key
    ///   of the algorithm, if its passphrase is another or lacking, or if the system refuses to read or write it.
    public static func loadOrCreate(
        in directory: String, origin: RecordOrigin, algorithm: SignatureAlgorithm = .ed25519,
        passphrase: [UInt8]? = nil
    ) throws(SigningKeyError) -> SigningKey {
        try createDirectory(directory)
        let path = "\(directory)/\(fileName(for: origin, algorithm))"
        if try !SigningKeyError.isThere(path) {
            // Another process may make one in the meantime; then that is the lane's key.
            try SigningKey(new: algorithm, origin: origin).write(to: path, passphrase: passphrase)
        }
        return try load(from: directory, origin: origin, algorithm: algorithm, passphrase: passphrase)
    }

    /// The key of a directory.
    ///
    /// - Throws: ``SigningKeyError`` as ``loadOrCreate(in:origin:algorithm:passphrase:)`` does, and if there is no key.
    public static func load(
        from directory: String, origin: RecordOrigin, algorithm: SignatureAlgorithm = .ed25519,
        passphrase: [UInt8]? = nil
    ) throws(SigningKeyError) -> SigningKey {
        try load(
            file: fileName(for: origin, algorithm), in: directory, origin: origin, algorithm: algorithm,
            passphrase: passphrase)
    }

    /// A key by the name of its file.
    static func load(
        file name: String, in directory: String, origin: RecordOrigin, algorithm: SignatureAlgorithm,
        passphrase: [UInt8]?
    ) throws(SigningKeyError) -> SigningKey {
        try checkDirectory(directory)
        let path = "\(directory)/\(name)"
        let file: (bytes: [UInt8], mode: mode_t)
        do {
            file = try DurableFile.read(path)
        } catch {
            throw error.code == ENOENT ? .missing(path: path) : SigningKeyError(reading: error)
        }
        guard file.mode & 0o077 == 0 else { throw .fileOpenToOthers(path: path, mode: String(file.mode, radix: 8)) }
        let secret: (algorithm: SignatureAlgorithm, bytes: [UInt8])
        do {
            secret = try KeyFile.secret(of: file.bytes, passphrase: passphrase)
        } catch {
            switch error {
            case .malformed: throw .malformed(path: path)
            case .passphraseMissing: throw .passphraseMissing(path: path)
            case .passphraseWrong: throw .passphraseWrong(path: path)
            }
        }
        guard secret.algorithm == algorithm,
            let key = SigningKey(origin: origin, algorithm: algorithm, secret: secret.bytes)
        else { throw .malformed(path: path) }
        return key
    }

    /// Writes the key to a file of its own; a file that is there stays as it is.
    func write(to path: String, passphrase: [UInt8]?) throws(SigningKeyError) {
        // A token that holds its key for good has nothing to write.
        guard let secret = (token as? any SecretHolding)?.secret,
            let content = KeyFile.privateKey(algorithm, secret: secret, publicKey: publicKey, passphrase: passphrase)
        else { throw .unwritable(path: path, detail: "libcrypto") }
        do {
            _ = try DurableFile.create(content, at: path, mode: 0o600)
        } catch {
            throw SigningKeyError(writing: error, to: path)
        }
    }

    /// Signs bytes.
    ///
    /// - Throws: ``SigningKeyError/signingFailed(detail:)`` if the cryptographic library fails.
    public func signature(for message: [UInt8]) throws(SigningKeyError) -> [UInt8] {
        try token.signature(for: message)
    }

    /// Makes sure that a directory for keys is there, for its owner only.
    static func createDirectory(_ directory: String) throws(SigningKeyError) {
        if mkdir(directory, 0o700) != 0, errno != EEXIST {
            throw SigningKeyError(writing: DurableFile.Failure(path: directory), to: directory)
        }
        do {
            // A key whose directory is lost with the power would leave records that its successor did not sign.
            try DurableFile.synchronizeDirectory(of: directory)
        } catch {
            throw SigningKeyError(writing: error, to: directory)
        }
        try checkDirectory(directory)
    }

    private static func checkDirectory(_ directory: String) throws(SigningKeyError) {
        var status = stat()
        guard stat(directory, &status) == 0 else {
            throw SigningKeyError(reading: DurableFile.Failure(path: directory))
        }
        guard status.st_mode & S_IFMT == S_IFDIR else {
            throw SigningKeyError(reading: DurableFile.Failure(path: directory, code: ENOTDIR))
        }
        guard status.st_mode & 0o077 == 0 else {
            throw .directoryOpenToOthers(path: directory, mode: String(status.st_mode & 0o7777, radix: 8))
        }
    }
}
