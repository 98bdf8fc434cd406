import Foundation
import Glibc
import Instruments
import Journal
import Lane
import Metrology
import Procedures
import SimulatedInstruments
import Testing

@Suite("A guard that was killed", .serialized)
struct GuardPostTests {
    @Test("is replaced before the next test, which is in the audit trail; without another there is no test")
    func replaced() async throws {
        let bench = try await SimulatedBench()
        await bench.lane.close()
        let program = try Self.program(in: bench.directory)
        let lane = try await bench.reopen(bench.directory, guardExecutable: program)
        let first = try #require(lane.guardProcess)
        _ = try await lane.session(for: SimulatedBench.order())
        #expect(lane.guardProcess == first)

        Self.end(first)
        _ = try await lane.session(for: SimulatedBench.order())
        let second = try #require(lane.guardProcess)
        #expect(second != first && kill(second, 0) == 0)
        // Nothing is left of the first, not even a number of a process that nobody has heard of.
        #expect(kill(first, 0) != 0)

        try FileManager.default.removeItem(atPath: program)
        Self.end(second)
        await #expect(throws: LaneError.noGuard) { try await lane.session(for: SimulatedBench.order()) }
        let kinds = try await lane.journal.auditTrail().map(\.kind).filter { $0.hasPrefix("dynamometer.") }
        #expect(kinds == ["dynamometer.guard-replaced", "dynamometer.guard-gone"])
        // Taking leave of nobody ends no lane.
        await lane.close()
        bench.simulated.stop()
    }

    @Test("is told apart from one that is there, and one that is left to itself leaves nothing behind")
    func ends() async throws {
        let bench = try await SimulatedBench()
        let unload = try #require(
            bench.lane.instruments.first { $0.profile.role == .dynamometer }?.unattendedUnload)
        await bench.close()
        let program = try Self.program(in: bench.directory)

        let kept = try #require(DynamometerGuard(executable: program, unload: unload))
        #expect(kept.isAlive)
        #expect(kept.dismiss())
        #expect(kill(kept.process, 0) != 0)

        let killed = try #require(DynamometerGuard(executable: program, unload: unload))
        Self.end(killed.process)
        #expect(!killed.isAlive)
        #expect(!killed.dismiss())

        let left = try #require(DynamometerGuard(executable: program, unload: unload))
        left.abandon()
        let deadline = ContinuousClock.now + .seconds(10)
        while kill(left.process, 0) == 0, ContinuousClock.now < deadline { await Task.yield() }
        #expect(kill(left.process, 0) != 0)
    }

    /// A program that waits, as a guard does, for the end of what it is told.
    private static func program(in directory: String) throws -> String {
        let path = "\(directory)/guard"
        try "#!/bin/sh\nexec cat >/dev/null\n".write(toFile: path, atomically: true, encoding: .utf8)
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
        return path
    }

    /// Kills a process, which is dead then but not heard of.
    private static func end(_ process: pid_t) {
        kill(process, SIGKILL)
        var info = siginfo_t()
        waitid(P_PID, id_t(process), &info, WEXITED | WNOWAIT)
    }
}
