import Evidence
import Foundation
import GRDB
public import Messages

/// What a journal holds, and how much room it takes.
public struct JournalStatistics: Hashable, Sendable {
    /// The schema: the name of the last migration.
    public let schema: String
    /// Tests that were begun.
    public let tests: Int
    /// Tests that are not sealed.
    public let openTests: Int
    /// Frames of all tests.
    public let frames: Int
    /// Sealed records.
    public let records: Int
    /// Entries of the audit trail.
    public let auditEntries: Int
    /// Deliveries by state.
    public let outbox: OutboxStatistics
    /// Bytes of the database file.
    public let bytes: Int
    /// Bytes in it that nothing uses.
    public let unusedBytes: Int
    /// Bytes of the write-ahead log.
    public let logBytes: Int
    /// Bytes that may still be written in the data directory; nil if the system does not say.
    public let freeBytes: Int?
}

extension Journal {
    /// What the journal holds, and how much room it takes.
    public func statistics() async throws(JournalError) -> JournalStatistics {
        try await read { [directory, path] db in
            func number(_ sql: String) throws -> Int { try Int.fetchOne(db, sql: sql) ?? 0 }
            func size(_ path: String) -> Int {
                (try? FileManager.default.attributesOfItem(atPath: path)[.size] as? Int) ?? 0
            }
            let page = try number("PRAGMA page_size")
            let sealed = try number("SELECT COUNT(*) FROM records")
            let tests = try number("SELECT COUNT(*) FROM tests")
            return JournalStatistics(
                schema: try Schema.migrator.completedMigrations(db).last ?? "–", tests: tests,
                openTests: tests - sealed, frames: try number("SELECT COUNT(*) FROM frames"), records: sealed,
                auditEntries: try number("SELECT COUNT(*) FROM audit"), outbox: try fetchStatistics(db),
                bytes: size(path), unusedBytes: page * (try number("PRAGMA freelist_count")),
                logBytes: size(path + "-wal"), freeBytes: bytesFree(under: directory))
        }
    }

    /// Reads everything and tells what is not as it was stored.
    ///
    /// Looked at are SQLite's own structures, the chain of records with the digests of envelopes and attachments, its
    /// epochs, the audit trail, whether what is gone was removed rightly, and whether every record has its delivery and
    /// every delivered item its receipt. Signatures are for
    /// `lane verify`, which knows whom to trust.
    ///
    /// - Returns: what was found; nothing if all is well.
    public func check() async throws(JournalError) -> [Message] {
        try await read { db in
            var findings: [Message] = []
            for line in try String.fetchAll(db, sql: "PRAGMA integrity_check(20)") where line != "ok" {
                findings.append(Message(.journalCheckDatabase, ["detail": .text(line)]))
            }
            for row in try Row.fetchAll(db, sql: "PRAGMA foreign_key_check").prefix(20) {
                let table: String? = row["table"]
                findings.append(Message(.journalCheckDatabase, ["detail": .text("foreign key: \(table ?? "?")")]))
            }
            findings += try checkChain(db)
            findings += try checkArtifacts(db)
            findings += try checkOutbox(db)
            findings += try checkEpochs(db).map { Message(.journalCheckEpoch, ["place": .text($0.place)]) }
            findings += try checkRemovals(db).map { Message(.journalCheckRemoval, ["counter": .integer($0)]) }
            if let entry = try checkAudit(db) {
                findings.append(Message(.journalCheckAudit, ["number": .integer(entry)]))
            }
            return findings
        }
    }
}

/// One record after the other: a station's journal does not fit into memory.
private func checkChain(_ db: Database) throws -> [Message] {
    var findings: [Message] = []
    var (expected, previous): (Int, String?) = (1, nil)
    let epochs = try StoredEpoch.all(in: db)
    let rows = try Row.fetchCursor(
        db,
        sql: """
            SELECT counter, payload_digest, previous_digest, envelope, removed_at
            FROM records LEFT JOIN removals USING (counter) ORDER BY counter
            """)
    while let row = try rows.next() {
        let counter: Int = row["counter"]
        let digest: String = row["payload_digest"]
        if counter != expected {
            findings.append(
                Message(.journalCheckCounter, ["found": .integer(counter), "expected": .integer(expected)]))
        } else if row["previous_digest"] as String? != previous {
            findings.append(Message(.journalCheckPrevious, ["counter": .integer(counter)]))
        }
        defer { (expected, previous) = (counter + 1, digest) }
        // Its digest is held by the record after it, and by the entry that tells of its removal.
        if row["removed_at"] as String? != nil { continue }
        let payload = (try? Envelope(parsing: bytes(in: row, "envelope"))).map(\.payload)
        let header = payload.flatMap { try? JSONValue(parsing: $0) }.flatMap { RecordHeader.read($0).header }
        if payload.map({ Digest(of: $0).description }) != digest || header?.counter != counter
            || header?.previous?.description != row["previous_digest"] || header?.epoch != epochs.epoch(of: counter)
        {
            findings.append(Message(.journalDamaged, ["item": .text("record \(counter)")]))
        }
    }
    return findings
}

private func checkArtifacts(_ db: Database) throws -> [Message] {
    var findings: [Message] = []
    let rows = try Row.fetchCursor(db, sql: "SELECT digest, bytes FROM artifacts")
    while let row = try rows.next() {
        let digest: String = row["digest"]
        if Digest(of: bytes(in: row, "bytes")).description != digest {
            findings.append(Message(.journalDamaged, ["item": .text(digest)]))
        }
    }
    return findings
}

private func checkOutbox(_ db: Database) throws -> [Message] {
    var findings: [Message] = []
    let unqueued = """
        SELECT counter FROM records WHERE counter NOT IN (SELECT counter FROM outbox WHERE counter IS NOT NULL)
        """
    for counter in try Int.fetchAll(db, sql: unqueued) {
        findings.append(Message(.journalCheckUnqueued, ["counter": .integer(counter)]))
    }
    let unproven = """
        SELECT number FROM outbox
        WHERE (state = 'delivered') <> EXISTS (SELECT 1 FROM receipts WHERE receipts.number = outbox.number)
        """
    for number in try Int.fetchAll(db, sql: unproven) {
        findings.append(Message(.journalCheckReceipt, ["number": .integer(number)]))
    }
    let rows = try Row.fetchCursor(
        db,
        sql: """
            SELECT number, digest, body FROM outbox WHERE body IS NOT NULL
            AND (test IS NULL OR test NOT IN (SELECT test FROM records JOIN removals USING (counter)))
            """)
    while let row = try rows.next() {
        let number: Int = row["number"]
        if Digest(of: bytes(in: row, "body")).description != row["digest"] {
            findings.append(Message(.journalDamaged, ["item": .text("delivery \(number)")]))
        }
    }
    return findings
}

/// The number of the first entry of the audit trail that does not follow from those before it.
private func checkAudit(_ db: Database) throws -> Int? {
    var (expected, previous): (Int, Digest?) = (1, nil)
    let rows = try Row.fetchCursor(db, sql: "SELECT * FROM audit ORDER BY number")
    while let row = try rows.next() {
        guard let entry = AuditEntry(row), entry.number == expected, entry.previous == previous,
            entry.digest == entry.expectedDigest
        else { return expected }
        (expected, previous) = (expected + 1, entry.digest)
    }
    return nil
}
