import Evidence
import Foundation
import Glibc
import Journal
import Testing

@Suite("Full disk")
struct FullDiskTests {
    /// Mounts a file system of two megabytes, which only root may; nil where that is not possible.
    private static func mountSmallDisk() -> String? {
        var template = Array("/tmp/journal-disk-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { return nil }
        let path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        if mount("tmpfs", path, "tmpfs", 0, "size=2m") == 0 { return path }
        rmdir(path)
        return nil
    }

    /// Whether this test can run here; said aloud by the test's own condition.
    private static let canMount: Bool = {
        guard let path = mountSmallDisk() else { return false }
        umount(path)
        rmdir(path)
        return true
    }()

    @Test(
        "When the disk fills up while frames come, all that was stored stays, and the lane goes on once there is room",
        .enabled(if: canMount, "needs the right to mount a small file system"))
    func fillsUp() async throws {
        let disk = try #require(Self.mountSmallDisk())
        defer {
            umount2(disk, Int32(MNT_DETACH))
            rmdir(disk)
        }
        let ballast = disk + "/ballast"
        try Data(count: 512 << 10).write(to: URL(fileURLWithPath: ballast))
        let journal = try await Journal.open(disk, reserve: 0)
        try await journal.run("sealed")
        try await journal.begin("long")
        var stored = 0
        var failure: JournalError?
        while failure == nil, stored < 10_000 {
            do {
                try await journal.appendFrames(
                    test: "long", [StoredFrame(tick: stored + 1, bytes: Array(repeating: 7, count: 4_000))])
                stored += 1
            } catch {
                failure = error
            }
        }
        #expect(failure == .diskFull(path: disk + "/journal.sqlite"))
        #expect(stored > 50)
        #expect(try await journal.test("long").frames.map(\.tick) == Array(1...stored))
        // No further test begins, and the open one cannot be sealed yet, but nothing is half done.
        await #expect(throws: JournalError.self) {
            try await journal.seal(test: "long", at: noon) { context in
                try build(
                    context, attachments: [AttachedFile(name: "frames", bytes: Array(repeating: 7, count: 200_000))])
            }
        }
        #expect(try await journal.records().map(\.counter) == [1])

        unlink(ballast)
        try await journal.appendFrames(test: "long", [StoredFrame(tick: stored + 1, bytes: [1])])
        let record = try await journal.seal(test: "long", at: noon, build: build)
        #expect(record.counter == 2)
        try journal.close()

        let again = try await Journal.open(disk, reserve: 0)
        #expect(try await again.records().map(\.counter) == [2, 1])
        #expect(try await again.test("long").frames.count == stored + 1)
        #expect(AuditEntry.firstBreak(in: try await again.auditTrail()) == nil)
        try again.close()
    }

    @Test(
        "On a disk that is read-only there is no test",
        .enabled(if: canMount, "needs the right to mount a small file system"))
    func readOnly() async throws {
        let disk = try #require(Self.mountSmallDisk())
        defer {
            umount2(disk, Int32(MNT_DETACH))
            rmdir(disk)
        }
        let journal = try await Journal.open(disk, reserve: 0)
        try journal.close()
        #expect(mount("tmpfs", disk, "tmpfs", UInt(MS_REMOUNT | MS_RDONLY), nil) == 0)
        let error = await #expect(throws: JournalError.self) { try await Journal.open(disk, reserve: 0) }
        guard case .notWritable = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }
}
