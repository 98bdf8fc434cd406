import Evidence
import Foundation
import GRDB
import Glibc

/// What a lane keeps on disk (检测日志): tests with their frames as they come, sealed records, deliveries, audit trail.
///
/// One SQLite database in a directory of its own, written ahead (WAL) and synchronised at every commit, so that what
/// a method has returned from survives a power loss. One process at a time is the lane of a directory; others may
/// read. Nothing is ever deleted, and what is evidence never changes.
///
/// Every method waits for the database's own queues without holding a thread of Swift's pool, and runs to its end
/// even if the calling task is cancelled: a cancelled session must still be able to account for its test.
public final class Journal: Sendable {
    /// Who opens a data directory.
    public enum Access: Sendable {
        /// The lane itself: takes the directory's lock, creates or migrates the database.
        case lane
        /// A look at what is there, beside a running lane. Whatever writes fails.
        case reading
    }

    /// The name of the database in the data directory.
    public static let fileName = "journal.sqlite"

    /// The data directory.
    public let directory: String

    let path: String
    let reserve: Int
    let database: DatabasePool
    /// The database's file as it was opened.
    let file: FileIdentity?
    private let lock: DirectoryLock?

    /// Opens the journal of a data directory.
    ///
    /// - Parameter directory: must be there; it is not created, since a missing mount must not go unnoticed.
    /// - Parameter reserve: the free bytes without which no test begins.
    /// - Throws: ``JournalError``; the files are then as they were.
    public static func open(
        _ directory: String, as access: Access = .lane, reserve: Int = 64 << 20
    ) async throws(JournalError) -> Journal {
        let result: Result<Journal, JournalError> = await withCheckedContinuation { continuation in
            DispatchQueue.global().async {
                continuation.resume(
                    returning: Result { () throws(JournalError) in
                        try Journal(directory, access: access, reserve: reserve)
                    })
            }
        }
        return try result.get()
    }

