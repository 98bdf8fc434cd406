import Foundation
import Glibc
import Journal
import Testing

@Suite("Tests and frames")
struct TestAndFrameTests {
    @Test("A test that was begun is open until it is sealed, with its frames in the order of their ticks")
    func openTests() async throws {
        try await withJournal { journal, _ in
            try await journal.begin("a")
            try await journal.begin("b")
            try await journal.appendFrames(
                test: "a", [StoredFrame(tick: 2, bytes: [2, 0xFF, 0]), StoredFrame(tick: 1, bytes: [])])
            try await journal.appendFrames(test: "a", [StoredFrame(tick: 10, bytes: [10])])
            let open = try await journal.openTests()
            #expect(open.map(\.id) == ["a", "b"])
            #expect(open[0].frames.map(\.tick) == [1, 2, 10])
            #expect(open[0].frames[1].bytes == [2, 0xFF, 0])
            #expect(open[0].order == bytes("order"))
            #expect(open[0].context == bytes("context"))
            #expect(open[0].startedAt == "2026-05-29T04:26:40+08:00")
            #expect(open[1].frames.isEmpty)
            try await journal.seal(test: "a", at: noon, build: build)
            #expect(try await journal.openTests().map(\.id) == ["b"])
            #expect(try await journal.test("a").frames.count == 3)
        }
    }

    @Test("What was stored before a kill is there after it, and an open test can be sealed then")
    func afterKill() async throws {
        try await withJournal { journal, directory in
            try await journal.run("sealed")
            try await journal.begin("interrupted")
            try await journal.appendFrames(test: "interrupted", (1...40).map { StoredFrame(tick: $0, bytes: [7]) })
            let copy = try copyAsAfterKill(directory)
            let revived = try await Journal.open(copy, reserve: 0)
            let open = try await revived.openTests()
            #expect(open.map(\.id) == ["interrupted"])
            #expect(open.first?.frames.map(\.tick) == Array(1...40))
            #expect(try await revived.records().map(\.counter) == [1])
            let record = try await revived.seal(test: "interrupted", at: noon, build: build)
            #expect(record.counter == 2)
            #expect(try await revived.outbox(.pending).map(\.counter) == [1, 2])
            #expect(AuditEntry.firstBreak(in: try await revived.auditTrail()) == nil)
        }
    }

    @Test("A test is begun once, and a tick has one frame")
    func once() async throws {
        try await withJournal { journal, _ in
            try await journal.begin("a")
            await #expect(throws: JournalError.testExists(id: "a")) { try await journal.begin("a") }
            try await journal.appendFrames(test: "a", [StoredFrame(tick: 1, bytes: [1])])
            // All of a batch or none of it.
            await #expect(throws: JournalError.frameExists(test: "a", tick: 1)) {
                try await journal.appendFrames(
                    test: "a", [StoredFrame(tick: 2, bytes: [2]), StoredFrame(tick: 1, bytes: [1])])
            }
            #expect(try await journal.test("a").frames.map(\.tick) == [1])
        }
    }

    @Test("Nothing is added to a sealed test or to none")
    func closed() async throws {
        try await withJournal { journal, _ in
            try await journal.run("a")
            await #expect(throws: JournalError.testSealed(id: "a")) {
                try await journal.appendFrames(test: "a", [StoredFrame(tick: 9, bytes: [])])
            }
            await #expect(throws: JournalError.testSealed(id: "a")) {
                try await journal.seal(test: "a", at: noon, build: build)
            }
            await #expect(throws: JournalError.unknown(item: "b")) {
                try await journal.appendFrames(test: "b", [])
            }
            await #expect(throws: JournalError.unknown(item: "b")) { try await journal.test("b") }
        }
    }

    @Test("Without the reserve of free space no test begins")
    func reserve() async throws {
        try await withTemporaryDirectory { directory in
            let journal = try await Journal.open(directory, reserve: .max)
            let error = await #expect(throws: JournalError.self) { try await journal.begin("a") }
            guard case .spaceLow(directory, let free, .max) = error else {
                Issue.record("\(String(describing: error))")
                return
            }
            #expect(free > 0)
            #expect(try await journal.openTests().isEmpty)
        }
    }

    @Test("A cancelled task still stores what it was about to store")
    func cancelled() async throws {
        try await withJournal { journal, _ in
            try await journal.begin("a")
            let task = Task {
                withUnsafeCurrentTask { $0?.cancel() }
                #expect(Task.isCancelled)
                try await journal.appendFrames(test: "a", [StoredFrame(tick: 1, bytes: [1])])
                #expect(try await journal.openTests().first?.frames.count == 1)
                return try await journal.seal(test: "a", at: noon, build: build).counter
            }
            #expect(try await task.value == 1)
        }
    }

    @Test("Readers see whole states while a writer is busy")
    func concurrentReaders() async throws {
        try await withJournal { journal, _ in
            try await journal.begin("a")
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    for batch in 0..<60 {
                        try await journal.appendFrames(
                            test: "a", (0..<10).map { StoredFrame(tick: batch * 10 + $0, bytes: [UInt8($0)]) })
                    }
                }
                for _ in 0..<4 {
                    group.addTask {
                        var seen = 0
                        while seen < 600 {
                            let count = try await journal.test("a").frames.count
                            // Batches of ten are whole, and what was seen stays.
                            #expect(count % 10 == 0 && count >= seen)
                            seen = count
                        }
                    }
                }
                try await group.waitForAll()
            }
            #expect(try await journal.test("a").frames.map(\.tick) == Array(0..<600))
        }
    }

    @Test("What was on the wires survives a kill as far as the frames do, and is gone from there once it is sealed")
    func wire() async throws {
        try await withJournal { journal, directory in
            try await journal.begin("a")
            try await journal.appendFrames(test: "a", [StoredFrame(tick: 1, bytes: [1])], wire: bytes("head\none\n"))
            try await journal.appendFrames(test: "a", [StoredFrame(tick: 2, bytes: [2])])
            try await journal.appendFrames(test: "a", [StoredFrame(tick: 3, bytes: [3])], wire: bytes("three\n"))
            let killed = try await Journal.open(try copyAsAfterKill(directory), reserve: 0)
            let open = try #require(try await killed.openTests().first)
            #expect(open.wire == bytes("head\none\nthree\n"))
            #expect(open.frames.map(\.tick) == [1, 2, 3])
            // All of a batch or nothing.
            await #expect(throws: JournalError.self) {
                try await killed.appendFrames(test: "a", [StoredFrame(tick: 3, bytes: [3])], wire: bytes("again\n"))
            }
            #expect(try await killed.openTests().first?.wire == open.wire)
            try await killed.seal(test: "a", at: noon, build: build)
            #expect(try await killed.test("a").wire == [])
            try killed.close()
        }
    }
}
