import Foundation
import Glibc
import Journal
import Messages
import Testing

@Suite("Storage of a journal")
struct StorageTests {
    @Test("A journal whose directory was moved away takes nothing, says so, and goes on by itself when it is back")
    func movedAway() async throws {
        try await withTemporaryDirectory { parent in
            let (here, away) = (parent + "/data", parent + "/elsewhere")
            mkdir(here, 0o700)
            let journal = try await Journal.open(here, reserve: 0)
            try await journal.run("kept")
            try await journal.begin("open")
            #expect(journal.storageProblem() == nil)

            #expect(rename(here, away) == 0)
            let vanished = JournalError.vanished(path: here + "/journal.sqlite")
            #expect(journal.storageProblem() == vanished)
            await #expect(throws: vanished) { try await journal.begin("refused") }
            await #expect(throws: vanished) {
                try await journal.appendFrames(test: "open", [StoredFrame(tick: 1, bytes: [1])])
            }
            await #expect(throws: vanished) { try await journal.seal(test: "open", at: noon, build: build) }
            await #expect(throws: vanished) { try await journal.markDelivered(1, receipt: [1], at: noon) }
            for language in Language.allCases {
                #expect(Catalogue(language).text(vanished.message).contains(here))
            }

            #expect(rename(away, here) == 0)
            #expect(journal.storageProblem() == nil)
            try await journal.appendFrames(test: "open", [StoredFrame(tick: 1, bytes: [1])])
            #expect(try await journal.seal(test: "open", at: noon, build: build).counter == 2)
            #expect(try await journal.check() == [])
            try journal.close()
        }
    }

    @Test("Another file in the journal's place is not taken for it")
    func replaced() async throws {
        try await withTemporaryDirectory { directory in
            let journal = try await Journal.open(directory, reserve: 0)
            try await journal.run("kept")
            try await journal.backup(to: directory + "/copy.sqlite")
            #expect(rename(directory + "/copy.sqlite", directory + "/journal.sqlite") == 0)
            await #expect(throws: JournalError.vanished(path: directory + "/journal.sqlite")) {
                try await journal.begin("refused")
            }
        }
    }

    @Test("Below its reserve of free bytes no test begins, but the open one goes on to its record")
    func reserve() async throws {
        try await withTemporaryDirectory { directory in
            let free = try #require(try await Journal.open(directory, reserve: 0).statistics().freeBytes)
            let needed = free + (1 << 40)
            let journal = try await Journal.open(directory, reserve: needed)
            guard case .spaceLow(directory, _, needed) = journal.storageProblem() else {
                Issue.record("\(String(describing: journal.storageProblem()))")
                return
            }
            await #expect(throws: JournalError.self) { try await journal.begin("refused") }
        }
    }
}
