import Glibc
import Messages

/// The keys of a lane's key directory: which there are, for what, and since when (密钥登记册).
///
/// The private keys are files beside it, `register.json`; a directory without a register, but with a lane's first
/// keys in it, is taken as it is. One process at a time may change it: the lane's, or a command that holds the lane's
/// data directory.
public struct KeyRegister: Sendable {
    /// A key of the register.
    public struct Entry: Hashable, Sendable {
        /// The public half: algorithm, lane, origin, validity, revocation.
        public internal(set) var key: TrustedKey
        /// Which of the lane's keys of its algorithm and origin it is, from 1.
        public let generation: Int
        /// When it was made, RFC 3339.
        public let created: String
        /// The name of the private key's file; nil once that was destroyed.
        public internal(set) var file: String?

        /// Whether the lane signs with it.
        public var isActive: Bool {
            file != nil && key.revocation == nil && key.validity.throughCounter == nil
        }

        /// What the audit trail holds of it: nothing secret.
        public var auditDetail: JSONObject {
            [
                "id": .string(key.id), "algorithm": .string(key.algorithm.rawValue), "lane": .string(key.lane),
                "origin": .string(key.origin.rawValue), "generation": .integer(Int64(generation)),
            ]
        }
    }

    /// The name of the register's file.
    public static let fileName = "register.json"

    /// The directory.
    public let directory: String
    /// The keys, in the order in which they were made.
    public private(set) var entries: [Entry] = []

    private let passphrase: [UInt8]?

    /// Opens a directory, which is made if its parent is there.
    ///
    /// - Parameter passphrase: what private keys are encrypted under; nil leaves new ones in clear for their owner.
    /// - Throws: ``SigningKeyError`` or ``KeyRegisterError``.
    public init(directory: String, passphrase: [UInt8]? = nil) throws {
        self.directory = directory
        self.passphrase = passphrase
        try SigningKey.createDirectory(directory)
        let path = "\(directory)/\(Self.fileName)"
        guard try SigningKeyError.isThere(path) else { return }
        let bytes: [UInt8]
        do { bytes = try DurableFile.read(path).bytes } catch { throw SigningKeyError(reading: error) }
        entries = try Self.read(bytes, path)
    }

    /// The key that the lane signs with; nil if there is none.
    public func active(lane: String, origin: RecordOrigin, _ algorithm: SignatureAlgorithm) -> Entry? {
        entries.last {
            $0.isActive && $0.key.lane == lane && $0.key.origin == origin && $0.key.algorithm == algorithm
        }
    }

    /// The key whose fingerprint begins so.
    ///
    /// - Parameter beginning: hexadecimal digits; spaces, as in a grouped fingerprint, do not count.
    /// - Throws: ``KeyRegisterError/unknown(id:)`` or ``KeyRegisterError/ambiguous(id:)``.
    public func entry(_ beginning: String) throws(KeyRegisterError) -> Entry {
        let digits = beginning.lowercased().filter { $0 != " " }
        let found = entries.filter { $0.key.id.hasPrefix(digits) }
        guard let first = found.first, !digits.isEmpty else { throw .unknown(id: beginning) }
        guard found.count == 1 else { throw .ambiguous(id: beginning) }
        return first
    }

    /// The paths of private keys that are not encrypted.
    public func keysInClear() -> [String] {
        entries.compactMap { entry in
            guard let path = entry.file.map({ "\(directory)/\($0)" }), let file = try? DurableFile.read(path).bytes,
                !KeyFile.isEncrypted(file)
            else { return nil }
            return path
        }
    }

    /// The private half of a key.
    ///
    /// - Throws: ``SigningKeyError`` or ``KeyRegisterError/notActive(id:)``.
    public func signingKey(_ entry: Entry) throws -> SigningKey {
        guard let file = entry.file else { throw KeyRegisterError.notActive(id: entry.key.id) }
        let key = try SigningKey.load(
            file: file, in: directory, origin: entry.key.origin, algorithm: entry.key.algorithm,
            passphrase: passphrase)
        guard key.id == entry.key.id else { throw SigningKeyError.malformed(path: "\(directory)/\(file)") }
        return key
    }

    /// A lane's first key, where it lies in the directory and the register does not have it.
    ///
    /// - Throws: ``SigningKeyError`` if it cannot be read.
    public func unregisteredKey(
        origin: RecordOrigin, _ algorithm: SignatureAlgorithm
    ) throws(SigningKeyError) -> SigningKey? {
        let file = SigningKey.fileName(for: origin, algorithm)
        guard !entries.contains(where: { $0.file == file }), try SigningKeyError.isThere("\(directory)/\(file)") else {
            return nil
        }
        return try SigningKey.load(from: directory, origin: origin, algorithm: algorithm, passphrase: passphrase)
    }

    /// The keys that a lane signs with, one per algorithm, made where there are none yet.
    ///
    /// - Parameters:
    ///   - algorithms: those that records are to be signed with.
    ///   - at: the wall clock, RFC 3339, for keys that are made.
    /// - Throws: ``SigningKeyError`` or ``KeyRegisterError``.
    public mutating func loadOrCreate(
        lane: String, origin: RecordOrigin, _ algorithms: [SignatureAlgorithm], at: String
    ) throws -> [SigningKey] {
        try algorithms.map { algorithm in
            if let entry = active(lane: lane, origin: origin, algorithm) { return try signingKey(entry) }
            return try create(lane: lane, origin: origin, algorithm, at: at).signingKey
        }
    }

