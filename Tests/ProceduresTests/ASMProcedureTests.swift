import Metrology
import Procedures
import ProceduresTestKit
import Standards
import Testing

@Suite("An ASM test")
struct ASMProcedureTests {
    @Test("passes a clean car at the fast check, 20 seconds into ASM5025")
    func fastPass() throws {
        let (outcome, run) = try ASMFixture().run()
        #expect(outcome.verdict == .passed)
        #expect(outcome.modes.map(\.mode) == [.asm5025])
        #expect(outcome.modes[0].decision == .fast)
        #expect(outcome.modes[0].modeSeconds == 20)
        #expect(run.directives.first == .unload)
        #expect(run.stages.first == "warm-up")
        let expected = ["zero", "ambient", "background", "rest", "probe"]
        #expect(run.stages.filter(expected.contains) == expected)
    }

    @Test("passes a fair car with the first moving mean after the fast check")
    func rollingPass() throws {
        let (outcome, _) = try ASMFixture().run(exhaust: ["": .fair])
        #expect(outcome.verdict == .passed)
        #expect(outcome.modes.map(\.decision) == [.rolling])
        #expect(outcome.modes[0].modeSeconds == 21)
    }

    @Test("fails a dirty car after 90 seconds of each mode, on the last ten-second mean")
    func exhausted() throws {
        let (outcome, _) = try ASMFixture().run(exhaust: ["": .dirty])
        #expect(outcome.verdict == .failed)
        #expect(outcome.modes.map(\.mode) == [.asm5025, .asm2540])
        #expect(outcome.modes.map(\.decision) == [.exhausted, .exhausted])
        #expect(outcome.modes.map(\.modeSeconds) == [90, 90])
        let last = outcome.seconds.suffix(10).compactMap { $0.corrected[.nitricOxide] }
        #expect(last.count == 10)
        let mean = try SignificantDecimal(last.reduce(0, +) / 10)
        #expect(outcome.modes[1].items[2].full == mean)
    }

    @Test("lets a car that fails ASM5025 pass by ASM2540")
    func secondModePasses() throws {
        let (outcome, _) = try ASMFixture().run(exhaust: ["": .clean, "asm5025": .dirty])
        #expect(outcome.verdict == .passed)
        #expect(outcome.modes.map(\.decision) == [.exhausted, .fast])
        #expect(outcome.modes[0].items.contains { !$0.passes })
    }

    @Test("fails a car at once whose mean is over five times a limit, without ASM2540")
    func grossFail() throws {
        let (outcome, _) = try ASMFixture().run(exhaust: ["": .gross])
        #expect(outcome.verdict == .failed)
        #expect(outcome.modes.map(\.decision) == [.gross])
        #expect(outcome.modes[0].modeSeconds == 21)
    }

    @Test("loads the brake with reference mass over 148 and 185, less what the rollers take")
    func loads() throws {
        let fixture = try ASMFixture()
        // RM 1350 kg: 9.12162 kW and 7.29730 kW; losses 0.525 kW at 25 and 0.9 kW at 40 km/h.
        #expect(abs(fixture.test.load(.asm5025).totalPower.value - 9.121622) < 1e-5)
        #expect(abs(fixture.test.load(.asm2540).totalPower.value - 7.297297) < 1e-5)
        #expect(abs(fixture.test.load(.asm5025).brakeForce.value - (9.121622 - 0.525) * 3600 / 25) < 1e-2)
        let (_, run) = try fixture.run(exhaust: ["": .dirty])
        let forces = run.directives.compactMap { if case .brake(let force) = $0 { force } else { nil } }
        #expect(forces == [fixture.test.load(.asm5025).brakeForce, fixture.test.load(.asm2540).brakeForce])
    }

    @Test("restarts its timer at two seconds in a row outside the speed band")
    func speedContinuous() throws {
        let off = SyntheticLane.Disturbance(.speed(2.5), after: 12, length: 2, stage: .measure)
        let (outcome, _) = try ASMFixture().run([off])
        #expect(outcome.verdict == .passed)
        #expect(outcome.modes[0].restarts == 1)
        #expect(outcome.modes[0].modeSeconds == 20)
    }

    @Test("rides through one second outside the speed band")
    func speedBlip() throws {
        let off = SyntheticLane.Disturbance(.speed(2.5), after: 12, length: 1, stage: .measure)
        let (outcome, _) = try ASMFixture().run([off])
        #expect(outcome.modes[0].restarts == 0)
        #expect(outcome.seconds.contains { $0.counters.speedCumulative == 1 })
    }

