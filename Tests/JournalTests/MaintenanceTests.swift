import Evidence
import Foundation
import GRDB
import Journal
import Messages
import Testing

@Suite("Looking after a journal")
struct MaintenanceTests {
    @Test("A journal that is as it was stored has no findings; statistics count what there is")
    func good() async throws {
        try await withJournal { journal, _ in
            for number in 1...5 { try await journal.run("\(number)") }
            try await journal.markDelivered(1, receipt: [1], at: noon)
            try await journal.begin("open")
            #expect(try await journal.check() == [])
            let statistics = try await journal.statistics()
            #expect(statistics.tests == 6 && statistics.openTests == 1 && statistics.records == 5)
            #expect(statistics.frames == 5)
            #expect(statistics.outbox.pending == 4 && statistics.outbox.delivered == 1)
            #expect(statistics.outbox.oldestPending == noon)
            #expect(statistics.schema == "3 epochs, wire, removals")
            #expect(statistics.bytes + statistics.logBytes > 100_000)
        }
    }

    @Test(
        "Whatever was changed past the journal is found and named",
        arguments: [
            ("DROP TRIGGER artifacts_no_update; UPDATE artifacts SET bytes = x'00' WHERE rowid = 1", "journal.damaged"),
            (
                "DROP TRIGGER records_no_update; UPDATE records SET envelope = x'00' WHERE counter = 2",
                "journal.damaged"
            ),
            (
                "DROP TRIGGER records_no_update; UPDATE records SET previous_digest = NULL WHERE counter = 2",
                "journal.check.previous"
            ),
            ("DROP TRIGGER audit_no_update; UPDATE audit SET kind = 'x' WHERE number = 2", "journal.check.audit"),
            ("DROP TRIGGER receipts_no_delete; DELETE FROM receipts", "journal.check.receipt"),
            (
                "PRAGMA foreign_keys = OFF; DROP TRIGGER outbox_no_delete; DELETE FROM outbox WHERE counter = 3",
                "journal.check.unqueued"
            ),
            (
                """
                DROP TRIGGER outbox_content_no_update;
                UPDATE outbox SET body = x'00' WHERE kind = 'lane-state'
                """, "journal.damaged"
            ),
        ])
    func tampered(sql: String, code: String) async throws {
        try await withTemporaryDirectory { directory in
            let journal = try await Journal.open(directory, reserve: 0)
            for number in 1...4 { try await journal.run("\(number)") }
            try await journal.queueLaneState(["state": "locked"], lane: laneName, at: noon)
            try await journal.markDelivered(1, receipt: [1], at: noon)
            try journal.close()
            try tamper(directory, sql)
            let again = try await Journal.open(directory, as: .reading)
            let codes = Set(try await again.check().map(\.code.rawValue))
            #expect(codes.contains(code), "\(codes)")
        }
    }

    @Test("A backup that is made while tests run is whole, verifies, and replaces nothing")
    func backup() async throws {
        try await withJournal { journal, directory in
            for number in 1...20 { try await journal.run("\(number)") }
            let target = directory + "/copy/journal.sqlite"
            try FileManager.default.createDirectory(atPath: directory + "/copy", withIntermediateDirectories: true)
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { for number in 21...60 { try await journal.run("\(number)") } }
                group.addTask { try await journal.backup(to: target) }
                try await group.waitForAll()
            }
            let copy = try await Journal.open(directory + "/copy", reserve: 0)
            let records = try await copy.records(limit: 100).count
            #expect((20...60).contains(records))
            #expect(try await copy.check() == [])
            try copy.close()
            await #expect(throws: JournalError.backupExists(path: target)) { try await journal.backup(to: target) }
            let nowhere = directory + "/none/copy.sqlite"
            let error = await #expect(throws: JournalError.self) { try await journal.backup(to: nowhere) }
            guard case .backupFailed(nowhere, _) = error else {
                Issue.record("\(String(describing: error))")
                return
            }
            // A reader beside the lane may copy, too.
            let reader = try await Journal.open(directory, as: .reading)
            try await reader.backup(to: directory + "/second.sqlite")
        }
    }

    @Test("Tidying up keeps everything, and waits until every test is sealed")
    func vacuum() async throws {
        try await withJournal { journal, _ in
            for number in 1...5 { try await journal.run("\(number)") }
            try await journal.begin("open")
            await #expect(throws: JournalError.testsOpen(count: 1)) { try await journal.vacuum() }
            try await journal.seal(test: "open", at: noon, build: build)
            try await journal.vacuum()
            #expect(try await journal.statistics().logBytes == 0)
            #expect(try await journal.check() == [])
            #expect(try await journal.records().count == 6)
        }
    }
}

@Suite("Earlier schemas")
struct MigrationTests {
    /// The schema as version 0.1.0 wrote it; this file never changes.
    private static let first = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("Schemas/1-evidence.sql")

