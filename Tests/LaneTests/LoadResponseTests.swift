import Lane
import Metrology
import Plant
import Procedures
import SimulatedInstruments
import Standards
import Testing

/// The check of the brake's response through drivers and session, to the simulated controller and back, bytes at the
/// line's speed: ticks of 20 ms, of which a clock of life's or a paced one would miss some on a busy computer.
@Suite("The load response of a whole lane, in virtual time")
struct LoadResponseTests {
    private func check(_ disturb: (SimulatedLane) throws -> Void = { _ in }) async throws -> CheckOutcome {
        let bench = try await MemoryBench([InstrumentRequest(.dynamometer, "NHC-03")])
        try disturb(bench.simulated)
        let outcome = try await bench.check(.loadResponse)
        #expect(bench.simulated.snapshot().plant.brakeMode == .off)
        await bench.close()
        print("load response: \(outcome.verdict)")
        for item in outcome.items {
            print("| \(item.id) | \(item.measured?.description ?? "-") \(item.unit) | \(item.tolerance.text) |")
        }
        // Each of the pack's steps is judged by rise, settling and overshoot, at readings that come often enough.
        let steps = try #require(try CheckPackLibrary.requirements("HJ1237-2021-checks")).dynamometer.steps
        #expect(outcome.items.count == 3 * steps.count && outcome.remarks == [])
        return outcome
    }

    private func failed(_ outcome: CheckOutcome, _ quantity: String) -> Int {
        outcome.items.count { $0.quantity == quantity && !$0.passes }
    }

    @Test("passes a brake that takes 0.18 s for 90 % of a step, and finds that")
    func good() async throws {
        let outcome = try await check()
        #expect(outcome.verdict == .passed, "\(outcome.items.filter { !$0.passes })")
        for item in outcome.items where item.quantity == "rise" {
            let rise = try #require(item.measured).value
            // 2.303 time constants of 0.08 s; the command may wait for a reading, and is on the line itself, for 17 ms each;
            // readings come every 50 ms, and the load cell's noise moves the end of a small step by 20 ms.
            #expect(rise > 0.16 && rise < 0.27, "\(item)")
        }
    }

    @Test("fails one that takes twice as long, at every step, by its rise")
    func slow() async throws {
        let outcome = try await check { try $0.inject(Fault(.slowResponse, amount: 2), on: .dynamometer) }
        #expect(outcome.verdict == .failed)
        #expect(failed(outcome, "rise") == outcome.items.count / 3)
        #expect(failed(outcome, "overshoot") == 0)
    }

    @Test("fails one that swings 40 % past each step, by its overshoot")
    func overshoot() async throws {
        let outcome = try await check { $0.disturb { $0.brakeOvershoot = 0.4 } }
        #expect(outcome.verdict == .failed)
        #expect(failed(outcome, "rise") == 0)
        #expect(failed(outcome, "overshoot") == outcome.items.count / 3)
    }
}
