import Evidence
import Foundation
import GRDB
import Journal
import Messages
import Testing

@Suite("Epochs of a journal")
struct EpochTests {
    /// What a lane signs when it begins anew.
    @Sendable private func opening(_ context: EpochContext) throws -> Envelope {
        try opening(of: context.epoch, after: context.after, context.head)
    }

    private func opening(of epoch: Int, after: Int, _ head: Digest?, lane: String = laneName) throws -> Envelope {
        let header = StatementHeader(
            .epoch, lane: lane, epoch: epoch, origin: .measured, signing: [.ed25519], at: "2026-05-29T04:26:40+08:00")
        return try EpochOpening(header: header, after: after, head: head, reason: "restored").sealed(with: [laneKey])
    }

    private var verifier: Verifier {
        get throws { Verifier(trust: try TrustFile([TrustedKey(laneKey, lane: laneName)])) }
    }

    private func envelopes(_ journal: Journal) async throws -> [[UInt8]] {
        var envelopes: [[UInt8]] = []
        for record in try await journal.records(limit: 100).reversed() {
            envelopes.append(try await journal.envelope(of: record.counter))
        }
        return envelopes
    }

    @Test("Records go on in the new epoch after the last one, and the chain verifies with its statement")
    func goesOn() async throws {
        try await withJournal { journal, _ in
            for number in 1...3 { try await journal.run("\(number)") }
            let third = try await journal.record(3)
            #expect(try await journal.epoch() == 1)
            let epoch = try await journal.beginEpoch(of: laneName, at: noon, build: opening)
            #expect(epoch.epoch == 2 && epoch.after == 3 && epoch.head == third.payloadDigest)
            let fourth = try await journal.run("4")
            #expect(fourth.counter == 4)
            let header = try SignedRecord(parsing: try await journal.envelope(of: 4)).header
            #expect(header.epoch == 2 && header.previous == third.payloadDigest)
            #expect(try await journal.check() == [])

            let records = try await envelopes(journal)
            let statements = try await journal.epochs().map(\.statement)
            #expect(try verifier.verifyChain(records, through: 4, isOrdered: true, openings: statements).findings == [])
            let without = try verifier.verifyChain(records, through: 4, isOrdered: true).findings
            #expect(without.map(\.message.code) == [.evidenceChainOtherEpoch])
            let trail = try await journal.auditTrail()
            #expect(trail.count { $0.kind == "epoch.begun" } == 1)
            #expect(AuditEntry.firstBreak(in: trail) == nil)
        }
    }

    @Test("An empty journal begins with record 1, in a later epoch where the authority knows of earlier ones")
    func empty() async throws {
        try await withJournal { journal, _ in
            let epoch = try await journal.beginEpoch(of: laneName, atLeast: 5, at: noon, build: opening)
            #expect(epoch.epoch == 5 && epoch.after == 0 && epoch.head == nil)
            #expect(try await journal.run("1").counter == 1)
            let again = try await journal.beginEpoch(of: laneName, at: noon, build: opening)
            #expect(again.epoch == 6 && again.after == 1)
            try await journal.run("2")
            #expect(try await journal.check() == [])
            let statements = try await journal.epochs().map(\.statement)
            let records = try await envelopes(journal)
            #expect(try verifier.verifyChain(records, through: 2, openings: statements).findings == [])
        }
    }

