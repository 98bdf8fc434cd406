import Metrology
import Procedures
import ProceduresTestKit
import Standards
import Testing

/// The numbers of ASM that do not belong to its timer: the way to speed and load, decisions, loads and corrections.
@Suite("Speed, load and decisions of an ASM test")
struct ASMFurtherBoundaryTests {
    private static func rules(_ changes: [String: String] = [:]) throws -> ASMRequirements {
        try ASMRequirements(document: ChangedPack.document("GB18285-2018-ASM", changes))
    }

    /// A test whose speed and force are the set ones but for what is said of them.
    private static func drive(
        _ changes: [String: String] = [:], exhaust: SyntheticLane.Exhaust = .clean,
        _ edit: (Frame, EditedTest.Moment) -> Frame = { frame, _ in frame },
        force: (EditedTest.Moment, Double) -> Double = { $1 }
    ) throws -> (run: EditedTest, outcome: ASMOutcome) {
        let run = try EditedTest(.asm, changes, exhaust: exhaust) { frame, now in
            guard let target = now.status.targetSpeed, now.stage != .finished else { return frame }
            let set = now.status.brakeForce?.value ?? 0
            return edit(frame.with([.rollerSpeed: target.value, .rollerForce: force(now, set)]), now)
        }
        return (run, try #require(run.outcome as? ASMOutcome))
    }

    @Test("a vehicle must be at speed and load within the pack's time")
    func accelerationLimit() throws {
        for changes in [[:], ["times.acceleration-limit": "31"], ["times.stabilisation": "9"]] {
            let times = try Self.rules(changes).times
            // One second brings the load; the stabilisation is the last of the time.
            let last = times.accelerationLimit - times.stabilisation - 1
            func verdict(_ slow: Int) throws -> Verdict {
                try Self.drive(changes) { frame, now in
                    now.stage == .accelerate && now.second <= slow ? frame.with([.rollerSpeed: 1]) : frame
                }.run.verdict
            }
            #expect(try verdict(last) == .passed)
            #expect(try verdict(last + 1) == .aborted(.timeLimit(.accelerate)))
        }
    }

    @Test("the load of a mode follows from the pack's divisor, allowance and speed", arguments: ASMMode.allCases)
    func load(mode: ASMMode) throws {
        let name = mode == .asm5025 ? "5025" : "2540"
        for changes in [
            [:], ["load.reference-mass-allowance": "136"], ["load.divisor-\(name)": "120"],
            ["load.speed-\(name)": "30"],
        ] {
            let rules = try Self.rules(changes)
            let (divisor, speed) = (
                try #require(rules.load.divisor[mode]).value, try #require(rules.load.speed[mode]).value
            )
            var fixture = try ASMFixture()
            fixture.test = ASMTest(
                fuel: .gasoline, curbMass: Mass(1250), oilTemperatureReadable: true, limits: fixture.test.limits,
                requirements: rules, parasiticLoss: ParasiticLoss(quadratic: 0.0002, linear: 0.012, constant: 0.1))
            let load = fixture.test.load(mode)
            let power = (1250 + rules.load.referenceMassAllowance.value) / divisor
            #expect(load.speed == Speed(speed))
            #expect(abs(load.totalPower.value - power) < 1e-12)
            let parasitic = 0.0002 * speed * speed + 0.012 * speed + 0.1
            #expect(abs(load.brakeForce.value - (power - parasitic) * 3600 / speed) < 1e-9)
        }
    }

    @Test("the torque band is that of the brake, or with the rollers' own loss, as the pack says")
    func torqueOf() throws {
        let parasitic = try #require(try Self.drive().outcome.modes.first).load.parasiticForce.value
        for (rule, extra) in [("brake", 0), ("total", parasitic)] {
            for width in ["5", "3"] {
                let changes = ["bands.torque-of": rule, "bands.torque": width]
                let rules = try Self.rules(changes).bands
                func restarts(_ percent: Double) throws -> Int {
                    let outcome = try Self.drive(
                        changes,
                        force: { now, set in
                            let isOff = now.second(since: .measure).map { (6...7).contains($0) } ?? false
                            return isOff ? set + (set + extra) * percent / 100 : set
                        }
                    ).outcome
                    return try #require(outcome.modes.first).restarts
                }
                for sign in [1.0, -1] {
                    let edge = sign * rules.torque.value
                    #expect(try restarts(edge - sign * 0.01) == 0)
                    #expect(try restarts(edge) == 0)
                    #expect(try restarts(edge + sign * 0.01) == 1, "\(rule) \(edge)")
                }
            }
        }
    }

    @Test("a second without one of its values begins the timer again, or only keeps its window from being judged")
    func incompleteSecond() throws {
        for (rule, restarts) in [("restarts", 1), ("allowed", 0)] {
            let outcome = try Self.drive(["decisions.incomplete-second": rule]) { frame, now in
                now.second(since: .measure) == 15 ? frame.without([.hydrocarbons]) : frame
            }.outcome
            let mode = try #require(outcome.modes.first)
            #expect(mode.restarts == restarts)
            #expect(outcome.verdict == .passed)
            // The fast check's window holds that second; the first without it ends ten seconds later.
            if restarts == 0 { #expect(mode.modeSeconds == 25) }
        }
    }

    @Test("the rounded or the full value is compared with a limit, as the pack says")
    func comparison() throws {
        for rule in Comparison.allCases {
            var lane = try ExactASMLane(
                requirements: ["comparison: {value: rounded": "comparison: {value: \(rule.rawValue)"])
            lane.exhaust = ["": SyntheticLane.Exhaust(co: 0.02, hc: 8, no: 500)]
            let full = try #require(try lane.outcome().modes.first?.items.first { $0.quantity == "no" }).full
            // A limit of what is reported is passed by the full value only if that is not above.
            let value = try #require(Double(full.description))
            let limit = try RoundedDecimal(value, places: 0)
            lane = try ExactASMLane(
                limits: [.asm5025: [.nitricOxide: limit]],
                requirements: ["comparison: {value: rounded": "comparison: {value: \(rule.rawValue)"])
            lane.exhaust = ["": SyntheticLane.Exhaust(co: 0.02, hc: 8, no: 500)]
            let item = try #require(try lane.outcome().modes.first?.items.first { $0.quantity == "no" })
            #expect(item.passesRounded)
            #expect(item.passesFull == (value <= limit.value))
            #expect(item.passes == (rule == .rounded ? item.passesRounded : item.passesFull))
        }
    }

    @Test("results have the pack's places")
    func places() throws {
        for (changes, places) in [
            ([:], ["co": 2, "hc": 0, "no": 0]), (["report.co-places": "3"], ["co": 3, "hc": 0, "no": 0]),
            (["report.hc-places": "1"], ["co": 2, "hc": 1, "no": 0]),
            (["report.no-places": "1"], ["co": 2, "hc": 0, "no": 1]),
        ] as [([String: String], [String: Int])] {
            let items = try Self.drive(changes).outcome.items
            #expect(items.count == 3)
            for item in items { #expect(item.reported.places == places[item.quantity], "\(item.quantity)") }
        }
    }

    @Test("the dilution factor ends at the pack's cap, which a leaner sample does not raise")
    func dilutionCap() throws {
        for changes in [
            ["aborts.dilution-minimum": "1"], ["aborts.dilution-minimum": "1", "correction.dilution-cap": "2"],
        ] {
            let cap = try #require(try Self.rules(changes).correction.dilution[.gasoline]).cap
            // DF = x/CO2 with x a little below 100/(4.644 + 1.88) for exhaust without CO.
            let full = 100 / (4.644 + 1.88)
            for (co2, expected) in [(full / (cap - 0.1), cap - 0.1), (full / cap, cap), (full / (cap + 0.1), cap)] {
                let outcome = try Self.drive(changes) { frame, now in
                    now.second(since: .measure) == 3 ? frame.with([.carbonMonoxide: 0, .carbonDioxide: co2]) : frame
                }.outcome
                let second = try #require(outcome.seconds.first { $0.modeSecond == 3 })
                #expect(abs(try #require(second.factors).dilution - expected) < 1e-9)
            }
        }
    }
}
