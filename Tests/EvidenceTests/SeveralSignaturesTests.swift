import Evidence
import Messages
import Testing

@Suite("Records with several signatures")
struct SeveralSignaturesTests {
    private func findings(
        _ envelope: [UInt8], _ trust: TrustFile, requiring required: [SignatureAlgorithm] = []
    ) -> [String] {
        Verifier(trust: trust, requiring: required).verify(envelope, attachments: attachments).findings
            .map { "\($0.place): \($0.message.code.rawValue)" }
    }

    @Test("A record carries a signature of each algorithm that it names, and SM3 digests of its attachments")
    func both() throws {
        var lane = try SampleLane.withBothAlgorithms()
        let envelope = try lane.seal()
        let report = Verifier(trust: try lane.trust, requiring: [.ed25519, .sm2])
            .verify(envelope, attachments: attachments, expecting: .first)
        #expect(report.findings == [])
        #expect(Set(report.signers.map(\.algorithm)) == [.ed25519, .sm2])
        #expect(report.header?.attachments.first?.sm3 == Digest(of: SampleLane.frames, .sm3))
    }

    @Test(
        "A stripped signature is found, whichever it is, from the payload alone", arguments: SignatureAlgorithm.allCases
    )
    func stripped(algorithm: SignatureAlgorithm) throws {
        var lane = try SampleLane.withBothAlgorithms()
        let envelope = try Envelope(parsing: lane.seal())
        let id = try #require(lane.keys.first { $0.algorithm == algorithm }).id
        let rest = Envelope(payload: envelope.payload, signatures: envelope.signatures.filter { $0.keyID != id })
        let report = Verifier(trust: try lane.trust).verify(rest.bytes, attachments: attachments)
        #expect(
            report.findings.map(\.message) == [
                Message(.evidenceSignatureMissing, ["algorithm": .text(algorithm.rawValue)])
            ])
        #expect(report.findings.first?.place == "envelope.signatures")
    }

    @Test("A record that never promised a signature is refused by a verifier that demands it")
    func demanded() throws {
        var lane = SampleLane()
        let envelope = try lane.seal()
        #expect(findings(envelope, try lane.trust) == [])
        #expect(findings(envelope, try lane.trust, requiring: [.ed25519]) == [])
        #expect(
            findings(envelope, try lane.trust, requiring: [.ed25519, .sm2])
                == ["envelope.signatures: evidence.signature-required"])
    }

    @Test("A signature that the payload does not name is refused")
    func unnamed() throws {
        let lane = try SampleLane.withBothAlgorithms()
        let envelope = try Envelope(
            payload: lane.payload {
                $0["signing"] = ["ed25519"]
                let plain = AttachmentReference(name: "frames.jsonl", content: SampleLane.frames)
                $0["attachments"] = [.object(plain.object)]
            }, signedWith: lane.keys)
        let index = try #require(envelope.signatures.firstIndex { $0.keyID == lane.others[0].id })
        #expect(
            findings(envelope.bytes, try lane.trust)
                == ["envelope.signatures[\(index)].keyid: evidence.signature-unnamed"])
    }

    @Test("SM3 digests stand exactly where SM2 signs, and are checked")
    func sm3Digests() throws {
        let both = try SampleLane.withBothAlgorithms()
        let plain = SampleLane()
        let withOut = AttachmentReference(name: "frames.jsonl", content: SampleLane.frames)
        let with = AttachmentReference(name: "frames.jsonl", content: SampleLane.frames, signing: [.sm2])
        let wrong = AttachmentReference(
            name: with.name, digest: with.digest, size: with.size, sm3: Digest(of: [], .sm3))
        for (lane, reference, expected) in [
            (both, withOut, "payload.attachments[0].sm3: evidence.member-invalid"),
            (plain, with, "payload.attachments[0].sm3: evidence.member-invalid"),
            (both, wrong, "attachment frames.jsonl: evidence.attachment-digest"),
        ] {
            var lane = lane
            let envelope = try lane.seal { $0["attachments"] = [.object(reference.object)] }
            #expect(findings(envelope, try lane.trust) == [expected])
        }
    }

    @Test("Every single bit of an envelope with both signatures that is flipped is found, with a place")
    func everyBit() throws {
        var lane = try SampleLane.withBothAlgorithms()
        let good = try lane.seal()
        let verifier = Verifier(trust: try lane.trust)
        #expect(verifier.verify(good, attachments: attachments).isValid)
        for index in good.indices {
            for bit in 0..<8 {
                var spoilt = good
                spoilt[index] ^= 1 << bit
                let findings = verifier.verify(spoilt, attachments: attachments).findings
                if findings.isEmpty || findings.contains(where: \.place.isEmpty) {
                    Issue.record("bit \(bit) of byte \(index) went unnoticed or unplaced")
                }
            }
        }
    }

    @Test(
        "A key signs only within what it is enrolled for",
        arguments: [
            (KeyValidity(fromCounter: 2), MessageCode.evidenceKeyNotYetValid),
            (KeyValidity(throughCounter: 0), .evidenceKeyNoLongerValid),
            (KeyValidity(epoch: 2), .evidenceKeyOfOtherEpoch),
            (KeyValidity(notBefore: "2026-11-21T14:30:30Z"), .evidenceKeyNotYetValid),
            (KeyValidity(notAfter: "2026-11-21T22:30:28+08:00"), .evidenceKeyNoLongerValid),
        ])
    func validity(validity: KeyValidity, code: MessageCode) throws {
        var lane = SampleLane()
        let envelope = try lane.seal { $0["time"] = ["ended": "2026-11-21T22:30:29.5+08:00"] }
        #expect(
            findings(envelope, try TrustFile([TrustedKey(lane.key, lane: lane.name, validity: validity)]))
                == ["envelope.signatures[0].keyid: \(code.rawValue)"])
        let wide = KeyValidity(
            epoch: 1, fromCounter: 1, throughCounter: 1, notBefore: "2026-11-21T14:30:29Z",
            notAfter: "2026-11-21T14:30:29Z")
        #expect(findings(envelope, try TrustFile([TrustedKey(lane.key, lane: lane.name, validity: wide)])) == [])
    }

    @Test("A revoked key is believed for the records before its revocation and for none after")
    func revoked() throws {
        var lane = SampleLane()
        let records = [try lane.seal(), try lane.seal()]
        var trust = try lane.trust
        let revocation = KeyRevocation(fromCounter: 2, at: "2026-11-21T14:30:29Z", reason: "stolen")
        let (isKnown, isStranger) = (
            trust.revoke(id: lane.key.id, revocation), trust.revoke(id: "00", revocation)
        )
        #expect(isKnown)
        #expect(!isStranger)
        #expect(findings(records[0], trust) == [])
        #expect(findings(records[1], trust) == ["envelope.signatures[0].keyid: evidence.key-revoked"])
        // A later revocation does not give records back.
        _ = trust.revoke(id: lane.key.id, KeyRevocation(fromCounter: 9, at: revocation.at, reason: ""))
        #expect(trust.key(id: lane.key.id)?.revocation == revocation)
    }
}
