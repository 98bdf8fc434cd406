import Metrology
import Procedures
import ProceduresTestKit
import Standards
import Testing

/// Every number of the packs of two-speed idle, on it, just within it and just beyond; and the same with another number
/// in the pack. What it shares with the other gas methods stands with those.
@Suite("The limits and times of a two-speed idle test")
struct TwoSpeedIdleBoundaryTests {
    private static func rules(_ changes: [String: String] = [:]) throws -> TwoSpeedIdleRequirements {
        try TwoSpeedIdleRequirements(document: ChangedPack.document("GB18285-2018-TSI", changes))
    }

    /// An engine that turns exactly as it is told to, but for what is added, and an exhaust without noise.
    private static func exact(
        _ frame: Frame, _ now: EditedTest.Moment, adding offset: Double = 0,
        _ gas: [ChannelID: Double] = [.carbonMonoxide: 0.1, .hydrocarbons: 20, .carbonDioxide: 14.8]
    ) -> Frame {
        guard [.condition, .stabilise, .measure].contains(now.stage) else { return frame }
        return frame.with([.engineSpeed: (now.status.targetEngineSpeed?.value ?? 800) + offset])
            .with(now.stage == .condition ? [:] : gas)
    }

    private static func drive(
        _ changes: [String: String] = [:], adding offset: (EditedTest.Moment) -> Double = { _ in 0 }
    ) throws -> (run: EditedTest, outcome: TwoSpeedIdleOutcome) {
        let run = try EditedTest(.twoSpeedIdle, changes) { Self.exact($0, $1, adding: offset($1)) }
        return (run, try #require(run.outcome as? TwoSpeedIdleOutcome))
    }

    // MARK: Speeds

    @Test("the engine is conditioned at the pack's share of its rated speed, and raced to the pack's high idle")
    func speeds() throws {
        func targets(_ changes: [String: String], grossMass: RoundedDecimal) throws -> (Double, Double) {
            let limits = try #require(try PackLibrary.limits("GB18285-2018-TSI-limits", TwoSpeedIdleLimits.self))
            var order = try TwoSpeedIdleFixture().order
            order.vehicle.grossMass = grossMass
            let test = try TwoSpeedIdleTest(order, limits: limits, requirements: Self.rules(changes))
            return (test.conditioningSpeed.value, test.highIdleSpeed.value)
        }
        for changes in [
            [:], ["speeds.conditioning-share": "60"], ["speeds.high-idle-light": "2300"],
            ["speeds.high-idle-heavy": "1500"], ["speeds.heavy-above": "2610"],
        ] {
            let speeds = try Self.rules(changes).speeds
            let edge = speeds.heavyAbove.value
            let conditioning = 5500 * speeds.conditioningShare.value / 100
            for (mass, high) in [
                (edge - 1, speeds.highIdleLight), (edge, speeds.highIdleLight), (edge + 1, speeds.highIdleHeavy),
            ] {
                let found = try targets(changes, grossMass: RoundedDecimal(mass, places: 0))
                #expect(found == (conditioning, high.value), "\(mass) kg")
            }
        }
    }

    @Test("the edge of a band is inside, and the pack's seconds beyond it begin the phase again")
    func bands() throws {
        let phases: [(stage: StageKind, mode: String?, band: (TwoSpeedIdleRequirements.Speeds) -> [Double])] = [
            (.condition, nil, { [$0.conditioningBand.value, -$0.conditioningBand.value] }),
            (.stabilise, "high-idle", { [$0.highIdleBand.value, -$0.highIdleBand.value] }),
            (.measure, "high-idle", { [$0.highIdleBand.value, -$0.highIdleBand.value] }),
            // Idle has no lower edge; the lane's engine idles at 800 r/min.
            (.stabilise, "idle", { [$0.idleMaximum.value - 800] }),
            (.measure, "idle", { [$0.idleMaximum.value - 800] }),
        ]
        for changes in [
            [:], ["speeds.conditioning-band": "150"], ["speeds.high-idle-band": "100"],
            ["speeds.idle-maximum": "900"], ["speeds.out-of-band": "4"],
        ] {
            let speeds = try Self.rules(changes).speeds
            for (stage, mode, band) in phases {
                for edge in band(speeds) {
                    func restarts(_ offset: Double, _ seconds: Int) throws -> Int {
                        try Self.drive(changes) { now in
                            let second =
                                now.stage == stage && now.status.mode == mode ? now.second(since: stage, mode) : nil
                            return second.map { (5..<5 + seconds).contains($0) } ?? false ? offset : 0
                        }.outcome.restarts
                    }
                    let beyond = edge < 0 ? edge - 0.1 : edge + 0.1
                    let place: Comment = "\(stage) \(mode ?? "") \(edge)"
                    #expect(try restarts(edge, 10) == 0, place)
                    #expect(try restarts(beyond, speeds.outOfBand - 1) == 0, place)
                    #expect(try restarts(beyond, speeds.outOfBand) == 1, place)
                }
            }
        }
    }

    // MARK: Times

    @Test("each phase lasts as long as the pack says")
    func phases() throws {
        for changes in [[:], ["times.conditioning": "20"], ["times.settle": "9"], ["times.mean": "41"]] {
            let times = try Self.rules(changes).times
            let (run, outcome) = try Self.drive(changes)
            #expect(outcome.verdict == .passed)
            #expect(run.seconds(in: .condition) == times.conditioning)
            for mode in ["high-idle", "idle"] {
                #expect(run.seconds(in: .stabilise, mode) == times.settle)
                #expect(run.seconds(in: .measure, mode) == times.mean)
            }
            for phase in [IdlePhase.highIdle, .idle] {
                #expect(outcome.seconds.count { $0.phase == phase } == times.mean)
            }
        }
    }

    @Test("the mean is of the pack's seconds and of no other")
    func mean() throws {
        for changes in [[:], ["times.mean": "12"]] {
            let seconds = try Self.rules(changes).times.mean
            // Only the last second of the settling and those of the measurement differ.
            let run = try EditedTest(.twoSpeedIdle, changes) { frame, now in
                let isMeasured = now.stage == .measure && now.status.mode == "idle"
                let co = isMeasured ? (now.second == seconds ? 0.3 : 0.1) : 0.7
                return Self.exact(frame, now, [.carbonMonoxide: co, .hydrocarbons: 20, .carbonDioxide: 14.8])
            }
            let mean = try #require((run.outcome as? TwoSpeedIdleOutcome)?.means.last)
            #expect(abs(mean.carbonMonoxide - (0.1 * Double(seconds - 1) + 0.3) / Double(seconds)) < 1e-12)
        }
    }

    @Test("one phase may last as long with its restarts as the pack says", arguments: [nil, "131"])
    func phaseLimit(limit: String?) throws {
        let changes = limit.map { ["times.phase-limit": $0] } ?? [:]
        let rules = try Self.rules(changes)
        let (times, out) = (rules.times, rules.speeds.outOfBand)
        // Restarted often enough never to end before, and for the last time so that it ends on the limit or beyond.
        func verdict(late: Int) throws -> (Verdict, Int?) {
            let last = times.phaseLimit - times.settle - times.mean + late
            let restarts = stride(from: last, to: out, by: -40)
            let outside = Set(restarts.flatMap { $0 - out + 1...$0 })
            var seconds: Int?
            let outcome = try Self.drive(changes) { now in
                guard now.status.mode == "high-idle", let second = now.second(since: .stabilise, "high-idle") else {
                    return 0
                }
                seconds = second
                return outside.contains(second) ? 500 : 0
            }.outcome
            return (outcome.verdict, seconds)
        }
        let inTime = try verdict(late: 0)
        #expect(inTime.0 == .passed && inTime.1 == times.phaseLimit)
        let late = try verdict(late: 1)
        #expect(late.0 == .aborted(.timeLimit(.measure)) && late.1 == times.phaseLimit + 1)
    }

    @Test("the engine must reach its conditioning speed within the pack's time for a phase")
    func conditioningLimit() throws {
        for changes in [[:], ["times.phase-limit": "100"]] {
            let rules = try Self.rules(changes)
            let last = rules.times.phaseLimit - rules.times.conditioning
            func verdict(_ slow: Int) throws -> Verdict {
                try Self.drive(changes) { now in now.stage == .condition && now.second <= slow ? -2000 : 0 }
                    .outcome.verdict
            }
            #expect(try verdict(last) == .passed)
            #expect(try verdict(last + 1) == .aborted(.timeLimit(.condition)))
        }
    }

    @Test("the fuel must be changed within the pack's time", arguments: [nil, "45"])
    func fuelChange(limit: String?) throws {
        let changes = limit.map { ["times.fuel-change-limit": $0] } ?? [:]
        let seconds = try Self.rules(changes).times.fuelChangeLimit
        func run(confirmedIn second: Int) throws -> EditedTest {
            try EditedTest(.twoSpeedIdle, changes) { frame, now in
                guard now.stage == .fuelChange else { return Self.exact(frame, now) }
                return frame.with(events: now.second == second ? [.confirmed] : [])
            } vehicle: {
                $0.secondFuel = .lpg
            }
        }
        let inTime = try run(confirmedIn: seconds)
        #expect(inTime.verdict == .passed)
        let late = try run(confirmedIn: seconds + 1)
        #expect(late.verdict == .aborted(.timeLimit(.fuelChange)))
        #expect(late.seconds(in: .fuelChange) == seconds)
    }

    // MARK: Limits

    @Test("a car passes at a limit and fails with the next digit", arguments: ["a", "b"], [false, true])
    func limits(set: String, changed: Bool) throws {
        let limits = try #require(
            try PackLibrary.limits("GB18285-2018-TSI-limits", TwoSpeedIdleLimits.self)?.limits(set))
        let changes = changed ? ["decisions.comparison": "full"] : [:]
        let places = try Self.rules(changes).places
        for speed in IdleSpeed.allCases {
            for (quantity, channel, limit, digits) in [
                ("co", ChannelID.carbonMonoxide, limits.carbonMonoxide[speed], places.carbonMonoxide),
                ("hc", .hydrocarbons, limits.hydrocarbons[speed], places.hydrocarbons),
            ] {
                let limit = try #require(limit).value
                let digit = [1, 0.1, 0.01, 0.001][digits]
                for (value, rounded, full) in [
                    (limit - digit, true, true), (limit, true, true), (limit + 0.4 * digit, true, false),
                    (limit + digit, false, false),
                ] {
                    let run = try EditedTest(.twoSpeedIdle, changes, set: set) { frame, now in
                        var gas: [ChannelID: Double] = [
                            .carbonMonoxide: 0.1, .hydrocarbons: 10, .carbonDioxide: 14.8, .oxygen: 0.1,
                        ]
                        if now.status.mode == speed.rawValue { gas[channel] = value }
                        return Self.exact(frame, now, gas)
                    }
                    let item = try #require(run.outcome.items.first { $0.id == "\(speed.rawValue).\(quantity)" })
                    #expect(item.passesRounded == rounded && item.passesFull == full, "\(item.id) \(value)")
                    #expect(item.passes == (changed ? full : rounded), "\(item.id) \(value)")
                    #expect(run.verdict == (run.outcome.items.allSatisfy(\.passes) ? .passed : .failed))
                }
            }
        }
    }

