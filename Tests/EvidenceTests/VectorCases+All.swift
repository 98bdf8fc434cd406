import Evidence
import Foundation

extension VectorCase {
    /// All vectors, good ones first.
    static func all() throws -> [VectorCase] {
        try records() + envelopes() + payloads() + attachments() + keys() + chains() + epochs() + trees() + trustFiles()
            + audits()
    }

    private static func replaced(_ envelope: Envelope, _ pattern: String, _ replacement: String) -> [UInt8] {
        bytes(
            text(envelope.bytes).replacingOccurrences(of: pattern, with: replacement, options: .regularExpression))
    }

    private static let bad = "envelope.signatures[0].sig: evidence.signature-bad"

    private static func records() throws -> [VectorCase] {
        let lane = try VectorLane()
        let good = try lane.envelope(lane.payload())
        let stranger = try VectorLane.Signer(.ed25519, VectorLane.strangerSecret)
        let changed = bytes(text(good.payload).replacing("0.10", with: "0.09"))
        let narrowed = bytes(text(good.payload).replacing("[\"ed25519\",\"sm2\"]", with: "[\"ed25519\"]"))
        func only(_ algorithm: SignatureAlgorithm) -> [Envelope.Signature] {
            let id = lane.signers.first { $0.key.algorithm == algorithm }?.key.id
            return good.signatures.filter { $0.keyID == id }
        }
        func spoilt(_ algorithm: SignatureAlgorithm) -> Envelope {
            let id = only(algorithm)[0].keyID
            return Envelope(
                payload: good.payload,
                signatures: good.signatures.map { signature in
                    var bytes = signature.bytes
                    if signature.keyID == id { bytes[20] ^= 1 }
                    return Envelope.Signature(keyID: signature.keyID, bytes: bytes)
                })
        }
        let places = Dictionary(uniqueKeysWithValues: good.signatures.enumerated().map { ($1.keyID, $0) })
        func place(_ algorithm: SignatureAlgorithm) -> String {
            "envelope.signatures[\(places[only(algorithm)[0].keyID] ?? 9)]"
        }
        let foreign = try lane.envelope(good.payload, by: [stranger])
        return [
            VectorCase(name: "good", what: "a record as it was sealed", subject: .record(good), first: nil),
            VectorCase(
                name: "payload-changed", what: "a value in the payload was changed",
                subject: .record(Envelope(payload: changed, signatures: good.signatures)), first: bad),
            VectorCase(
                name: "ed25519-changed", what: "one bit of the Ed25519 signature was flipped",
                subject: .record(spoilt(.ed25519)), first: "\(place(.ed25519)).sig: evidence.signature-bad"),
            VectorCase(
                name: "sm2-changed", what: "one bit of the SM2 signature was flipped",
                subject: .record(spoilt(.sm2)), first: "\(place(.sm2)).sig: evidence.signature-bad"),
            VectorCase(
                name: "ed25519-stripped", what: "the Ed25519 signature was taken away",
                subject: .record(Envelope(payload: good.payload, signatures: only(.sm2))),
                first: "envelope.signatures: evidence.signature-missing"),
            VectorCase(
                name: "sm2-stripped", what: "the SM2 signature was taken away",
                subject: .record(Envelope(payload: good.payload, signatures: only(.ed25519))),
                first: "envelope.signatures: evidence.signature-missing"),
            VectorCase(
                name: "sm2-stripped-and-unnamed", what: "SM2 was taken out of the payload, too",
                subject: .record(Envelope(payload: narrowed, signatures: only(.ed25519))),
                first: "payload.attachments[0].sm3: evidence.member-invalid"),
            VectorCase(
                name: "all-signatures-stripped", what: "every signature was taken away",
                subject: .record(Envelope(payload: good.payload, signatures: [])),
                first: "envelope.signatures: evidence.no-signatures"),
            VectorCase(
                name: "signed-by-stranger", what: "a stranger signed the payload again", subject: .record(foreign),
                first: "envelope.signatures[0].keyid: evidence.key-unknown"),
            VectorCase(
                name: "stranger-under-lane-id", what: "a stranger's signature under the lane's key id",
                subject: .record(
                    Envelope(
                        payload: good.payload,
                        signatures: [
                            .init(keyID: lane.signers[0].key.id, bytes: foreign.signatures[0].bytes)
                        ])), first: bad),
            VectorCase(
                name: "stranger-beside", what: "a stranger signed beside the lane",
                subject: .record(
                    Envelope(payload: good.payload, signatures: good.signatures + foreign.signatures)),
                first: try strangerPlace(good, foreign)),
            VectorCase(
                name: "sm2-empty-identity", what: "SM2 with the empty identity that libcrypto takes by default",
                subject: .record(try lane.envelope(good.payload, identity: [])),
                first: "\(place(.sm2)).sig: evidence.signature-bad"),
        ]
    }

