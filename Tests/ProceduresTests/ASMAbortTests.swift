import Metrology
import Procedures
import ProceduresTestKit
import Standards
import Testing

/// One way to break a test off, and the reason it must end with.
struct AbortCase: Sendable, CustomTestStringConvertible {
    let name: String
    let disturbance: SyntheticLane.Disturbance
    let reason: AbortReason
    var testDescription: String { name }

    static let all: [AbortCase] = [
        .init("diluted exhaust", .init(.dilution(0.3), after: 5, stage: .measure), .dilution),
        .init("stalled engine", .init(.stall, after: 5, stage: .measure), .stall),
        .init("low flow", .init(.lowFlow, after: 5, stage: .measure), .lowFlow),
        .init("low flow before the test", .init(.lowFlow, stage: .background), .lowFlow),
        .init("lost analyzer", .init(.lost(.gasAnalyzer), after: 5, stage: .measure), .deviceLost(.gasAnalyzer)),
        .init("lost dynamometer", .init(.lost(.dynamometer), after: 5, stage: .measure), .deviceLost(.dynamometer)),
        .init("lost tachometer", .init(.lost(.tachometer), after: 5, stage: .measure), .deviceLost(.tachometer)),
        .init("lost weather", .init(.lost(.weatherStation), after: 5, stage: .measure), .deviceLost(.weatherStation)),
        .init("analyzer defect", .init(.fault(.gasAnalyzer), after: 5, stage: .measure), .deviceFault(.gasAnalyzer)),
        .init("dynamometer defect", .init(.fault(.dynamometer), stage: .rest), .deviceFault(.dynamometer)),
        .init("refused action", .init(.event(.actionFailed(.gasAnalyzer)), stage: .zero), .deviceFault(.gasAnalyzer)),
        .init("failed zero", .init(.zeroFails, stage: .zero), .deviceFault(.gasAnalyzer)),
        .init("stuck speed", .init(.stuck(.rollerSpeed), after: 5, stage: .measure), .staleData(.rollerSpeed)),
        .init("stuck CO2", .init(.stuck(.carbonDioxide), after: 5, stage: .measure), .staleData(.carbonDioxide)),
        .init("operator", .init(.event(.operatorAbort), after: 5, stage: .measure), .operatorAbort),
        .init("emergency stop", .init(.event(.emergencyStop), after: 2, stage: .accelerate), .emergencyStop),
        .init("hot room", .init(.airTemperature(41)), .precondition(.ambientConditions)),
        .init("dirty room", .init(.ambientHydrocarbons(30)), .precondition(.ambientAir)),
        .init("dirty line", .init(.residualHydrocarbons(12)), .precondition(.residualHydrocarbons)),
        .init("cold engine", .init(.coldEngine), .precondition(.engineCold)),
        .init("turning rollers", .init(.rollersTurn), .precondition(.rollersTurning)),
        .init("no probe", .init(.noProbe), .precondition(.probeCheck)),
        .init("cold analyzer", .init(.analyzerStays(.warmingUp)), .timeLimit(.warmUp)),
        .init("endless zero", .init(.analyzerStays(.zeroing)), .timeLimit(.zero)),
        .init("too slow", .init(.tooSlow), .timeLimit(.accelerate)),
    ]

    init(_ name: String, _ disturbance: SyntheticLane.Disturbance, _ reason: AbortReason) {
        self.name = name
        self.disturbance = disturbance
        self.reason = reason
    }
}

@Suite("An ASM test is broken off")
struct ASMAbortTests {
    @Test("for its reason, and unloads the brake", arguments: AbortCase.all)
    func aborts(_ abort: AbortCase) throws {
        let (outcome, run) = try ASMFixture().run(exhaust: ["": .dirty], [abort.disturbance])
        #expect(outcome.verdict == .aborted(abort.reason))
        let brakes = run.directives.filter { if case .brake = $0 { true } else { $0 == .unload } }
        #expect(brakes.last == .unload)
    }

    @Test("at once by the emergency stop, not at the end of the second")
    func emergencyStopIsImmediate() throws {
        let (_, run) = try ASMFixture().run([.init(.event(.emergencyStop), after: 3.2, stage: .measure)])
        #expect(run.frames.last?.events.contains(.emergencyStop) ?? false)
    }

    @Test("by an interruption from outside, with its frames counted")
    func interruption() throws {
        let fixture = try ASMFixture()
        var procedure = ASMProcedure(fixture.test)
        var lane = SyntheticLane(seed: 1, freshness: fixture.test.requirements.freshness)
        for _ in 0..<1000 { lane.perform(procedure.advance(lane.next(procedure.status))) }
        #expect(procedure.outcome == nil)
        #expect(procedure.interrupt().contains(.unload))
        #expect(procedure.outcome?.verdict == .aborted(.interrupted))
        #expect(procedure.interrupt().isEmpty)
    }

    @Test("rides through a device that is back within the pack's time")
    func ridesThrough() throws {
        let lost = SyntheticLane.Disturbance(.lost(.gasAnalyzer), after: 3, length: 1.5, stage: .measure)
        let (outcome, _) = try ASMFixture().run([lost])
        #expect(outcome.verdict == .passed)
    }
}
