import Evidence
import Messages
import Testing

@Suite("Verification of a lane's records")
struct ChainTests {
    private func findings(
        _ records: [[UInt8]], _ trust: TrustFile, from start: ChainPosition? = .first, through last: Int? = nil
    ) -> [String] {
        Verifier(trust: trust).verifyChain(records, from: start, through: last).findings
            .map { "\($0.place): \($0.message.code.rawValue)" }
    }

    private func chain(_ count: Int) throws -> (lane: SampleLane, records: [[UInt8]], trust: TrustFile) {
        var lane = SampleLane()
        let records = try (0..<count).map { _ in try lane.seal() }
        return (lane, records, try lane.trust)
    }

    @Test("An unbroken chain has no findings, in whatever order it is given")
    func unbroken() throws {
        let (_, records, trust) = try chain(6)
        let report = Verifier(trust: trust).verifyChain(records.reversed(), through: 6)
        #expect(report.isValid)
        #expect(report.counters == [1, 2, 3, 4, 5, 6])
        #expect(findings([], trust) == [])
    }

    @Test("A part of a chain is verified from where it begins")
    func part() throws {
        let (_, records, trust) = try chain(5)
        let part = Array(records[2...])
        #expect(findings(part, trust, from: nil) == [])
        let before = try Envelope(parsing: records[1]).payloadDigest
        #expect(findings(part, trust, from: ChainPosition(counter: 3, previous: before)) == [])
        #expect(
            findings(part, trust, from: ChainPosition(counter: 3, previous: Digest(of: []))) == [
                "record 3 payload.previous: evidence.chain-broken"
            ])
        #expect(findings(part, trust) == ["record 3 payload.counter: evidence.chain-gap"])
        #expect(
            findings(part, trust, from: ChainPosition(counter: 4, previous: nil)).first
                == "record 3 payload.counter: evidence.counter-unexpected")
    }

    @Test("A record that is left out leaves a gap, at the end too")
    func gap() throws {
        var (_, records, trust) = try chain(5)
        #expect(findings(Array(records.dropLast()), trust, through: 5) == ["record 5: evidence.chain-truncated"])
        #expect(findings([], trust, through: 2) == ["record 2: evidence.chain-truncated"])
        records.remove(at: 2)
        #expect(findings(records, trust) == ["record 4 payload.counter: evidence.chain-gap"])
    }

    @Test("Records that stand in another order than they were sealed in are named, where the order is theirs")
    func order() throws {
        var (_, records, trust) = try chain(4)
        records.swapAt(1, 2)
        #expect(findings(records, trust) == [])
        let report = Verifier(trust: trust).verifyChain(records, isOrdered: true)
        #expect(
            report.findings.map { "\($0.place): \($0.message.code.rawValue)" } == [
                "record 2 payload.counter: evidence.chain-order"
            ])
    }

    @Test(
        "Every single bit of a chain that is flipped is found, placed in the record that it makes of it",
        arguments: 0..<3)
    func everyBit(record: Int) throws {
        var lane = SampleLane()
        let good = [try lane.seal(), try lane.seal(), try lane.seal()]
        let verifier = Verifier(trust: try lane.trust)
        #expect(verifier.verifyChain(good, through: 3, isOrdered: true).isValid)
        var spoilt = good
        for index in good[record].indices {
            for bit in 0..<8 {
                spoilt[record][index] = good[record][index] ^ 1 << bit
                // A record is called by the number that it gives itself, which may be what was changed.
                let payload = (try? Envelope(parsing: spoilt[record])).flatMap { try? JSONValue(parsing: $0.payload) }
                let number = payload?["counter"]?.wholeNumber ?? record + 1
                let places = ["envelope \(record) ", "record \(number) "]
                let findings = verifier.verifyChain(spoilt, through: 3, isOrdered: true).findings
                if !findings.contains(where: { finding in places.contains { finding.place.hasPrefix($0) } }) {
                    Issue.record("bit \(bit) of byte \(index) of record \(record + 1): \(findings)")
                }
            }
            spoilt[record][index] = good[record][index]
        }
    }

    @Test("Numbers chain within one epoch")
    func epochs() throws {
        var (lane, records, trust) = try chain(1)
        lane.epoch = 2
        records.append(try lane.seal())
        #expect(findings(records, trust) == ["record 2 payload.epoch: evidence.chain-other-epoch"])
    }

    @Test("A directory that was put back shows against the authority's receipt, and so does a number used again")
    func rolledBack() {
        let (mine, other) = (Digest(of: [1]), Digest(of: [2]))
        #expect(ReceiptComparison.objection(counter: 3, digest: mine, last: 3, own: mine) == nil)
        #expect(ReceiptComparison.objection(counter: 3, digest: mine, last: 9, own: mine) == nil)
        let behind = ReceiptComparison.objection(counter: 3, digest: mine, last: 2, own: nil)
        #expect(behind?.message.code == .evidenceChainRolledBack)
        #expect(behind?.place == "receipt 3")
        let reused = ReceiptComparison.objection(counter: 3, digest: mine, last: 3, own: other)
        #expect(reused?.message.code == .evidenceChainFork)
    }

    @Test("Two records with one number are a fork, and the chain may go on from either")
    func fork() throws {
        var (lane, records, trust) = try chain(2)
        let before = (lane.counter, lane.previous)
        records.append(try lane.seal())
        (lane.counter, lane.previous) = before
        records.append(try lane.seal { $0["result"] = ["verdict": "failed"] })
        records.append(try lane.seal())
        #expect(findings(records, trust) == ["record 3 payload.counter: evidence.chain-fork"])
        #expect(
            findings([records[0], records[0]], trust) == ["record 1 payload.counter: evidence.chain-repeated"])
    }

    @Test("A record that was made anew breaks the chain after it")
    func broken() throws {
        var (lane, records, trust) = try chain(2)
        let last = (lane.counter, lane.previous)
        // The lane's own key signs another second record, as a thief of the key would.
        (lane.counter, lane.previous) = (2, try Envelope(parsing: records[0]).payloadDigest)
        let forged = try lane.seal { $0["result"] = ["verdict": "passed"] }
        (lane.counter, lane.previous) = last
        records.append(try lane.seal())
        records[1] = forged
        #expect(findings(records, trust) == ["record 3 payload.previous: evidence.chain-broken"])
    }

    @Test("A record that was altered is found at its number")
    func altered() throws {
        var (_, records, trust) = try chain(3)
        let second = try Envelope(parsing: records[1])
        let payload = bytes(text(second.payload).replacing("passed", with: "failed"))
        records[1] = Envelope(payload: payload, signatures: second.signatures).bytes
        #expect(
            findings(records, trust) == [
                "record 2 envelope.signatures[0].sig: evidence.signature-bad",
                "record 2 envelope.signatures: evidence.signature-missing",
                "record 3 payload.previous: evidence.chain-broken",
            ])
        records[1] = []
        #expect(
            findings(records, trust) == [
                "envelope 1 envelope: evidence.not-json", "record 3 payload.counter: evidence.chain-gap",
            ])
    }

    @Test("The first record has none before it, every other has one")
    func ends() throws {
        var lane = SampleLane()
        lane.previous = Digest(of: [])
        let trust = try lane.trust
        #expect(findings([try lane.seal()], trust).first == "envelope 0 payload.previous: evidence.member-invalid")
        lane.previous = nil
        #expect(
            findings([try lane.seal()], trust, from: nil).first
                == "envelope 0 payload.previous: evidence.member-invalid")
    }

    @Test("Records of two lanes make no chain")
    func twoLanes() throws {
        var (lane, records, _) = try chain(1)
        var other = SampleLane("other")
        (other.counter, other.previous) = (lane.counter, lane.previous)
        records.append(try other.seal())
        lane.counter += 1
        let trust = try TrustFile([TrustedKey(lane.key, lane: lane.name), TrustedKey(other.key, lane: other.name)])
        #expect(findings(records, trust) == ["record 2 payload.lane.id: evidence.chain-other-lane"])
    }
}