    private static func strangerPlace(_ good: Envelope, _ foreign: Envelope) throws -> String {
        let ids = (good.signatures + foreign.signatures).map(\.keyID).sorted()
        let index = ids.firstIndex(of: foreign.signatures[0].keyID) ?? 9
        return "envelope.signatures[\(index)].keyid: evidence.key-unknown"
    }

    private static func envelopes() throws -> [VectorCase] {
        let lane = try VectorLane()
        let good = try lane.envelope(lane.payload())
        func spelt(_ name: String, _ what: String, _ pattern: String, _ by: String, _ first: String) -> VectorCase {
            VectorCase(name: name, what: what, subject: .bytes(replaced(good, pattern, by)), first: first)
        }
        let statement = try lane.envelope(good.payload, type: .statement)
        return [
            spelt("white-space", "a space within the envelope", ":\\[", ": [", "envelope: evidence.not-canonical"),
            spelt("line-feed", "a line feed after the envelope", "$", "\n", "envelope: evidence.not-canonical"),
            spelt(
                "escape", "a letter written as an escape", "Type", "\\\\u0054ype", "envelope: evidence.not-canonical"),
            spelt("member-too-many", "an unknown member", "\\}$", ",\"z\":1}", "envelope: evidence.member-unknown"),
            spelt(
                "member-twice", "a member that stands twice", "^\\{", "{\"payload\":\"\",",
                "envelope: evidence.not-json"),
            spelt(
                "member-missing", "a signature without a key id", "\"keyid\":\"[0-9a-f]*\",", "",
                "envelope.signatures[0]: evidence.member-missing"),
            spelt(
                "base64-unpadded", "base64 without padding", "==(?=\"\\},)", "",
                "envelope.signatures[0].sig: evidence.base64"),
            spelt(
                "base64-url", "base64 of the other alphabet", "(?<=\"sig\":\")...", "--_",
                "envelope.signatures[0].sig: evidence.base64"),
            spelt(
                "key-id-upper-case", "a key id in capital letters", "(?<=\"keyid\":\")...", "ABC",
                "envelope.signatures[0].keyid: evidence.key-id-malformed"),
            spelt(
                "signature-twice", "the same signature twice", "\\[(\\{.*?\\}),", "[$1,$1,",
                "envelope.signatures[1].keyid: evidence.signature-order"),
            spelt(
                "signatures-swapped", "signatures out of order", "\\[(\\{.*?\\}),(\\{.*?\\})\\]", "[$2,$1]",
                "envelope.signatures[1].keyid: evidence.signature-order"),
            spelt("cut-short", "an envelope that ends early", ".{40}$", "", "envelope: evidence.not-json"),
            VectorCase(
                name: "type-changed", what: "a record under the type of a statement",
                subject: .record(statement), first: "envelope.payloadType: evidence.payload-type"),
            VectorCase(
                name: "empty", what: "no bytes at all", subject: .bytes([]), first: "envelope: evidence.not-json"),
        ]
    }

