import Evidence
import Foundation
import Testing

/// Random damage to everything that is read from outside: whatever comes, the answer is a finding with a place.
@Suite("Damaged files")
struct FuzzTests {
    static let seed: UInt64 = 20_261_121

    /// Bytes with some of them flipped, taken out, put in, repeated or cut off.
    private func damaged(_ original: [UInt8], _ generator: inout SeededGenerator) -> [UInt8] {
        var bytes = original
        for _ in 0...Int.random(in: 0..<4, using: &generator) {
            guard !bytes.isEmpty else { return bytes }
            let index = Int.random(in: bytes.indices, using: &generator)
            switch Int.random(in: 0..<6, using: &generator) {
            case 0: bytes[index] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
            case 1: bytes[index] = .random(in: .min ... .max, using: &generator)
            case 2: bytes.remove(at: index)
            case 3: bytes.insert(.random(in: .min ... .max, using: &generator), at: index)
            case 4: bytes.removeSubrange(index...)
            default:
                let end = min(bytes.count, index + Int.random(in: 1..<40, using: &generator))
                bytes.insert(contentsOf: bytes[index..<end], at: index)
            }
        }
        return bytes
    }

    @Test("Envelopes, payloads, statements, proofs, trust files and keys are refused with a place, and nothing crashes")
    func damage() throws {
        var lane = try VectorLane()
        let trust = try lane.trust()
        let trustBytes = try trust.bytes()
        let verifier = Verifier(trust: trust, requiring: [.ed25519, .sm2])
        let record = try lane.seal()
        let digests = [record.payloadDigest, try lane.seal().payloadDigest, try lane.seal().payloadDigest]
        let proof = try ChainProof(lane: lane.name, digests: digests, counter: 2, size: 3)?.bytes() ?? []
        let request = try KeyEnrolment.sealed(
            lane.signers.map(\.key), lane: lane.name, origin: .measured, at: "2026-11-21T14:30:29Z"
        ).bytes
        let statements = try Self.statements(of: lane, over: digests)
        var generator = SeededGenerator(seed: Self.seed)
        var counts: [String: (refused: Int, taken: Int)] = [:]
        func note(_ what: String, _ places: [String]) {
            #expect(!places.contains(""), "\(what), seed \(Self.seed)")
            counts[what, default: (0, 0)].refused += places.isEmpty ? 0 : 1
            counts[what, default: (0, 0)].taken += places.isEmpty ? 1 : 0
        }
        for _ in 0..<1_500 {
            let envelope = damaged(record.bytes, &generator)
            note(
                "envelope",
                verifier.verify(envelope, attachments: { VectorLane.files[$0] }).findings.map(\.place))
            if envelope != record.bytes {
                #expect(!verifier.verify(envelope, attachments: { VectorLane.files[$0] }).isValid)
            }
            // Damage under a good seal reaches the code behind the signatures.
            let payload = damaged(record.payload, &generator)
            let resealed = try lane.envelope(payload, by: [lane.signers[0]])
            note(
                "payload",
                verifier.verify(resealed.bytes, attachments: { VectorLane.files[$0] }).findings.map(\.place))
            note("statement", KeyEnrolment.verify(damaged(request, &generator)).findings.map(\.place))
            for statement in statements {
                let bytes = damaged(statement.bytes, &generator)
                note(statement.name, statement.verify(bytes, trust).map(\.place))
                // Under a good seal, too: only what the lane itself signed wrongly gets that far.
                let content = damaged(statement.payload, &generator)
                let again = try lane.envelope(content, type: .statement, by: [lane.signers[0]])
                note("sealed \(statement.name)", statement.verify(again.bytes, trust).map(\.place))
            }
            do {
                _ = try JSONValue(parsing: damaged(record.payload, &generator))
                note("JSON", [])
            } catch {
                note("JSON", ["\(error)"])
            }
            note("proof", ChainProof.read(damaged(proof, &generator)).findings.map(\.place))
            do {
                _ = try TrustFile(parsing: damaged(trustBytes, &generator))
                note("trust file", [])
            } catch {
                if case .malformed(let place, _) = error {
                    note("trust file", [place])
                } else {
                    note("trust file", ["–"])
                }
            }
        }
        for (what, count) in counts.sorted(by: { $0.key < $1.key }) {
            print("damaged \(what): \(count.refused) refused, \(count.taken) taken, seed \(Self.seed)")
        }
        #expect(counts.count == 14)
        #expect(counts.values.allSatisfy { $0.refused > 500 })
    }

