import Evidence
import Foundation

extension VectorCase {
    static func chains() throws -> [VectorCase] {
        var lane = try VectorLane()
        var records: [Envelope] = []
        for _ in 0..<5 { records.append(try lane.seal()) }
        var branch = lane
        (branch.counter, branch.previous) = (3, records[1].payloadDigest)
        let forged = try branch.seal { $0["result"] = ["verdict": "passed"] }
        var elsewhere = lane
        elsewhere.name = "OTHER"
        var later = lane
        later.epoch = 2
        let both = try TrustFile(
            lane.signers.prefix(1).map { TrustedKey($0.key, lane: lane.name) }
                + [TrustedKey(try VectorLane.Signer(.ed25519, VectorLane.strangerSecret).key, lane: "OTHER")])
        elsewhere.signers = [try .init(.ed25519, VectorLane.strangerSecret)]
        var single = try VectorLane()
        single.signers.removeLast()
        var ours: [Envelope] = []
        for _ in 0..<2 { ours.append(try single.seal()) }
        elsewhere.counter = 3
        elsewhere.previous = ours[1].payloadDigest
        let stray = try elsewhere.seal()
        func chain(_ name: String, _ what: String, _ chain: [Envelope], _ first: String?, through: Int? = nil)
            -> VectorCase
        {
            VectorCase(name: name, what: what, subject: .chain(chain, through: through), first: first)
        }
        return [
            chain("chain-good", "five records", records, nil, through: 5),
            chain(
                "chain-gap", "the third record was taken out", [0, 1, 3, 4].map { records[$0] },
                "record 4 payload.counter: evidence.chain-gap"),
            chain(
                "chain-without-first", "the first record was taken out", Array(records.dropFirst()),
                "record 2 payload.counter: evidence.chain-gap"),
            chain(
                "chain-truncated", "the last record was taken off", Array(records.dropLast()),
                "record 5: evidence.chain-truncated", through: 5),
            chain(
                "chain-reordered", "records 2 and 3 change places", [0, 2, 1, 3, 4].map { records[$0] },
                "record 2 payload.counter: evidence.chain-order"),
            chain(
                "chain-fork", "a number was used again after a restore", Array(records[..<3]) + [forged],
                "record 3 payload.counter: evidence.chain-fork"),
            chain(
                "chain-repeated", "a record stands twice", [0, 1, 1, 2].map { records[$0] },
                "record 2 payload.counter: evidence.chain-repeated"),
            chain(
                "chain-broken", "the third record was made anew", Array(records[..<2]) + [forged] + records[3...],
                "record 4 payload.previous: evidence.chain-broken"),
            VectorCase(
                name: "chain-other-lane", what: "a record of another lane follows",
                subject: .chain(ours + [stray], through: nil),
                first: "record 3 payload.lane.id: evidence.chain-other-lane", trust: try both.bytes()),
            chain(
                "chain-other-epoch", "a record of another epoch follows", records + [try later.seal()],
                "record 6 payload.epoch: evidence.chain-other-epoch"),
        ]
    }