    private static func payloads() throws -> [VectorCase] {
        let lane = try VectorLane()
        func sealed(_ name: String, _ what: String, _ first: String, _ change: (inout JSONObject) -> Void) throws
            -> VectorCase
        {
            VectorCase(
                name: name, what: what, subject: .record(try lane.envelope(lane.payload(change))), first: first)
        }
        func raw(_ name: String, _ what: String, _ first: String, _ payload: [UInt8]) throws -> VectorCase {
            VectorCase(name: name, what: what, subject: .record(try lane.envelope(payload)), first: first)
        }
        let good = try lane.payload()
        return [
            try raw(
                "payload-white-space", "a signed payload with a space", "payload: evidence.not-canonical",
                bytes("{ ") + good.dropFirst()),
            try raw(
                "payload-name-twice", "a signed payload with a name twice", "payload: evidence.not-json",
                bytes("{\"counter\":2,") + good.dropFirst()),
            try raw(
                "payload-not-utf8", "a signed payload that is not UTF-8", "payload: evidence.not-json",
                good.map { $0 == 0xE6 ? 0xFF : $0 }),
            try raw(
                "payload-lone-surrogate", "half of a surrogate pair", "payload: evidence.not-json",
                bytes(text(good).replacing("🚗", with: "\\ud83d"))),
            try raw(
                "payload-big-number", "a whole number beyond 2^53", "payload: evidence.not-json",
                bytes(text(good).replacing("\"counter\":1", with: "\"counter\":9007199254740993"))),
            try raw("payload-list", "a payload that is a list", "payload: evidence.not-an-object", bytes("[]")),
            try sealed("schema-other", "another schema", "payload.schema: evidence.schema-unknown") {
                $0["schema"] = "laneagent.record/9"
            },
            try sealed("counter-zero", "a record with the number 0", "payload.counter: evidence.member-invalid") {
                $0["counter"] = 0
            },
            try sealed(
                "first-with-previous", "a first record that follows another",
                "payload.previous: evidence.member-invalid"
            ) {
                $0["previous"] = .string(Digest(of: []).description)
            },
            try sealed("origin-other", "an unknown origin", "payload.origin: evidence.member-invalid") {
                $0["origin"] = "dreamt"
            },
            try sealed("epoch-missing", "a record without epoch", "payload.epoch: evidence.member-invalid") {
                $0["epoch"] = nil
            },
            try sealed("lane-missing", "a record of no lane", "payload.lane.id: evidence.member-invalid") {
                $0["lane"] = [:]
            },
            try sealed("signing-empty", "a record that names no algorithm", "payload.signing: evidence.member-invalid")
            {
                $0["signing"] = []
            },
            try sealed(
                "signing-unknown", "a record that names an unknown algorithm",
                "payload.signing[1]: evidence.member-invalid"
            ) { $0["signing"] = ["ed25519", "rot13"] },
            try sealed(
                "attachment-path", "an attachment whose name is a path",
                "payload.attachments[0].name: evidence.member-invalid"
            ) {
                $0["attachments"] = [
                    .object(AttachmentReference(name: "../frames", content: [], signing: lane.signing).object)
                ]
            },
            try sealed(
                "attachment-without-sm3", "an SM2 record without SM3 digests",
                "payload.attachments[0].sm3: evidence.member-invalid"
            ) {
                $0["attachments"] = [.object(AttachmentReference(name: "x", content: []).object)]
            },
        ]
    }

