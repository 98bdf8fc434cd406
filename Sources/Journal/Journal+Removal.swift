public import Evidence
public import Foundation
import GRDB

/// What may be removed from a journal, or was (超期数据清理).
public struct Removal: Hashable, Sendable {
    /// The numbers of the records, in their order.
    public let counters: [Int]
    /// How many bytes of records, frames and attachments go with them.
    public let bytes: Int
    /// Records that are past their term and must stay, since the authority has no receipt for them, or for something of
    /// their test.
    public let withoutReceipt: [Int]

    /// The numbers as stretches, first and last.
    public var stretches: [ClosedRange<Int>] {
        counters.reduce(into: []) { stretches, counter in
            if let last = stretches.last, last.upperBound == counter - 1 {
                stretches[stretches.count - 1] = last.lowerBound...counter
            } else {
                stretches.append(counter...counter)
            }
        }
    }

    static func isRemoved(_ counter: Int, in db: Database) throws -> Bool {
        // Whoever only looks may find a journal that the lane of this version has not opened yet.
        guard try db.tableExists("removals") else { return false }
        return try Int.fetchOne(db, sql: "SELECT 1 FROM removals WHERE counter = ?", arguments: [counter]) != nil
    }
}

extension Journal {
    /// What may be removed: records that were sealed before a time and that the authority has receipts for, with all
    /// of their test. The newest record always stays.
    public func removable(sealedBefore limit: Date) async throws(JournalError) -> Removal {
        try await read { try removal(before: limit, in: $0) }
    }

    /// Removes what may be removed, and notes it in the audit trail, in one transaction: envelope, frames, attachments
    /// that no other record has, and the messages about the test. What stays is the record's number, digest, verdict and
    /// receipt, so that the chain and its roots still prove what was there.
    ///
    /// - Parameter rule: what the term rests on, for the audit trail.
    /// - Throws: ``JournalError/testsOpen(count:)`` while a test is not sealed, which may need what a record has.
    public func remove(
        sealedBefore limit: Date, rule: JSONObject, at now: Date
    ) async throws(JournalError) -> Removal {
        try await record { db in
            let open = try Int.fetchOne(
                db, sql: "SELECT COUNT(*) FROM tests WHERE number NOT IN (SELECT test FROM records)")
            guard open == 0 else { throw JournalError.testsOpen(count: open ?? 0) }
            let removal = try removal(before: limit, in: db)
            guard !removal.counters.isEmpty else { return removal }
            for counter in removal.counters {
                try db.execute(
                    sql: "INSERT INTO removals (counter, removed_at) VALUES (?, ?)",
                    arguments: [counter, wallText(now)]
                )
            }
            try removeContent(in: db)
            try AuditTrail.append(
                removalKind,
                [
                    "records": .array(
                        removal.stretches.map { [.integer(Int64($0.lowerBound)), .integer(Int64($0.upperBound))] }),
                    "digests": .string(try digest(ofRecords: removal.counters, in: db).description),
                    "sealedBefore": .string(wallText(limit)), "bytes": .integer(Int64(removal.bytes)),
                    "rule": .object(rule),
                ], at: now, to: db)
            return removal
        }
    }

    /// What is kept of the records that were removed.
    public func withheldRecords() async throws(JournalError) -> [WithheldRecord] {
        try await read { db in
            guard try db.tableExists("removals") else { return [] }
            let epochs = try StoredEpoch.all(in: db)
            return try Row.fetchAll(
                db, sql: "SELECT counter, payload_digest FROM records JOIN removals USING (counter) ORDER BY counter"
            ).map { row in
                let counter: Int = row["counter"]
                guard let digest = Digest(row["payload_digest"]) else {
                    throw JournalError.damaged(item: "record \(counter)")
                }
                return WithheldRecord(epoch: epochs.epoch(of: counter), counter: counter, digest: digest)
            }
        }
    }
}

extension AuditEntry {
    /// The numbers of the records whose removal the entry tells of; empty for any other entry.
    public var removedRecords: [ClosedRange<Int>] {
        guard kind == removalKind, let detail = try? JSONValue(parsing: detail) else { return [] }
        return (detail["records"]?.elements ?? []).compactMap { pair in
            guard let first = pair.elements?.first?.wholeNumber, let last = pair.elements?.last?.wholeNumber,
                first <= last
            else { return nil }
            return first...last
        }
    }
}

/// What the audit trail calls a removal.
private let removalKind = "records.removed"