    /// Makes a lane's key of an algorithm.
    ///
    /// - Throws: ``KeyRegisterError/exists(lane:algorithm:)`` if there is an active one, ``SigningKeyError``.
    @discardableResult
    public mutating func create(
        lane: String, origin: RecordOrigin, _ algorithm: SignatureAlgorithm, validity: KeyValidity = KeyValidity(),
        at: String
    ) throws -> (entry: Entry, signingKey: SigningKey) {
        guard active(lane: lane, origin: origin, algorithm) == nil else {
            throw KeyRegisterError.exists(lane: lane, algorithm: algorithm.rawValue)
        }
        let generation = nextGeneration(lane, origin, algorithm)
        let firstFile = SigningKey.fileName(for: origin, algorithm)
        guard generation == 1, !entries.contains(where: { $0.file == firstFile }) else {
            let key = try SigningKey(new: algorithm, origin: origin)
            return (try add(key, lane, validity, generation, at), key)
        }
        // The first key may be there from before the register.
        let key = try SigningKey.loadOrCreate(
            in: directory, origin: origin, algorithm: algorithm, passphrase: passphrase)
        let entry = Entry(
            key: TrustedKey(key, lane: lane, validity: validity), generation: 1, created: at, file: firstFile)
        entries.append(entry)
        try write()
        return (entry, key)
    }

    /// Lets a new key take over from a lane's active one.
    ///
    /// The statement is written beside the register before the old key's file is destroyed; a new lane process signs
    /// with the new key.
    ///
    /// - Parameters:
    ///   - first: the number of the first record that the new key signs.
    ///   - at: the wall clock, RFC 3339.
    /// - Returns: the new key and the signed statement, which the authority applies to its trust file.
    /// - Throws: ``KeyRegisterError/noActive(lane:origin:algorithm:)``, ``SigningKeyError``.
    public mutating func rotate(
        lane: String, origin: RecordOrigin, _ algorithm: SignatureAlgorithm, first: Int, epoch: Int = 1, at: String
    ) throws -> (entry: Entry, statement: Envelope) {
        guard let old = active(lane: lane, origin: origin, algorithm),
            let index = entries.firstIndex(where: { $0.key.id == old.key.id })
        else {
            throw KeyRegisterError.noActive(lane: lane, origin: origin.rawValue, algorithm: algorithm.rawValue)
        }
        let oldKey = try signingKey(old)
        let key = try SigningKey(new: algorithm, origin: origin)
        let statement = try KeyRotation.sealed(
            from: oldKey, to: key, lane: lane, epoch: epoch, first: first, at: at)
        try write(statement.bytes, to: "rotation-\(key.id.prefix(16)).json")
        entries[index].key.validity.throughCounter = first - 1
        let file = entries[index].file
        entries[index].file = nil
        let entry = try add(
            key, lane, KeyValidity(fromCounter: first), nextGeneration(lane, origin, algorithm), at)
        // Only now does nothing need it any more.
        if let file { unlink("\(directory)/\(file)") }
        return (entry, statement)
    }

    /// Marks a key as not to be believed from a record on, and destroys its private half.
    ///
    /// - Returns: the signed statement; nil if no private key is left that could sign it, in which case the authority
    ///   must be told otherwise.
    /// - Throws: ``KeyRegisterError/unknown(id:)``, ``SigningKeyError``.
    public mutating func revoke(_ id: String, _ revocation: KeyRevocation, epoch: Int = 1) throws -> Envelope? {
        let entry = try entry(id)
        guard let index = entries.firstIndex(of: entry) else { throw KeyRegisterError.unknown(id: id) }
        let others = entries.filter {
            $0.isActive && $0.key.lane == entry.key.lane && $0.key.origin == entry.key.origin && $0 != entry
        }
        var statement: Envelope?
        // A thief could sign as well with the stolen key, so another's word is better. A key whose file is lost signs no
        // more, and must not keep itself or another from being revoked.
        let signers = others.reversed() + (entry.file == nil ? [] : [entry])
        let present = try signers.first { signer in
            try signer.file.map { try SigningKeyError.isThere("\(directory)/\($0)") } ?? false
        }
        if let signer = present {
            statement = try KeyRevocationStatement.sealed(
                entry.key.id, revocation, lane: entry.key.lane, epoch: epoch, signedWith: try signingKey(signer))
        }
        if let statement { try write(statement.bytes, to: "revocation-\(entry.key.id.prefix(16)).json") }
        entries[index].key.revocation = revocation
        entries[index].file = nil
        try write()
        if let file = entry.file { unlink("\(directory)/\(file)") }
        return statement
    }

    /// Puts other keys in the place of all; nothing is written.
    mutating func replaceEntries(_ entries: [Entry]) { self.entries = entries }

    private func nextGeneration(_ lane: String, _ origin: RecordOrigin, _ algorithm: SignatureAlgorithm) -> Int {
        1
            + entries.filter {
                $0.key.lane == lane && $0.key.origin == origin && $0.key.algorithm == algorithm
            }.count
    }

    private mutating func add(
        _ key: SigningKey, _ lane: String, _ validity: KeyValidity, _ generation: Int, _ at: String
    ) throws -> Entry {
        let file = "lane-\(key.id.prefix(16)).key"
        try key.write(to: "\(directory)/\(file)", passphrase: passphrase)
        let entry = Entry(
            key: TrustedKey(key, lane: lane, validity: validity), generation: generation, created: at, file: file)
        entries.append(entry)
        try write()
        return entry
    }
}
