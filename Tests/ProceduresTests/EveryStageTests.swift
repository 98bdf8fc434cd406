import Metrology
import Procedures
import ProceduresTestKit
import Standards
import Testing

/// The abort key, the emergency stop, lost storage and a locked lane at every stage that a test goes through. The smoke
/// and lug-down tests have the same beside their other aborts.
@Suite("In every stage")
struct EveryStageTests {
    private static let events: [(FrameEvent, AbortReason)] = [
        (.operatorAbort, .operatorAbort), (.emergencyStop, .emergencyStop), (.storageLost, .storageLost),
        (.laneLocked, .laneLocked),
    ]

    @Test("an ASM test ends at once by a person or the lane, its brake unloaded")
    func asm() throws {
        let test = try ASMFixture().test
        var lane = SyntheticLane(
            seed: 1, freshness: test.requirements.freshness, exhaust: ["": .init(co: 0.9, hc: 160, no: 1500)])
        let stages = try breakOff(ASMProcedure(test), next: { lane.next($0) }, perform: { lane.perform($0) })
        #expect(
            stages == [
                "warm-up", "zero", "ambient", "background", "rest", "probe", "accelerate", "stabilise", "measure",
            ])
    }

    @Test("two-speed idle ends at once by a person or the lane, also between two fuels")
    func twoSpeedIdle() throws {
        let procedure = try TwoSpeedIdleFixture { $0.secondFuel = .lpg }.procedure()
        var lane = SyntheticLane(seed: 1, freshness: procedure.freshness)
        let stages = try breakOff(procedure, next: { lane.next($0) }, perform: { lane.perform($0) })
        #expect(stages.isSuperset(of: ["warm-up", "zero", "condition", "stabilise", "measure", "fuel-change"]))
    }

    @Test("the simple transient test ends at once by a person or the lane, its brake unloaded")
    func vmas() throws {
        let fixture = try VMASFixture()
        var lane = fixture.lane()
        let stages = try breakOff(
            VMASProcedure(fixture.test), next: { lane.next($0) }, perform: { lane.perform($0) })
        #expect(stages.isSuperset(of: ["warm-up", "zero", "flow-meter", "probe", "measure", "trailing"]))
    }

    /// Lets each event happen in each stage of a whole test, and returns the stages.
    private func breakOff<Test: TestProcedure>(
        _ test: Test, next: (ProcedureStatus) -> Frame, perform: ([Directive]) -> Void
    ) throws -> Set<String> {
        var procedure = test
        var (frames, stages): (Int, Set<String>) = (0, [])
        while procedure.outcome == nil, frames < 40_000 {
            let frame = next(procedure.status)
            let stage = procedure.status.stage
            if stages.insert(stage.rawValue).inserted {
                for (event, reason) in Self.events {
                    var copy = procedure
                    let directives = copy.advance(
                        Frame(
                            tick: frame.tick, time: frame.time, samples: frame.samples, states: frame.states,
                            lost: frame.lost, events: frame.events + [event]))
                    #expect(copy.outcome?.verdict == .aborted(reason), "\(stage)")
                    #expect(copy.status.stage == .finished, "\(stage)")
                    if Test.roles.contains(.dynamometer) {
                        let brakes = directives.filter {
                            switch $0 {
                            case .brake, .hold, .load, .unload: true
                            default: false
                            }
                        }
                        #expect(brakes.last == .unload, "\(stage)")
                    }
                }
            }
            perform(procedure.advance(frame))
            frames += 1
        }
        #expect(try #require(procedure.outcome).verdict.abortReason == nil)
        return stages
    }
}