    /// A kind of statement, good, and how it is judged.
    private struct Statement {
        let name: String
        let bytes: [UInt8]
        let payload: [UInt8]
        let verify: ([UInt8], TrustFile) -> [Finding]

        init(_ name: String, _ envelope: Envelope, _ verify: @escaping ([UInt8], TrustFile) -> [Finding]) {
            self.name = name
            (bytes, payload) = (envelope.bytes, envelope.payload)
            self.verify = verify
        }
    }

    private static func statements(of lane: VectorLane, over digests: [Digest]) throws -> [Statement] {
        func header(_ kind: StatementKind, epoch: Int = 1) -> StatementHeader {
            StatementHeader(
                kind, lane: lane.name, epoch: epoch, origin: lane.origin, signing: lane.signing,
                at: "2026-11-21T14:30:29Z")
        }
        let keys = lane.signers.map(\.key)
        let opening = EpochOpening(header: header(.epoch, epoch: 2), after: 3, head: digests[2], reason: "主板更换")
        let head = try #require(TreeHead(digests, day: "2026-11-21", header: header(.treeHead)))
        let state = LaneState(header: header(.laneState), parts: ["software.version": "1", "lane": lane.name])
        let order = AuthorityOrder(header: header(.authorityOrder), number: 1, action: .lock, reason: "检查")
        return [
            Statement("opening", try opening.sealed(with: keys)) {
                Verifier(trust: $1).verifyEpochOpening($0).findings
            },
            Statement("root", try head.sealed(with: keys)) { Verifier(trust: $1).verifyTreeHead($0).findings },
            Statement("state", try state.sealed(head: digests[2], counter: 3, with: keys)) {
                LaneState.verify($0, trust: $1, allowSimulated: false).findings
            },
            Statement("order", try order.sealed(with: keys)) {
                AuthorityOrder.verify($0, authority: $1, lane: lane.name, origin: lane.origin).findings
            },
        ]
    }

    @Test("Damaged key registers are refused at their place")
    func registers() throws {
        var generator = SeededGenerator(seed: Self.seed)
        var (refused, taken) = (0, 0)
        try withTemporaryDirectory { parent in
            let directory = parent + "/keys"
            var register = try KeyRegister(directory: directory)
            _ = try register.loadOrCreate(
                lane: "L", origin: .measured, SignatureAlgorithm.allCases, at: "2026-11-21T14:30:29Z")
            let path = "\(directory)/\(KeyRegister.fileName)"
            let good = Array(try #require(FileManager.default.contents(atPath: path)))
            for _ in 0..<1_000 {
                try Data(damaged(good, &generator)).write(to: URL(fileURLWithPath: path))
                do {
                    _ = try KeyRegister(directory: directory)
                    taken += 1
                } catch KeyRegisterError.malformed(_, let place, _) {
                    #expect(!place.isEmpty, "seed \(Self.seed)")
                    refused += 1
                }
            }
        }
        print("damaged registers: \(refused) refused, \(taken) taken, seed \(Self.seed)")
        #expect(refused > 500)
    }

    @Test("Damaged private keys are refused")
    func keys() throws {
        var generator = SeededGenerator(seed: Self.seed)
        try withTemporaryDirectory { directory in
            for algorithm in SignatureAlgorithm.allCases {
                let key = try SigningKey.loadOrCreate(in: directory, origin: .measured, algorithm: algorithm)
                let path = "\(directory)/\(SigningKey.fileName(for: .measured, algorithm))"
                let good = Array(try #require(FileManager.default.contents(atPath: path)))
                for _ in 0..<200 {
                    try Data(damaged(good, &generator)).write(to: URL(fileURLWithPath: path))
                    // Ed25519 takes any 32 bytes, so that a changed key may be another one, but never the same.
                    if let read = try? SigningKey.load(from: directory, origin: .measured, algorithm: algorithm) {
                        let content = FileManager.default.contents(atPath: path).map(Array.init)
                        #expect((read.id == key.id) == (content == good))
                    }
                }
            }
        }
    }
}
