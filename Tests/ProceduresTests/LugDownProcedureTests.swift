import Metrology
import Procedures
import ProceduresTestKit
import Standards
import Testing

@Suite("A lug-down test")
struct LugDownProcedureTests {
    @Test("passes a clean pickup, stage by stage, within two minutes of throttle in gear")
    func passes() throws {
        let (outcome, run) = try LugDownFixture().run()
        #expect(outcome.verdict == .passed)
        #expect(
            run.stages == [
                "warm-up", "zero", "full-scale", "rest", "probe", "governed-speed", "gear", "scan", "p100/stabilise",
                "p100/measure", "p80/stabilise", "p80/measure", "p80/finished",
            ])
        #expect(
            outcome.items.map(\.id) == [
                "scan.power", "scan.engine-speed", "p100.k", "p80.k", "p80.nox",
            ])
        #expect(outcome.remarks.isEmpty)
        let driven = outcome.seconds.count { $0.stage != .governedSpeed }
        #expect(driven <= 120, "\(driven) s")
        #expect(run.brakes.first == .unload && run.brakes.last == .unload)
    }

    @Test("finds governed speed, gear, power and points of the vehicle on the lane")
    func findings() throws {
        let (outcome, _) = try LugDownFixture.exact().run()
        // 3200 r/min · 1.08; third gear at 20.5 km/h per 1000 r/min; 85 kW · 0.75 at 3200 r/min.
        let governed = try #require(outcome.governedSpeed)
        let gear = try #require(outcome.gear)
        let peak = try #require(outcome.peak)
        #expect(abs(governed.value - 3456) < 20)
        #expect(abs(gear.topSpeed.value - 70.85) < 0.5)
        #expect(abs(gear.calculatedSpeed.value - 65.6) < 0.05)
        #expect(abs(peak.power.value - 63.75) < 3.5)
        #expect(abs(peak.speed.value - 65.6) < 0.5)
        #expect(abs(peak.engineSpeedRatio - 100) < 1)
        #expect(outcome.points.map(\.point) == [.p100, .p80])
        #expect(outcome.points[0].target == peak.speed)
        #expect(abs(outcome.points[1].target.value - 0.8 * peak.speed.value) < 1e-9)
        for point in outcome.points { #expect(abs(point.speed.value - point.target.value) < 0.1) }
        #expect(outcome.preTest.idleSpeed.map { abs($0.value - 750) < 1 } ?? false)
    }

    @Test("fails for smoke at either point, for NOx, for too little power and for an engine speed off rated")
    func fails() throws {
        func failed(_ change: (inout LugDownFixture) -> Void) throws -> [String] {
            var fixture = try LugDownFixture()
            change(&fixture)
            let (outcome, _) = try fixture.run()
            #expect(outcome.verdict == .failed)
            return outcome.items.filter { !$0.passes }.map(\.id)
        }
        #expect(try failed { $0.lane.vehicle.k["p100"] = 1.5 } == ["p100.k"])
        #expect(try failed { $0.lane.vehicle.k["p80"] = 1.5 } == ["p80.k"])
        #expect(try failed { $0.lane.vehicle.nox["p80"] = 1700 } == ["p80.nox"])
        #expect(try failed { $0.lane.vehicle.efficiency = 0.35 } == ["scan.power"])
        #expect(try failed { $0.lane.vehicle.ratedSpeed = 2800 } == ["scan.engine-speed"])
    }

    @Test("does not judge NOx at 100 %")
    func noxAtHundred() throws {
        var fixture = try LugDownFixture()
        fixture.lane.vehicle.nox["p100"] = 2500
        let (outcome, _) = try fixture.run()
        #expect(outcome.verdict == .passed)
        #expect(outcome.points[0].nox.map { $0.value > 2000 } ?? false)
    }

    @Test(
        "asks for another gear where the first is too slow or too fast, and counts the changes", arguments: [-1, -2, 2])
    func gears(offset: Int) throws {
        let (outcome, run) = try LugDownFixture().run([.init(.wrongGear(offset))])
        #expect(outcome.verdict == .passed)
        // From second or first gear up to third; from fifth (124 km/h) down to fourth (97 km/h).
        #expect(outcome.gear?.shifts == (offset == 2 ? 1 : -offset))
        let change: GearChange = offset == 2 ? .down : .up
        #expect(run.statuses.contains { $0.gearChange == change })
        #expect(outcome.gear.map { $0.topSpeed.value >= 60 && $0.topSpeed.value < 100 } ?? false)
    }

    @Test("lowers the set speed of the scan by no more than the pack's step, elsewhere by no more than its rate")
    func rates() throws {
        let fixture = try LugDownFixture()
        let rules = fixture.test.requirements
        let (outcome, _) = try fixture.run()
        for (before, after) in zip(outcome.seconds, outcome.seconds.dropFirst()) {
            guard let from = before.setSpeed, let to = after.setSpeed else { continue }
            let change = abs(to.value - from.value)
            let allowed = after.stage == .scan ? rules.scan.step : rules.pointTimes.speedRate
            #expect(change.isAtMost(allowed), "second \(after.second): \(change)")
        }
        // The first set speed is the speed that the vehicle has.
        #expect(outcome.seconds.compactMap(\.setSpeed).first == outcome.gear?.topSpeed)
    }

    @Test("corrects power for the room's air by the engine's aspiration")
    func correction() throws {
        // facts: 95 kPa, 35 °C: 1.08028 naturally aspirated, 1.09862 turbocharged.
        for (aspiration, factor) in [(Aspiration.natural, 1.08028), (.turbocharged, 1.09862)] {
            var fixture = try LugDownFixture()
            fixture.test.aspiration = aspiration
            fixture.lane.air = (35, 40, 95)
            let (outcome, _) = try fixture.run()
            let peak = try #require(outcome.peak)
            #expect(abs(peak.factor - factor) < 1e-5)
            #expect(abs(peak.correctedPower.value - peak.power.value * factor) < 1e-3)
        }
    }

    @Test("takes off what slowing rollers give back, where the pack says so and the lane knows their inertia")
    func inertia() throws {
        func power(_ rule: String) throws -> Double {
            var fixture = try LugDownFixture.exact()
            fixture.test.requirements = try LugDownPack.changed([
                "inertia: {value: neglected": "inertia: {value: \(rule)"
            ])
            fixture.test.lane.baseInertia = Mass(1200)
            let peak = try #require(try fixture.run().outcome.peak)
            return peak.power.value
        }
        // The lane's vehicle and rollers have 1200 kg: what the engine gives at the wheels is 63.75 kW.
        #expect(abs(try power("compensated") - 63.75) < 0.5)
        #expect(try power("neglected") > 65)
    }

    @Test("measures smoke although power is too low, or ends after the scan, as the pack says")
    func lowPower() throws {
        var fixture = try LugDownFixture()
        fixture.lane.vehicle.efficiency = 0.35
        #expect(try fixture.run().outcome.points.count == 2)
        fixture.test.requirements = try LugDownPack.changed([
            "power-too-low: {value: continues": "power-too-low: {value: ends"
        ])
        let (outcome, run) = try fixture.run()
        #expect(outcome.verdict == .failed)
        #expect(outcome.points.isEmpty)
        #expect(run.brakes.last == .unload)
    }

    @Test("judges the power of the scan or of the 100 % point, as the pack says")
    func powerOf() throws {
        var fixture = try LugDownFixture()
        fixture.test.requirements = try LugDownPack.changed(["power-of: {value: scan": "power-of: {value: point"])
        let (outcome, _) = try fixture.run()
        #expect(outcome.items.first { $0.quantity == "power" }?.id == "p100.power")
    }

    @Test("only records the engine speed where the pack says so")
    func engineSpeedRecorded() throws {
        var fixture = try LugDownFixture()
        fixture.lane.vehicle.ratedSpeed = 2800
        fixture.test.requirements = try LugDownPack.changed([
            "engine-speed: {value: judged": "engine-speed: {value: recorded"
        ])
        let (outcome, _) = try fixture.run()
        #expect(outcome.verdict == .passed)
        #expect(outcome.peak.map { $0.engineSpeedRatio < 90 } ?? false)
    }

    @Test("corrects NOx for humidity where the pack says so, and records both results either way")
    func humidity() throws {
        var fixture = try LugDownFixture.exact()
        fixture.lane.vehicle.nox = ["": 1400]
        fixture.lane.air = (30, 80, 101.3)
        // kH 1.554692 at 30 °C, 80 %, 101.3 kPa (within 0.5 %).
        let (off, _) = try fixture.run()
        #expect(off.verdict == .passed)
        fixture.test.requirements = try LugDownPack.changed([
            "nox-humidity: {value: \"off\"": "nox-humidity: {value: \"on\""
        ])
        let (on, _) = try fixture.run()
        #expect(on.verdict == .failed)
        for outcome in [off, on] {
            let point = outcome.points[1]
            let corrected = try #require(point.correctedNOx)
            #expect(abs(corrected.value / 1400 / 1.554692 - 1) < 0.005)
            #expect(point.nox == Concentration(1400))
        }
    }

    @Test("takes NO and NO2 together where the bench reads no NOx, and says so")
    func summedNOx() throws {
        var fixture = try LugDownFixture.exact()
        fixture.lane.readsNOAndNO2 = true
        let (outcome, _) = try fixture.run()
        #expect(outcome.verdict == .passed)
        #expect(outcome.remarks == [.noxFromNOAndNO2])
        #expect(outcome.points[1].nox.map { abs($0.value - 700) < 1e-9 } ?? false)
    }

    @Test("trusts the operator for the probes where the bench reads no CO2, and says so")
    func confirmation() throws {
        var fixture = try LugDownFixture()
        fixture.lane.readsCarbonDioxide = false
        #expect(try fixture.run().outcome.remarks == [.carbonDioxideNotRead])
        let (silent, _) = try fixture.run([.init(.noConfirmation)])
        #expect(silent.verdict == .aborted(.precondition(.probeCheck)))
    }

    @Test("takes coolant for oil, and a running engine for either")
    func warmth() throws {
        var fixture = try LugDownFixture()
        (fixture.lane.oil, fixture.lane.coolant) = (nil, 85)
        #expect(try fixture.run().outcome.verdict == .passed)
        fixture.lane.coolant = nil
        #expect(try fixture.run().outcome.verdict == .aborted(.precondition(.engineCold)))
        fixture.test.oilTemperatureReadable = false
        fixture.lane.oil = 30
        let (outcome, run) = try fixture.run()
        #expect(outcome.verdict == .passed)
        #expect(outcome.remarks == [.oilTemperatureNotRead])
        #expect(
            run.statuses.count { $0.stage == .warmUp } / 10
                == fixture.test.requirements.preTest.engineRunningInstead.count)
    }

    @Test("measures three points over five seconds under the pack of 2005, without other code")
    func pack2005() throws {
        let fixture = try LugDownFixture(pack: "GB3847-2005-lug-down")
        let (outcome, _) = try fixture.run()
        #expect(outcome.verdict == .passed)
        #expect(outcome.points.map(\.point) == [.p100, .p90, .p80])
        #expect(outcome.items.map(\.id) == ["scan.power", "scan.engine-speed", "p100.k", "p90.k", "p80.k"])
        #expect(outcome.items[0].bound.low?.decimal == RoundedDecimal("42.5"))
        for point in LugDownPoint.allCases {
            #expect(outcome.seconds.count { $0.point == point && $0.stage == .measure } == 5)
        }
    }

    @Test("tells the driver what to do now and next in every stage")
    func instructions() throws {
        let (_, run) = try LugDownFixture().run()
        for status in run.statuses {
            #expect(status.instruction != nil)
            #expect(status.following != nil || status.stage == .finished)
        }
        #expect(zip(run.statuses, run.statuses.dropFirst()).allSatisfy { $0.progress <= $1.progress })
        #expect(run.statuses.last?.progress == 1)
        #expect(run.statuses.last?.pedal == .released)
        // Where the pedal is to be held down, the driver sees speeds, power, smoke and NOx.
        let measured = run.statuses.filter { $0.stage == .measure }
        #expect(measured.allSatisfy { $0.readings.map(\.symbol) == ["v", "n", "P", "k", "NOx"] && $0.pedal == .full })
    }

    @Test("reports every item of the process data, and the same bytes again from the same frames")
    func report() throws {
        let fixture = try LugDownFixture(altitude: "2600")
        let (outcome, run) = try fixture.run()
        guard case .members(let members) = try outcome.report(), case .list(let seconds)? = members["seconds"],
            case .members(let second)? = seconds.last, case .members(let engine)? = members["engine"]
        else {
            Issue.record("the report has another shape")
            return
        }
        let present = [
            "speed", "force", "rpm", "power", "brake", "loss", "pcf", "pc", "k", "op", "nox", "co2", "kh", "oil", "ta",
            "rh", "pb", "set", "point",
        ]
        for key in present { #expect(second[key] != nil && second[key] != .absent, "\(key)") }
        #expect(engine["altitudeAllowance"] == .decimal(try #require(RoundedDecimal("0.25"))))
        #expect(outcome.remarks == [.altitudeAllowance])
        var again = LugDownProcedure(fixture.test)
        for frame in run.frames { _ = again.advance(frame) }
        #expect(try again.outcome?.report() == outcome.report())
    }
}
