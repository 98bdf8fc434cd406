import Metrology
import Procedures
import ProceduresTestKit
import Standards
import Testing

@Suite("A two-speed idle test")
struct TwoSpeedIdleTests {
    @Test("goes through conditioning, high idle and idle, 30 + 15 + 30 + 15 + 30 seconds")
    func phases() throws {
        let (outcome, run) = try TwoSpeedIdleFixture().run()
        #expect(outcome.verdict == .passed)
        #expect(outcome.items.map(\.id) == ["high-idle.co", "high-idle.hc", "high-idle.lambda", "idle.co", "idle.hc"])
        #expect(
            run.stages == [
                "warm-up", "zero", "ambient", "background", "condition", "high-idle/stabilise", "high-idle/measure",
                "idle/stabilise", "idle/measure", "idle/finished",
            ])
        func count(_ phase: IdlePhase) -> Int { outcome.seconds.count { $0.phase == phase && $0.phaseSecond > 0 } }
        #expect(count(.highIdle) == 30 && count(.idle) == 30)
        #expect(outcome.means.map(\.speed) == [.high, .low])
        #expect(abs(outcome.means[0].engineSpeed - 2500) < 20)
    }

    @Test("drives a heavy vehicle at 1800 r/min, and any at its maker's speed")
    func speeds() throws {
        let light = try TwoSpeedIdleFixture().procedure().test
        #expect(light.highIdleSpeed == EngineSpeed(2500) && light.conditioningSpeed == EngineSpeed(3850))
        let atLimit = try TwoSpeedIdleFixture { $0.grossMass = RoundedDecimal("3500") }.procedure().test
        #expect(atLimit.highIdleSpeed == EngineSpeed(2500))
        let heavy = try TwoSpeedIdleFixture { $0.grossMass = RoundedDecimal("3501") }.procedure().test
        #expect(heavy.highIdleSpeed == EngineSpeed(1800))
        let maker = try TwoSpeedIdleFixture {
            $0.grossMass = nil
            $0.highIdleSpeed = RoundedDecimal("2200")
        }.procedure().test
        #expect(maker.highIdleSpeed == EngineSpeed(2200))
    }

    @Test("judges CO, HC and lambda on, just below and just above each limit")
    func limits() throws {
        let fixture = try TwoSpeedIdleFixture()
        let test = try fixture.procedure().test
        for speed in IdleSpeed.allCases {
            let co = try #require(test.limits.carbonMonoxide[speed])
            let hc = try #require(test.limits.hydrocarbons[speed])
            for (bound, places, step) in [(Bound.atMost(co), 2, 0.01), (.atMost(hc), 0, 1.0)] {
                let limit = try #require(bound.high).value
                for (value, passes) in [(limit - step, true), (limit, true), (limit + step, false)] {
                    let item = try JudgedItem(
                        "x", value: value, places: places, bound: bound, comparison: .rounded)
                    #expect(item.passes == passes, "\(speed) \(value)")
                }
            }
        }
        for (value, passes) in [(0.94, false), (0.95, true), (1.05, true), (1.06, false)] {
            let item = try JudgedItem("lambda", value: value, places: 2, bound: test.lambda, comparison: .rounded)
            #expect(item.passes == passes, "\(value)")
        }
    }

    @Test("takes the maker's range of lambda")
    func makersLambda() throws {
        let fixture = try TwoSpeedIdleFixture {
            $0.lambdaRange = RoundedDecimal("1.10").flatMap { low in
                RoundedDecimal("1.30").map { .init(low: low, high: $0) }
            }
        }
        let (outcome, _) = try fixture.run()
        let item = try #require(outcome.items.first { $0.quantity == "lambda" })
        #expect(!item.passes && outcome.verdict == .failed)
        #expect(item.bound.low?.decimal == RoundedDecimal("1.10") && item.bound.low?.source == "maker")
    }

    @Test("fails a car that is rich at one speed only", arguments: ["high-idle", "idle"])
    func rich(mode: String) throws {
        let dirty = SyntheticLane.Exhaust(co: 2, hc: 300, no: 50)
        let (outcome, _) = try TwoSpeedIdleFixture().run(
            exhaust: ["": .init(co: 0.1, hc: 20, no: 50), mode: dirty])
        #expect(outcome.verdict == .failed)
        #expect(outcome.items.filter { !$0.passes && $0.quantity != "lambda" }.allSatisfy { $0.part == mode })
    }

    @Test("tests a bi-fuel vehicle on both fuels, with one verdict")
    func biFuel() throws {
        let (outcome, run) = try TwoSpeedIdleFixture { $0.secondFuel = .lpg }.run()
        #expect(outcome.verdict == .passed)
        #expect(outcome.means.map(\.fuel) == [.gasoline, .gasoline, .lpg, .lpg])
        #expect(outcome.items.map(\.part).contains("lpg.high-idle"))
        #expect(run.stages.contains("fuel-change"))
    }

    @Test("samples each tail pipe in turn and averages them")
    func tailPipes() throws {
        let (outcome, _) = try TwoSpeedIdleFixture { $0.tailPipes = 2 }.run()
        #expect(outcome.means.map(\.pipe) == [1, 2, 1, 2])
        let co = try #require(outcome.items.first)
        let mean = (outcome.means[0].carbonMonoxide + outcome.means[1].carbonMonoxide) / 2
        #expect(co.full == (try SignificantDecimal(mean)))
    }

    @Test("records the HC of natural gas without judging it")
    func naturalGas() throws {
        let (outcome, _) = try TwoSpeedIdleFixture { $0.fuel = .naturalGas }.run()
        #expect(!outcome.items.contains { $0.quantity == "hc" } && outcome.means[0].hydrocarbons > 0)
    }

    @Test("begins a phase again when its speed is left for two seconds, not for one")
    func restarts() throws {
        let fixture = try TwoSpeedIdleFixture()
        let short = SyntheticLane.Disturbance(
            .engineSpeed(400), after: 5, length: 1, stage: .measure, mode: "high-idle")
        let long = SyntheticLane.Disturbance(
            .engineSpeed(400), after: 5, length: 3, stage: .measure, mode: "high-idle")
        #expect(try fixture.run([short]).outcome.restarts == 0)
        let again = try fixture.run([long]).outcome
        #expect(again.restarts >= 1 && again.verdict == .passed)
    }

    @Test("names everything that an order lacks, at once")
    func badOrder() throws {
        var fixture = try TwoSpeedIdleFixture {
            $0.fuel = .diesel
            $0.secondFuel = .diesel
            $0.ratedSpeed = nil
            $0.grossMass = nil
        }
        fixture.order.limitSet = "z"
        let error = try #require(throws: OrderProblems.self) { try fixture.procedure() }
        #expect(
            error.all.map(\.member) == [
                "limit-set", "vehicle.fuel", "vehicle.second-fuel", "vehicle.rated-speed", "vehicle.gross-mass",
            ])
    }

    @Test(
        "is broken off for a reason",
        arguments: [
            (SyntheticLane.Disturbance(.dilution(0.3), after: 5, stage: .measure), AbortReason.dilution),
            (.init(.stall, after: 5, stage: .measure), .stall), (.init(.lowFlow, after: 5, stage: .measure), .lowFlow),
            (.init(.noProbe), .precondition(.probeCheck)), (.init(.coldEngine), .precondition(.engineCold)),
            (.init(.tooSlow), .timeLimit(.condition)), (.init(.event(.emergencyStop), after: 50), .emergencyStop),
            (.init(.event(.operatorAbort), after: 5, stage: .condition), .operatorAbort),
            (.init(.lost(.tachometer), after: 5, stage: .measure), .deviceLost(.tachometer)),
            (.init(.stuck(.carbonMonoxide), after: 5, stage: .measure), .staleData(.carbonMonoxide)),
        ])
    func aborts(disturbance: SyntheticLane.Disturbance, reason: AbortReason) throws {
        let (outcome, _) = try TwoSpeedIdleFixture().run([disturbance])
        #expect(outcome.verdict == .aborted(reason))
    }
}
