import Evidence

extension VectorCase {
    /// Chains over several epochs, the statements that open them, and records of which only the digest is kept.
    static func epochs() throws -> [VectorCase] {
        var lane = try VectorLane()
        var records: [Envelope] = []
        for _ in 0..<4 { records.append(try lane.seal()) }
        // Restored with two records; the number 3 is used again.
        var restored = lane
        (restored.epoch, restored.counter, restored.previous) = (2, 3, records[1].payloadDigest)
        let opening = try restored.opening(after: 2, head: records[1].payloadDigest)
        var later: [Envelope] = []
        for _ in 0..<2 { later.append(try restored.seal()) }
        let kept = Array(records[..<2]) + later
        var strayed = restored
        (strayed.counter, strayed.previous) = (3, records[0].payloadDigest)
        let stranger = try VectorLane.Signer(.ed25519, VectorLane.strangerSecret)
        func chain(
            _ name: String, _ what: String, _ chain: [Envelope], _ openings: [Envelope], _ first: String?,
            _ withheld: [WithheldRecord] = []
        ) -> VectorCase {
            VectorCase(
                name: name, what: what, subject: .epochs(chain, openings: openings, withheld: withheld), first: first)
        }
        func statement(_ name: String, _ what: String, _ opening: Envelope, _ first: String?) -> VectorCase {
            VectorCase(name: name, what: what, subject: .opening(opening), first: first)
        }
        func gone(_ record: Envelope, _ counter: Int) -> WithheldRecord {
            WithheldRecord(epoch: 1, counter: counter, digest: record.payloadDigest)
        }
        return [
            chain("epoch-good", "a lane that was restored from a copy", kept, [opening], nil),
            chain(
                "epoch-with-lost-line", "the same, with the records that the copy did not have", records + later,
                [opening], nil),
            chain(
                "epoch-unopened", "the same without the statement", kept, [],
                "record 3 payload.epoch: evidence.chain-other-epoch"),
            chain(
                "epoch-opened-by-stranger", "the same with a stranger's statement", kept,
                [try restored.opening(after: 2, head: records[1].payloadDigest, by: [stranger])],
                "opening 0 envelope.signatures[0].keyid: evidence.key-unknown"),
            chain(
                "epoch-other-head", "a statement that goes on after another record", kept,
                [try restored.opening(after: 2, head: records[2].payloadDigest)],
                "epoch 2 payload.head: evidence.epoch-head"),
            chain(
                "epoch-two-statements", "two statements that open one epoch", kept,
                [opening, try restored.opening(after: 1, head: records[0].payloadDigest)],
                "epoch 2 payload.epoch: evidence.epoch-fork"),
            chain(
                "epoch-strayed", "the first record of an epoch does not join the record that the epoch goes on after",
                Array(records[..<2]) + [try strayed.seal()], [opening],
                "record 3 payload.previous: evidence.chain-broken"),
            chain(
                "epoch-gap", "a record before the epoch is missing", [records[0]] + later, [opening],
                "record 3 payload.counter: evidence.chain-gap"),
            chain(
                "epoch-from-nothing", "a lane whose storage was lost wholly",
                [try VectorLane(epoch: 2).firstRecord()], [try VectorLane(epoch: 2).opening(after: 0, head: nil)], nil),
            chain(
                "withheld-good", "records past their term, of which the digests are kept", Array(records[2...]), [],
                nil, [gone(records[0], 1), gone(records[1], 2)]),
            chain(
                "withheld-other", "another digest in the place of a record past its term", Array(records[2...]), [],
                "record 3 payload.previous: evidence.chain-broken", [gone(records[0], 1), gone(records[0], 2)]),
            statement("opening-good", "the statement that opens an epoch", opening, nil),
            statement(
                "opening-first", "a statement that opens the first epoch",
                try VectorLane().opening(after: 2, head: records[1].payloadDigest),
                "payload.epoch: evidence.member-invalid"),
            statement(
                "opening-without-head", "a statement that names no record", try restored.opening(after: 2, head: nil),
                "payload.head: evidence.member-invalid"),
        ]
    }
}

extension VectorLane {
    fileprivate init(epoch: Int) throws {
        try self.init()
        self.epoch = epoch
    }

    fileprivate func firstRecord() throws -> Envelope {
        var lane = self
        return try lane.seal()
    }

    fileprivate func opening(after: Int, head: Digest?, by signers: [Signer]? = nil) throws -> Envelope {
        try statement(
            [
                "schema": .string(StatementKind.epoch.rawValue), "after": .integer(Int64(after)),
                "head": head.map { .string($0.description) } ?? .null, "reason": "主板更换",
            ], by: signers)
    }
}
