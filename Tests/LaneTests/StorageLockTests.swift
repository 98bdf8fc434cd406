import Evidence
import Assurance
import Foundation
import Glibc
import Journal
import Lane
import Messages
import Procedures
import Standards
import Synchronization
import Testing

@Suite("A lane and its storage", .serialized)
struct StorageLockTests {
    /// What keeps a lane from a test, and how it is told.
    private func lockouts(_ lane: RunningLane) async throws -> [Lockout] {
        do {
            _ = try await lane.session(for: SimulatedBench.order())
            return []
        } catch let locked as LaneLocked {
            for lockout in locked.lockouts {
                for language in Language.allCases {
                    let catalogue = Catalogue(language)
                    for text in [catalogue.text(lockout.evidence), catalogue.text(lockout.next)] {
                        #expect(!text.isEmpty && text.firstMatch(of: /[{}]/) == nil, "\(text)")
                    }
                }
            }
            return locked.lockouts
        }
    }

    @Test("locks itself when delivery falls behind, tells every reason at once, and is free when it has caught up")
    func delivery() async throws {
        let objections = Mutex(DeliveryTerms.Objections())
        let terms = DeliveryTerms(isStreamed: false) { _ in objections.withLock { $0 } }
        let bench = try await SimulatedBench(delivery: terms)
        #expect(try await lockouts(bench.lane) == [])
        let offline = Message(.uplinkPressureOffline, ["pending": 9, "hours": 30, "limit": 24])
        let backlog = Message(.uplinkPressureBacklog, ["pending": 9, "limit": 8])
        let storage = Message(.uplinkPressureStorage, ["free": 1, "limit": 2])
        // In the midst of a test it is not broken off.
        let result = try await bench.test { [panel = bench.lane.panel] frame, _ in
            if frame.tick == 5 {
                objections.withLock { $0 = .init(storage: storage, delivery: [offline, backlog]) }
            }
            if frame.tick == 40 { panel.post(.operatorAbort) }
        }
        #expect(result.outcome.verdict == .aborted(.operatorAbort))
        let found = try await lockouts(bench.lane)
        #expect(found.map(\.rule) == [.storage, .delivery, .delivery])
        #expect(found.map(\.evidence) == [storage, offline, backlog])
        #expect(try await bench.lane.journal.statistics().tests == 1)
        objections.withLock { $0 = .init() }
        #expect(try await lockouts(bench.lane) == [])
        await bench.close()
    }

    @Test("checks its instruments while delivery is behind, unless the pack refuses it")
    func checks() async throws {
        let late = Message(.uplinkPressureBacklog, ["pending": 9, "limit": 8])
        for isAllowed in [true, false] {
            let bench = try AssuredBench()
            let isBehind = Mutex(true)
            let terms = DeliveryTerms(isStreamed: false, allowsChecks: isAllowed) { _ in
                isBehind.withLock { $0 } ? .init(delivery: [late]) : .init()
            }
            try await bench.withLane(delivery: terms) { lane in
                if !isAllowed {
                    let locked = await #expect(throws: LaneLocked.self) {
                        try await bench.check(.gasLeak, on: lane)
                    }
                    #expect(locked?.lockouts.map(\.evidence) == [late])
                    isBehind.withLock { $0 = false }
                }
                let record = try await bench.check(.gasLeak, on: lane)
                #expect(record.verdict == "passed")
            }
        }
    }

    @Test("whose directory vanishes in a test keeps what it had, is locked, and seals the test first when it is back")
    func vanished() async throws {
        let bench = try await SimulatedBench()
        let (here, away) = (bench.directory, bench.directory + ".away")
        var isGone = false
        await #expect(throws: JournalError.self) {
            _ = try await bench.test { frame, _ in
                if frame.tick >= 30, !isGone { isGone = rename(here, away) == 0 }
            }
        }
        #expect(isGone)
        let locked = try await lockouts(bench.lane)
        #expect(locked.map(\.rule) == [.storage])
        #expect(locked.map(\.evidence.code) == [.journalVanished])
        #expect(rename(away, here) == 0)
        #expect(try await bench.lane.journal.openTests().count == 1)
        // Before anything else begins, the test that could not be sealed is.
        #expect(try await lockouts(bench.lane) == [])
        let journal = bench.lane.journal
        #expect(try await journal.openTests().isEmpty)
        let records = try await journal.records()
        #expect(records.map(\.verdict) == ["aborted"])
        let files = try await journal.attachments(of: 1)
        #expect(try #require(files.first { $0.name == "frames.jsonl" }).bytes.split(separator: 0x0A).count >= 20)
        #expect(try await journal.check() == [])
        await bench.close()
    }

    private static let canMount: Bool = {
        var template = Array("/tmp/lane-disk-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { return false }
        let path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        defer { rmdir(path) }
        guard mount("tmpfs", path, "tmpfs", 0, "size=1m") == 0 else { return false }
        return umount(path) == 0
    }()

    @Test(
        "on a disk that is full or read-only begins no test, and does by itself once it is neither",
        .enabled(if: canMount, "needs the right to mount a small file system"))
    func disk() async throws {
        let bench = try await SimulatedBench()
        await bench.lane.close()
        let disk = bench.directory + "/disk"
        mkdir(disk, 0o700)
        // Less than the journal's reserve.
        #expect(mount("tmpfs", disk, "tmpfs", 0, "size=16m") == 0)
        defer { umount2(disk, Int32(MNT_DETACH)) }
        let lane = try await bench.reopen(disk)
        #expect(try await lockouts(lane).map(\.evidence.code) == [.journalSpaceLow])
        #expect(mount("tmpfs", disk, "tmpfs", UInt(MS_REMOUNT), "size=200m") == 0)
        #expect(try await lockouts(lane) == [])
        await lane.close()
        // The system makes no disk read-only that somebody writes to, unless the disk fails; CrashTests has that.
        #expect(mount("tmpfs", disk, "tmpfs", UInt(MS_REMOUNT | MS_RDONLY), "size=200m") == 0)
        let error = await #expect(throws: JournalError.self) { _ = try await bench.reopen(disk) }
        #expect(error?.message.code == .journalNotWritable)
        #expect(mount("tmpfs", disk, "tmpfs", UInt(MS_REMOUNT), "size=200m") == 0)
        let again = try await bench.reopen(disk)
        #expect(try await lockouts(again) == [])
        await again.close()
        await bench.close()
    }
}