    private init(_ directory: String, access: Access, reserve: Int) throws(JournalError) {
        self.directory = directory
        self.reserve = reserve
        path = "\(directory)/\(Self.fileName)"
        var status = stat()
        guard stat(directory, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else {
            throw .directoryMissing(path: directory)
        }
        switch access {
        case .lane:
            lock = try DirectoryLock(directory: directory)
            for folder in [directory, "\(directory)/keys", "\(directory)/chain"] {
                UnfinishedFile.removeLeftovers(in: folder)
            }
        case .reading:
            lock = nil
            guard Glibc.access(path, F_OK) == 0 else { throw .nothingYet(directory: directory) }
        }
        do {
            var configuration = Configuration()
            configuration.readonly = access == .reading
            configuration.foreignKeysEnabled = true
            configuration.busyMode = .timeout(5)
            configuration.label = "Journal"
            configuration.prepareDatabase {
                // Without it a REPLACE would pass by the triggers that forbid deletion.
                try $0.execute(sql: "PRAGMA recursive_triggers = ON")
                // Each of several connections would keep 2 MB of frames that nobody reads twice.
                try $0.execute(sql: "PRAGMA cache_size = -512")
            }
            database = try DatabasePool(path: path, configuration: configuration)
            try Self.checkOwner(of: database, path: path)
            if access == .lane {
                // The pool prefers NORMAL, which may lose the last commits at a power loss.
                let synchronous = try database.writeWithoutTransaction { db in
                    try db.execute(sql: "PRAGMA synchronous = FULL")
                    return try Int.fetchOne(db, sql: "PRAGMA synchronous")
                }
                guard synchronous == 2 else { throw JournalError.refused(detail: "PRAGMA synchronous") }
                try Self.migrate(database, path: path)
                FailPoint.journalOpened.pass()
            }
            file = FileIdentity(path)
            if access == .lane { try removeLeftoversOfExport() }
        } catch {
            throw JournalError(error, path: path)
        }
    }

    /// Where a record's files are written when it is sealed, for whoever wants to look at them or take them along.
    public func exportDirectory(of counter: Int) -> String {
        let digits = String(counter)
        return "\(directory)/records/\(String(repeating: "0", count: max(0, 6 - digits.count)))\(digits)"
    }

    /// Only the newest export can have been cut off; older ones may be hundreds of thousands of folders.
    private func removeLeftoversOfExport() throws {
        let newest = try database.read { try Int.fetchOne($0, sql: "SELECT MAX(counter) FROM records") }
        if let newest { UnfinishedFile.removeLeftovers(in: exportDirectory(of: newest)) }
    }

    /// Brings an older journal up to date, after a copy of it was made beside it.
    private static func migrate(_ database: DatabasePool, path: String) throws {
        let done = try database.read { try Schema.migrator.completedMigrations($0) }
        guard done != Schema.migrator.migrations else { return }
        if let last = done.last {
            // A run that was killed after its copy left one; it is of the same journal.
            let copy = "\(path).before-\(last.prefix { $0 != " " })"
            if try !JournalCopy.make(of: database, at: copy), !JournalCopy.isJournal(copy) {
                throw JournalError.backupExists(path: copy)
            }
            FailPoint.migrationBackedUp.pass()
        }
        try Schema.migrator.migrate(database)
    }

    /// Refuses another program's database and one of a newer version of this one, before anything is changed.
    private static func checkOwner(of database: DatabasePool, path: String) throws {
        try database.read { db in
            let application = try Int.fetchOne(db, sql: "PRAGMA application_id")
            // The list of migrations is made before the first of them: power may have failed in between.
            let isEmpty =
                try Int.fetchOne(db, sql: "SELECT COUNT(*) FROM sqlite_master WHERE tbl_name <> 'grdb_migrations'") == 0
            guard isEmpty || application == Schema.applicationID else {
                throw JournalError.notADatabase(path: path, detail: "application_id \(application ?? 0)")
            }
            guard try !Schema.migrator.hasBeenSuperseded(db) else { throw JournalError.newerSchema(path: path) }
        }
    }

    /// Closes the database and gives the directory back. Later calls fail.
    ///
    /// - Throws: ``JournalError/busy(path:detail:)`` while other calls are under way.
    public func close() throws(JournalError) {
        do {
            try database.close()
            lock?.release()
        } catch {
            throw JournalError(error, path: path)
        }
    }

    // MARK: Access to the database

    /// Runs in a transaction of its own; all of it is stored, or nothing.
    ///
    /// - Throws: ``JournalError``, or what `body` itself throws.
    func write<Value: Sendable>(_ body: @escaping @Sendable (Database) throws -> Value) async throws -> Value {
        let result: Result<Value, any Error> = await withCheckedContinuation { continuation in
            // A file that is not where it was takes writes as before, and keeps them for nobody.
            database.asyncWrite({ db in
                try self.requirePresence()
                return try body(db)
            }) { _, result in
                continuation.resume(
                    returning: Result {
                        let value = try result.get()
                        try self.requirePresence()
                        return value
                    })
            }
        }
        return try result.mapError { [path] in $0 is DatabaseError ? JournalError($0, path: path) : $0 }.get()
    }

    /// Runs in a transaction of its own, in which nothing but the database can fail.
    func record<Value: Sendable>(
        _ body: @escaping @Sendable (Database) throws -> Value
    ) async throws(JournalError) -> Value {
        do {
            return try await write(body)
        } catch {
            throw JournalError(error, path: path)
        }
    }

    /// Reads a state of the database that no writer changes meanwhile.
    func read<Value: Sendable>(
        _ body: @escaping @Sendable (Database) throws -> Value
    ) async throws(JournalError) -> Value {
        let result: Result<Value, any Error> = await withCheckedContinuation { continuation in
            database.asyncRead { result in
                continuation.resume(returning: Result { try body(result.get()) })
            }
        }
        do {
            return try result.get()
        } catch {
            throw JournalError(error, path: path)
        }
    }
}

/// An instant as the journal shows it: UTC with milliseconds.
func wallText(_ date: Date) -> String { date.formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true)) }
