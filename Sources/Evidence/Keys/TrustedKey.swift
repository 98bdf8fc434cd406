import Crypto
import Foundation
import Messages

/// The stretch of records and time that a key may sign.
///
/// Numbers bind, times do not: a record's number is held by the chain, its time is what the lane's clock said.
public struct KeyValidity: Hashable, Sendable {
    /// The only epoch of the lane's chain; nil for any.
    public var epoch: Int?
    /// The first record; nil for the lane's first.
    public var fromCounter: Int?
    /// The last record; nil for no end.
    public var throughCounter: Int?
    /// The earliest moment at which a test may end, RFC 3339.
    public var notBefore: String?
    /// The latest one.
    public var notAfter: String?

    /// A validity without bounds, or with some.
    public init(
        epoch: Int? = nil, fromCounter: Int? = nil, throughCounter: Int? = nil, notBefore: String? = nil,
        notAfter: String? = nil
    ) {
        self.epoch = epoch
        self.fromCounter = fromCounter
        self.throughCounter = throughCounter
        self.notBefore = notBefore
        self.notAfter = notAfter
    }
}

/// That a key is believed no more (密钥吊销).
public struct KeyRevocation: Hashable, Sendable {
    /// The first record that it is not believed for.
    public let fromCounter: Int
    /// When that was decided, RFC 3339.
    public let at: String
    /// Why, in a person's words.
    public let reason: String

    /// Creates a revocation.
    public init(fromCounter: Int, at: String, reason: String) {
        self.fromCounter = fromCounter
        self.at = at
        self.reason = reason
    }
}

/// A public key that someone enrolled: whose it is, and for what.
public struct TrustedKey: Hashable, Sendable {
    /// The algorithm.
    public let algorithm: SignatureAlgorithm
    /// The lane whose records it signs (检测线编号).
    public let lane: String
    /// The only origin of records that it signs.
    public let origin: RecordOrigin
    /// The raw public key: 32 bytes for Ed25519, and for SM2 the 65 of the uncompressed point.
    public let publicKey: [UInt8]
    /// What it may sign.
    public var validity: KeyValidity
    /// Set once it is believed no more.
    public var revocation: KeyRevocation?

    private let sm2: SM2Key?

    /// Enrols the public half of a key for a lane.
    public init(_ key: SigningKey, lane: String, validity: KeyValidity = KeyValidity()) {
        algorithm = key.algorithm
        self.lane = lane
        origin = key.origin
        publicKey = key.publicKey
        self.validity = validity
        sm2 = key.algorithm == .sm2 ? SM2Key(publicKey: key.publicKey) : nil
    }

    /// A key from its parts; nil if the bytes are no public key of the algorithm.
    public init?(
        algorithm: SignatureAlgorithm, lane: String, origin: RecordOrigin, publicKey: [UInt8],
        validity: KeyValidity = KeyValidity(), revocation: KeyRevocation? = nil
    ) {
        switch algorithm {
        case .ed25519:
            guard publicKey.count == 32 else { return nil }
            sm2 = nil
        case .sm2:
            guard let key = SM2Key(publicKey: publicKey) else { return nil }
            sm2 = key
        }
        self.algorithm = algorithm
        self.lane = lane
        self.origin = origin
        self.publicKey = publicKey
        self.validity = validity
        self.revocation = revocation
    }

    /// The fingerprint: the SHA-256 of the raw public key, 64 lower-case hexadecimal digits.
    public var id: String { Digest(of: publicKey).hexadecimalDigits }

    /// The fingerprint in sixteen groups of four, to be read out and compared.
    public var groupedID: String { Self.grouped(id) }

    /// Digits in groups of four.
    static func grouped(_ id: String) -> String {
        let digits = Array(id)
        return stride(from: 0, to: digits.count, by: 4)
            .map { String(digits[$0..<min($0 + 4, digits.count)]) }.joined(separator: " ")
    }

    /// The key as a PEM file that `openssl` reads.
    public var pem: [UInt8] { KeyFile.publicKey(algorithm, publicKey) }

    /// The key as a JSON Web Key (RFC 8037); nil for SM2, which has no registered form.
    public var webKey: JSONValue? {
        guard algorithm == .ed25519 else { return nil }
        let x = Data(publicKey).base64EncodedString().replacing("+", with: "-").replacing("/", with: "_")
        return ["kty": "OKP", "crv": "Ed25519", "kid": .string(id), "x": .string(String(x.prefix { $0 != "=" }))]
    }

    /// Whether a signature over a message was made with this key.
    public func isValid(_ signature: [UInt8], for message: [UInt8]) -> Bool {
        switch algorithm {
        case .ed25519:
            (try? Curve25519.Signing.PublicKey(rawRepresentation: publicKey))?
                .isValidSignature(signature, for: message) ?? false
        case .sm2: sm2?.isValid(signature, for: message) ?? false
        }
    }

