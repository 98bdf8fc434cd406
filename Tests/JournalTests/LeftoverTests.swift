import Evidence
import Foundation
import Glibc
import Journal
import Testing

@Suite("What a kill leaves in the data directory")
struct LeftoverTests {
    private static let ours = [
        "trust.json.0badcafe.lane.tmp", "keys/simulated.key.12345678.lane.tmp",
        "chain/2026-10-01-20.json.00000000.lane.tmp",
        "journal.sqlite.before-1.abcdef01.lane.tmp", "journal.sqlite.before-1.abcdef01.lane.tmp-journal",
        "journal.sqlite.before-1.feedbeef.lane.tmp-wal", "records/000002/envelope.json.00c0ffee.lane.tmp",
    ]
    private static let others = [
        "notes.tmp", "notes.12345678.tmp", "x.lane.tmp", "x.1234567.lane.tmp", "x.1234567G.lane.tmp",
        "records/000001/notes.00c0ffee.lane.tmp", "trust.json.0badcafe.lane.tmp.old", "trust.json",
    ]

    private func make(_ names: [String], in directory: String) throws {
        for name in names {
            let path = URL(fileURLWithPath: "\(directory)/\(name)")
            try FileManager.default.createDirectory(
                at: path.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data("half".utf8).write(to: path)
        }
    }

    @Test("is removed when a lane starts, by its names and nothing else; a look removes nothing")
    func removed() async throws {
        try await withTemporaryDirectory { directory in
            let journal = try await Journal.open(directory, reserve: 0)
            for name in ["1", "2"] { try await journal.run(name) }
            #expect(journal.exportDirectory(of: 2) == directory + "/records/000002")
            try journal.close()
            try make(Self.ours + Self.others, in: directory)
            mkdir(directory + "/folder.12345678.lane.tmp", 0o700)
            symlink(directory + "/notes.tmp", directory + "/link.12345678.lane.tmp")
            func isThere(_ name: String) -> Bool {
                var status = stat()
                return lstat("\(directory)/\(name)", &status) == 0
            }

            _ = try await Journal.open(directory, as: .reading)
            for name in Self.ours { #expect(isThere(name), "\(name)") }
            // What another program is writing at this moment is locked.
            let written = try UnfinishedFile(beside: directory + "/copy.sqlite", mode: 0o600)
            let again = try await Journal.open(directory, reserve: 0)
            for name in Self.ours { #expect(!isThere(name), "\(name)") }
            for name in Self.others + ["folder.12345678.lane.tmp", "link.12345678.lane.tmp"] {
                #expect(isThere(name), "\(name)")
            }
            #expect(access(written.path, F_OK) == 0)
            written.discard()
            #expect(access(written.path, F_OK) != 0)
            #expect(try await again.check() == [])
            try again.close()
        }
    }

    @Test("is nothing where a file was finished")
    func finished() async throws {
        try await withTemporaryDirectory { directory in
            let isMade = try DurableFile.create([1, 2, 3], at: directory + "/a", mode: 0o600)
            let isMadeAgain = try DurableFile.create([4], at: directory + "/a", mode: 0o600)
            #expect(isMade && !isMadeAgain)
            try DurableFile.replace([5], at: directory + "/a", mode: 0o600)
            let journal = try await Journal.open(directory, reserve: 0)
            try await journal.run("1")
            try await journal.backup(to: directory + "/copy.sqlite")
            try await journal.export(1, to: directory + "/export")
            let names = try #require(FileManager.default.enumerator(atPath: directory)).compactMap { $0 as? String }
            #expect(names.filter { $0.contains(".tmp") } == [])
            let content = try DurableFile.read(directory + "/a").bytes
            #expect(content == [5])
            try journal.close()
        }
    }
}
