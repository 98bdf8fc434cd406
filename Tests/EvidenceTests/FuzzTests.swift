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
        #expect(counts.count == 5)
        #expect(counts.values.allSatisfy { $0.refused > 500 })
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
