import Evidence
import Foundation
import GRDB
import Journal
import Testing

@Suite("Sealing")
struct SealingTests {
    private struct Injected: Error {}

    @Test("Over two hundred seals with failures in between, the numbers have no gap and the chain verifies")
    func gapFree() async throws {
        try await withJournal { journal, _ in
            var failures = 0
            for number in 1...200 {
                let id = "test-\(number)"
                try await journal.begin(id)
                if number % 3 == 0 {
                    await #expect(throws: Injected.self) {
                        try await journal.seal(test: id, at: noon) { _ in throw Injected() }
                    }
                    failures += 1
                }
                if number % 7 == 0 {
                    await #expect(throws: JournalError.self) {
                        try await journal.seal(test: id, at: noon) {
                            try build($0, attachments: [], counter: $0.counter + 1)
                        }
                    }
                    failures += 1
                }
                let record = try await journal.seal(test: id, at: noon, build: build)
                #expect(record.counter == number)
            }
            #expect(failures == 94)
            let records = try await journal.records(limit: 500)
            #expect(records.map(\.counter) == (1...200).reversed())
            #expect(try await journal.outbox().map(\.counter) == Array(1...200))
            #expect(try await journal.openTests().isEmpty)
            var envelopes: [[UInt8]] = []
            for counter in 1...200 { envelopes.append(try await journal.envelope(of: counter)) }
            let trust = try TrustFile([TrustedKey(laneKey, lane: laneName)])
            #expect(Verifier(trust: trust).verifyChain(envelopes, through: 200).findings == [])
            let trail = try await journal.auditTrail()
            #expect(trail.filter { $0.kind == "record.sealed" }.count == 200)
            #expect(AuditEntry.firstBreak(in: trail) == nil)
        }
    }

    @Test("Tests that are sealed at the same time get numbers one after the other")
    func concurrentSeals() async throws {
        try await withJournal { journal, _ in
            for number in 0..<20 { try await journal.begin("\(number)") }
            let counters = try await withThrowingTaskGroup(of: Int.self) { group in
                for number in 0..<20 {
                    group.addTask { try await journal.seal(test: "\(number)", at: noon, build: build).counter }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(counters.sorted() == Array(1...20))
        }
    }

    @Test("A sealed record is as it was built, in the list, by number and after a kill")
    func asBuilt() async throws {
        try await withJournal { journal, directory in
            let attachments = [
                AttachedFile(name: "frames.jsonl", bytes: bytes("frames")),
                AttachedFile(name: "pack.yaml", bytes: [0, 0xFF, 10]),
            ]
            try await journal.begin("a")
            let sealed = try await journal.seal(test: "a", at: noon) { context in
                #expect(context.counter == 1)
                #expect(context.previousDigest == nil)
                #expect(context.auditHead != nil)
                return try build(context, attachments: attachments)
            }
            #expect(sealed.sealedAt == "2026-05-28T20:26:40.000Z")
            #expect(sealed.verdict == "passed")
            #expect(sealed.delivery == .pending)
            #expect(sealed.test == "a" && sealed.method == "asm" && sealed.lane == laneName)
            for place in [directory, try copyAsAfterKill(directory)] {
                let reader = try await Journal.open(place, as: .reading)
                #expect(try await reader.records() == [sealed])
                #expect(try await reader.record(1) == sealed)
                #expect(try await reader.attachments(of: 1) == attachments)
                let envelope = try await reader.envelope(of: 1)
                #expect(try Envelope(parsing: envelope).payloadDigest == sealed.payloadDigest)
                #expect(try await reader.artifact(Digest(of: [0, 0xFF, 10])) == [0, 0xFF, 10])
            }
            await #expect(throws: JournalError.unknown(item: "record 2")) { try await journal.record(2) }
            await #expect(throws: JournalError.unknown(item: "record 2")) { try await journal.envelope(of: 2) }
            await #expect(throws: JournalError.unknown(item: "record 2")) { try await journal.attachments(of: 2) }
        }
    }

    @Test("A record that would not verify takes no place in the chain")
    func mismatches() async throws {
        try await withJournal { journal, _ in
            try await journal.run("first")
            try await journal.begin("a")
            let good = [AttachedFile(name: "frames.jsonl", bytes: [1])]
            func place(_ build: @escaping @Sendable (SealContext) throws -> SealedRecord) async -> String? {
                let error = await #expect(throws: JournalError.self) {
                    try await journal.seal(test: "a", at: noon, build: build)
                }
                guard case .sealMismatch(let reason) = error else { return "\(String(describing: error))" }
                return reason.place
            }
            @Sendable func spoil(_ record: SealedRecord, _ attachments: [AttachedFile]) -> SealedRecord {
                SealedRecord(
                    envelope: record.envelope, attachments: attachments, verdict: "passed", summary: record.summary)
            }
            #expect(await place { try build($0, attachments: [], counter: 3) } == "payload.counter")
            #expect(await place { try build($0, attachments: [], lane: "other") } == "payload.lane.id")
            #expect(
                await place { try build($0, attachments: [], previous: Digest(of: [])) }
                    == "payload.previous")
            #expect(
                await place { spoil(try build($0, attachments: good), []) } == "attachment frames.jsonl")
            #expect(
                await place {
                    spoil(try build($0, attachments: good), [AttachedFile(name: "frames.jsonl", bytes: [2])])
                }
                    == "attachment frames.jsonl")
            #expect(await place { spoil(try build($0, attachments: []), good) } == "payload.attachments")
            #expect(
                await place { _ in SealedRecord(envelope: [], attachments: [], verdict: "", summary: []) }
                    == "envelope")
            #expect(try await journal.records().count == 1)
            #expect(try await journal.seal(test: "a", at: noon, build: build).counter == 2)
            // A directory is of one lane for good.
            try await journal.begin("b", lane: "other")
            let error = await #expect(throws: JournalError.self) {
                try await journal.seal(test: "b", at: noon) { try build($0, attachments: [], lane: "other") }
            }
            guard case .sealMismatch(let reason) = error else {
                Issue.record("\(String(describing: error))")
                return
            }
            #expect(reason.place == "payload.lane.id")
        }
    }

    @Test(
        "What is evidence can be neither changed nor deleted",
        arguments: ["tests", "frames", "records", "artifacts", "record_artifacts", "receipts", "audit"])
    func immutable(table: String) async throws {
        try await withJournal { journal, directory in
            try await journal.run("a")
            try await journal.markDelivered(1, receipt: [1], at: noon)
            try journal.close()
            let queue = try DatabaseQueue(path: directory + "/journal.sqlite")
            let column = try await queue.read { try $0.columns(in: table).last?.name ?? "" }
            #expect(try await queue.read { try Int.fetchOne($0, sql: "SELECT COUNT(*) FROM \(table)") ?? 0 } > 0)
            for sql in ["UPDATE \(table) SET \(column) = \(column)", "DELETE FROM \(table)", "DELETE FROM outbox"] {
                let error = await #expect(throws: DatabaseError.self) {
                    try await queue.write { try $0.execute(sql: sql) }
                }
                #expect(error?.extendedResultCode == .SQLITE_CONSTRAINT_TRIGGER)
            }
        }
    }

    @Test("Bytes that were changed past the journal are found when they are read")
    func damaged() async throws {
        try await withTemporaryDirectory { directory in
            let journal = try await Journal.open(directory, reserve: 0)
            try await journal.run("a")
            try journal.close()
            try tamper(
                directory,
                """
                DROP TRIGGER artifacts_no_update; UPDATE artifacts SET bytes = x'00';
                DROP TRIGGER records_no_update;
                UPDATE records SET envelope = CAST(replace(CAST(envelope AS TEXT), 'sig', 'gis') AS BLOB)
                """)
            let again = try await Journal.open(directory)
            let artifact = Digest(of: bytes("frames of 1"))
            await #expect(throws: JournalError.damaged(item: "record 1")) { try await again.envelope(of: 1) }
            await #expect(throws: JournalError.damaged(item: artifact.description)) {
                try await again.attachments(of: 1)
            }
            await #expect(throws: JournalError.damaged(item: artifact.description)) {
                try await again.artifact(artifact)
            }
        }
    }

    @Test("Pages of records follow each other")
    func pages() async throws {
        try await withJournal { journal, _ in
            for number in 1...5 { try await journal.run("\(number)") }
            #expect(try await journal.records(limit: 2).map(\.counter) == [5, 4])
            #expect(try await journal.records(limit: 2, before: 4).map(\.counter) == [3, 2])
            #expect(try await journal.records(limit: 2, before: 2).map(\.counter) == [1])
        }
    }

    @Test("The same bytes are kept once")
    func artifacts() async throws {
        try await withJournal { journal, _ in
            let digest = try await journal.storeArtifact(bytes("pack"))
            #expect(try await journal.storeArtifact(bytes("pack")) == digest)
            #expect(digest == Digest(of: bytes("pack")))
            #expect(try await journal.artifact(digest) == bytes("pack"))
            let none = Digest(of: [])
            await #expect(throws: JournalError.unknown(item: none.description)) { try await journal.artifact(none) }
        }
    }

    @Test("An export verifies by itself, may be repeated, and never replaces other content")
    func export() async throws {
        try await withJournal { journal, directory in
            try await journal.run("a")
            let target = directory + "/export"
            let paths = try await journal.export(1, to: target)
            #expect(paths == ["envelope.json", "frames.jsonl"].map { "\(target)/\($0)" })
            let envelope = [UInt8](try Data(contentsOf: URL(fileURLWithPath: paths[0])))
            let trust = try TrustFile([TrustedKey(laneKey, lane: laneName)])
            let report = Verifier(trust: trust).verify(
                envelope,
                attachments: { FileManager.default.contents(atPath: "\(target)/\($0)").map { Array($0) } },
                expecting: .first)
            #expect(report.findings == [])
            #expect(try await journal.export(1, to: target) == paths)

            try Data("mine".utf8).write(to: URL(fileURLWithPath: paths[1]))
            await #expect(throws: JournalError.exportConflict(path: paths[1])) {
                try await journal.export(1, to: target)
            }
            #expect(FileManager.default.contents(atPath: paths[1]) == Data("mine".utf8))
            #expect(try FileManager.default.contentsOfDirectory(atPath: target).count == 2)
            await #expect(throws: JournalError.self) { try await journal.export(1, to: directory + "/no/where") }
            await #expect(throws: JournalError.unknown(item: "record 9")) { try await journal.export(9, to: target) }
        }
    }
}