    /// The schema after the second migration; this file never changes.
    private static let second = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("Schemas/2-items.sql")

    /// A journal of the second schema: a record that was delivered, one that waits, items of a stream, an open test.
    private func makeSecond(_ directory: String) throws {
        let queue = try DatabaseQueue(path: directory + "/journal.sqlite")
        try queue.write { db in
            try db.execute(sql: try String(contentsOf: Self.second, encoding: .utf8))
            var previous: Digest?
            for counter in 1...2 {
                try db.execute(
                    sql: "INSERT INTO tests VALUES (?, ?, 'asm', ?, '2026-05-29T04:26:40+08:00', x'01', x'02')",
                    arguments: [counter, "test-\(counter)", laneName])
                try db.execute(sql: "INSERT INTO frames VALUES (?, 1, x'03')", arguments: [counter])
                let header = RecordHeader(
                    lane: laneName, counter: counter, previous: previous, origin: .measured, attachments: [])
                let record = try Envelope(
                    payload: try JSONValue.object(header.object).canonicalBytes(), signedWith: [laneKey])
                let digest = record.payloadDigest
                try db.execute(
                    sql: "INSERT INTO records VALUES (?, ?, '2026-05-28T20:26:40.000Z', ?, ?, ?, 'passed', x'7B7D')",
                    arguments: [counter, counter, digest.description, previous?.description, Data(record.bytes)])
                try db.execute(
                    sql: """
                        INSERT INTO outbox VALUES
                        (?, 'record', ?, ?, 1, ?, ?, NULL, 1780000000000, ?, 0, 1780000000000, NULL)
                        """,
                    arguments: [
                        counter == 1 ? 1 : 3, laneName, counter, counter, digest.description,
                        counter == 1 ? "delivered" : "pending",
                    ])
                previous = digest
            }
            try db.execute(
                sql: """
                    INSERT INTO receipts VALUES (1, CAST('receipt of 1' AS BLOB), '2026-05-28T20:26:41.000Z');
                    INSERT INTO tests VALUES (3, 'open', 'asm', 'x', '2026-05-29T04:26:40+08:00', x'01', x'02');
                    INSERT INTO frames VALUES (3, 7, x'04');
                    """)
            let body = bytes("{}")
            try db.execute(
                sql: """
                    INSERT INTO outbox VALUES
                    (2, 'lane-state', ?, NULL, 1, NULL, ?, ?, 1780000000000, 'pending', 0, 1780000000000, NULL)
                    """, arguments: [laneName, Digest(of: body).description, Data(body)])
        }
        try queue.close()
    }

    @Test("A journal of the second schema opens, keeps what it has, and can begin an epoch and keep a wire log")
    func second() async throws {
        try await withTemporaryDirectory { directory in
            try makeSecond(directory)
            // Whoever only looks sees it as it is.
            let reader = try await Journal.open(directory, as: .reading)
            #expect(try await reader.epochs() == [])
            #expect(try await reader.withheldRecords() == [])
            #expect(try await reader.envelope(of: 1).count > 100)
            try reader.close()
            let journal = try await Journal.open(directory, reserve: 0)
            let outbox = try await journal.outbox()
            #expect(outbox.map(\.number) == [1, 2, 3])
            #expect(outbox.map(\.kind) == [.record, .laneState, .record])
            #expect(outbox.map(\.state) == [.delivered, .pending, .pending])
            #expect(outbox[0].receipt == bytes("receipt of 1"))
            #expect(try await journal.openTests().map(\.id) == ["open"])
            #expect(try await journal.check() == [])
            try await journal.appendFrames(
                test: "open", [StoredFrame(tick: 8, bytes: bytes("8"))], wire: bytes("wire\n"))
            #expect(try await journal.openTests().map(\.wire) == [bytes("wire\n")])
            try await journal.queueLaneState(["state": "open"], lane: laneName, at: noon)
            #expect(try await journal.outbox().last?.sequence == 2)
            try journal.close()
            let copy = try DatabaseQueue(path: directory + "/journal.sqlite.before-2")
            let migrations = try await copy.read {
                try String.fetchAll($0, sql: "SELECT identifier FROM grdb_migrations ORDER BY 1")
            }
            #expect(migrations == ["1 evidence", "2 items of kinds"])
            for sql in [
                "DELETE FROM receipts", "DELETE FROM outbox", "UPDATE outbox SET body = x'00' WHERE number = 2",
            ] {
                #expect(throws: (any Error).self) { try tamper(directory, sql) }
            }
        }
    }

