import Metrology
import Procedures
import ProceduresTestKit
import Standards
import Testing

/// One way to break a simple transient test off, and the reason it must end with.
struct VMASAbortCase: Sendable, CustomTestStringConvertible {
    let name: String
    let disturbance: TransientLane.Disturbance
    let reason: AbortReason
    var testDescription: String { name }

    init(_ name: String, _ disturbance: TransientLane.Disturbance, _ reason: AbortReason) {
        self.name = name
        self.disturbance = disturbance
        self.reason = reason
    }

    static let all: [VMASAbortCase] = [
        .init("late driver", .init(.lateDriver(20)), .speedDeviation),
        .init("speed in pulses", .init(.pulses(8), stage: .measure), .distance),
        .init("probe falls out", .init(.noProbe, after: 20, stage: .measure), .dilution),
        .init("stalled engine", .init(.stall, after: 50, stage: .measure), .stall),
        .init("low flow", .init(.lowFlow, after: 50, stage: .measure), .lowFlow),
        .init("low flow before the test", .init(.lowFlow, stage: .background), .lowFlow),
        .init("weak fan", .init(.weakFan(0.6), after: 30, stage: .measure), .exhaustFlow),
        .init("weak fan while idling", .init(.weakFan(0.6), after: 3, stage: .stabilise), .exhaustFlow),
        .init("lost analyzer", .init(.lost(.gasAnalyzer), after: 5, stage: .measure), .deviceLost(.gasAnalyzer)),
        .init(
            "analyzer lost at the end", .init(.lost(.gasAnalyzer), after: 1, stage: .trailing),
            .deviceLost(.gasAnalyzer)),
        .init("lost dynamometer", .init(.lost(.dynamometer), after: 70, stage: .measure), .deviceLost(.dynamometer)),
        .init("lost tachometer", .init(.lost(.tachometer), after: 70, stage: .measure), .deviceLost(.tachometer)),
        .init("lost weather", .init(.lost(.weatherStation), after: 7, stage: .measure), .deviceLost(.weatherStation)),
        .init("lost flow meter", .init(.lost(.flowMeter), after: 70, stage: .measure), .deviceLost(.flowMeter)),
        .init("flow meter lost first", .init(.lost(.flowMeter), after: 2), .deviceLost(.flowMeter)),
        .init("flow meter defect", .init(.fault(.flowMeter), after: 9, stage: .measure), .deviceFault(.flowMeter)),
        .init("dynamometer defect", .init(.fault(.dynamometer), stage: .rest), .deviceFault(.dynamometer)),
        .init("refused action", .init(.event(.actionFailed(.flowMeter)), after: 1), .deviceFault(.flowMeter)),
        .init("failed zero", .init(.zeroFails, stage: .zero), .deviceFault(.gasAnalyzer)),
        .init("stuck speed", .init(.stuck(.rollerSpeed), after: 80, stage: .measure), .staleData(.rollerSpeed)),
        .init("stuck force", .init(.stuck(.rollerForce), after: 80, stage: .measure), .staleData(.rollerForce)),
        .init("stuck CO2", .init(.stuck(.carbonDioxide), after: 80, stage: .measure), .staleData(.carbonDioxide)),
        .init("stuck flow", .init(.stuck(.exhaustFlow), after: 80, stage: .measure), .staleData(.exhaustFlow)),
        .init("operator", .init(.event(.operatorAbort), after: 90, stage: .measure), .operatorAbort),
        .init("operator at the end", .init(.event(.operatorAbort), after: 1, stage: .trailing), .operatorAbort),
        .init("emergency stop", .init(.event(.emergencyStop), after: 2, stage: .stabilise), .emergencyStop),
        .init("storage lost", .init(.event(.storageLost), after: 140, stage: .measure), .storageLost),
        .init("hot room", .init(.air(41, 50)), .precondition(.ambientConditions)),
        .init(
            "wet air in the cycle", .init(.air(40, 90), after: 20, stage: .measure), .precondition(.ambientConditions)),
        .init("dirty room", .init(.ambientHydrocarbons(30)), .precondition(.ambientAir)),
        .init("dirty line", .init(.residualHydrocarbons(12)), .precondition(.residualHydrocarbons)),
        .init("cold engine", .init(.coldEngine), .precondition(.engineCold)),
        .init("turning rollers", .init(.rollersTurn), .precondition(.rollersTurning)),
        .init("probe in the room", .init(.noProbe), .precondition(.probeCheck)),
        .init("flow meter's oxygen off", .init(.flowMeterOxygen(-0.9)), .precondition(.flowMeterOxygen)),
        .init("weak fan from the start", .init(.weakFan(0.6)), .precondition(.flowMeterFlow)),
        .init("cold flow meter", .init(.stays(.warmingUp, .flowMeter)), .timeLimit(.flowMeter)),
        .init("cold analyzer", .init(.stays(.warmingUp, .gasAnalyzer)), .timeLimit(.warmUp)),
        .init("endless zero", .init(.stays(.zeroing, .gasAnalyzer)), .timeLimit(.zero)),
    ]
}

@Suite("A simple transient test is broken off")
struct VMASAbortTests {
    @Test("for its reason, and unloads the brake", arguments: VMASAbortCase.all)
    func aborts(_ abort: VMASAbortCase) throws {
        let run = try VMASFixture().run([abort.disturbance])
        #expect(run.outcome.verdict == .aborted(abort.reason))
        #expect(run.brakes.last == .unload)
        #expect(run.outcome.items.isEmpty)
        #expect(throws: Never.self) { try run.outcome.report() }
    }

    @Test("at once by the emergency stop, not at the end of the second")
    func emergencyStopIsImmediate() throws {
        let run = try VMASFixture().run([.init(.event(.emergencyStop), after: 53.2, stage: .measure)])
        #expect(run.frames.last?.events.contains(.emergencyStop) ?? false)
    }

    @Test("by an interruption from outside at any moment, with the seconds that had arrived")
    func interruption() throws {
        let fixture = try VMASFixture()
        let frames = try fixture.run().frames
        for count in [0, 50, 500, 1500, 2500, frames.count - 20] {
            var procedure = VMASProcedure(fixture.test)
            for frame in frames.prefix(count) { _ = procedure.advance(frame) }
            #expect(procedure.outcome == nil)
            #expect(procedure.interrupt().contains(.unload))
            #expect(procedure.outcome?.verdict == .aborted(.interrupted))
            #expect(procedure.interrupt().isEmpty)
        }
    }

    @Test("not by a device that is back before its last reading is too old")
    func ridesThrough() throws {
        let lost = TransientLane.Disturbance(.lost(.gasAnalyzer), after: 60, length: 1, stage: .measure)
        #expect(try VMASFixture().run([lost]).outcome.verdict == .passed)
    }

    @Test("not by missed ticks, which show in the frames")
    func missedTicks() throws {
        let run = try VMASFixture().run([.init(.missedTicks, stage: .measure)])
        #expect(run.outcome.verdict == .passed)
        #expect(run.outcome.seconds.count == 195)
    }
}
