import Metrology
import Procedures
import ProceduresTestKit
import Standards
import Testing

/// Every limit and time of the simple transient method, on it, just below and just above, read from the pack.
@Suite("The numbers of the simple transient method")
struct VMASBoundaryTests {
    /// Drives the trace exactly, but for an offset in some seconds of the cycle.
    private func drive(
        _ fixture: VMASFixture, seed: UInt64 = 1, _ offset: @escaping (Int) -> Double
    ) throws -> VMASOutcome {
        var lane = fixture.lane(seed: seed)
        let trace = fixture.test.requirements.cycle.trace
        return try VMASTestRun(fixture.test, on: &lane) { frame, elapsed in
            guard let elapsed, elapsed <= trace.duration else { return frame }
            let speed = trace.speed(at: elapsed).value + offset(Int(elapsed.rounded(.up)))
            return frame.with([.rollerSpeed: speed])
        }.outcome
    }

    @Test("take the band's edge as inside, above and below the trace")
    func speedBand() throws {
        let fixture = try VMASFixture()
        let band = fixture.test.requirements.bands.speed.value
        // Where the car is to be on the move, so that it can be too slow as well.
        func moving(_ offset: Double) -> (Int) -> Double { { (62...85).contains($0) ? offset : 0 } }
        for sign in [1.0, -1] {
            let inside = try drive(fixture, moving(sign * (band - 0.001)))
            let edge = try drive(fixture, moving(sign * band))
            let outside = try drive(fixture, moving(sign * (band + 0.001)))
            #expect(inside.seconds.last?.counters.speedCumulative == 0)
            #expect(edge.seconds.last?.counters.speedCumulative == 0)
            #expect(outside.verdict == .aborted(.speedDeviation))
        }
    }

    @Test("stop the test only after the band was left for longer than the pack's time")
    func continuous() throws {
        let fixture = try VMASFixture()
        let allowed = fixture.test.requirements.bands.continuous
        func out(_ seconds: Int) -> (Int) -> Double { { $0 >= 64 && $0 < 64 + seconds ? 5 : 0 } }
        #expect(try drive(fixture, out(allowed - 1)).verdict == .passed)
        #expect(try drive(fixture, out(allowed)).verdict == .passed)
        let stopped = try drive(fixture, out(allowed + 1))
        #expect(stopped.verdict == .aborted(.speedDeviation))
        let at = try VMASFixture { $0.replacing("limit-reached: {value: after", with: "limit-reached: {value: at") }
        #expect(try drive(at, out(allowed)).verdict == .aborted(.speedDeviation))
        #expect(try drive(at, out(allowed - 1)).verdict == .passed)
    }

    @Test("let a speed be early or late only if the pack says so")
    func timeTolerance() throws {
        // Half a second late: 1.5 km/h at 3 km/h each second, 1.87 at 3.75; 0.6 s late: 2.25 at 3.75.
        func late(_ fixture: VMASFixture) throws -> VMASOutcome {
            var lane = fixture.lane()
            let trace = fixture.test.requirements.cycle.trace
            return try VMASTestRun(fixture.test, on: &lane) { frame, elapsed in
                guard let elapsed else { return frame }
                return frame.with([.rollerSpeed: trace.speed(at: elapsed - 0.9).value])
            }.outcome
        }
        #expect(try late(VMASFixture()).verdict == .aborted(.speedDeviation))
        let tolerant = try VMASFixture {
            $0.replacing("time-tolerance: {value: \"0\"", with: "time-tolerance: {value: \"1.0\"")
        }
        #expect(try late(tolerant).verdict == .passed)
    }

    @Test("void a test whose way is further off than the pack allows", arguments: [1.0, -1.0])
    func distance(sign: Double) throws {
        let fixture = try VMASFixture()
        let cycle = fixture.test.requirements.cycle
        // Two seconds of three may be outside the band.
        let places = (1...cycle.seconds).filter {
            $0 % 3 != 0 && cycle.trace.speed(at: Double($0)).value >= 15
                && cycle.trace.speed(at: Double($0 - 1)).value >= 15
        }
        let exact = (1...cycle.seconds).reduce(0) { $0 + cycle.trace.speed(at: Double($1)).value }
        func verdict(_ extra: Double) throws -> Verdict {
            let wanted = cycle.nominalDistance.value + sign * (cycle.distanceTolerance.value + extra)
            let each = (wanted * 3600 - exact) / Double(places.count)
            return try drive(fixture) { places.contains($0) ? each : 0 }.verdict
        }
        #expect(try verdict(-0.0001) == .passed)
        #expect(try verdict(0) == .passed)
        #expect(try verdict(0.0001) == .aborted(.distance))
    }

