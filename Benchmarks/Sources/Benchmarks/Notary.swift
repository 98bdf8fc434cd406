import CReference
import Evidence

/// Makes and verifies a whole test's evidence, against libcrypto's digests and signatures over the same bytes.
enum Notary {
    static func run() async throws -> Findings {
        let vehicle = try DirtyVehicle()
        let instruments = try FinishedTest.instruments()
        let keys = try SignatureAlgorithm.allCases.map { try SigningKey(new: $0, origin: .simulated) }
        let verifier = Verifier(
            trust: try TrustFile(keys.map { TrustedKey($0, lane: "BENCHMARK") }), allowSimulated: true)
        guard let notary = reference_notary_open() else { throw NotMeasured("libcrypto makes no keys") }
        defer { reference_notary_close(notary) }
        var sealing = (ours: Samples(), reference: Samples())
        var verifying = (ours: Samples(), reference: Samples())
        for round in 0..<64 {
            let test = try FinishedTest(vehicle, seed: UInt64(round), station: "BENCHMARK", instruments: instruments)
            let record = try test.record()
            var start = monotonicSeconds()
            let files = record.attachments.map { AttachedFile(name: $0.name, bytes: $0.bytes) }
            let signed = try seal(record, files, keys)
            let sealed = monotonicSeconds() - start

            let contentsByName = Dictionary(uniqueKeysWithValues: files.map { ($0.name, $0.bytes) })
            start = monotonicSeconds()
            let report = verifier.verify(signed.envelopeBytes, attachments: { contentsByName[$0] })
            let verified = monotonicSeconds() - start
            guard report.isValid else { throw NotMeasured("the record does not verify: \(report.findings)") }

            let arena = Arena()
            let contents = files.map { arena.bytes($0.bytes) }
            let payload = arena.bytes(signed.envelope.payload)
            start = monotonicSeconds()
            guard reference_notary_seal(notary, contents, contents.count, payload) == 0 else {
                throw NotMeasured("libcrypto does not sign")
            }
            let signing = monotonicSeconds() - start
            start = monotonicSeconds()
            guard reference_notary_verify(notary, contents, contents.count, payload) == 0 else {
                throw NotMeasured("libcrypto does not verify")
            }
            let checking = monotonicSeconds() - start
            // The first rounds fill caches.
            if round < 4 { continue }
            sealing.ours.add(sealed * 1000)
            sealing.reference.add(signing * 1000)
            verifying.ours.add(verified * 1000)
            verifying.reference.add(checking * 1000)
        }
        return Findings(
            lines: [
                Line(
                    name: "evidence, made: digests, payload, signatures", unit: "ms", ours: sealing.ours,
                    reference: sealing.reference, requirement: .ratio(atMost: 1.5)),
                Line(
                    name: "evidence, verified with its attachments", unit: "ms", ours: verifying.ours,
                    reference: verifying.reference, requirement: .ratio(atMost: 1.3)),
            ],
            notes: ["reference: SHA-256 and SM3 of every attachment, Ed25519 and SM2 over the payload, by libcrypto"])
    }

    private static func seal(_ record: TestRecord, _ files: [AttachedFile], _ keys: [SigningKey]) throws -> SignedRecord
    {
        let signing = keys.map(\.algorithm)
        return try SignedRecord(
            payload: record.payload(
                lane: "BENCHMARK", station: "BENCHMARK", counter: 1, previous: nil, audit: nil, origin: .simulated,
                signing: signing, references: files.map { $0.reference(signing: signing) }),
            signedWith: keys)
    }
}
