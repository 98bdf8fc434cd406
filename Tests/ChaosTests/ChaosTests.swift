import Foundation
import Synchronization
import Testing

/// Random models, methods and faults. Whatever happens, no value of one command is reported for another, no reading is
/// older than it says, the session ends with an outcome, the dynamometer is unloaded, and nothing is left behind.
///
/// `CHAOS_MEMORY` and `CHAOS_PTY` say how many runs; `CHAOS_SEED=n` repeats the run of a seed.
@Suite("Chaos", .serialized)
struct ChaosTests {
    @Test("in memory leaves every value with its command and every dynamometer unloaded", .timeLimit(.minutes(60)))
    func inMemory() async throws {
        try await repeatRuns(
            Environment.number("CHAOS_MEMORY") ?? 480, longest: 160, seesThrough: true, "in memory", ChaosRun.inMemory)
    }

    @Test("over pseudo-terminals does the same", .timeLimit(.minutes(60)))
    func overTerminals() async throws {
        try await repeatRuns(
            Environment.number("CHAOS_PTY") ?? 20, longest: 60, seesThrough: false, "over pseudo-terminals",
            ChaosRun.overTerminals)
    }

    private func repeatRuns(
        _ count: Int, longest: Double, seesThrough: Bool, _ name: String,
        _ run: @escaping @Sendable (ChaosPlan) async throws -> ChaosResult
    ) async throws {
        if let seed = Environment.number("CHAOS_SEED") {
            let plan = try ChaosPlan(seed: UInt64(seed), longest: longest, seesThrough: seesThrough)
            print("\(plan)")
            let result = try await run(plan)
            print("\(result)")
            #expect(result.violations == [])
            return
        }
        // What is set up once, and the runtime's own pools, come with the first runs.
        let warmUp = min(count, 16)
        var table = ChaosTable()
        let start = ContinuousClock.now
        try await runAll(1...max(1, warmUp), longest, seesThrough, run, &table)
        let (threads, files, heap) = (Resources.threads, Resources.files, Resources.heap)
        if count > warmUp { try await runAll(warmUp + 1...count, longest, seesThrough, run, &table) }
        print("chaos \(name), \(ContinuousClock.now - start)\n\(table)")
        #expect(Resources.settles(threads) { Resources.threads }, "\(Resources.threads) threads, \(threads) before")
        #expect(Resources.settles(files) { Resources.files }, "\(Resources.files) open files, \(files) before")
        let growth = Resources.heap - heap
        print("heap grew by \(growth) bytes, threads \(Resources.threads), open files \(Resources.files)")
        if seesThrough, count >= 480 {
            // With this many, everything that can happen has happened.
            for outcome in ["passed", "failed", "aborted", "not begun"] {
                #expect(table.count(outcome: outcome) > 0, "no run was \(outcome)")
            }
        }
        #expect(growth < 4_000_000 + 2000 * count, "memory grew by \(growth) bytes")
    }

    /// Two runs at a time, as many as CI has processors.
    private func runAll(
        _ seeds: ClosedRange<Int>, _ longest: Double, _ seesThrough: Bool,
        _ run: @escaping @Sendable (ChaosPlan) async throws -> ChaosResult, _ table: inout ChaosTable
    ) async throws {
        try await withThrowingTaskGroup(of: (ChaosPlan, ChaosResult).self) { group in
            var next = seeds.lowerBound
            func add() throws {
                guard next <= seeds.upperBound else { return }
                let plan = try ChaosPlan(seed: UInt64(next), longest: longest, seesThrough: seesThrough)
                next += 1
                group.addTask { (plan, try await run(plan)) }
            }
            for _ in 0..<2 { try add() }
            while let (plan, result) = try await group.next() {
                table.add(result)
                if !result.violations.isEmpty { print("CHAOS_SEED=\(plan.seed) repeats it: \(plan)") }
                #expect(result.violations == [], "CHAOS_SEED=\(plan.seed) repeats it: \(plan)")
                try add()
            }
        }
    }
}

private enum Environment {
    static func number(_ name: String) -> Int? { ProcessInfo.processInfo.environment[name].flatMap { Int($0) } }
}
