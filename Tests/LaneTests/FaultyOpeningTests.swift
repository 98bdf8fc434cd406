import Assurance
import Lane
import Metrology
import Plant
import Procedures
import SimulatedInstruments
import Standards
import Testing

/// Openings of a lane with every kind of instrument, each behind its own protocol, in virtual time.
@Suite("A whole lane's opening with a faulty instrument")
struct FaultyOpeningTests {
    private static let faults: [(fault: Fault.Kind, role: InstrumentRole, locks: CheckKind)] = [
        (.wrongInertia, .dynamometer, .coastDown), (.dirtyLens, .opacimeter, .opacimeterFilters),
        (.leak, .gasAnalyzer, .gasLeak),
    ]

    @Test("locks the check that finds the fault and nothing else, and unlocks it once it is mended and checked again")
    func openings() async throws {
        let bench = try await MemoryBench()
        // Rollers get warm whatever is wrong with the lane; the rest is done with each fault.
        #expect(try await bench.check(.dynamometerWarmUp).verdict == .passed)
        let daily = OpeningRoutine(bench.lane.desk.standings()).checks.map(\.requirement.kind)
            .filter { $0 != .dynamometerWarmUp }
        #expect(daily.count >= 8, "\(daily)")
        let dailyNames = Set(daily.map(\.rawValue))
        let others = try bench.locks().filter { lock in !dailyNames.contains { lock.hasSuffix(" \($0)") } }
        #expect(others.allSatisfy { $0.hasPrefix("check-missing ") }, "\(others)")

        for (fault, role, kind) in Self.faults {
            try bench.simulated.inject(Fault(fault), on: role)
            var failed: [CheckKind] = []
            for check in daily where try await bench.check(check).verdict != .passed { failed.append(check) }
            #expect(failed == [kind], "\(fault)")
            let locks = try bench.locks()
            #expect(locks == others.union(["check-failed \(kind.rawValue)"]), "\(fault): \(locks)")
            let remaining = OpeningRoutine(bench.lane.desk.standings()).remaining.map(\.requirement.kind)
            #expect(remaining == [kind], "\(fault)")

            try bench.simulated.clearFaults(on: role)
            #expect(try await bench.check(kind).verdict == .passed, "\(fault)")
            #expect(try bench.locks() == others, "\(fault)")
            #expect(OpeningRoutine(bench.lane.desk.standings()).isDone)
        }
        await bench.close()
    }
}
