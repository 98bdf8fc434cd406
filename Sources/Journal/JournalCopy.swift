public import Evidence
import Foundation
import GRDB
import Glibc

/// A copy of the journal in one file, made while the lane goes on (SQLite's online backup).
enum JournalCopy {
    /// Copies a database, checks the copy and gives it its name last: a file of that name is always whole.
    ///
    /// - Returns: false if a file of that name is there already; it is then untouched.
    /// - Throws: ``JournalError/backupFailed(path:detail:)``, or an error of the database.
    static func make(of source: DatabasePool, at path: String) throws -> Bool {
        guard access(path, F_OK) != 0 else { return false }
        do {
            let temporary = try UnfinishedFile(beside: path, mode: 0o600)
            defer { temporary.discard() }
            let copy = try DatabaseQueue(path: temporary.path)
            try source.backup(to: copy)
            // One file alone, whatever the journal's own mode: it may be carried away on a stick.
            let findings = try copy.writeWithoutTransaction { db in
                try db.execute(sql: "PRAGMA journal_mode = DELETE")
                return try String.fetchAll(db, sql: "PRAGMA quick_check")
            }
            try copy.close()
            guard findings == ["ok"] else {
                throw JournalError.backupFailed(path: path, detail: findings.prefix(3).joined(separator: "; "))
            }
            FailPoint.copyWritten.pass()
            return try DurableFile.name(temporary.path, path)
        } catch let error as DurableFile.Failure {
            throw JournalError.backupFailed(path: path, detail: error.words)
        } catch let error as DatabaseError {
            throw JournalError.backupFailed(path: path, detail: "\(error.message ?? "") (\(error.resultCode.rawValue))")
        }
    }
}

extension JournalCopy {
    /// Whether a file is the journal of a lane.
    static func isJournal(_ path: String) -> Bool {
        var configuration = Configuration()
        configuration.readonly = true
        let queue = try? DatabaseQueue(path: path, configuration: configuration)
        let application = try? queue?.read { try Int.fetchOne($0, sql: "PRAGMA application_id") }
        return application == Schema.applicationID
    }
}

extension Journal {
    /// Copies the whole journal into one file while tests may run.
    ///
    /// - Parameter path: where; nothing of that name may be there.
    /// - Throws: ``JournalError/backupExists(path:)`` or ``JournalError/backupFailed(path:detail:)``.
    public func backup(to path: String) async throws(JournalError) {
        let result: Result<Bool, any Error> = await withCheckedContinuation { continuation in
            DispatchQueue.global().async { [database] in
                continuation.resume(returning: Result { try JournalCopy.make(of: database, at: path) })
            }
        }
        do {
            guard try result.get() else { throw JournalError.backupExists(path: path) }
        } catch {
            throw JournalError(error, path: path)
        }
    }

    /// Gives the room of what was moved back to the file system, and empties the write-ahead log.
    ///
    /// - Throws: ``JournalError/testsOpen(count:)`` while a test is not sealed; ``JournalError``.
    public func vacuum() async throws(JournalError) {
        let open = try await read { db in
            try Int.fetchOne(
                db, sql: "SELECT COUNT(*) FROM tests WHERE number NOT IN (SELECT test FROM records)") ?? 0
        }
        guard open == 0 else { throw .testsOpen(count: open) }
        let result: Result<Void, any Error> = await withCheckedContinuation { continuation in
            database.asyncWriteWithoutTransaction { db in
                continuation.resume(
                    returning: Result {
                        try db.execute(sql: "VACUUM")
                        _ = try db.checkpoint(.truncate)
                    })
            }
        }
        do { try result.get() } catch { throw JournalError(error, path: path) }
    }
}

/// What a copy of a journal holds, read from the copy itself.
public struct JournalCopySummary: Hashable, Sendable {
    /// The lane whose records it has; nil if it has none.
    public let lane: String?
    /// The epoch of the lane.
    public let epoch: Int
    /// The number of the last record; 0 for none.
    public let counter: Int
    /// The digest of its payload; nil for none.
    public let head: Digest?

    /// Looks into a copy, which no lane uses.
    ///
    /// - Throws: ``JournalError`` if it is none that can be read.
    public init(of path: String) throws(JournalError) {
        do {
            var configuration = Configuration()
            configuration.readonly = true
            let queue = try DatabaseQueue(path: path, configuration: configuration)
            defer { try? queue.close() }
            self = try queue.read { db in
                let last = try Row.fetchOne(
                    db, sql: "SELECT counter, payload_digest FROM records ORDER BY counter DESC LIMIT 1")
                return JournalCopySummary(
                    lane: try String.fetchOne(db, sql: "SELECT value FROM meta WHERE name = 'lane'"),
                    epoch: try StoredEpoch.current(in: db), counter: last?["counter"] ?? 0,
                    head: (last?["payload_digest"] as String?).flatMap { Digest($0) })
            }
        } catch {
            throw JournalError(error, path: path)
        }
    }

    private init(lane: String?, epoch: Int, counter: Int, head: Digest?) {
        self.lane = lane
        self.epoch = epoch
        self.counter = counter
        self.head = head
    }
}
