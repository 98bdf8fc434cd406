import Evidence
import Foundation
import Journal
import Messages
import Testing

@Suite("Stream of a test")
struct StreamTests {
    private let problem = Message(.uplinkTimeout, ["seconds": 5])

    /// Begins a test whose stream the authority wants, stores some seconds of it and seals it.
    private func stream(_ journal: Journal, _ id: String, seconds: Int = 2) async throws {
        try await journal.beginTest(
            id: id, method: "asm", lane: laneName, startedAt: "2026-05-29T04:26:40+08:00", order: [], context: [],
            announcement: ["method": "asm"], at: noon)
        for second in 0..<seconds {
            try await journal.appendFrames(
                test: id, [StoredFrame(tick: second, bytes: [1])], processData: [["second": .integer(Int64(second))]],
                at: noon)
        }
        try await journal.seal(test: id, at: noon, build: build)
    }

    private func due(_ journal: Journal, limit: Int = 100) async throws -> [String] {
        try await journal.due(.backlog, at: noon, horizon: 3_600, limit: limit)
            .map { "\($0.kind.rawValue) \($0.test ?? "-")/\($0.sequence)" }
    }

    @Test("Beginning, process data, end and record are queued in their order, each with its place")
    func order() async throws {
        try await withJournal { journal, _ in
            try await stream(journal, "a")
            #expect(
                try await due(journal) == ["start a/1", "process a/2", "process a/3", "end a/4", "record a/5"])
            let body = try JSONValue(parsing: try await journal.content(of: 2))
            #expect(body["sequence"] == 2)
            #expect(body["test"] == "a")
            #expect(body["lane"]?["id"] == .string(laneName))
            #expect(body["content"]?["second"] == 0)
            let end = try JSONValue(parsing: try await journal.content(of: 4))
            #expect(end["content"]?["counter"] == 1)
            #expect(
                end["content"]?["digest"]?.text == (try await journal.record(1).payloadDigest.description))
            #expect(try await journal.content(of: 5) == journal.envelope(of: 1))
        }
    }

    @Test("Without a beginning that was queued there is a record alone")
    func recordAlone() async throws {
        try await withJournal { journal, _ in
            try await journal.begin("a")
            try await journal.appendFrames(
                test: "a", [StoredFrame(tick: 1, bytes: [])], processData: [["second": 1]], at: noon)
            try await journal.seal(test: "a", at: noon, build: build)
            #expect(try await due(journal) == ["record a/1"])
        }
    }

    @Test("An item that waits or is quarantined holds up its own test and no other")
    func heldUp() async throws {
        try await withJournal { journal, _ in
            try await stream(journal, "a", seconds: 1)
            try await stream(journal, "b", seconds: 0)
            try await journal.queueLaneState(["state": "locked"], lane: laneName, at: noon)
            try await journal.markDelivered(1, receipt: [], at: noon)
            try await journal.quarantine(2, reason: problem, at: noon)
            #expect(try await due(journal) == ["start b/1", "end b/2", "record b/3", "lane-state -/1"])
            let record = try await journal.delivery(ofRecord: 1)
            #expect(try await journal.holdingUp(record)?.number == 2)
            try await journal.markRetry(5, attempts: 1, notBefore: noon.addingTimeInterval(60), problem: problem)
            #expect(try await due(journal) == ["lane-state -/1"])
            #expect(try await journal.nextAttempt() == noon)
            try await journal.retry(2, at: noon)
            #expect(try await due(journal) == ["process a/2", "end a/3", "record a/4", "lane-state -/1"])
            // A limit never takes an item without those before it.
            #expect(try await due(journal, limit: 2) == ["process a/2", "end a/3"])
        }
    }

    @Test("What was queued lately comes first, in its order, even after the clock was set back")
    func live() async throws {
        try await withJournal { journal, _ in
            try await journal.run("old")
            let now = noon.addingTimeInterval(7_200)
            try await journal.beginTest(
                id: "new", method: "asm", lane: laneName, startedAt: "", order: [], context: [], announcement: [:],
                at: now)
            try await journal.appendFrames(
                test: "new", [StoredFrame(tick: 1, bytes: [])], processData: [[:]], at: noon.addingTimeInterval(-9))
            let live = try await journal.due(
                .live(since: now.addingTimeInterval(-60)), at: now, horizon: 3_600, limit: 9)
            #expect(live.map(\.number) == [2, 3])
            #expect(try await journal.due(.backlog, at: now, horizon: 3_600, limit: 9).map(\.number) == [1, 2, 3])
        }
    }

    @Test("What an item carries never changes, and items are never deleted")
    func immutable() async throws {
        try await withTemporaryDirectory { directory in
            let journal = try await Journal.open(directory, reserve: 0)
            try await stream(journal, "a")
            try journal.close()
            for sql in ["UPDATE outbox SET body = x'00' WHERE number = 1", "DELETE FROM outbox"] {
                #expect(throws: (any Error).self) { try tamper(directory, sql) }
            }
        }
    }
}
