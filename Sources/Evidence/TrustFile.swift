import Crypto
import Foundation
public import Messages

/// A public key that someone enrolled: whose it is, and for what.
public struct TrustedKey: Hashable, Sendable {
    /// The algorithm.
    public let algorithm: SignatureAlgorithm
    /// The lane whose records it signs (检测线编号).
    public let lane: String
    /// The only origin of records that it signs.
    public let origin: RecordOrigin
    /// The raw public key, 32 bytes.
    public let publicKey: [UInt8]

    /// Enrols the public half of a key for a lane.
    public init(_ key: SigningKey, lane: String) {
        algorithm = key.algorithm
        self.lane = lane
        origin = key.origin
        publicKey = key.publicKey
    }

    fileprivate init(algorithm: SignatureAlgorithm, lane: String, origin: RecordOrigin, publicKey: [UInt8]) {
        self.algorithm = algorithm
        self.lane = lane
        self.origin = origin
        self.publicKey = publicKey
    }

    /// The fingerprint: the SHA-256 of the raw public key, 64 lower-case hexadecimal digits.
    public var id: String { Digest(of: publicKey).hexadecimalDigits }

    /// Whether a signature over a message was made with this key.
    public func isValid(_ signature: [UInt8], for message: [UInt8]) -> Bool {
        switch algorithm {
        case .ed25519:
            (try? Curve25519.Signing.PublicKey(rawRepresentation: publicKey))?
                .isValidSignature(signature, for: message) ?? false
        }
    }
}

/// The keys that verification believes (信任文件). It takes keys from nowhere else, least of all from a record.
///
/// A file of JSON: `{"keys":[{"algorithm":"ed25519","id":…,"lane":…,"origin":"measured","publicKey":base64}]}`.
public struct TrustFile: Hashable, Sendable {
    /// The keys, in the order of enrolment.
    public private(set) var keys: [TrustedKey]

    /// A trust file in memory.
    ///
    /// - Throws: ``TrustFileError/enrolledTwice(id:)``.
    public init(_ keys: [TrustedKey] = []) throws(TrustFileError) {
        self.keys = []
        for key in keys { try enrol(key) }
    }

    /// The key with a fingerprint.
    public func key(id: String) -> TrustedKey? { keys.first { $0.id == id } }

    /// Adds a key. Enrolling the same key again for the same lane and origin changes nothing.
    ///
    /// - Throws: ``TrustFileError/enrolledTwice(id:)`` if the key is there for another lane or origin.
    public mutating func enrol(_ key: TrustedKey) throws(TrustFileError) {
        if let existing = self.key(id: key.id) {
            guard existing == key else { throw .enrolledTwice(id: key.id) }
            return
        }
        keys.append(key)
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
        try self.init()
        for (index, element) in elements.enumerated() {
            try enrol(Self.key(element, at: "keys[\(index)]"))
        }
    }

    /// Writes the file, in place of the one that may be there, so that a power loss leaves either.
    ///
    /// - Throws: ``TrustFileError/unwritable(path:detail:)``.
    public func write(to path: String) throws(TrustFileError) {
        let keys = keys.map { key in
            JSONValue.object([
                "algorithm": .string(key.algorithm.rawValue), "id": .string(key.id), "lane": .string(key.lane),
                "origin": .string(key.origin.rawValue),
                "publicKey": .string(Data(key.publicKey).base64EncodedString()),
            ])
        }
        do {
            // There are no numbers and few levels, so there is always a canonical form.
            let bytes = try JSONValue.object(["keys": .array(keys)]).canonicalBytes()
            try DurableFile.replace(bytes + [0x0A], at: path, mode: 0o644)
        } catch let failure as DurableFile.Failure {
            throw .unwritable(path: path, detail: failure.words)
        } catch {
            throw .unwritable(path: path, detail: "\(error)")
        }
    }

    private static func key(_ value: JSONValue, at place: String) throws(TrustFileError) -> TrustedKey {
        func text(_ name: String) throws(TrustFileError) -> String {
            guard let text = value[name]?.text, !text.isEmpty else {
                throw .malformed(place: "\(place).\(name)", reason: Message(.expectedText))
            }
            return text
        }
        func choice<Choice: RawRepresentable & CaseIterable>(_ name: String) throws(TrustFileError) -> Choice
        where Choice.RawValue == String {
            let word = try text(name)
            guard let choice = Choice(rawValue: word) else {
                let known = Choice.allCases.map(\.rawValue).joined(separator: ", ")
                throw .malformed(
                    place: "\(place).\(name)", reason: Message(.evidenceExpectedOneOf, ["known": .text(known)]))
            }
            return choice
        }
        guard let publicKey = decodeBase64(try text("publicKey")), publicKey.count == 32 else {
            throw .malformed(place: "\(place).publicKey", reason: Message(.evidenceExpectedPublicKey))
        }
        let key = TrustedKey(
            algorithm: try choice("algorithm"), lane: try text("lane"), origin: try choice("origin"),
            publicKey: publicKey)
        guard try text("id") == key.id else {
            throw .malformed(place: "\(place).id", reason: Message(.evidenceExpectedFingerprint, ["id": .text(key.id)]))
        }
        return key
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
