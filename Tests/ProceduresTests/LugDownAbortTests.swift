import Metrology
import Procedures
import ProceduresTestKit
import Standards
import Testing

/// One way to break a lug-down test off, and the reason it must end with.
struct LugDownAbort: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let disturbance: LugDownLane.Disturbance
    let reason: AbortReason

    init(_ name: String, _ disturbance: LugDownLane.Disturbance, _ reason: AbortReason) {
        testDescription = name
        self.disturbance = disturbance
        self.reason = reason
    }

    static let all: [LugDownAbort] = [
        .init("hot oil", .init(.pin(.oilTemperature, 145), after: 5, stage: .scan), .overTemperature),
        .init("hot coolant", .init(.pin(.coolantTemperature, 112), after: 5, stage: .measure), .overTemperature),
        .init(
            "hot room at the start", .init(.pin(.airTemperature, 46)), .precondition(.ambientConditions)),
        .init(
            "room that gets hot", .init(.pin(.airTemperature, 45.2), after: 3, stage: .scan),
            .precondition(.ambientConditions)),
        .init("frost", .init(.pin(.airTemperature, -6)), .precondition(.ambientConditions)),
        .init("released pedal in the scan", .init(.release, after: 15, stage: .scan), .pedalReleased),
        .init("released pedal at a point", .init(.release, after: 2, stage: .measure), .pedalReleased),
        .init("brake without force", .init(.brakeFails, after: 20, stage: .scan), .controlLost),
        .init("brake that lets go at a point", .init(.brakeFails, after: 2, stage: .measure), .controlLost),
        .init("slipping wheels", .init(.slip(0.15), after: 10, stage: .scan), .wheelSlip),
        .init("stalled engine", .init(.stall, after: 10, stage: .scan), .stall),
        .init("low flow", .init(.state(.noxAnalyzer, .lowFlow), after: 1, stage: .measure), .lowFlow),
        .init("lost opacimeter", .init(.lost(.opacimeter), after: 1, stage: .measure), .deviceLost(.opacimeter)),
        .init("lost bench", .init(.lost(.noxAnalyzer), after: 1, stage: .scan), .deviceLost(.noxAnalyzer)),
        .init("lost dynamometer", .init(.lost(.dynamometer), after: 5, stage: .scan), .deviceLost(.dynamometer)),
        .init("lost tachometer", .init(.lost(.tachometer), stage: .governedSpeed), .deviceLost(.tachometer)),
        .init("lost weather", .init(.lost(.weatherStation), stage: .zero), .deviceLost(.weatherStation)),
        .init("opacimeter defect", .init(.state(.opacimeter, .fault), stage: .probe), .deviceFault(.opacimeter)),
        .init("bench defect", .init(.state(.noxAnalyzer, .fault), after: 2, stage: .scan), .deviceFault(.noxAnalyzer)),
        .init(
            "failed zero of the opacimeter", .init(.state(.opacimeter, .zeroFailed), stage: .zero),
            .deviceFault(.opacimeter)),
        .init(
            "failed zero of the bench", .init(.state(.noxAnalyzer, .zeroFailed), stage: .zero),
            .deviceFault(.noxAnalyzer)),
        .init("endless zero", .init(.state(.noxAnalyzer, .zeroing)), .timeLimit(.zero)),
        .init("cold opacimeter", .init(.state(.opacimeter, .warmingUp)), .timeLimit(.warmUp)),
        .init("cold engine", .init(.cold), .precondition(.engineCold)),
        .init("dirty windows", .init(.add(.opacity, 3)), .precondition(.opacimeterZero)),
        .init("light that shines on", .init(.noShutter), .precondition(.opacimeterFullScale)),
        .init(
            "light that stays shut", .init(.pin(.opacity, 100), stage: .fullScale), .precondition(.opacimeterFullScale)),
        .init("NOx in the room", .init(.pin(.nitrogenOxides, 60), stage: .zero), .precondition(.ambientAir)),
        .init("turning rollers", .init(.rollersTurn), .precondition(.rollersTurning)),
        .init("no probes", .init(.noProbe), .precondition(.probeCheck)),
        .init("lazy driver", .init(.lazy), .timeLimit(.governedSpeed)),
        .init("lazy driver in gear", .init(.lazy, stage: .gear), .timeLimit(.gear)),
        .init("swinging speed", .init(.add(.rollerSpeed, 2.7), after: 8, stage: .stabilise), .timeLimit(.stabilise)),
        .init("stuck force", .init(.stuck(.rollerForce), after: 5, stage: .scan), .staleData(.rollerForce)),
        .init("stuck smoke", .init(.stuck(.lightAbsorption), after: 1, stage: .measure), .staleData(.lightAbsorption)),
        .init("stuck NOx", .init(.stuck(.nitrogenOxides), after: 1, stage: .measure), .staleData(.nitrogenOxides)),
        .init("operator", .init(.event(.operatorAbort), after: 5, stage: .scan), .operatorAbort),
        .init("emergency stop", .init(.event(.emergencyStop), after: 2.3, stage: .gear), .emergencyStop),
        .init("lost storage", .init(.event(.storageLost), after: 2, stage: .measure), .storageLost),
        .init(
            "refused action", .init(.event(.actionFailed(.dynamometer)), after: 3, stage: .scan),
            .deviceFault(.dynamometer)),
    ]
}

