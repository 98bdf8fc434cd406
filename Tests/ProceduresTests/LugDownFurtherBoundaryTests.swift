import Metrology
import Procedures
import ProceduresTestKit
import Standards
import Testing

/// The numbers of lug-down that the other boundary tests do not reach: what is watched in every second, how a steady
/// speed is told, and how long scan and points may last.
@Suite("In between, a lug-down test")
struct LugDownFurtherBoundaryTests {
    /// A fixture without noise by a pack with some of its values changed.
    private static func fixture(_ changes: [String: String] = [:]) throws -> LugDownFixture {
        var fixture = try LugDownFixture.exact()
        fixture.test.requirements = try LugDownRequirements(
            document: ChangedPack.document("GB3847-2018-lug-down", changes))
        return fixture
    }

    /// What a test came to when its frames were edited, and its stays in stages in tenths of a second.
    private struct Run {
        let outcome: LugDownOutcome
        let stays: [(stage: StageKind, tenths: Int)]

        /// - Parameter edit: makes of a frame the one that the procedure sees, by what is shown, by the second of the
        ///   stage since it was first shown, and by the speed that the brake holds.
        init(_ fixture: LugDownFixture, _ edit: (Frame, ProcedureStatus, Int, Double) -> Frame) throws {
            var procedure = LugDownProcedure(fixture.test)
            var lane = fixture.lane
            var began: [StageKind: Int] = [.warmUp: 0]
            var stays: [(stage: StageKind, tenths: Int)] = []
            var (since, hold) = (0, 0.0)
            while procedure.outcome == nil {
                let status = procedure.status
                let raw = lane.next(status)
                try #require(raw.tick < 60_000)
                let second = max(1, (raw.tick - (began[status.stage] ?? 0) + 9) / 10)
                let directives = procedure.advance(edit(raw, status, second, hold))
                lane.perform(directives)
                for case .hold(let speed) in directives { hold = speed.value }
                guard procedure.status.stage != status.stage else { continue }
                stays.append((status.stage, raw.tick - since))
                since = raw.tick
                if began[procedure.status.stage] == nil { began[procedure.status.stage] = raw.tick }
            }
            outcome = try #require(procedure.outcome)
            self.stays = stays
        }

        func seconds(in stage: StageKind) -> Int? { stays.first { $0.stage == stage }.map { $0.tenths / 10 } }
    }

    /// Something for the first seconds of a stage.
    private func verdict(
        _ fixture: LugDownFixture, in stage: StageKind = .scan, seconds: Int, _ spoil: (Frame) -> Frame
    ) throws -> Verdict {
        try Run(fixture) { frame, status, second, _ in
            status.stage == stage && second <= seconds ? spoil(frame) : frame
        }.outcome.verdict
    }

    // MARK: What is watched

    @Test("takes an engine for stalled below the pack's speed after the pack's seconds")
    func stall() throws {
        for changes in [[:], ["aborts.stall-speed": "250"], ["aborts.stall-seconds": "4"]] {
            let fixture = try Self.fixture(changes)
            let rules = fixture.test.requirements.watch
            func verdict(_ speed: Double, _ seconds: Int) throws -> Verdict {
                try self.verdict(fixture, in: .governedSpeed, seconds: seconds) { $0.with([.engineSpeed: speed]) }
            }
            let (limit, seconds) = (rules.stallSpeed.value, rules.stallSeconds)
            #expect(try verdict(limit, seconds + 3) == .passed)
            #expect(try verdict(limit - 0.1, seconds - 1) == .passed)
            #expect(try verdict(limit - 0.1, seconds) == .aborted(.stall))
        }
    }

