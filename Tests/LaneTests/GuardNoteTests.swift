import Documents
import Evidence
import Foundation
import Glibc
import Instruments
import Journal
import Lane
import Metrology
import Plant
import SimulatedInstruments
import Testing

@Suite("A guard whose lane has died", .serialized)
struct GuardNoteTests {
    @Test("unloads the dynamometer and leaves word, which the next start puts into the audit trail")
    func note() async throws {
        let bench = try await SimulatedBench()
        let dynamometer = try #require(bench.lane.instruments.first { $0.profile.role == .dynamometer })
        try await dynamometer.perform(.brakeForce(Force(800)))
        // Its stream has shown force control, or the action would have failed.
        #expect(bench.simulated.snapshot().plant.brakeMode == .force)
        let unload = try #require(dynamometer.unattendedUnload)
        // The lane dies: its port is free, and its pipe ends without a farewell.
        await dynamometer.close()
        let note = "\(bench.directory)/guard-note.json"
        var ends: [Int32] = [-1, -1]
        try #require(pipe(&ends) == 0)
        let orders = try JSONEncoder().encode(DynamometerGuard.Orders(unload: unload, note: note)) + [0x0A]
        #expect(orders.withUnsafeBytes { write(ends[1], $0.baseAddress, $0.count) } == orders.count)
        close(ends[1])
        #expect(await Self.watch(ends[0]))
        close(ends[0])
        // The bytes are out; the simulated controller may be about to read them.
        let deadline = ContinuousClock.now + .seconds(2)
        while bench.simulated.snapshot().plant.brakeMode != .off, ContinuousClock.now < deadline { await Task.yield() }
        #expect(bench.simulated.snapshot().plant.brakeMode == .off)
        #expect(FileManager.default.fileExists(atPath: note))

        await bench.lane.close()
        let lane = try await bench.reopen(bench.directory)
        let entries = try await lane.journal.auditTrail().filter { $0.kind == "dynamometer.guard-unloaded" }
        #expect(entries.count == 1)
        let detail = try JSONValue(parsing: try #require(entries.first).detail)
        #expect(detail["unloaded"]?.truth == true)
        #expect(!FileManager.default.fileExists(atPath: note))
        await lane.close()
        bench.simulated.stop()
    }

    @Test("is waited for by a start that comes before it is done")
    func hold() async throws {
        let bench = try await SimulatedBench()
        let dynamometer = try #require(bench.lane.instruments.first { $0.profile.role == .dynamometer })
        let unload = try #require(dynamometer.unattendedUnload)
        await bench.lane.close()
        var ends: [Int32] = [-1, -1]
        try #require(pipe(&ends) == 0)
        let orders =
            try JSONEncoder().encode(
                DynamometerGuard.Orders(unload: unload, note: "\(bench.directory)/guard-note.json")) + [0x0A]
        #expect(orders.withUnsafeBytes { write(ends[1], $0.baseAddress, $0.count) } == orders.count)
        let (reading, writing) = (ends[0], ends[1])
        async let isUnloaded = Self.watch(reading)
        // The guard has read its orders when the directory is held.
        let lock = open("\(bench.directory)/guard.lock", O_RDWR | O_CREAT, 0o600)
        while flock(lock, LOCK_SH | LOCK_NB) == 0 {
            flock(lock, LOCK_UN)
            await Task.yield()
        }
        close(lock)
        async let started = bench.reopen(bench.directory)
        close(writing)
        let lane = try await started
        #expect(await isUnloaded)
        close(reading)
        #expect(try await lane.journal.auditTrail().contains { $0.kind == "dynamometer.guard-unloaded" })
        await lane.close()
        bench.simulated.stop()
    }

    /// Keeps watch on a thread, since it blocks.
    private static func watch(_ input: Int32) async -> Bool {
        await withCheckedContinuation { continuation in
            Thread.detachNewThread {
                let isUnloaded = DynamometerGuard.keepWatch(input: input)
                // A guard ignores the terminal's signals; the tests do not.
                for number in [SIGINT, SIGTERM, SIGHUP, SIGQUIT] { signal(number, SIG_DFL) }
                continuation.resume(returning: isUnloaded)
            }
        }
    }
}