private func removal(before limit: Date, in db: Database) throws -> Removal {
    let old = """
        sealed_at < :limit AND records.counter NOT IN (SELECT counter FROM removals)
        AND records.counter < (SELECT MAX(counter) FROM records)
        """
    let open = """
        EXISTS (
            SELECT 1 FROM outbox LEFT JOIN receipts USING (number)
            WHERE outbox.test = records.test AND (outbox.state <> 'delivered' OR receipts.number IS NULL))
        """
    let arguments: StatementArguments = ["limit": wallText(limit)]
    let rows = try Row.fetchAll(
        db,
        sql: """
            SELECT counter, LENGTH(envelope)
                + (SELECT COALESCE(SUM(LENGTH(bytes)), 0) FROM frames WHERE frames.test = records.test)
                + (SELECT COALESCE(SUM(LENGTH(artifacts.bytes)), 0)
                    FROM record_artifacts JOIN artifacts USING (digest)
                    WHERE record_artifacts.counter = records.counter
                    AND name IN ('\(TestRecord.framesName)', '\(TestRecord.wireName)')) AS size
            FROM records WHERE \(old) AND NOT \(open) ORDER BY counter
            """, arguments: arguments)
    return Removal(
        counters: rows.map { $0["counter"] }, bytes: rows.reduce(0) { $0 + ($1["size"] as Int) },
        withoutReceipt: try Int.fetchAll(
            db, sql: "SELECT counter FROM records WHERE \(old) AND \(open) ORDER BY counter", arguments: arguments))
}

/// Takes the content of all records that are listed as removed; the triggers that forbid it are gone within the
/// transaction, and back before its end.
private func removeContent(in db: Database) throws {
    let forbidden = [
        ("frames", "DELETE"), ("records", "UPDATE"), ("record_artifacts", "DELETE"), ("artifacts", "DELETE"),
        ("tests", "UPDATE"),
    ]
    for (table, change) in forbidden { try db.execute(sql: "DROP TRIGGER \(table)_no_\(change.lowercased())") }
    let content = "outbox_content_no_update"
    let trigger = try String.fetchOne(
        db, sql: "SELECT sql FROM sqlite_master WHERE type = 'trigger' AND name = ?", arguments: [content])
    guard let trigger else { throw JournalError.damaged(item: content) }
    let removed = "IN (SELECT test FROM records JOIN removals USING (counter))"
    try db.execute(
        sql: """
            DROP TRIGGER \(content);
            DELETE FROM frames WHERE test \(removed);
            UPDATE outbox SET body = x'' WHERE body IS NOT NULL AND test \(removed);
            UPDATE tests SET test_order = x'', context = x'' WHERE number \(removed);
            UPDATE records SET envelope = x'', summary = CAST('{}' AS BLOB)
                WHERE counter IN (SELECT counter FROM removals);
            DELETE FROM record_artifacts WHERE counter IN (SELECT counter FROM removals);
            DELETE FROM artifacts WHERE digest NOT IN (SELECT digest FROM record_artifacts);

            """)
    try db.execute(sql: trigger)
    for (table, change) in forbidden { try db.execute(sql: Schema.forbid(change, on: table)) }
}

/// The digest of some records' digests, a line each.
private func digest(ofRecords counters: [Int], in db: Database) throws -> Digest {
    var lines = ""
    for counter in counters {
        let digest = try String.fetchOne(
            db, sql: "SELECT payload_digest FROM records WHERE counter = ?", arguments: [counter])
        lines += "\(digest ?? "–")\n"
    }
    return Digest(of: Array(lines.utf8))
}

/// The numbers of records that are listed as removed without an entry of the audit trail that says so, or the other way
/// round, or whose digests are not those that it names.
func checkRemovals(_ db: Database) throws -> [Int] {
    let listed = try Int.fetchAll(db, sql: "SELECT counter FROM removals ORDER BY counter")
    var told: Set<Int> = []
    var wrong: Set<Int> = []
    let rows = try Row.fetchAll(
        db, sql: "SELECT * FROM audit WHERE kind = ? ORDER BY number", arguments: [removalKind])
    for entry in rows.compactMap({ AuditEntry($0) }) {
        let counters = entry.removedRecords.flatMap { Array($0) }
        told.formUnion(counters)
        let expected = (try? JSONValue(parsing: entry.detail))?["digests"]?.text
        if expected != (try digest(ofRecords: counters, in: db)).description { wrong.formUnion(counters) }
    }
    return wrong.union(told.symmetricDifference(listed)).sorted()
}