    @Test("bears a lost instrument for the pack's seconds, or as long as its readings are fresh")
    func lost() throws {
        for changes in [[:], ["aborts.lost-seconds": "5"], ["freshness.weather-station": "4"]] {
            let fixture = try Self.fixture(changes)
            for role in LugDownProcedure.roles {
                let fresh = try #require(fixture.test.requirements.freshness[role]).seconds
                let most = Int(max(Double(fixture.test.requirements.watch.lostSeconds), fresh).rounded(.down))
                #expect(try verdict(fixture, seconds: most) { $0.losing([role]) } == .passed, "\(role)")
                #expect(
                    try verdict(fixture, seconds: most + 1) { $0.losing([role]) } == .aborted(.deviceLost(role)),
                    "\(role)")
            }
        }
    }

    @Test("bears a missing value of its record for the pack's seconds")
    func missing() throws {
        for changes in [[:], ["aborts.invalid-seconds": "5"]] {
            let fixture = try Self.fixture(changes)
            let allowed = fixture.test.requirements.watch.invalidSeconds
            for channel in [
                ChannelID.rollerSpeed, .rollerForce, .engineSpeed, .lightAbsorption, .opacity, .nitrogenOxides,
                .airTemperature, .relativeHumidity, .airPressure,
            ] {
                #expect(try verdict(fixture, seconds: allowed) { $0.without([channel]) } == .passed, "\(channel)")
                #expect(
                    try verdict(fixture, seconds: allowed + 1) { $0.without([channel]) }
                        == .aborted(.staleData(channel)), "\(channel)")
            }
        }
    }

    @Test(
        "takes a brake for out of control beyond the pack's band, and a pedal for let go below the pack's share of force"
    )
    func control() throws {
        for changes in [[:], ["aborts.control-band": "5.0"], ["aborts.pedal-force-share": "30"]] {
            let fixture = try Self.fixture(changes)
            let rules = fixture.test.requirements.aborts
            let (band, share) = (rules.controlBand.value, rules.pedalForceShare.value)
            func reason(_ below: Double, force: Double, _ seconds: Int) throws -> AbortReason? {
                try Run(fixture) { frame, status, second, hold in
                    guard status.stage == .scan else { return frame }
                    // A force that is known from the first second on, then speed and force as they are asked for.
                    let isOff = (5..<5 + seconds).contains(second)
                    return isOff
                        ? frame.with([.rollerSpeed: hold - below, .rollerForce: force])
                        : frame.with([.rollerForce: 1000])
                }.outcome.verdict.abortReason
            }
            #expect(try reason(band, force: 1000, rules.controlSeconds + 2) == nil)
            #expect(try reason(band + 0.01, force: 1000, rules.controlSeconds - 1) == nil)
            #expect(try reason(band + 0.01, force: 1000, rules.controlSeconds) == .controlLost)
            #expect(try reason(band + 0.01, force: 10 * share, rules.controlSeconds) == .controlLost)
            #expect(try reason(band + 0.01, force: 10 * share - 0.1, rules.controlSeconds) == .pedalReleased)
        }
    }

    // MARK: Before the throttle

    @Test("lets a running engine stand in for its oil after the pack's time")
    func runningInstead() throws {
        for changes in [[:], ["pre-test.engine-running-instead": "45"]] {
            var fixture = try Self.fixture(changes)
            fixture.test = LugDownTest(
                ratedPower: fixture.test.ratedPower, ratedSpeed: fixture.test.ratedSpeed, aspiration: .turbocharged,
                transmission: .manual, oilTemperatureReadable: false, limits: fixture.test.limits,
                altitudeAllowance: 0, requirements: fixture.test.requirements, lane: fixture.test.lane)
            (fixture.lane.oil, fixture.lane.coolant) = (nil, nil)
            let seconds = fixture.test.requirements.preTest.engineRunningInstead.count
            #expect(try Run(fixture) { frame, _, _, _ in frame }.seconds(in: .warmUp) == seconds)
        }
    }

    @Test("reads the zero for the pack's seconds, once the instruments have had theirs to begin")
    func zero() throws {
        for changes in [[:], ["pre-test.action-settle": "9"], ["pre-test.sampling-mean": "5"]] {
            let fixture = try Self.fixture(changes)
            let rules = fixture.test.requirements.preTest
            // The lane's instruments take six seconds.
            let run = try Run(fixture) { frame, _, _, _ in frame }
            #expect(run.seconds(in: .zero) == max(6, rules.actionSettle) + rules.samplingMean)
        }
    }

    // MARK: Steady speeds and the gear

    @Test("takes a speed for steady within the pack's spread over the pack's seconds, with the pedal down")
    func steady() throws {
        for changes in [
            [:], ["gear.steady": "5"], ["gear.steady-engine-speed": "30"], ["gear.steady-speed": "0.4"],
            ["gear.pedal-down-share": "75"],
        ] {
            let fixture = try Self.fixture(changes)
            let gear = fixture.test.requirements.gear
            func found(_ stage: StageKind, engine: Double, spread: Double, rollers: Double) throws -> Int? {
                let run = try Run(fixture) { frame, status, second, _ in
                    guard status.stage == stage else { return frame }
                    let isOdd = Double(second % 2)
                    return frame.with([.engineSpeed: engine + spread * isOdd, .rollerSpeed: 70 + rollers * isOdd])
                }
                let isOver = run.stays.contains { $0.stage == stage } && run.stays.last?.stage != stage
                return isOver ? run.seconds(in: stage) : nil
            }
            let (engine, speed) = (gear.steadyEngineSpeed.value, gear.steadySpeed.value)
            for stage in [StageKind.governedSpeed, .gear] {
                #expect(try found(stage, engine: 3400, spread: engine, rollers: 0) == gear.steady)
                #expect(try found(stage, engine: 3400, spread: engine + 0.1, rollers: 0) == nil)
                let least = 3200 * gear.pedalDownShare.value / 100
                #expect(try found(stage, engine: least, spread: 0, rollers: 0) == gear.steady)
                #expect(try found(stage, engine: least - 0.1, spread: 0, rollers: 0) == nil)
            }
            #expect(try found(.gear, engine: 3400, spread: 0, rollers: speed) == gear.steady)
            #expect(try found(.gear, engine: 3400, spread: 0, rollers: speed + 0.01) == nil)
        }
    }

    @Test("asks for the gear whose speed is closest to the pack's, and gives the pack's time to change it")
    func gear() throws {
        for changes in [[:], ["gear.speed-target": "65"], ["gear.shift": "8"]] {
            let fixture = try Self.fixture(changes)
            let gear = fixture.test.requirements.gear
            var targets: Set<Double> = []
            var shown = 0
            let run = try Run(fixture) { frame, status, second, _ in
                guard status.stage == .gear else { return frame }
                targets.formUnion([status.targetSpeed?.value].compactMap { $0 })
                shown += status.gearChange == nil ? 0 : 1
                let isSlow = second <= gear.steady + gear.shift
                return frame.with([.engineSpeed: 3400, .rollerSpeed: isSlow ? 50 : 70])
            }
            #expect(targets == [gear.speedTarget.value])
            #expect(shown == gear.shift * 10)
            #expect(run.outcome.gear?.shifts == 1)
            #expect(run.seconds(in: .gear) == gear.steady + 1 + gear.shift + gear.steady - 1)
        }
    }

    // MARK: Scan and points

    @Test("may scan, and stay at a point, as long as the pack says and not a second longer")
    func limits() throws {
        let usual = try Run(Self.fixture()) { frame, _, _, _ in frame }.outcome
        let scan = try #require(usual.peak).scanSeconds
        let point = try #require(usual.points.map(\.seconds).max())
        for (member, seconds, stage) in [
            ("scan.limit", scan, StageKind.scan), ("point-times.limit", point, .measure),
        ] {
            let inTime = try Run(Self.fixture([member: "\(seconds)"])) { frame, _, _, _ in frame }
            #expect(inTime.outcome.verdict == .passed, "\(member) \(seconds)")
            let late = try Run(Self.fixture([member: "\(seconds - 1)"])) { frame, _, _, _ in frame }
            #expect(late.outcome.verdict == .aborted(.timeLimit(stage)), "\(member) \(seconds - 1)")
        }
    }

    @Test("lowers the speed by the pack's step, and lugs the engine no further than to the pack's speed")
    func scan() throws {
        for changes in [[:], ["scan.step": "0.4"], ["scan.engine-speed-floor": "2800"]] {
            let fixture = try Self.fixture(changes)
            let rules = fixture.test.requirements.scan
            let outcome = try Run(fixture) { frame, _, _, _ in frame }.outcome
            let seconds = outcome.seconds.filter { $0.stage == .scan }
            let set = seconds.compactMap { $0.setSpeed?.value }
            for (before, after) in zip(set, set.dropFirst()) {
                #expect(abs(before - after - rules.step.value) < 1e-9)
            }
            let least = max(3200 * rules.engineSpeedShare.value / 100, rules.engineSpeedFloor.value)
            let engine = seconds.compactMap { $0.values[.engineSpeed] }
            #expect(engine.dropLast().allSatisfy { $0 >= least })
            #expect((outcome.peak?.end == .engineSpeed) == (engine.last.map { $0 < least } ?? false))
            #expect((outcome.peak?.end == .engineSpeed) == (least == 2800))
        }
    }

    @Test("measures its points at the pack's shares of the speed of greatest power")
    func shares() throws {
        for (old, new) in [("100", "95"), ("80", "85")] {
            var fixture = try LugDownFixture.exact()
            fixture.test.requirements = try LugDownPack.changed([
                "share: {value: \"\(old)\"": "share: {value: \"\(new)\""
            ])
            let (outcome, _) = try fixture.run()
            let peak = try #require(outcome.peak).speed.value
            for (point, rules) in zip(outcome.points, fixture.test.requirements.points) {
                #expect(abs(point.target.value - peak * rules.share.value / 100) < 1e-9)
            }
        }
    }

    @Test("takes the first, the last or the mean of a second's readings, as the pack says")
    func secondTakes() throws {
        for (takes, expected) in [("first", 100.0), ("last", 100.9), ("mean", 100.45)] {
            let run = try Run(Self.fixture(["decisions.second-takes": takes])) { frame, status, second, _ in
                guard status.stage == .warmUp else { return frame }
                // The first second of a test has a frame more than the others.
                let whole = second <= 2 ? frame.adding(.warmingUp, of: .opacimeter) : frame
                return whole.with([.airPressure: 100 + Double((frame.tick + 9) % 10) / 10])
            }
            #expect(abs(try #require(run.outcome.preTest.air).pressure.value - expected) < 1e-9, "\(takes)")
        }
    }

    // MARK: The order

    @Test("needs the pack's power of the brake for a vehicle of the pack's mass")
    func brake() throws {
        for changes in [
            [:], ["vehicle.light-gross-mass": "2610"], ["vehicle.brake-power-light": "60"],
            ["vehicle.brake-power-heavy": "150"],
        ] {
            let requirements = try Self.fixture(changes).test.requirements
            let rules = requirements.vehicle
            let edge = rules.lightGrossMass.value
            for (mass, needed) in [
                (edge - 1, rules.brakePowerLight), (edge, rules.brakePowerLight), (edge + 1, rules.brakePowerHeavy),
            ] {
                for (power, isTaken) in [(needed.value, true), (needed.value - 0.1, false)] {
                    let order = LugDownOrderTests.order {
                        $0.vehicle.grossMass = try? RoundedDecimal(mass, places: 0)
                    }
                    let lane = LaneParameters(parasiticLoss: LugDownLane.loss, brakePower: Power(power))
                    let procedure = try? LugDownOrderTests.prepare(order, lane: lane, requirements: requirements)
                    #expect((procedure != nil) == isTaken, "\(mass) kg, \(power) kW")
                }
            }
        }
    }

    @Test("reports with the pack's places")
    func places() throws {
        for (changes, places) in [
            ([:], [2, 0, 1, 1]), (["report.k-places": "3"], [3, 0, 1, 1]), (["report.nox-places": "1"], [2, 1, 1, 1]),
            (["report.power-places": "2"], [2, 0, 2, 1]), (["report.ratio-places": "0"], [2, 0, 1, 0]),
        ] as [([String: String], [Int])] {
            let items = try Run(Self.fixture(changes)) { frame, _, _, _ in frame }.outcome.items
            let found = ["p80.k", "p80.nox", "scan.power", "scan.engine-speed"].map { id in
                items.first { $0.id == id }?.reported.places
            }
            #expect(found == places, "\(changes)")
        }
    }
}
