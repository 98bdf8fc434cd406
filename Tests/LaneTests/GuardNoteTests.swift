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
        let ends = try Self.line()
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
        let ends = try Self.line()
        let orders =
            try JSONEncoder().encode(
                DynamometerGuard.Orders(unload: unload, note: "\(bench.directory)/guard-note.json")) + [0x0A]
        #expect(orders.withUnsafeBytes { write(ends[1], $0.baseAddress, $0.count) } == orders.count)
        let (reading, writing) = (ends[0], ends[1])
        async let isUnloaded = Self.watch(reading)
        // The guard has read its orders when the directory is held.
        let deadline = ContinuousClock.now + .seconds(10)
        while try !Self.isLocked("\(bench.directory)/guard.lock"), ContinuousClock.now < deadline { await Task.yield() }
        async let started = bench.reopen(bench.directory)
        close(writing)
        let lane = try await started
        #expect(await isUnloaded)
        close(reading)
        #expect(try await lane.journal.auditTrail().contains { $0.kind == "dynamometer.guard-unloaded" })
        await lane.close()
        bench.simulated.stop()
    }

    /// Two ends of a line to the guard, which no program inherits that is started meanwhile: it would hold the line up.
    private static func line() throws -> [Int32] {
        var ends: [Int32] = [-1, -1]
        let kind = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
        try #require(socketpair(AF_UNIX, kind, 0, &ends) == 0)
        return ends
    }

    /// Whether anybody has a lock on a file, seen without taking it.
    private static func isLocked(_ path: String) throws -> Bool {
        var status = stat()
        guard stat(path, &status) == 0 else { return false }
        let locks = try String(contentsOfFile: "/proc/locks", encoding: .utf8)
        return locks.split(separator: "\n").contains { $0.contains("FLOCK") && $0.contains(":\(status.st_ino) ") }
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
