import Evidence
import Foundation
import GRDB
import Journal
import Messages
import Testing

@Suite("Removing what is past its term")
struct RemovalTests {
    private let year = 31_557_600.0
    private let rule: JSONObject = ["years": 6]

    /// Four old records, the second without a receipt, and a new one.
    private func withOldRecords(_ body: (Journal, String) async throws -> Void) async throws {
        try await withJournal { journal, directory in
            for number in 1...5 {
                let time = number == 5 ? noon.addingTimeInterval(7 * year) : noon
                try await journal.begin("\(number)")
                try await journal.storeArtifact(bytes("a pack"))
                try await journal.appendFrames(
                    test: "\(number)", [StoredFrame(tick: 1, bytes: bytes("frame of \(number)"))])
                try await journal.seal(test: "\(number)", at: time) { context in
                    try build(
                        context,
                        attachments: [
                            AttachedFile(name: "frames.jsonl", bytes: bytes("frame of \(context.counter)")),
                            AttachedFile(name: "pack.yaml", bytes: bytes("a pack")),
                        ])
                }
                if number != 2 { try await journal.markDelivered(number, receipt: [1], at: time) }
            }
            try await body(journal, directory)
        }
    }

    private var limit: Date { noon.addingTimeInterval(year) }

    @Test("Looking removes nothing and tells what would go, and what stays for want of a receipt")
    func dryRun() async throws {
        try await withOldRecords { journal, _ in
            let removal = try await journal.removable(sealedBefore: limit)
            #expect(removal.counters == [1, 3, 4])
            #expect(removal.stretches == [1...1, 3...4])
            #expect(removal.withoutReceipt == [2])
            #expect(removal.bytes > 1000)
            #expect(try await journal.removable(sealedBefore: noon).counters == [])
            // The newest record stays, however old it is.
            #expect(try await journal.removable(sealedBefore: .distantFuture).counters == [1, 3, 4])
            for counter in 1...5 { _ = try await journal.envelope(of: counter) }
        }
    }

    @Test("What was removed is gone but for number, digest and receipt; the rest is whole, and the chain still holds")
    func removal() async throws {
        try await withOldRecords { journal, directory in
            let digests = try await journal.records().reversed().map(\.payloadDigest)
            let removal = try await journal.remove(
                sealedBefore: limit, rule: rule, at: noon.addingTimeInterval(8 * year))
            #expect(removal.counters == [1, 3, 4])
            for counter in [1, 3, 4] {
                await #expect(throws: JournalError.removed(counter: counter)) {
                    try await journal.envelope(of: counter)
                }
                await #expect(throws: JournalError.removed(counter: counter)) {
                    try await journal.attachments(of: counter)
                }
                #expect(try await journal.test("\(counter)").frames == [])
                #expect(try await journal.delivery(ofRecord: counter).receipt == [1])
            }
            // What another record has, too, stays.
            #expect(try await journal.attachments(of: 2).map(\.name) == ["frames.jsonl", "pack.yaml"])
            #expect(try await journal.records().reversed().map(\.payloadDigest) == digests)
            await #expect(throws: JournalError.self) {
                try await journal.artifact(Digest(of: bytes("frame of 1")))
            }
            #expect(try await journal.check() == [])
            #expect(try await journal.removable(sealedBefore: limit).counters == [])

            let verifier = Verifier(trust: try TrustFile([TrustedKey(laneKey, lane: laneName)]))
            let envelopes = [try await journal.envelope(of: 2), try await journal.envelope(of: 5)]
            let withheld = try await journal.withheldRecords()
            #expect(withheld.map(\.counter) == [1, 3, 4])
            let chain = verifier.verifyChain(envelopes, through: 5, isOrdered: true, withheld: withheld)
            #expect(chain.findings == [] && chain.digests == Array(digests))
            // Roots over everything are as they were.
            let header = StatementHeader(
                .treeHead, lane: laneName, origin: .measured, signing: [.ed25519], at: "2026-05-29T04:26:40+08:00")
            let head = try #require(TreeHead(Array(digests), day: "2026-05-29", header: header))
            #expect(head.objection(from: chain.digests) == nil)

            let trail = try await journal.auditTrail()
            #expect(trail.flatMap(\.removedRecords) == [1...1, 3...4])
            #expect(AuditEntry.firstBreak(in: trail) == nil)
            // Life goes on, and what is evidence is as unchangeable as before.
            try await journal.run("next")
            try journal.close()
            for sql in [
                "DELETE FROM frames", "UPDATE records SET envelope = x''", "DELETE FROM artifacts",
                "UPDATE tests SET context = x''", "DELETE FROM record_artifacts", "UPDATE outbox SET digest = 'x'",
                "DELETE FROM removals",
            ] {
                #expect(throws: (any Error).self, "\(sql)") { try tamper(directory, sql) }
            }
        }
    }

    @Test("Nothing is removed while a test is not sealed")
    func openTest() async throws {
        try await withOldRecords { journal, _ in
            try await journal.begin("open")
            await #expect(throws: JournalError.testsOpen(count: 1)) {
                try await journal.remove(sealedBefore: limit, rule: rule, at: noon)
            }
            #expect(try await journal.withheldRecords() == [])
        }
    }

    @Test(
        "A record that somebody else removed, or whose digest is another, is found",
        arguments: [
            // Under the cover of a removal.
            """
            DROP TRIGGER records_no_update; UPDATE records SET envelope = x'' WHERE counter = 2;
            INSERT INTO removals VALUES (2, '2033-01-01T00:00:00.000Z')
            """,
            // The digest of one that is gone.
            """
            DROP TRIGGER records_no_update;
            UPDATE records SET payload_digest = 'sha256:' || printf('%064d', 0) WHERE counter = 1;
            UPDATE records SET previous_digest = 'sha256:' || printf('%064d', 0) WHERE counter = 2
            """,
            "DROP TRIGGER removals_no_delete; DELETE FROM removals WHERE counter = 3",
        ])
    func tampered(sql: String) async throws {
        try await withOldRecords { journal, directory in
            _ = try await journal.remove(sealedBefore: limit, rule: rule, at: noon)
            try journal.close()
            try tamper(directory, sql)
            let codes = Set(try await Journal.open(directory, as: .reading).check().map(\.code.rawValue))
            #expect(codes.contains("journal.check.removal"), "\(codes)")
        }
    }
}
