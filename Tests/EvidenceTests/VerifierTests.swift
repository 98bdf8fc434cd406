import Evidence
import Messages
import Testing

@Suite("Verification of one record")
struct VerifierTests {
    private func findings(
        _ envelope: [UInt8], trust: TrustFile, allowSimulated: Bool = false,
        attachments: (String) -> [UInt8]? = attachments, expecting: ChainPosition? = nil
    ) -> [String] {
        Verifier(trust: trust, allowSimulated: allowSimulated)
            .verify(envelope, attachments: attachments, expecting: expecting).findings
            .map { "\($0.place): \($0.message.code.rawValue)" }
    }

    @Test("A good record has no findings, and says who signed what")
    func goodRecord() throws {
        var lane = SampleLane()
        let envelope = try lane.seal()
        let report = Verifier(trust: try lane.trust).verify(envelope, attachments: attachments, expecting: .first)
        #expect(report.isValid)
        #expect(report.findings.isEmpty)
        #expect(report.header?.lane == "11010501-3")
        #expect(report.header?.counter == 1)
        #expect(report.signers.map(\.id) == [lane.key.id])
        #expect(report.payloadDigest == lane.previous)
        #expect(report.payload?["result"]?["verdict"]?.text == "passed")
    }

    @Test("Every single bit of an envelope that is flipped is found, with a place")
    func everyBitOfTheEnvelope() throws {
        var lane = SampleLane()
        let good = try lane.seal()
        let verifier = Verifier(trust: try lane.trust)
        #expect(verifier.verify(good, attachments: attachments).isValid)
        var flipped = 0
        for index in good.indices {
            for bit in 0..<8 {
                var spoilt = good
                spoilt[index] ^= 1 << bit
                let findings = verifier.verify(spoilt, attachments: attachments).findings
                if findings.isEmpty || findings.contains(where: \.place.isEmpty) {
                    Issue.record("bit \(bit) of byte \(index) went unnoticed or unplaced")
                }
                flipped += 1
            }
        }
        #expect(flipped == 8 * good.count)
        #expect(flipped > 5_000)
    }

