import Foundation
import GRDB
import Glibc
import Journal
import Testing

@Suite("Opening a journal")
struct OpeningTests {
    private func error(_ directory: String, as access: Journal.Access = .lane) async -> JournalError? {
        await #expect(throws: JournalError.self) { try await Journal.open(directory, as: access, reserve: 0) }
    }

    @Test("A directory that is missing is not created")
    func missing() async throws {
        try await withTemporaryDirectory { directory in
            #expect(await error(directory + "/none") == .directoryMissing(path: directory + "/none"))
            #expect(access(directory + "/none", F_OK) != 0)
            try Data().write(to: URL(fileURLWithPath: directory + "/file"))
            #expect(await error(directory + "/file") == .directoryMissing(path: directory + "/file"))
        }
    }

    @Test("A directory that cannot be written is refused, for root too")
    func notWritable() async {
        // The kernel lets nobody create files here.
        guard case .notWritable(let path, _) = await error("/proc/self") else {
            Issue.record("opened, or another error")
            return
        }
        #expect(path == "/proc/self/lane.lock")
    }

    @Test("One directory serves one lane at a time")
    func locked() async throws {
        try await withTemporaryDirectory { directory in
            let first = try await Journal.open(directory)
            #expect(await error(directory) == .locked(path: directory, process: String(getpid())))
            // Others may look on.
            let reader = try await Journal.open(directory, as: .reading)
            #expect(try await reader.records().isEmpty)
            try first.close()
            _ = try await Journal.open(directory)
        }
    }

    @Test("Who only reads cannot write")
    func readingOnly() async throws {
        try await withJournal { journal, directory in
            try await journal.run("a")
            let reader = try await Journal.open(directory, as: .reading, reserve: 0)
            #expect(try await reader.records().count == 1)
            let error = await #expect(throws: JournalError.self) { try await reader.begin("b") }
            guard case .notWritable = error else {
                Issue.record("\(String(describing: error))")
                return
            }
        }
        try await withTemporaryDirectory { directory in
            #expect(await error(directory, as: .reading) == .nothingYet(directory: directory))
        }
    }

    @Test("What a lane left behind can be read when no lane runs")
    func readingAfterwards() async throws {
        try await withJournal { journal, directory in
            try await journal.run("a")
            try journal.close()
            let reader = try await Journal.open(directory, as: .reading)
            #expect(try await reader.records().map(\.test) == ["a"])
            #expect(try await reader.attachments(of: 1).count == 1)
        }
    }

    @Test("A file that is no database is refused and left as it is")
    func notADatabase() async throws {
        try await withTemporaryDirectory { directory in
            let path = directory + "/journal.sqlite"
            let content = Data("This is a letter, not a database. ".utf8) + Data(count: 4_096)
            try content.write(to: URL(fileURLWithPath: path))
            guard case .notADatabase(path, _) = await error(directory) else {
                Issue.record("opened, or another error")
                return
            }
            #expect(FileManager.default.contents(atPath: path) == content)
        }
    }

    @Test("Another program's database is refused and left as it is")
    func foreignDatabase() async throws {
        try await withTemporaryDirectory { directory in
            try tamper(directory, "CREATE TABLE customers (name TEXT); INSERT INTO customers VALUES ('Wang')")
            guard case .notADatabase = await error(directory) else {
                Issue.record("opened, or another error")
                return
            }
            let queue = try DatabaseQueue(path: directory + "/journal.sqlite")
            let names = try await queue.read { db in
                try String.fetchAll(db, sql: "SELECT name FROM sqlite_master WHERE name NOT LIKE 'sqlite_%'")
            }
            #expect(names == ["customers"])
        }
    }

    @Test("A journal whose making was broken off before its first table is made then")
    func brokenOff() async throws {
        try await withTemporaryDirectory { directory in
            // What the library leaves that carries the migrations out, before the first of them.
            try tamper(directory, "CREATE TABLE grdb_migrations (identifier TEXT NOT NULL PRIMARY KEY)")
            let journal = try await Journal.open(directory, reserve: 0)
            try await journal.run("a")
            #expect(try await journal.check() == [])
            try journal.close()
        }
    }

    @Test("A newer version's database is refused and loses nothing")
    func newerSchema() async throws {
        try await withTemporaryDirectory { directory in
            let journal = try await Journal.open(directory, reserve: 0)
            try await journal.run("a")
            try journal.close()
            try tamper(
                directory,
                """
                INSERT INTO grdb_migrations VALUES ('99 a later invention');
                CREATE TABLE invention (x INTEGER); INSERT INTO invention VALUES (42)
                """)
            let path = directory + "/journal.sqlite"
            #expect(await error(directory) == .newerSchema(path: path))
            #expect(await error(directory, as: .reading) == .newerSchema(path: path))
            try tamper(directory, "DELETE FROM grdb_migrations WHERE identifier LIKE '99%'")
            let again = try await Journal.open(directory)
            #expect(try await again.records().count == 1)
            let queue = try DatabaseQueue(path: path)
            #expect(try await queue.read { try Int.fetchOne($0, sql: "SELECT x FROM invention") } == 42)
        }
    }

    @Test("The lock goes with the journal that failed to open")
    func lockAfterFailure() async throws {
        try await withTemporaryDirectory { directory in
            let path = directory + "/journal.sqlite"
            try Data("no database at all, and long enough to be looked at".utf8).write(to: URL(fileURLWithPath: path))
            _ = await error(directory)
            unlink(path)
            _ = try await Journal.open(directory)
        }
    }
}