    @Test("judge by the limit, on the rounded value", arguments: MassPollutant.allCases, ["a", "b"])
    func limits(pollutant: MassPollutant, set: String) throws {
        let limit = try #require(try VMASFixture.limits().limits(set)?[pollutant])
        let fixture = try VMASFixture(set: set)
        let places = try #require(fixture.test.requirements.report[pollutant])
        let half = [0.5, 0.05, 0.005, 0.0005][places]
        // Below, above by less than half of the last digit, above by more.
        for (value, rounded, full) in [
            (limit.value - half * 0.9, true, true), (limit.value + half * 0.9, true, false),
            (limit.value + half * 1.1, false, false),
        ] {
            let item = try #require(try item(pollutant, fixture, at: value))
            #expect(item.passesRounded == rounded && item.passesFull == full, "\(item.full) against \(limit.decimal)")
            #expect(item.passes == rounded)
        }
    }

    /// Finds by secant the exhaust that comes to a result, and gives the item.
    private func item(_ pollutant: MassPollutant, _ fixture: VMASFixture, at wanted: Double) throws -> JudgedItem? {
        var exhaust = SyntheticLane.Exhaust(co: 0.2, hc: 100, no: 300)
        var item: JudgedItem?
        for _ in 0..<6 {
            let items = try fixture.run(exhaust: exhaust).outcome.items
            item = items.first { $0.quantity == pollutant.rawValue }
            let found = try #require(item.flatMap { Double($0.full.description) })
            if abs(found - wanted) < 1e-6 { break }
            switch pollutant {
            case .carbonMonoxide: exhaust.co *= wanted / found
            case .hydrocarbons: exhaust.hc *= wanted / found
            case .nitrogenOxides: exhaust.no *= wanted / found
            }
        }
        return item
    }