@Suite("A lug-down test is broken off")
struct LugDownAbortTests {
    @Test("for its reason, and unloads the brake", arguments: LugDownAbort.all)
    func aborts(_ abort: LugDownAbort) throws {
        let (outcome, run) = try LugDownFixture().run([abort.disturbance])
        #expect(outcome.verdict == .aborted(abort.reason))
        #expect(run.brakes.last == .unload)
        #expect(run.directives.suffix(3).contains(.bench(.stop)))
        #expect(run.statuses.last?.pedal == .released)
    }

    @Test(
        "at once by emergency stop, operator and lost storage, in every stage",
        arguments: [
            FrameEvent.emergencyStop, .operatorAbort, .storageLost,
        ])
    func everyStage(event: FrameEvent) throws {
        let fixture = try LugDownFixture()
        let stages: [StageKind] = [
            .warmUp, .zero, .fullScale, .rest, .probe, .governedSpeed, .gear, .scan, .stabilise, .measure,
        ]
        for stage in stages {
            let (outcome, run) = try fixture.run([.init(.event(event), after: 0.5, stage: stage)])
            #expect(outcome.verdict.abortReason != nil, "\(stage)")
            #expect(run.frames.last?.events == [event], "\(stage)")
            #expect(run.brakes.last == .unload)
        }
    }

    @Test("where no gear reaches a permitted speed")
    func noGear() throws {
        var fixture = try LugDownFixture()
        // 55 and 104 km/h at 3456 r/min.
        fixture.lane.vehicle.gears = [7, 16, 30]
        let (outcome, run) = try fixture.run()
        #expect(outcome.verdict == .aborted(.precondition(.gearChoice)))
        #expect(run.brakes.last == .unload)
    }

    @Test("where the driver does not change gear")
    func stubborn() throws {
        let (outcome, _) = try LugDownFixture().run([.init(.wrongGear(-1)), .init(.stubborn)])
        #expect(outcome.verdict == .aborted(.timeLimit(.gear)))
    }

    @Test("by an interruption from outside, once")
    func interruption() throws {
        let fixture = try LugDownFixture()
        var procedure = LugDownProcedure(fixture.test)
        var lane = fixture.lane
        for _ in 0..<600 { lane.perform(procedure.advance(lane.next(procedure.status))) }
        #expect(procedure.outcome == nil)
        #expect(procedure.interrupt().contains(.unload))
        #expect(procedure.outcome?.verdict == .aborted(.interrupted))
        #expect(procedure.interrupt().isEmpty)
    }

    @Test("not by the loss of an instrument that it does not need")
    func ridesThrough() throws {
        let (outcome, _) = try LugDownFixture().run([
            .init(.lost(.flowMeter)), .init(.lost(.obdAdapter)), .init(.lost(.gasAnalyzer), stage: .scan),
        ])
        #expect(outcome.verdict == .passed)
    }

    @Test("not by slip where the gearbox is automatic, which is noted")
    func automatic() throws {
        var fixture = try LugDownFixture()
        fixture.test.transmission = .automatic
        let (outcome, _) = try fixture.run([.init(.slip(0.12), after: 5, stage: .scan)])
        #expect(outcome.verdict.abortReason == nil)
        #expect(outcome.remarks == [.slipNotWatched])
    }

    @Test("and a point begun anew by one second outside the band or without a value")
    func restarts() throws {
        for kind in [LugDownLane.Kind.add(.rollerSpeed, 2.6), .stuck(.lightAbsorption), .stuck(.nitrogenOxides)] {
            let length = kind == .stuck(.nitrogenOxides) ? 2.5 : 1.2
            let (outcome, _) = try LugDownFixture().run([
                .init(kind, after: 4, length: length, stage: .measure, mode: "p80")
            ])
            #expect(outcome.verdict == .passed, "\(kind)")
            #expect(outcome.points[1].restarts >= 1, "\(kind)")
        }
    }
}