    @Test("A statement over another head, of another lane or epoch is refused, and nothing is stored")
    func unfit() async throws {
        try await withJournal { journal, _ in
            try await journal.run("1")
            let digest = try await journal.record(1).payloadDigest
            let builds: [@Sendable (EpochContext) throws -> Envelope] = [
                { _ in try opening(of: 2, after: 0, nil) }, { _ in try opening(of: 3, after: 1, digest) },
                { _ in try opening(of: 2, after: 1, Digest(of: [1])) },
                { _ in try opening(of: 2, after: 1, digest, lane: "another") },
            ]
            for build in builds {
                await #expect(throws: JournalError.self) {
                    try await journal.beginEpoch(of: laneName, at: noon, build: build)
                }
            }
            await #expect(throws: JournalError.otherLane(found: "another", expected: laneName)) {
                try await journal.beginEpoch(of: "another", at: noon, build: opening)
            }
            #expect(try await journal.epoch() == 1)
            #expect(try await journal.outbox().count == 1)
        }
    }

    @Test("What was queued before the statement goes before it, what is queued after it waits until it has arrived")
    func order() async throws {
        try await withJournal { journal, _ in
            try await journal.run("1")
            try await journal.beginEpoch(of: laneName, at: noon, build: opening)
            try await journal.run("2")
            func due(_ share: OutboxShare) async throws -> [DeliveryKind] {
                try await journal.due(share, at: noon, horizon: 3600, limit: 10).map(\.kind)
            }
            for share in [OutboxShare.backlog, .live(since: noon)] {
                #expect(try await due(share) == [.record, .epoch])
            }
            let statement = try #require(try await journal.outbox().first { $0.kind == .epoch })
            #expect(statement.sequence == 2)
            let stored = try await journal.epochs()[0].statement
            #expect(try await journal.content(of: statement.number) == stored)
            // Refused, it holds up the new epoch until a person has dealt with it.
            try await journal.quarantine(statement.number, reason: Message(.uplinkRejected), at: noon)
            #expect(try await due(.backlog) == [.record])
            let second = try await journal.delivery(ofRecord: 2)
            #expect(try await journal.holdingUp(second)?.number == statement.number)
            try await journal.markDelivered(1, receipt: [1], at: noon)
            #expect(try await journal.nextAttempt() == nil)
            try await journal.retry(statement.number, at: noon)
            try await journal.markDelivered(statement.number, receipt: [2], at: noon)
            #expect(try await due(.backlog) == [.record])
        }
    }

    @Test("What the authority has is held against the line that the epoch goes on from, and an unknown epoch refuses")
    func received() async throws {
        try await withJournal { journal, _ in
            for number in 1...2 { try await journal.run("\(number)") }
            let second = try await journal.record(2).payloadDigest
            let lost = ReceivedRecord(counter: 3, digest: Digest(of: [3]))
            #expect(try await journal.objection(to: lost)?.message.code == .evidenceChainRolledBack)
            try await journal.refuseTests(Message(.evidenceChainRolledBack), at: noon)
            try await journal.beginEpoch(of: laneName, at: noon, build: opening)
            #expect(try await journal.refusal() == nil)
            #expect(try await journal.objection(to: lost) == nil)
            #expect(try await journal.objection(to: ReceivedRecord(counter: 2, digest: second)) == nil)
            let other = ReceivedRecord(counter: 2, digest: Digest(of: [2]))
            #expect(try await journal.objection(to: other)?.message.code == .evidenceChainFork)
            #expect(try await journal.objection(to: ReceivedEpoch(epoch: 2, after: 2)) == nil)
            #expect(
                try await journal.objection(to: ReceivedEpoch(epoch: 3, after: 2))?.message.code
                    == .evidenceEpochSuperseded)
            let ahead = ReceivedRecord(epoch: 2, counter: 3, digest: Digest(of: [4]))
            #expect(try await journal.objection(to: ahead)?.message.code == .evidenceChainRolledBack)
        }
    }

    @Test(
        "An edit of the epochs is found",
        arguments: [
            ("DROP TRIGGER epochs_no_update; UPDATE epochs SET after = 2, head = 'x'", "journal.check.epoch"),
            ("DROP TRIGGER epochs_no_update; UPDATE epochs SET statement = x'00'", "journal.check.epoch"),
            ("DROP TRIGGER epochs_no_delete; DELETE FROM epochs", "journal.damaged"),
        ])
    func tampered(sql: String, code: String) async throws {
        try await withTemporaryDirectory { directory in
            let journal = try await Journal.open(directory, reserve: 0)
            for number in 1...3 { try await journal.run("\(number)") }
            try await journal.beginEpoch(of: laneName, at: noon, build: opening)
            try await journal.run("4")
            try journal.close()
            #expect(throws: (any Error).self) { try tamper(directory, "DELETE FROM epochs") }
            try tamper(directory, sql)
            let codes = Set(try await Journal.open(directory, as: .reading).check().map(\.code.rawValue))
            #expect(codes.contains(code), "\(codes)")
        }
    }
}