    @Test("want the room's oxygen from the flow meter, and enough of a stream")
    func flowMeter() throws {
        let fixture = try VMASFixture {
            $0.replacing(
                "limit: {value: \"1800\", unit: s, source: own", with: "limit: {value: \"30\", unit: s, source: own")
        }
        let rules = fixture.test.requirements.flowMeter
        func run(oxygen: Double, flow: Double) throws -> VMASTestRun {
            var lane = fixture.lane()
            // At the standard state's temperature and pressure the stream is what is measured.
            let minutes = flow * 60 / 1000
            return try VMASTestRun(fixture.test, on: &lane) { frame, _ in
                let values: [ChannelID: Double] = [
                    .dilutedOxygen: oxygen, .exhaustFlow: minutes, .flowTemperature: 20, .flowPressure: 101.325,
                ]
                return frame.tick < 400 ? frame.with(values) : frame
            }
        }
        let (nominal, tolerance) = (rules.oxygenNominal.value, rules.oxygenTolerance.value)
        let least = rules.flowMinimum.value
        for oxygen in [nominal - tolerance, nominal + tolerance] {
            #expect(try run(oxygen: oxygen, flow: least).outcome.verdict == .passed)
        }
        for oxygen in [nominal - tolerance - 0.01, nominal + tolerance + 0.01] {
            #expect(
                try run(oxygen: oxygen, flow: least).outcome.verdict == .aborted(.precondition(.flowMeterOxygen)))
        }
        #expect(
            try run(oxygen: nominal, flow: least - 0.01).outcome.verdict == .aborted(.precondition(.flowMeterFlow)))
    }

    @Test("break the test off when the stream stays too small for the pack's time")
    func lowStream() throws {
        let fixture = try VMASFixture()
        let seconds = Double(fixture.test.requirements.flowMeter.flowLowSeconds)
        func weak(_ length: Double) throws -> Verdict {
            try fixture.run([.init(.weakFan(0.5), after: 20.05, length: length, stage: .measure)]).outcome.verdict
        }
        #expect(try weak(seconds - 1) == .passed)
        #expect(try weak(seconds) == .aborted(.exhaustFlow))
    }

    @Test("take classes of reference mass with their upper end inside")
    func classes() throws {
        let rules = try VMASFixture.requirements().load
        #expect(rules.classes.count == 11)
        for (index, row) in rules.classes.enumerated() {
            guard let upTo = row.upTo else { continue }
            #expect(rules.loadClass(referenceMass: upTo) == row)
            #expect(rules.loadClass(referenceMass: upTo - Mass(0.1)) == row)
            #expect(rules.loadClass(referenceMass: upTo + Mass(0.1)) == rules.classes[index + 1])
        }
    }

    @Test("load the brake with the road and with the inertia that the rollers lack")
    func load() throws {
        let fixture = try VMASFixture()
        // RM 1350 kg: 1.8 kW at 50 km/h, 129.6 N; a quarter of it at 25 km/h. 442.8 kg at 1 m/s² are 442.8 N.
        #expect(fixture.test.load.power == Power(1.8))
        #expect(abs(fixture.test.load.force(at: Speed(50), Acceleration(0)).value - 129.6) < 1e-9)
        #expect(abs(fixture.test.load.force(at: Speed(25), Acceleration(0)).value - 32.4) < 1e-9)
        #expect(abs(fixture.test.load.force(at: Speed(50), Acceleration(1)).value - 572.4) < 1e-9)
        let run = try fixture.run()
        // Steady 50 km/h: the road less what the rollers take, 0.77 kW or 55.44 N.
        let steady = run.outcome.seconds[149]
        #expect(abs(try #require(steady.setForce).value - (129.6 - 55.44)) < 45)
        // 0 to 15 km/h in 4 s: 1.04 m/s², some 461 N.
        #expect(abs(try #require(run.outcome.seconds[13].setForce).value - 445) < 60)
        // Slowing down the rollers would have to drive; the brake has no force, and the record shows it.
        let slowing = run.outcome.seconds[89]
        #expect(slowing.setForce == Force(0))
        #expect(try #require(slowing.totalForce).value < 0)
        #expect(try #require(slowing.loadError).value > 0)
        let light = try VMASFixture(curbMass: "700")
        #expect(try light.run().outcome.remarks == [.inertiaBelowRollers])
        let byClass = try VMASFixture {
            $0.replacing("inertia-of: {value: reference-mass", with: "inertia-of: {value: class")
        }
        #expect(byClass.test.load.inertia == Mass(1360))
    }

    @Test("refuse orders and lanes that the method cannot use, all problems at once")
    func orders() throws {
        func problems(_ order: TestOrder, _ lane: LaneParameters) throws -> [String] {
            do {
                _ = try VMASTest(
                    order, limits: VMASFixture.limits(), requirements: VMASFixture.requirements(), lane: lane)
                return []
            } catch let problems as OrderProblems {
                return problems.all.map(\.member)
            }
        }
        let good = VMASFixture.lane()
        #expect(try problems(VMASFixture.order(), good) == [])
        #expect(
            try problems(
                VMASFixture.order(
                    set: "c", fuel: .diesel, curbMass: nil, grossMass: "3501", drive: .fullTimeFourWheel),
                VMASFixture.lane(baseInertia: nil, gas: nil, flow: nil)) == [
                    "limit-set", "vehicle.fuel", "vehicle.curb-mass", "vehicle.gross-mass", "vehicle.drive",
                    "lane.base-inertia", "lane.analyzer-delay", "lane.flow-meter-delay",
                ])
        #expect(try problems(VMASFixture.order(grossMass: "3500"), good) == [])
        #expect(try problems(VMASFixture.order(curbMass: "0"), good) == ["vehicle.curb-mass"])
        let longest = try VMASFixture.requirements().mass.delayMaximum.value
        #expect(try problems(VMASFixture.order(), VMASFixture.lane(gas: .seconds(longest))) == [])
        #expect(
            try problems(VMASFixture.order(), VMASFixture.lane(gas: .seconds(longest + 0.001)))
                == ["lane.analyzer-delay"])
        #expect(
            try problems(VMASFixture.order(), VMASFixture.lane(flow: .milliseconds(-1))) == ["lane.flow-meter-delay"])
    }
}
