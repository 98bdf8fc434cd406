import Evidence
import Foundation

/// A lane whose keys are published, so that everything it signs comes out the same each time: the vectors in
/// `Tests/Verifier/vectors`. Its Ed25519 key is that of RFC 8032, test 1, its SM2 key that of GM/T 0003.5, Annex A;
/// nobody may ever enrol them.
struct VectorLane {
    static let ed25519Secret = hex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")
    /// RFC 8032, test 2: the stranger.
    static let strangerSecret = hex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb")
    static let identity = bytes("1234567812345678")

    /// A key of which the secret is at hand.
    struct Signer {
        let key: SigningKey
        let secret: [UInt8]

        init(_ algorithm: SignatureAlgorithm, _ secret: [UInt8], _ origin: RecordOrigin = .measured) throws {
            guard let key = SigningKey(origin: origin, algorithm: algorithm, secret: secret) else {
                throw FixedSM2.Failure()
            }
            self.key = key
            self.secret = secret
        }

        func signature(_ message: [UInt8], identity: [UInt8] = VectorLane.identity) throws -> Envelope.Signature {
            let bytes =
                switch key.algorithm {
                case .ed25519: try key.signature(for: message)
                case .sm2: try FixedSM2.signature(of: message, secret: secret, identity: identity)
                }
            return Envelope.Signature(keyID: key.id, bytes: bytes)
        }
    }

    static let frames = bytes("{\"n\":1,\"t\":100000000}\n{\"n\":2,\"t\":200000000}\n")
    static let pack = bytes("pack: {id: VECTOR}\n")
    static let files = ["frames.jsonl": frames, "pack-VECTOR.yaml": pack]

    var name = "VECTOR-1"
    var signers: [Signer]
    var epoch = 1
    var counter = 1
    var previous: Digest?

    init() throws { signers = [try Signer(.ed25519, Self.ed25519Secret), try Signer(.sm2, SM2Tests.secret)] }

    var origin: RecordOrigin { signers[0].key.origin }

    var signing: [SignatureAlgorithm] { signers.map(\.key.algorithm) }

    func trust(lane: String? = nil, validity: KeyValidity = KeyValidity()) throws -> TrustFile {
        try TrustFile(signers.map { TrustedKey($0.key, lane: lane ?? name, validity: validity) })
    }

    /// The next record's payload; `change` may spoil it before it is signed.
    func payload(_ change: (inout JSONObject) -> Void = { _ in }) throws -> [UInt8] {
        let header = RecordHeader(
            lane: name, epoch: epoch, counter: counter, previous: previous, origin: origin, signing: signing,
            attachments: Self.files.keys.sorted().map {
                AttachmentReference(name: $0, content: Self.files[$0] ?? [], signing: signing)
            })
        var object = header.object
        object["time"] = ["ended": .string("2026-11-2\(counter)T09:30:00.000+08:00")]
        object["result"] = ["verdict": "passed", "note": "怠速平稳 🚗", "items": [["value": "0.10", "limit": "0.50"]]]
        change(&object)
        return try JSONValue.object(object).canonicalBytes()
    }

    func envelope(
        _ payload: [UInt8], type: PayloadType = .record, identity: [UInt8] = identity, by signers: [Signer]? = nil
    ) throws -> Envelope {
        let message = Envelope.preAuthenticationEncoding(of: payload, type: type.rawValue)
        return Envelope(
            payload: payload, type: type,
            signatures: try (signers ?? self.signers).map { try $0.signature(message, identity: identity) })
    }

    /// Seals the next record.
    mutating func seal(_ change: (inout JSONObject) -> Void = { _ in }) throws -> Envelope {
        let envelope = try envelope(payload(change))
        counter += 1
        previous = envelope.payloadDigest
        return envelope
    }

    /// A statement signed with the lane's keys, or with others.
    func statement(_ members: JSONObject, by signers: [Signer]? = nil) throws -> Envelope {
        var payload: JSONObject = [
            "lane": .string(name), "epoch": .integer(Int64(epoch)), "origin": .string(origin.rawValue),
            "signing": .array(
                Set((signers ?? self.signers).map(\.key.algorithm.rawValue)).sorted().map(JSONValue.string)),
            "at": "2026-11-25T00:00:30+08:00",
        ]
        for member in members.all { payload[member.name] = member.value }
        return try envelope(JSONValue.object(payload).canonicalBytes(), type: .statement, by: signers)
    }
}
