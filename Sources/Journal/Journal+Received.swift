public import Evidence
public import Foundation
import GRDB
public import Messages

/// What the authority has of the lane's records, held against the lane's own (数据目录回滚检查).
extension Journal {
    /// The last record that a receipt is here for; nil if there is none.
    public func newestReceived() async throws(JournalError) -> ReceivedRecord? {
        try await read { db in
            let sql = """
                SELECT receipt FROM receipts JOIN outbox USING (number)
                WHERE counter IS NOT NULL ORDER BY counter DESC LIMIT 1
                """
            guard let receipt = try Data.fetchOne(db, sql: sql) else { return nil }
            return (try? JSONValue(parsing: Array(receipt)))?["receipt"].flatMap { ReceivedRecord(receipt: $0) }
        }
    }

    /// What a record that the authority has says against the records here; nil if it is one of them, or one that the
    /// lane's epochs do not go on from.
    public func objection(to received: ReceivedRecord) async throws(JournalError) -> Finding? {
        try await read { db in
            let epochs = try StoredEpoch.all(in: db)
            // A record of an earlier epoch beyond what was kept is known to be lost.
            if epochs.contains(where: { $0.epoch > received.epoch && $0.after < received.counter }) { return nil }
            if let objection = try unknownEpoch(received.epoch, in: db) { return objection }
            let last = try Int.fetchOne(db, sql: "SELECT MAX(counter) FROM records") ?? 0
            let own = try String.fetchOne(
                db, sql: "SELECT payload_digest FROM records WHERE counter = ?", arguments: [received.counter])
            return ReceiptComparison.objection(
                counter: received.counter, digest: received.digest, last: last, own: own.flatMap { Digest($0) })
        }
    }

    /// What the epoch that the authority says the lane is in says against this directory; nil if it knows the epoch.
    public func objection(to received: ReceivedEpoch) async throws(JournalError) -> Finding? {
        try await read { try unknownEpoch(received.epoch, in: $0) }
    }

    /// Why no test may be run with this directory any more; nil if one may.
    public func refusal() async throws(JournalError) -> Message? {
        try await read { db in
            try String.fetchOne(db, sql: "SELECT value FROM meta WHERE name = 'refusal'")
                .map { Message(stored: Array($0.utf8)) }
        }
    }

    /// Closes the directory for tests: it stays so when the authority cannot be asked. The newest copy of the directory,
    /// put back in its place, knows nothing of it.
    public func refuseTests(_ reason: Message, at now: Date) async throws(JournalError) {
        try await record { db in
            let stored = String(decoding: reason.stored, as: UTF8.self)
            try db.execute(
                sql: "INSERT OR IGNORE INTO meta (name, value) VALUES ('refusal', ?)", arguments: [stored])
            try AuditTrail.append("chain.refused", ["reason": reason.json], at: now, to: db)
        }
    }
}

/// A directory that does not know of an epoch is not the one that the lane goes on with.
private func unknownEpoch(_ epoch: Int, in db: Database) throws -> Finding? {
    let own = try StoredEpoch.current(in: db)
    guard epoch > own else { return nil }
    return Finding(
        Message(.evidenceEpochSuperseded, ["found": .integer(own), "expected": .integer(epoch)]), at: "epoch \(epoch)")
}