    static func trees() throws -> [VectorCase] {
        var lane = try VectorLane()
        var records: [Envelope] = []
        for _ in 0..<5 { records.append(try lane.seal()) }
        let digests = records.map(\.payloadDigest)
        func head(_ size: Int, by signers: [VectorLane.Signer]? = nil) throws -> Envelope {
            let root = MerkleTree(records: Array(digests[..<size])).root
            return try lane.statement(
                [
                    "schema": .string(StatementKind.treeHead.rawValue), "day": .string("2026-11-2\(size)"),
                    "size": .integer(Int64(size)), "root": .string(Digest(bytes: root)?.description ?? ""),
                    "head": .string(digests[size - 1].description),
                ], by: signers)
        }
        let heads = [try head(3), try head(5)]
        let stranger = try VectorLane.Signer(.ed25519, VectorLane.strangerSecret)
        let inclusion = try ChainProof(lane: lane.name, digests: digests, counter: 2, size: 5)?.bytes() ?? []
        let consistency = try ChainProof(lane: lane.name, digests: digests, older: 3, newer: 5)?.bytes() ?? []
        func turned(_ proof: [UInt8], _ pattern: String, _ by: String) -> [UInt8] {
            bytes(text(proof).replacingOccurrences(of: pattern, with: by, options: .regularExpression))
        }
        var forger = lane
        (forger.counter, forger.previous) = (3, digests[1])
        let forged = try forger.seal { $0["result"] = ["verdict": "passed"] }
        let old = lane.signers[0]
        let rotation: JSONObject = [
            "schema": .string(StatementKind.keyRotation.rawValue), "old": .string(old.key.id),
            "new": .object(TrustedKey(stranger.key, lane: lane.name, validity: .init(fromCounter: 6)).object),
        ]
        return [
            VectorCase(name: "head-good", what: "a day's signed root", subject: .head(heads[0]), first: nil),
            VectorCase(
                name: "head-by-stranger", what: "a root that a stranger signed",
                subject: .head(try head(3, by: [stranger])),
                first: "envelope.signatures[0].keyid: evidence.key-unknown"),
            VectorCase(
                name: "rooted-good", what: "records under their root", subject: .rooted(records, head: heads[1]),
                first: nil),
            VectorCase(
                name: "rooted-replaced", what: "a record that was replaced by the lane's own key",
                subject: .rooted(Array(records[..<2]) + [forged], head: heads[0]),
                first: "head 2026-11-23: evidence.root-differs"),
            VectorCase(
                name: "rooted-truncated", what: "fewer records than the root was over",
                subject: .rooted(Array(records[..<4]), head: heads[1]),
                first: "head 2026-11-25: evidence.chain-truncated"),
            VectorCase(
                name: "inclusion-good", what: "the proof of a record", subject: .proof(inclusion, heads: heads),
                first: nil),
            VectorCase(
                name: "inclusion-other-place", what: "the proof under another number",
                subject: .proof(turned(inclusion, "\"counter\":2", "\"counter\":3"), heads: heads),
                first: "proof.path: evidence.proof-wrong"),
            VectorCase(
                name: "inclusion-without-head", what: "a proof about a root that nobody has",
                subject: .proof(turned(inclusion, "\"size\":5", "\"size\":4"), heads: heads),
                first: "proof: evidence.head-lacking"),
            VectorCase(
                name: "consistency-good", what: "the proof of growth", subject: .proof(consistency, heads: heads),
                first: nil),
            VectorCase(
                name: "consistency-short", what: "a proof of growth without its last step",
                subject: .proof(turned(consistency, ",\"sha256:[0-9a-f]*\"\\]", "]"), heads: heads),
                first: "proof.path: evidence.proof-wrong"),
            VectorCase(
                name: "proof-member-too-many", what: "a proof with an unknown member",
                subject: .proof(turned(inclusion, "\\}$", ",\"x\":1}"), heads: heads),
                first: "proof: evidence.member-unknown"),
            VectorCase(
                name: "rotation-good", what: "a key takes over",
                subject: .rotation(try lane.statement(rotation, by: [old, stranger])), first: nil),
            VectorCase(
                name: "rotation-unpermitted", what: "a key takes over by its own word",
                subject: .rotation(try lane.statement(rotation, by: [stranger])),
                first: "envelope.signatures: evidence.statement-signer"),
        ]
    }

    static func trustFiles() throws -> [VectorCase] {
        let good = try VectorLane().trust().bytes()
        func changed(_ name: String, _ what: String, _ pattern: String, _ by: String, _ first: String) -> VectorCase {
            let content = text(good).replacingOccurrences(of: pattern, with: by, options: .regularExpression)
            return VectorCase(
                name: name, what: what, subject: .trust(bytes(content)), first: first, trust: bytes(content))
        }
        return [
            changed(
                "trust-lane-changed", "a key given to another lane", "VECTOR-1", "VECTOR-2",
                "trust digest: trust.digest"),
            changed(
                "trust-key-changed", "another public key under the old fingerprint", "\"publicKey\":\"1",
                "\"publicKey\":\"2",
                "trust keys[0].id: evidence.member-invalid"),
            changed(
                "trust-member-too-many", "a key with an unknown member", "\"lane\"", "\"x\":1,\"lane\"",
                "trust keys[0]: evidence.member-unknown"),
        ]
    }
}