    private static func attachments() throws -> [VectorCase] {
        let lane = try VectorLane()
        let good = try lane.envelope(lane.payload())
        func with(_ name: String, _ what: String, _ files: [String: [UInt8]], _ first: String) -> VectorCase {
            VectorCase(name: name, what: what, subject: .record(good), first: first, files: files)
        }
        var (changed, short, lacking, swapped) = (
            VectorLane.files, VectorLane.files, VectorLane.files, VectorLane.files
        )
        changed["frames.jsonl"]?[10] ^= 1
        short["frames.jsonl"]?.removeLast()
        lacking["pack-VECTOR.yaml"] = nil
        swapped = ["frames.jsonl": VectorLane.pack, "pack-VECTOR.yaml": VectorLane.frames]
        let wrong = try lane.envelope(
            lane.payload {
                let reference = AttachmentReference(name: "frames.jsonl", content: VectorLane.frames)
                $0["attachments"] = [
                    .object(
                        AttachmentReference(
                            name: reference.name, digest: reference.digest, size: reference.size,
                            sm3: Digest(of: [], .sm3)
                        ).object)
                ]
            })
        return [
            with(
                "attachment-changed", "a bit of the frames was flipped", changed,
                "attachment frames.jsonl: evidence.attachment-digest"),
            with(
                "attachment-short", "the frames lack a byte", short, "attachment frames.jsonl: evidence.attachment-size"
            ),
            with(
                "attachment-missing", "the pack is missing", lacking,
                "attachment pack-VECTOR.yaml: evidence.attachment-missing"),
            with(
                "attachments-swapped", "frames and pack change names", swapped,
                "attachment frames.jsonl: evidence.attachment-size"),
            VectorCase(
                name: "attachment-other-sm3", what: "an SM3 digest that is not the frames'", subject: .record(wrong),
                first: "attachment frames.jsonl: evidence.attachment-digest"),
        ]
    }

    private static func keys() throws -> [VectorCase] {
        let lane = try VectorLane()
        let good = try lane.envelope(lane.payload())
        var simulated = lane
        simulated.signers = [
            try .init(.ed25519, VectorLane.strangerSecret, .simulated), try .init(.sm2, SM2Tests.secret, .simulated),
        ]
        let dream = try simulated.envelope(simulated.payload())
        let dreamTrust = try simulated.trust().bytes()
        let claim = try simulated.envelope(simulated.payload { $0["origin"] = "measured" })
        var plain = lane
        plain.signers.removeLast()
        let single = try plain.envelope(plain.payload())
        var revoked = try lane.trust()
        for signer in lane.signers {
            _ = revoked.revoke(
                id: signer.key.id,
                KeyRevocation(fromCounter: 1, at: "2026-11-20T00:00:00Z", reason: "stolen"))
        }
        func trusted(_ name: String, _ what: String, _ trust: TrustFile, _ code: String) throws -> VectorCase {
            VectorCase(
                name: name, what: what, subject: .record(good),
                first: "envelope.signatures[0].keyid: evidence.\(code)", trust: try trust.bytes())
        }
        return [
            VectorCase(
                name: "simulated", what: "a record of a simulated lane", subject: .record(dream),
                first: "payload.origin: evidence.simulated", trust: dreamTrust),
            VectorCase(
                name: "simulated-allowed", what: "the same, where simulation is allowed", subject: .record(dream),
                first: nil, trust: dreamTrust, allowSimulated: true),
            VectorCase(
                name: "simulated-as-measured", what: "a simulated lane that claims to have measured",
                subject: .record(claim), first: "envelope.signatures[0].keyid: evidence.key-of-other-origin",
                trust: dreamTrust, allowSimulated: true),
            VectorCase(
                name: "ed25519-alone", what: "a record that promises Ed25519 alone", subject: .record(single),
                first: nil),
            VectorCase(
                name: "sm2-demanded", what: "the same, where SM2 is demanded", subject: .record(single),
                first: "envelope.signatures: evidence.signature-required", required: [.ed25519, .sm2]),
            try trusted("other-lane", "a key of another lane", lane.trust(lane: "OTHER"), "key-of-other-lane"),
            try trusted(
                "other-epoch", "a key of another epoch", lane.trust(validity: .init(epoch: 2)), "key-of-other-epoch"),
            try trusted(
                "key-too-new", "a key that begins with record 2", lane.trust(validity: .init(fromCounter: 2)),
                "key-not-yet-valid"),
            try trusted(
                "key-too-old", "a key that had ended by then",
                lane.trust(validity: .init(notAfter: "2026-11-21T01:29:59Z")), "key-no-longer-valid"),
            try trusted("key-revoked", "a key that was revoked", revoked, "key-revoked"),
        ]
    }
}
