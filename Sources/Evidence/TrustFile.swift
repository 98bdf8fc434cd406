public import Messages

/// The keys that verification believes (信任文件). It takes keys from nowhere else, least of all from a record.
///
/// A file of JSON: `{"digest":…,"keys":[{"algorithm":"ed25519","id":…,"lane":…,"origin":"measured","publicKey":…}]}`
/// (`Docs/RecordFormat.md`). The digest is that of the canonical form of `keys`; it finds accidents. A file written by
/// hand may do without.
public struct TrustFile: Hashable, Sendable {
    /// The keys, in the order of enrolment.
    public private(set) var keys: [TrustedKey] = []

    init() {}

    /// A trust file in memory.
    ///
    /// - Throws: ``TrustFileError/enrolledTwice(id:)``.
    public init(_ keys: [TrustedKey] = []) throws(TrustFileError) {
        for key in keys { try enrol(key) }
    }

    /// The key with a fingerprint.
    public func key(id: String) -> TrustedKey? { keys.first { $0.id == id } }

    /// Adds a key. Enrolling the same key again for the same lane and origin changes nothing, not its validity either.
    ///
    /// - Throws: ``TrustFileError/enrolledTwice(id:)`` if the key is there for another lane or origin.
    public mutating func enrol(_ key: TrustedKey) throws(TrustFileError) {
        if let existing = self.key(id: key.id) {
            guard existing.lane == key.lane, existing.origin == key.origin, existing.algorithm == key.algorithm else {
                throw .enrolledTwice(id: key.id)
            }
            return
        }
        keys.append(key)
    }

    /// Puts a key in the place of that with its fingerprint.
    mutating func update(_ key: TrustedKey) {
        for index in keys.indices where keys[index].id == key.id { keys[index] = key }
    }

    /// Marks a key as believed no more from a record on. A revocation is never taken back; of two the earlier counts.
    ///
    /// - Returns: whether there is such a key.
    public mutating func revoke(id: String, _ revocation: KeyRevocation) -> Bool {
        guard var key = key(id: id) else { return false }
        if let earlier = key.revocation, earlier.fromCounter <= revocation.fromCounter { return true }
        key.revocation = revocation
        update(key)
        return true
    }

    /// Reads a trust file.
    ///
    /// - Throws: ``TrustFileError``.
    public init(contentsOf path: String) throws(TrustFileError) {
        let bytes: [UInt8]
        do {
            bytes = try DurableFile.read(path).bytes
        } catch {
            throw .unreadable(path: path, detail: error.words)
        }
        try self.init(parsing: bytes)
    }

    /// Reads a trust file from its bytes.
    ///
    /// - Throws: ``TrustFileError`` naming the place of the first thing that is wrong.
    public init(parsing bytes: [UInt8]) throws(TrustFileError) {
        let value: JSONValue
        do {
            value = try JSONValue(parsing: bytes)
        } catch {
            throw .malformed(place: "–", reason: error.message)
        }
        guard let elements = value["keys"]?.elements else {
            throw .malformed(place: "keys", reason: Message(.expectedSequence))
        }
        for member in value.members?.all ?? [] where member.name != "keys" && member.name != "digest" {
            throw .malformed(place: "–", reason: Message(.evidenceMemberUnknown, ["name": .text(member.name)]))
        }
        self.init()
        for (index, element) in elements.enumerated() {
            let (key, findings) = TrustedKey.read(element, at: "keys[\(index)]")
            guard let key else {
                let finding = findings.first ?? Finding(.evidenceNotAnObject, at: "keys[\(index)]")
                throw .malformed(place: finding.place, reason: finding.message)
            }
            try enrol(key)
        }
        guard let stated = value["digest"] else { return }
        let digest = try? Digest(of: JSONValue.array(elements).canonicalBytes())
        guard let digest, stated.text == digest.description else {
            throw .malformed(
                place: "digest", reason: Message(.trustDigest, ["digest": .text(digest?.description ?? "–")]))
        }
    }

    /// The file's bytes.
    ///
    /// - Throws: `JSONError` for a number that JSON cannot hold.
    public func bytes() throws(JSONError) -> [UInt8] {
        let keys = JSONValue.array(keys.map { .object($0.object) })
        let digest = Digest(of: try keys.canonicalBytes())
        return try JSONValue.object(["digest": .string(digest.description), "keys": keys]).canonicalBytes() + [0x0A]
    }

    /// Writes the file, in place of the one that may be there, so that a power loss leaves either.
    ///
    /// - Throws: ``TrustFileError/unwritable(path:detail:)``.
    public func write(to path: String) throws(TrustFileError) {
        do {
            try DurableFile.replace(try bytes(), at: path, mode: 0o644)
        } catch let failure as DurableFile.Failure {
            throw .unwritable(path: path, detail: failure.words)
        } catch {
            throw .unwritable(path: path, detail: "\(error)")
        }
    }
}

/// Why a trust file cannot be used.
public enum TrustFileError: MessageError, Equatable {
    /// The file cannot be read.
    case unreadable(path: String, detail: String)
    /// The file cannot be written.
    case unwritable(path: String, detail: String)
    /// Something in it is not as it must be.
    case malformed(place: String, reason: Message)
    /// A key stands there for two lanes or two origins.
    case enrolledTwice(id: String)

    /// What to tell a person.
    public var message: Message {
        switch self {
        case .unreadable(let path, let detail):
            Message(.trustUnreadable, ["path": .text(path), "detail": .text(detail)])
        case .unwritable(let path, let detail):
            Message(.trustUnwritable, ["path": .text(path), "detail": .text(detail)])
        case .malformed(let place, let reason):
            Message(.trustMalformed, ["place": .text(place), "reason": .message(reason)])
        case .enrolledTwice(let id): Message(.trustEnrolledTwice, ["id": .text(id)])
        }
    }
}