    @Test("Every single bit of an attachment that is flipped is found, and so are lengths")
    func everyBitOfAnAttachment() throws {
        var lane = SampleLane()
        let envelope = try lane.seal()
        let trust = try lane.trust
        for index in SampleLane.frames.indices {
            for bit in 0..<8 {
                var spoilt = SampleLane.frames
                spoilt[index] ^= 1 << bit
                #expect(
                    findings(envelope, trust: trust, attachments: { _ in spoilt })
                        == ["attachment frames.jsonl: evidence.attachment-digest"])
            }
        }
        #expect(
            findings(envelope, trust: trust, attachments: { _ in SampleLane.frames.dropLast() + [] })
                == ["attachment frames.jsonl: evidence.attachment-size"])
        #expect(
            findings(envelope, trust: trust, attachments: { _ in nil })
                == ["attachment frames.jsonl: evidence.attachment-missing"])
    }

    @Test("A record that a stranger signed again is refused")
    func stranger() throws {
        var lane = SampleLane()
        let envelope = try Envelope(parsing: lane.seal())
        let stranger = SigningKey(origin: .measured)
        let again = try Envelope(payload: envelope.payload, signedWith: [stranger])
        #expect(
            findings(again.bytes, trust: try lane.trust) == [
                "envelope.signatures[0].keyid: evidence.key-unknown",
                "envelope.signatures: evidence.signature-missing",
            ])
        // Under the lane's name the stranger's signature is simply wrong.
        let forged = Envelope(
            payload: envelope.payload,
            signatures: [.init(keyID: lane.key.id, bytes: again.signatures[0].bytes)])
        #expect(
            findings(forged.bytes, trust: try lane.trust) == [
                "envelope.signatures[0].sig: evidence.signature-bad",
                "envelope.signatures: evidence.signature-missing",
            ])
        // A stranger beside the lane is one too many.
        let both = try Envelope(payload: envelope.payload, signedWith: [lane.key, stranger])
        let index = try #require(both.signatures.firstIndex { $0.keyID == stranger.id })
        #expect(
            findings(both.bytes, trust: try lane.trust) == [
                "envelope.signatures[\(index)].keyid: evidence.key-unknown"
            ])
    }

    @Test("A simulated record is refused unless allowed, and never passes for a measured one")
    func simulated() throws {
        var simulation = SampleLane(origin: .simulated)
        let envelope = try simulation.seal()
        let trust = try simulation.trust
        #expect(findings(envelope, trust: trust) == ["payload.origin: evidence.simulated"])
        #expect(findings(envelope, trust: trust, allowSimulated: true) == [])

        // The simulation's key under a payload that claims to be measured, and the other way round.
        let claim = try simulation.seal { $0["origin"] = "measured" }
        #expect(
            findings(claim, trust: trust, allowSimulated: true).contains(
                "envelope.signatures[0].keyid: evidence.key-of-other-origin"))
        var real = SampleLane()
        let reverse = try real.seal { $0["origin"] = "simulated" }
        #expect(
            findings(reverse, trust: try real.trust, allowSimulated: true)
                == ["envelope.signatures[0].keyid: evidence.key-of-other-origin"])
    }

    @Test("A key signs for its own lane only")
    func otherLane() throws {
        var lane = SampleLane("A")
        let trust = try TrustFile([TrustedKey(lane.key, lane: "B")])
        #expect(
            findings(try lane.seal(), trust: trust) == ["envelope.signatures[0].keyid: evidence.key-of-other-lane"])
    }

    @Test(
        "A payload whose header is not as it must be is refused at its place",
        arguments: [
            ("schema", "laneagent.record/2", "payload.schema: evidence.schema-unknown"),
            ("lane", ["id": ""], "payload.lane.id: evidence.member-invalid"),
            ("epoch", 0, "payload.epoch: evidence.member-invalid"),
            ("counter", 0, "payload.counter: evidence.member-invalid"),
            ("counter", .number(1.5), "payload.counter: evidence.member-invalid"),
            ("counter", "1", "payload.counter: evidence.member-invalid"),
            ("previous", "sha256:00", "payload.previous: evidence.member-invalid"),
            ("origin", "dreamt", "payload.origin: evidence.member-invalid"),
            ("signing", [], "payload.signing: evidence.member-invalid"),
            ("signing", ["ed25519", "rot13"], "payload.signing[1]: evidence.member-invalid"),
            ("signing", ["ed25519", "ed25519"], "payload.signing[1]: evidence.member-invalid"),
            ("attachments", .null, "payload.attachments: evidence.member-invalid"),
            (
                "attachments", [["name": "../x", "sha256": "", "size": 0]],
                "payload.attachments[0].sha256: evidence.member-invalid"
            ),
        ] as [(String, JSONValue, String)])
    func header(member: String, value: JSONValue, expected: String) throws {
        var lane = SampleLane()
        let envelope = try lane.seal { $0[member] = value }
        #expect(findings(envelope, trust: try lane.trust).first == expected)
        var other = SampleLane()
        let without = try other.seal { $0[member] = nil }
        #expect(!findings(without, trust: try other.trust).isEmpty)
    }

    @Test(
        "Attachments have plain names, each once",
        arguments: ["../frames.jsonl", "a/b", "", ".hidden", "envelope.json", "帧.jsonl", "a b", "a\\b", "a\0"])
    func attachmentNames(name: String) throws {
        var lane = SampleLane()
        let envelope = try lane.seal {
            $0["attachments"] = .array([.object(AttachmentReference(name: name, content: []).object)])
        }
        #expect(
            findings(envelope, trust: try lane.trust, attachments: { _ in [] })
                == ["payload.attachments[0].name: evidence.member-invalid"])
    }

    @Test("Two attachments of one name are refused")
    func attachmentTwice() throws {
        var lane = SampleLane()
        let reference = JSONValue.object(AttachmentReference(name: "frames.jsonl", content: SampleLane.frames).object)
        let envelope = try lane.seal { $0["attachments"] = [reference, reference] }
        #expect(
            findings(envelope, trust: try lane.trust) == ["payload.attachments[1].name: evidence.member-invalid"])
    }

    @Test("A payload that is not in canonical form is refused although it is signed")
    func payloadNotCanonical() throws {
        let lane = SampleLane()
        let payload = try bytes("{ ") + lane.payload().dropFirst()
        let envelope = try Envelope(payload: payload, signedWith: [lane.key])
        #expect(findings(envelope.bytes, trust: try lane.trust) == ["payload: evidence.not-canonical"])
        let nothing = try Envelope(payload: [], signedWith: [lane.key])
        #expect(findings(nothing.bytes, trust: try lane.trust) == ["payload: evidence.not-json"])
    }

    @Test("A record that stands at another place of the chain is refused")
    func expectedPosition() throws {
        var lane = SampleLane()
        let first = try lane.seal()
        let second = try lane.seal()
        let trust = try lane.trust
        let place = ChainPosition(counter: 2, previous: try Envelope(parsing: first).payloadDigest)
        #expect(findings(second, trust: trust, expecting: place) == [])
        #expect(
            findings(first, trust: trust, expecting: place) == [
                "payload.counter: evidence.counter-unexpected", "payload.previous: evidence.previous-unexpected",
            ])
    }
}