    @Test("restarts its timer at five seconds in all outside the torque band")
    func torqueCumulative() throws {
        let blips = [2.0, 5, 8, 11, 14].map {
            SyntheticLane.Disturbance(.force(0.08), after: $0, length: 1, stage: .measure)
        }
        let (outcome, _) = try ASMFixture().run(blips)
        #expect(outcome.modes[0].restarts == 1)
        let (four, _) = try ASMFixture().run(Array(blips.prefix(4)))
        #expect(four.modes[0].restarts == 0)
    }

    @Test("takes the band at its edge as inside, whatever binary arithmetic makes of it")
    func bandIsInclusive() throws {
        // 25 + 2.0 exactly, for the whole mode.
        let lane = try EdgeLane(speed: 27.0).outcome()
        #expect(lane.modes[0].restarts == 0)
        #expect(lane.verdict == .passed)
        let outside = try EdgeLane(speed: 27.1).outcome()
        #expect(outside.verdict.abortReason == .timeLimit(.accelerate))
    }

    @Test("judges no window whose speeds are a full km/h apart")
    func speedChange() throws {
        let swing = SyntheticLane.Disturbance(.speedSwing(1.6), stage: .measure)
        let (outcome, _) = try ASMFixture().run(exhaust: ["": .fair], [swing])
        #expect(outcome.verdict.abortReason == .timeLimit(.measure))
    }

    @Test("ends a mode without a verdict when restarts leave no window within the whole mode's time")
    func totalTime() throws {
        let disturbances = stride(from: 15.0, to: 400, by: 24).map {
            SyntheticLane.Disturbance(.speed(2.6), after: $0, length: 2, stage: .measure)
        }
        let (outcome, _) = try ASMFixture().run(exhaust: ["": .dirty], disturbances)
        #expect(outcome.verdict == .aborted(.timeLimit(.measure)))
        #expect(outcome.modes[0].totalSeconds == 145)
        #expect(outcome.modes[0].restarts >= 4)
    }

    @Test("records the gas-path delay that it measured after the probe went in")
    func gasPathDelay() throws {
        let (outcome, _) = try ASMFixture().run()
        let delay = try #require(outcome.preTest.gasPathDelay)
        #expect(delay >= .seconds(4.5) && delay <= .seconds(6))
    }

    @Test("waits for five minutes of running engine where no oil temperature can be read")
    func runningTime() throws {
        let (outcome, run) = try ASMFixture(oilReadable: false).run([.init(.coldEngine)])
        #expect(outcome.verdict == .passed)
        #expect(outcome.remarks == [.oilTemperatureNotRead])
        let zero = try #require(run.directives.firstIndex(of: .analyzer(.zero)))
        #expect(zero > 0)
        #expect(run.frames.count > 3000)
    }

    @Test("decides with other numbers under the pack of 2005, without other code")
    func packs() throws {
        let (recent, _) = try ASMFixture().run()
        let (former, _) = try ASMFixture(pack: "GB18285-2005-ASM").run()
        #expect(recent.modes[0].modeSeconds == 20)
        #expect(former.modes[0].modeSeconds == 25)
        // 1.8 km/h off is inside ±2.0 and outside ±1.5.
        let off = SyntheticLane.Disturbance(.speed(1.7), after: 3, length: 4, stage: .measure)
        #expect(try ASMFixture().run([off]).outcome.modes[0].restarts == 0)
        #expect(try ASMFixture(pack: "GB18285-2005-ASM").run([off]).outcome.modes[0].restarts == 1)
    }

    @Test("notes a dilution factor below one and goes on")
    func dilutionBelowOne() throws {
        let rich = SyntheticLane.Exhaust(co: 0.02, hc: 10, no: 100, co2: 16.4)
        let (outcome, _) = try ASMFixture().run(exhaust: ["": rich])
        #expect(outcome.verdict == .passed)
        #expect(outcome.remarks == [.dilutionFactorBelowOne])
    }
}

/// A lane that holds one speed exactly, without noise.
private struct EdgeLane {
    let speed: Double

    func outcome() throws -> ASMOutcome {
        let fixture = try ASMFixture()
        var procedure = ASMProcedure(fixture.test)
        var lane = SyntheticLane(seed: 1, freshness: fixture.test.requirements.freshness)
        while procedure.outcome == nil {
            var frame = lane.next(procedure.status)
            if procedure.status.targetSpeed != nil {
                var samples = frame.samples
                samples[.rollerSpeed] = Sample(value: speed, acquiredAt: frame.time, validity: .valid)
                frame = Frame(
                    tick: frame.tick, time: frame.time, samples: samples, states: frame.states, lost: frame.lost,
                    events: frame.events)
            }
            lane.perform(procedure.advance(frame))
        }
        return try #require(procedure.outcome)
    }
}