    /// A journal of the first schema with four records: delivered, quarantined, waiting and pending, and an open test.
    private func makeFirst(_ directory: String) throws {
        let queue = try DatabaseQueue(path: directory + "/journal.sqlite")
        try queue.write { db in
            try db.execute(sql: try String(contentsOf: Self.first, encoding: .utf8))
            var previous: Digest?
            for counter in 1...4 {
                try db.execute(
                    sql: "INSERT INTO tests VALUES (?, ?, 'asm', ?, '2026-05-29T04:26:40+08:00', x'01', x'02')",
                    arguments: [counter, "test-\(counter)", laneName])
                try db.execute(sql: "INSERT INTO frames VALUES (?, 1, x'03')", arguments: [counter])
                let header = RecordHeader(
                    lane: laneName, counter: counter, previous: previous, origin: .measured, attachments: [])
                let record = try Envelope(
                    payload: try JSONValue.object(header.object).canonicalBytes(), signedWith: [laneKey])
                let digest = record.payloadDigest
                try db.execute(
                    sql: "INSERT INTO records VALUES (?, ?, '2026-05-28T20:26:40.000Z', ?, ?, ?, 'passed', x'7B7D')",
                    arguments: [
                        counter, counter, digest.description, previous?.description, Data(record.bytes),
                    ])
                previous = digest
            }
            try db.execute(
                sql: """
                    INSERT INTO tests VALUES (5, 'open', 'asm', 'x', '2026-05-29T04:26:40+08:00', x'01', x'02');
                    INSERT INTO frames VALUES (5, 7, x'04');
                    INSERT INTO outbox VALUES (1, 'delivered', 0, 1780000000000, NULL);
                    INSERT INTO outbox VALUES (2, 'quarantined', 1, 1780000000000,
                        CAST('{"arguments":{"seconds":{"integer":5}},"code":"uplink.timeout"}' AS BLOB));
                    INSERT INTO outbox VALUES (3, 'pending', 4, 1780000060000, NULL);
                    INSERT INTO outbox VALUES (4, 'pending', 0, 1780000000000, NULL);
                    INSERT INTO receipts VALUES (1, CAST('receipt of 1' AS BLOB), '2026-05-28T20:26:41.000Z');
                    """)
        }
        try queue.close()
    }

    @Test("A journal of the first schema opens, keeps every record, delivery and receipt, and a copy of how it was")
    func first() async throws {
        try await withTemporaryDirectory { directory in
            try makeFirst(directory)
            let journal = try await Journal.open(directory, reserve: 0)
            let outbox = try await journal.outbox()
            #expect(outbox.map(\.number) == [1, 2, 3, 4])
            #expect(outbox.map(\.counter) == [1, 2, 3, 4])
            #expect(outbox.map(\.kind) == [.record, .record, .record, .record])
            #expect(outbox.map(\.state) == [.delivered, .quarantined, .pending, .pending])
            #expect(outbox[0].receipt == bytes("receipt of 1"))
            #expect(outbox[1].problem == Message(.uplinkTimeout, ["seconds": 5]))
            #expect(outbox[2].attempts == 4)
            #expect(outbox[2].notBefore == noon.addingTimeInterval(60))
            #expect(outbox.allSatisfy { $0.queuedAt == noon })
            #expect(try await journal.openTests().map(\.id) == ["open"])
            #expect(try await journal.check() == [])
            // Life goes on where it stood.
            try await journal.run("next")
            #expect(try await journal.delivery(ofRecord: 5).number == 5)
            try journal.close()

            let copy = directory + "/journal.sqlite.before-1"
            let queue = try DatabaseQueue(path: copy)
            let migrations = try await queue.read {
                try String.fetchAll($0, sql: "SELECT identifier FROM grdb_migrations")
            }
            #expect(migrations == ["1 evidence"])
            #expect(try await queue.read { try Int.fetchOne($0, sql: "SELECT COUNT(*) FROM receipts") } == 1)
            // The evidence in a migrated journal is as unchangeable as in a new one.
            for sql in ["DELETE FROM receipts", "DELETE FROM outbox", "UPDATE receipts SET receipt = x'00'"] {
                #expect(throws: (any Error).self) { try tamper(directory, sql) }
            }
        }
    }

    @Test("Without room for the copy nothing is migrated")
    func copyFails() async throws {
        try await withTemporaryDirectory { directory in
            try makeFirst(directory)
            // A directory in the copy's place: something is there, and it is no journal.
            try FileManager.default.createDirectory(
                atPath: directory + "/journal.sqlite.before-1", withIntermediateDirectories: true)
            let error = await #expect(throws: JournalError.self) { try await Journal.open(directory, reserve: 0) }
            guard case .backupExists = error else {
                Issue.record("\(String(describing: error))")
                return
            }
            let queue = try DatabaseQueue(path: directory + "/journal.sqlite")
            #expect(
                try await queue.read { try String.fetchAll($0, sql: "SELECT identifier FROM grdb_migrations") } == [
                    "1 evidence"
                ])
        }
    }
}