    /// What keeps the key from signing a record of a number and time.
    ///
    /// - Parameters:
    ///   - epoch: the chain's epoch.
    ///   - counter: the record's number; nil for a statement, which no revoked key may make.
    ///   - moment: the time that the record states; nil if it states none.
    func objection(epoch: Int, counter: Int?, moment: String?) -> Message? {
        if let revocation, counter.map({ $0 >= revocation.fromCounter }) ?? true {
            return Message(
                .evidenceKeyRevoked, ["from": .integer(revocation.fromCounter), "reason": .text(revocation.reason)])
        }
        if let enrolled = validity.epoch, enrolled != epoch {
            return Message(.evidenceKeyOfOtherEpoch, ["enrolled": .integer(enrolled), "epoch": .integer(epoch)])
        }
        if let first = validity.fromCounter, let counter, counter < first {
            return Message(.evidenceKeyNotYetValid, ["from": .integer(first), "found": .integer(counter)])
        }
        if let last = validity.throughCounter, let counter, counter > last {
            return Message(.evidenceKeyNoLongerValid, ["until": .integer(last), "found": .integer(counter)])
        }
        let time = moment.flatMap { Timestamp($0) }
        if let first = validity.notBefore, time.map({ $0 < Timestamp(first) ?? $0 }) ?? true {
            return Message(.evidenceKeyNotYetValid, ["from": .text(first), "found": .text(moment ?? "–")])
        }
        if let last = validity.notAfter, time.map({ $0 > Timestamp(last) ?? $0 }) ?? true {
            return Message(.evidenceKeyNoLongerValid, ["until": .text(last), "found": .text(moment ?? "–")])
        }
        return nil
    }
}

extension TrustedKey {
    static let members: Set<String> = [
        "algorithm", "id", "lane", "origin", "publicKey", "epoch", "fromCounter", "throughCounter", "notBefore",
        "notAfter", "revoked",
    ]

    /// The key as trust files and statements hold it.
    public var object: JSONObject {
        var object: JSONObject = [
            "algorithm": .string(algorithm.rawValue), "id": .string(id), "lane": .string(lane),
            "origin": .string(origin.rawValue), "publicKey": .string(Data(publicKey).base64EncodedString()),
        ]
        object["epoch"] = validity.epoch.map { .integer(Int64($0)) }
        object["fromCounter"] = validity.fromCounter.map { .integer(Int64($0)) }
        object["throughCounter"] = validity.throughCounter.map { .integer(Int64($0)) }
        object["notBefore"] = validity.notBefore.map(JSONValue.string)
        object["notAfter"] = validity.notAfter.map(JSONValue.string)
        object["revoked"] = revocation.map {
            ["at": .string($0.at), "fromCounter": .integer(Int64($0.fromCounter)), "reason": .string($0.reason)]
        }
        return object
    }

    /// Reads a key strictly.
    ///
    /// - Returns: the key if nothing is wrong with it, and else what is.
    public static func read(_ value: JSONValue, at place: String) -> (key: TrustedKey?, findings: [Finding]) {
        var reader = MemberReader(value, at: place)
        reader.expect(only: members)
        let algorithm: SignatureAlgorithm? = reader.choice("algorithm")
        let lane = reader.text("lane")
        let origin: RecordOrigin? = reader.choice("origin")
        let publicKey = value["publicKey"]?.text.flatMap { decodeBase64($0) }
        let validity = KeyValidity(
            epoch: reader.optional("epoch") { $0.count($1) },
            fromCounter: reader.optional("fromCounter") { $0.count($1) },
            throughCounter: reader.optional("throughCounter") { $0.count($1, from: 0) },
            notBefore: reader.optional("notBefore") { $0.moment($1) },
            notAfter: reader.optional("notAfter") { $0.moment($1) })
        var revocation: KeyRevocation?
        if let revoked = value["revoked"] {
            var inner = MemberReader(revoked, at: "\(place).revoked")
            inner.expect(only: ["at", "fromCounter", "reason"])
            if let from = inner.count("fromCounter"), let at = inner.moment("at"), let reason = inner.text("reason") {
                revocation = KeyRevocation(fromCounter: from, at: at, reason: reason)
            }
            reader.adopt(inner.findings)
        }
        guard let algorithm, let lane, let origin else { return (nil, reader.findings) }
        guard let publicKey,
            let key = TrustedKey(
                algorithm: algorithm, lane: lane, origin: origin, publicKey: publicKey, validity: validity,
                revocation: revocation)
        else {
            reader.note("publicKey", .evidenceExpectedPublicKey)
            return (nil, reader.findings)
        }
        if let id = reader.fingerprint("id"), id != key.id {
            reader.note("id", .evidenceExpectedFingerprint, ["id": .text(key.id)])
        }
        return (reader.findings.isEmpty ? key : nil, reader.findings)
    }
}
