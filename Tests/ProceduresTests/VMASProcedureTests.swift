import Messages
import Metrology
import Procedures
import ProceduresTestKit
import Standards
import Testing

@Suite("A simple transient test")
struct VMASProcedureTests {
    @Test("passes a clean car after one cycle, with 195 complete seconds")
    func passes() throws {
        let run = try VMASFixture().run()
        #expect(run.outcome.verdict == .passed)
        #expect(run.outcome.seconds.map(\.number) == Array(1...195))
        #expect(
            run.stages == [
                .flowMeter, .warmUp, .zero, .ambient, .background, .rest, .probe, .stabilise, .measure, .trailing,
                .finished,
            ])
        #expect(run.directives.first == .unload)
        #expect(run.brakes.last == .unload)
        #expect(run.outcome.items.map(\.symbol) == ["CO", "HC", "NOX"])
        #expect(run.outcome.remarks == [])
        // The trace itself has 1.0146 km.
        #expect(abs(run.outcome.distance - 1.0146) < 0.01)
        #expect(run.outcome.masses.carbonDioxide > 100)
    }

    @Test("fails a dirty car on every item")
    func fails() throws {
        let run = try VMASFixture().run(exhaust: .dirtyTransient)
        #expect(run.outcome.verdict == .failed)
        #expect(run.outcome.items.map(\.passes) == [false, false, false])
    }

    @Test("judges by the limit set of the order")
    func limitSets() throws {
        // Between limits b and a, 5.0 and 8.0 g/km of CO.
        let exhaust = try VMASFixture().exhaust(co: 6.5)
        #expect(try VMASFixture(set: "a").run(exhaust: exhaust).outcome.verdict == .passed)
        #expect(try VMASFixture(set: "b").run(exhaust: exhaust).outcome.verdict == .failed)
    }

    @Test("agrees with masses formed once more from the process data")
    func recomputation() throws {
        let outcome = try VMASFixture().run().outcome
        let again = VMASRecomputation(outcome.seconds, ambientOxygen: try #require(outcome.flowMeter.oxygen).value)
        for (item, value) in zip(outcome.items, [again.co, again.hc, again.nox]) {
            let full = try #require(Double(item.full.description))
            #expect(abs(full / value - 1) < 1e-9)
        }
        #expect(abs(again.distance - outcome.distance) < 1e-12)
    }

    @Test("names the operation and phase of each second as the upload tables do")
    func operations() throws {
        let seconds = try VMASFixture().run().outcome.seconds
        let table: [(Int, Int, Int)] = [
            (1, 1, 1), (11, 1, 1), (12, 2, 2), (25, 4, 4), (26, 5, 4), (28, 5, 4), (49, 6, 5), (50, 7, 6), (61, 9, 6),
            (96, 12, 8), (117, 13, 9), (118, 14, 10), (143, 18, 10), (144, 19, 11), (176, 21, 13), (178, 22, 14),
            (188, 24, 14), (189, 25, 15), (195, 25, 15),
        ]
        for (number, operation, phase) in table {
            #expect(seconds[number - 1].operation == operation)
            #expect(seconds[number - 1].phase == phase)
        }
    }

    @Test("idles for the pack's time before the cycle, and drives for 195 seconds")
    func times() throws {
        let run = try VMASFixture().run()
        let idle = run.shown.count { $0.stage == .stabilise }
        #expect(idle == (try VMASFixture.requirements().cycle.idleBefore) * 10)
        #expect(run.shown.count { $0.stage == .measure } == 1950)
        // The gas of the last second is 4.5 s on its way.
        #expect(run.shown.count { $0.stage == .trailing } == 45)
    }

    @Test("puts together what left the tail pipe together, by the delays of the lane")
    func alignment() throws {
        let fixture = try VMASFixture()
        var lane = fixture.lane()
        lane.noiseScale = 0
        let run = try VMASTestRun(fixture.test, on: &lane)
        // Without noise, CO follows the load of its own second: the highest is where speed and acceleration are.
        let began = try #require(run.cycleBegan)
        for second in run.outcome.seconds {
            let read = began + second.number * 10
            let gas = try #require(run.frames.first { $0.tick == read + 45 })
            let flow = try #require(run.frames.first { $0.tick == read + 10 })
            #expect(second.values[.carbonMonoxide] == gas[.carbonMonoxide].valid?.value)
            #expect(second.values[.dilutedOxygen] == flow[.dilutedOxygen].valid?.value)
            #expect(second.values[.rollerSpeed] == run.frames.first { $0.tick == read }?[.rollerSpeed].valid?.value)
        }
        // What the model let out and what was recorded agree: 3 L/s at idle, and 0.16 L/s for each km/h.
        #expect(abs(run.outcome.seconds[4].basis.exhaustFlow.value - 3) < 0.05)
        #expect(abs(run.outcome.seconds[149].basis.exhaustFlow.value - 11) < 0.05)
    }

    @Test("gives another mass where the lane's delay is wrong, since gas then meets another second's flow")
    func wrongDelay() throws {
        let fixture = try VMASFixture()
        var right = fixture.lane()
        right.noiseScale = 0
        var wrong = right
        wrong.gasDelay = 85
        let mass = try VMASTestRun(fixture.test, on: &right).outcome.masses
        let other = try VMASTestRun(fixture.test, on: &wrong).outcome.masses
        #expect(abs(mass.carbonMonoxide / other.carbonMonoxide - 1) > 0.001)
    }

    @Test("records every way to read what the standard leaves open, its own first")
    func readings() throws {
        let outcome = try VMASFixture().run().outcome
        #expect(outcome.readings.count == 8)
        #expect(Set(outcome.readings.map(\.reading)).count == 8)
        func result(_ temperature: String, _ basis: String, _ dilution: String, _ item: Int) throws -> Double {
            let found = outcome.readings.first {
                $0.reading.densityTemperature.decimal.description == temperature
                    && $0.reading.nitrogenOxides.rawValue == basis && $0.reading.dilution.rawValue == dilution
            }
            let items = try #require(found?.items)
            return try #require(Double(items[item].full.description))
        }
        let own = try result("20", "no2", "applied", 2)
        #expect(outcome.items[2].full == outcome.readings[0].items[2].full)
        // 0 °C against 20 °C is 293.15/273.15, NO2 against NO 46.005/30.006.
        #expect(abs(try result("0", "no2", "applied", 2) / own - 293.15 / 273.15) < 1e-9)
        #expect(abs(own / (try result("20", "no", "applied", 2)) - 46.005 / 30.006) < 1e-9)
        #expect(try result("20", "no2", "left-out", 0) < result("20", "no2", "applied", 0))
    }

    @Test("remarks on a verdict that hangs on how the standard is read")
    func openVerdict() throws {
        // NOx as NO2 is above limit a, 1.3 g/km, as NO below it.
        let exhaust = try VMASFixture().exhaust(nox: 1.6)
        let outcome = try VMASFixture().run(exhaust: exhaust).outcome
        #expect(outcome.verdict == .failed)
        #expect(outcome.remarks == [.verdictDependsOnReading])
        let asNO = try VMASFixture { $0.replacing("nox-basis: {value: no2", with: "nox-basis: {value: no") }
        #expect(try asNO.run(exhaust: exhaust).outcome.verdict == .passed)
    }

    @Test("compares HC of natural gas with its limit without deciding by it")
    func naturalGas() throws {
        let exhaust = SyntheticLane.Exhaust(co: 0.08, hc: 600, no: 100, co2: 11)
        let outcome = try VMASFixture(fuel: .naturalGas).run(exhaust: exhaust).outcome
        #expect(outcome.verdict == .passed)
        #expect(outcome.items.map(\.symbol) == ["CO", "NOX"])
        #expect(outcome.readings[0].recommended.map(\.passes) == [false])
        #expect(try VMASFixture(fuel: .gasoline).run(exhaust: exhaust).outcome.verdict == .failed)
    }

    @Test("takes the ratio of the second before where the overrun gives nothing but air")
    func overrun() throws {
        let outcome = try VMASFixture().run([.init(.overrun(withoutCarbon: false))]).outcome
        #expect(outcome.verdict == .passed)
        #expect(outcome.remarks.contains(.dilutionRatioHeld))
        let held = outcome.seconds.filter(\.basis.isShareHeld).map(\.number)
        // The decelerations of the cycle, and nothing else.
        #expect(!held.isEmpty && held.allSatisfy { (24...28).contains($0) || (85...97).contains($0) || $0 >= 156 })
        let airy = try VMASFixture().run([.init(.overrun(withoutCarbon: true))]).outcome
        #expect(airy.remarks.contains(.sampleWithoutCarbon))
        #expect(airy.seconds.contains { $0.basis.dilutionFactor == 3 })
    }

    @Test("lets a hybrid's engine stop, and no other")
    func hybrid() throws {
        let stop = TransientLane.Disturbance(.stall, after: 97, length: 15, stage: .measure)
        #expect(try VMASFixture(hybrid: true).run([stop]).outcome.verdict == .passed)
        #expect(try VMASFixture().run([stop]).outcome.verdict == .aborted(.stall))
    }

    @Test("tells the driver what to do now and next, with target, band, gear and the coming seconds")
    func cues() throws {
        let run = try VMASFixture().run()
        #expect(run.shown.dropLast().allSatisfy { $0.instruction != nil && $0.following != nil })
        let began = try #require(run.frames.firstIndex { $0.tick == run.cycleBegan })
        let status = run.shown[began + 520]
        #expect(status.instruction?.code == .vmasAccelerate)
        #expect(status.following?.code == .vmasShift)
        #expect(status.gear == 1)
        #expect(abs(try #require(status.targetSpeed).value - 9) < 1e-9)
        #expect(status.speedTolerance?.value == 2)
        #expect(abs(status.trace[0].value - 12) < 1e-9)
        #expect(status.trace.count == 15)
        #expect(!status.readings.isEmpty)
        let codes = run.shown.compactMap(\.instruction?.code).reduce(into: [String]()) { codes, code in
            if codes.last != code.rawValue { codes.append(code.rawValue) }
        }
        #expect(codes.contains("vmas.do.decelerate") && codes.contains("vmas.do.stop"))
        let automatic = try VMASFixture(transmission: .automatic).run()
        #expect(automatic.shown.allSatisfy { $0.gear == nil && $0.instruction?.code != .vmasShift })
    }

    @Test("reports the same bytes when its frames are run again")
    func replay() throws {
        let fixture = try VMASFixture()
        let run = try fixture.run(exhaust: .dirtyTransient)
        var again = VMASProcedure(fixture.test)
        for frame in run.frames { _ = again.advance(frame) }
        let replayed = try #require(again.outcome).report()
        #expect(try run.outcome.report() == replayed)
    }

    @Test("records every item of the method for each second")
    func report() throws {
        guard case .members(let members) = try VMASFixture().run().outcome.report(),
            case .list(let seconds)? = members["seconds"], case .members(let second)? = seconds.dropFirst(60).first
        else {
            Issue.record("no process data")
            return
        }
        #expect(seconds.count == 195)
        let absent = second.filter { $0.value == .absent }.map(\.key)
        #expect(absent == [])
        let expected = [
            "n", "op", "phase", "speed", "rpm", "co", "co2", "hc", "no", "o2", "o2d", "o2a", "flow", "std", "exh", "ta",
            "rh", "pb", "ft", "fp", "power", "plhp", "ihp", "force", "df", "kh", "dr", "mco", "mco2", "mhc", "mnox",
            "sc", "lambda", "oil", "coc", "hcc", "noc", "fd", "fe",
        ]
        #expect(expected.allSatisfy { second[$0] != nil })
    }
}
