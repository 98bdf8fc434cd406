import Metrology
import Procedures
import ProceduresTestKit
import Standards
import Testing

/// The numbers of the simple transient method that do not belong to its band and its limits: the flow meter, the way
/// into the cycle, the brake's load, and what the masses are formed of.
@Suite("Flow meter, load and masses of the simple transient method")
struct VMASFurtherBoundaryTests {
    private static func rules(_ changes: [String: String] = [:]) throws -> VMASRequirements {
        try VMASRequirements(document: ChangedPack.document("GB18285-2018-VMAS", changes))
    }

    /// Drives the trace exactly.
    private static func drive(
        _ changes: [String: String] = [:],
        _ edit: (Frame, EditedTest.Moment) -> Frame = { frame, _ in frame }
    ) throws -> (run: EditedTest, outcome: VMASOutcome) {
        let trace = try rules(changes).cycle.trace
        let run = try EditedTest(.vmas, changes) { frame, now in
            guard now.stage == .measure, let tenths = now.tenth(since: .measure) else { return edit(frame, now) }
            return edit(frame.with([.rollerSpeed: trace.speed(at: Double(tenths) / 10).value]), now)
        }
        return (run, try #require(run.outcome as? VMASOutcome))
    }

    // MARK: Before the cycle

    @Test("the flow meter is read for the pack's seconds, after as many for its fan")
    func flowMeterSettles() throws {
        for changes in [[:], ["flow-meter.settle": "25"], ["pre-test.sampling-mean": "8"]] {
            let rules = try Self.rules(changes)
            let seconds = try EditedTest(.vmas, changes).seconds(in: .flowMeter)
            #expect(seconds == rules.flowMeter.settle + rules.preTest.samplingMean)
        }
    }

    @Test("the flow meter is waited for as long as the pack says")
    func flowMeterLimit() throws {
        for changes in [[:], ["flow-meter.limit": "60"]] {
            let rules = try Self.rules(changes)
            let limit = rules.flowMeter.limit
            let needed = rules.flowMeter.settle + rules.preTest.samplingMean
            func wait(_ cold: Int) throws -> EditedTest {
                try EditedTest(.vmas, changes) { frame, now in
                    now.stage == .flowMeter && now.second <= cold ? frame.adding(.warmingUp, of: .flowMeter) : frame
                }
            }
            let inTime = try wait(limit - needed)
            #expect(inTime.verdict == .passed && inTime.seconds(in: .flowMeter) == limit)
            let late = try wait(limit - needed + 1)
            #expect(late.verdict == .aborted(.timeLimit(.flowMeter)) && late.seconds(in: .flowMeter) == limit)
        }
    }

    @Test("the stream may be below the pack's minimum for fewer than the pack's seconds, idling and driving")
    func lowStream() throws {
        for changes in [[:], ["flow-meter.flow-minimum": "80"], ["flow-meter.flow-low-seconds": "5"]] {
            let rules = try Self.rules(changes).flowMeter
            for stage in [StageKind.stabilise, .measure] {
                func reason(_ flow: Double, _ seconds: Int) throws -> AbortReason? {
                    try EditedTest(.vmas, changes) { frame, now in
                        guard let second = now.second(since: stage), (5..<5 + seconds).contains(second) else {
                            return frame
                        }
                        // At the state that flows are converted to.
                        return frame.with([
                            .exhaustFlow: flow * 60 / 1000, .flowTemperature: 20, .flowPressure: 101.325,
                        ])
                    }.verdict.abortReason
                }
                let (least, seconds) = (rules.flowMinimum.value, rules.flowLowSeconds)
                #expect(try reason(least, seconds + 3) == nil)
                #expect(try reason(least - 0.01, seconds - 1) == nil)
                #expect(try reason(least - 0.01, seconds) == .exhaustFlow)
            }
        }
    }

    @Test("the engine idles for the pack's seconds before the cycle, and the driver sees as many as the pack says")
    func cycle() throws {
        for changes in [[:], ["cycle.idle-before": "25"], ["cycle.look-ahead": "7"]] {
            let rules = try Self.rules(changes).cycle
            var shown: Set<Int> = []
            let (run, _) = try Self.drive(changes) { frame, now in
                if now.stage == .measure { shown.insert(now.status.trace.count) }
                return frame
            }
            #expect(run.seconds(in: .stabilise) == rules.idleBefore)
            #expect(shown == [rules.lookAhead])
        }
    }

    @Test("a vehicle is for the method up to the pack's mass")
    func grossMass() throws {
        for changes in [[:], ["load.gross-mass-maximum": "2500"]] {
            let rules = try Self.rules(changes)
            let most = rules.load.grossMassMaximum.value
            func isTaken(_ mass: Double) throws -> Bool {
                let order = VMASFixture.order(grossMass: try RoundedDecimal(mass, places: 1).description)
                return
                    (try? VMASTest(
                        order, limits: VMASFixture.limits(), requirements: rules, lane: VMASFixture.lane())) != nil
            }
            #expect(try isTaken(most - 0.1))
            #expect(try isTaken(most))
            #expect(try !isTaken(most + 0.1))
        }
    }

    // MARK: The brake

    @Test("the brake has force from the pack's speed on")
    func loadFrom() throws {
        for changes in [[:], ["load.load-from": "4.5"]] {
            let edge = try Self.rules(changes).load.loadFrom.value
            for (speed, isLoaded) in [(edge - 0.01, false), (edge, true), (edge + 0.01, true)] {
                // The trace is at 3.75 km/h then.
                let outcome = try Self.drive(changes) { frame, now in
                    now.second(since: .measure) == 12 ? frame.with([.rollerSpeed: speed]) : frame
                }.outcome
                #expect((outcome.seconds[11].totalForce != nil) == isLoaded, "\(speed) km/h")
            }
        }
    }

    @Test("readings count for the acceleration as far back as the pack says")
    func accelerationWindow() throws {
        for changes in [[:], ["load.acceleration-window": "0.8"]] {
            let rules = try Self.rules(changes)
            let tenths = Int(rules.load.accelerationWindow.nanoseconds / 100_000_000)
            // Steady 32 km/h, but for one reading so many tenths before the end of second 75.
            func total(_ before: Int) throws -> Double {
                let outcome = try Self.drive(changes) { frame, now in
                    now.tenth(since: .measure) == 750 - before ? frame.with([.rollerSpeed: 33]) : frame
                }.outcome
                return try #require(outcome.seconds[74].totalForce).value
            }
            let steady = try total(900)
            #expect(try total(tenths) != steady)
            #expect(try total(tenths + 1) == steady)
        }
    }

    @Test("no smaller change than the pack's is sent to the brake, but for letting go")
    func forceStep() throws {
        var least: [Double] = []
        for step in ["1", "5", "20"] {
            let fixture = try VMASFixture {
                $0.replacing("force-step: {value: \"5\"", with: "force-step: {value: \"\(step)\"")
            }
            let forces = try fixture.run().brakes.compactMap { brake -> Double? in
                if case .brake(let force) = brake { force.value } else { nil }
            }
            let changes = zip(forces, forces.dropFirst()).compactMap { $1 > 0 ? abs($1 - $0) : nil }
            let smallest = try #require(changes.min())
            let limit = fixture.test.requirements.load.forceStep.value
            // Forces have tenths.
            #expect(smallest > limit - 0.05 && smallest < limit + 0.5)
            least.append(smallest)
        }
        #expect(least == least.sorted())
    }

    @Test("the load follows from the pack's speed, exponent, allowance and choice of inertia")
    func load() throws {
        for changes in [
            [:], ["load.speed": "40"], ["load.exponent": "2"], ["load.reference-mass-allowance": "136"],
            ["load.inertia-of": "class"],
        ] {
            let rules = try Self.rules(changes)
            let test = try VMASTest(
                VMASFixture.order(), limits: VMASFixture.limits(), requirements: rules, lane: VMASFixture.lane())
            let reference = 1250 + rules.load.referenceMassAllowance.value
            let row = rules.load.loadClass(referenceMass: Mass(reference))
            #expect(test.referenceMass.value == reference)
            #expect(test.load.inertia.value == (rules.load.inertiaOf == .loadClass ? row.inertia.value : reference))
            let at = rules.load.speed.value
            let force = row.power.value * 3600 / at
            var half = force
            for _ in 1..<rules.load.exponent { half /= 2 }
            #expect(abs(test.load.force(at: Speed(at), Acceleration(0)).value - force) < 1e-9)
            #expect(abs(test.load.force(at: Speed(at / 2), Acceleration(0)).value - half) < 1e-9)
        }
    }

    // MARK: Masses

    @Test("exhaust that lacks less oxygen than the pack says gives no dilution ratio")
    func oxygenDifference() throws {
        for changes in [[:], ["mass.oxygen-difference-minimum": "5.0"], ["mass.ambient-oxygen-from": "gas-analyzer"]] {
            let rules = try Self.rules(changes).mass
            let least = rules.share.leastDifference.value
            let ambient = rules.ambientOxygenFrom == .flowMeter ? 20.75 : 20.5
            for (difference, isHeld) in [(least + 0.01, false), (least, false), (least - 0.01, true)] {
                let outcome = try Self.drive(changes) { frame, now in
                    switch now.stage {
                    case .flowMeter: frame.with([.dilutedOxygen: 20.75])
                    case .ambient: frame.with([.oxygen: 20.5])
                    // Gas arrives late: this is within the cycle for every second of it that is looked at.
                    case .measure: frame.with([.oxygen: ambient - difference])
                    default: frame
                    }
                }.outcome
                let basis = outcome.seconds[100].basis
                #expect(basis.ambientOxygen.value == ambient)
                #expect(basis.isShareHeld == isHeld, "\(difference) %")
            }
        }
    }

    @Test("the dilution factor ends at the pack's cap")
    func dilutionCap() throws {
        for changes in [[:], ["correction.dilution-cap": "2"]] {
            let cap = try #require(try Self.rules(changes).correction.dilution[.gasoline]).cap
            let full = 100 / (4.644 + 1.88)
            for (factor, expected) in [(cap - 0.1, cap - 0.1), (cap, cap), (cap + 0.1, cap)] {
                let outcome = try Self.drive(changes) { frame, now in
                    guard let second = now.second(since: .measure), (60...70).contains(second) else { return frame }
                    return frame.with([.carbonMonoxide: 0, .carbonDioxide: full / factor])
                }.outcome
                #expect(abs(outcome.seconds[59].basis.dilutionFactor - expected) < 1e-9)
            }
        }
    }

    @Test("masses follow from the pack's molar masses, molar volume and standard state")
    func constants() throws {
        let usual = try Self.drive().outcome.items.map { try #require(Double($0.full.description)) }
        for (change, factors) in [
            (["mass.molar-mass-co": "56.020"], [2, 1, 1]), (["mass.molar-mass-hc": "172.356"], [1, 2, 1]),
            (["mass.molar-mass-no2": "92.010"], [1, 1, 2]), (["mass.molar-volume": "28.0175"], [0.8, 0.8, 0.8]),
            // A pressure higher by a quarter is less of a flow; densities stay those of the molar volume.
            (["mass.standard-pressure": "126.65625", "flow-meter.flow-minimum": "20"], [0.8, 0.8, 0.8]),
            (["mass.nox-basis": "no"], [1, 1, 30.006 / 46.005]),
            (["mass.density-temperature": "0"], Array(repeating: 293.15 / 273.15, count: 3)),
        ] as [([String: String], [Double])] {
            let found = try Self.drive(change).outcome.items.map { try #require(Double($0.full.description)) }
            for (value, (before, factor)) in zip(found, zip(usual, factors)) {
                #expect(abs(value / before - factor) < 1e-9, "\(change)")
            }
        }
    }

    @Test("the rounded or the full value is compared, with the pack's places")
    func comparison() throws {
        for (changes, places) in [
            ([:], [2, 2, 2]), (["decisions.comparison": "full"], [2, 2, 2]), (["report.co-places": "1"], [1, 2, 2]),
            (["report.hc-places": "3"], [2, 3, 2]), (["report.nox-places": "1"], [2, 2, 1]),
        ] as [([String: String], [Int])] {
            let rules = try Self.rules(changes)
            let items = try Self.drive(changes).outcome.items
            #expect(items.map(\.reported.places) == places)
            for item in items {
                #expect(item.passes == (rules.comparison == .full ? item.passesFull : item.passesRounded))
            }
        }
    }
}