    @Test(
        "lambda passes at either end of its range and fails with the next digit, as the analyzer or the gases have it")
    func lambda() throws {
        let limits = try #require(
            try PackLibrary.limits("GB18285-2018-TSI-limits", TwoSpeedIdleLimits.self)?.limits("a"))
        let (low, high) = (limits.lambdaMinimum.value, limits.lambdaMaximum.value)
        for (value, passes) in [
            (low - 0.01, false), (low - 0.004, true), (low, true), (high, true), (high + 0.004, true),
            (high + 0.01, false),
        ] {
            for source in ["analyzer", "gases"] {
                let run = try EditedTest(.twoSpeedIdle, ["decisions.lambda-from": source]) { frame, now in
                    Self.exact(
                        frame, now,
                        [.carbonMonoxide: 0.1, .hydrocarbons: 20, .carbonDioxide: 14.8, .oxygen: 0.3, .lambda: value])
                }
                let item = try #require(run.outcome.items.first { $0.quantity == "lambda" })
                let isJudged = source == "analyzer"
                // These gases have a lambda of about 1.01, whatever the analyzer says.
                #expect(item.passes == (isJudged ? passes : true), "\(value) by \(source)")
                #expect(
                    abs((try #require(Double(item.full.description))) - (isJudged ? value : 1.01))
                        < (isJudged ? 1e-9 : 0.01))
            }
        }
    }

    @Test("the HC of natural gas counts if the pack says so")
    func naturalGas() throws {
        for (rule, isJudged) in [("recorded", false), ("judged", true)] {
            let run = try EditedTest(.twoSpeedIdle, ["decisions.natural-gas-hc": rule]) { frame, now in
                Self.exact(
                    frame, now, [.carbonMonoxide: 0.1, .hydrocarbons: 900, .carbonDioxide: 10.8, .oxygen: 0.3])
            } vehicle: {
                $0.fuel = .naturalGas
            }
            #expect(run.outcome.items.contains { $0.quantity == "hc" } == isJudged)
        }
    }

    @Test("results have the pack's places")
    func places() throws {
        for (changes, places) in [
            ([:], ["co": 2, "hc": 0, "lambda": 2]), (["report.co-places": "1"], ["co": 1, "hc": 0, "lambda": 2]),
            (["report.hc-places": "1"], ["co": 2, "hc": 1, "lambda": 2]),
            (["report.lambda-places": "3"], ["co": 2, "hc": 0, "lambda": 3]),
        ] as [([String: String], [String: Int])] {
            for item in try Self.drive(changes).outcome.items {
                #expect(item.reported.places == places[item.quantity], "\(item.id)")
            }
        }
    }
}
