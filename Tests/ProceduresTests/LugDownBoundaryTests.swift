import Metrology
import Procedures
import ProceduresTestKit
import Standards
import Testing

/// Every limit and time on, just below and just above, with the numbers of the pack.
@Suite("At its limits, a lug-down test")
struct LugDownBoundaryTests {
    @Test("passes at a limit of k or NOx, and fails with the next reported value", arguments: Comparison.allCases)
    func emissions(comparison: Comparison) throws {
        var fixture = try LugDownFixture.exact()
        fixture.test.requirements = try LugDownPack.changed([
            "comparison: {value: rounded": "comparison: {value: \(comparison.rawValue)"
        ])
        for quantity in LugDownQuantity.allCases {
            let limit = try #require(fixture.test.limits[quantity]).value
            let last = quantity == .lightAbsorption ? 0.01 : 1
            for (value, passes) in [
                (limit - last, true), (limit, true), (limit + 0.4 * last, comparison == .rounded),
                (limit + last, false),
            ] {
                for point in fixture.test.requirements.points where point.judges.quantities.contains(quantity) {
                    var drawn = fixture
                    if quantity == .lightAbsorption {
                        drawn.lane.vehicle.k[point.point.rawValue] = value
                    } else {
                        drawn.lane.vehicle.nox[point.point.rawValue] = value
                    }
                    let (outcome, _) = try drawn.run()
                    #expect((outcome.verdict == .passed) == passes, "\(point.point) \(quantity) \(value)")
                    let item = try #require(
                        outcome.items.first { $0.id == "\(point.point.rawValue).\(quantity.rawValue)" })
                    #expect(item.passesRounded == (value < limit + last))
                    #expect(item.passesFull == (value <= limit))
                }
            }
        }
    }

    @Test("passes with the least power, and fails with a little less")
    func power() throws {
        var fixture = try LugDownFixture.exact()
        let (outcome, _) = try fixture.run()
        let item = try #require(outcome.items.first { $0.id == "scan.power" })
        let share = fixture.test.requirements.decisions.powerShare.value / 100
        for (rated, passes) in [
            (item.reported.value / share, true), (item.reported.value / share - 0.3, true),
            (item.reported.value / share + 0.01, false),
        ] {
            fixture.test.ratedPower = try RoundedDecimal(rated, places: 4)
            #expect((try fixture.run().outcome.verdict == .passed) == passes, "\(rated)")
        }
    }

    @Test("passes with an engine speed at either end of its range, and fails outside")
    func engineSpeed() throws {
        var fixture = try LugDownFixture.exact()
        let peak = try #require(try fixture.run().outcome.peak)
        let decisions = fixture.test.requirements.decisions
        for (ratio, passes) in [
            (decisions.engineSpeedLow.value, true), (decisions.engineSpeedLow.value - 0.1, false),
            (decisions.engineSpeedHigh.value, true), (decisions.engineSpeedHigh.value + 0.1, false),
        ] {
            fixture.test.ratedSpeed = try RoundedDecimal(peak.engineSpeed.value / ratio * 100, places: 3)
            let (outcome, _) = try fixture.run()
            #expect((outcome.verdict == .passed) == passes, "\(ratio)")
        }
    }

    @Test("settles and averages as long as the pack says, whatever it says", arguments: [nil, (1, 4), (6, 15)])
    func pointTimes(changed: (settle: Int, mean: Int)?) throws {
        var fixture = try LugDownFixture.exact()
        if let changed {
            fixture.test.requirements = try LugDownPack.changed([
                "settle: {value: \"3\"": "settle: {value: \"\(changed.settle)\"",
                " mean: {value: \"9\"": " mean: {value: \"\(changed.mean)\"",
            ])
        }
        let times = fixture.test.requirements.pointTimes
        let (outcome, _) = try fixture.run()
        for result in outcome.points {
            let seconds = outcome.seconds.filter { $0.point == result.point }
            #expect(seconds.count { $0.stage == .measure } == times.mean)
            let inBand = seconds.filter { second in
                second.stage == .stabilise && second.setSpeed == result.target
                    && (second.values[.rollerSpeed].map { abs($0 - result.target.value) <= times.speedBand.value }
                        ?? false)
            }
            #expect(inBand.count == times.settle)
            #expect(inBand.last?.second == (seconds.first { $0.stage == .measure }?.second ?? 0) - 1)
        }
    }

    @Test("keeps a point at the edge of its speed band, and begins it anew beyond")
    func speedBand() throws {
        let fixture = try LugDownFixture.exact()
        let band = fixture.test.requirements.pointTimes.speedBand.value
        let target = try #require(try fixture.run().outcome.points.last).target.value
        for sign in [-1.0, 1] {
            let edge = LugDownLane.Kind.pin(.rollerSpeed, target + sign * band)
            let (outcome, _) = try fixture.run([.init(edge, after: 12, stage: .stabilise, mode: "p80")])
            #expect(outcome.verdict == .passed)
            #expect(outcome.points.last?.restarts == 0)
            let beyond = LugDownLane.Kind.pin(.rollerSpeed, target + sign * (band + 0.01))
            let (again, _) = try fixture.run([.init(beyond, after: 3, length: 1, stage: .measure, mode: "p80")])
            #expect(again.points.last?.restarts == 1)
            let (never, _) = try fixture.run([.init(beyond, after: 12, stage: .stabilise, mode: "p80")])
            #expect(never.verdict == .aborted(.timeLimit(.stabilise)) || never.points.last?.restarts ?? 0 > 0)
        }
    }

    @Test("may last as long as the pack says and not a second longer")
    func testMaximum() throws {
        var fixture = try LugDownFixture.exact()
        let driven = try fixture.run().outcome.seconds.count { $0.stage != .governedSpeed }
        for (maximum, passes) in [(driven, true), (driven - 1, false)] {
            fixture.test.requirements = try LugDownPack.changed([
                "test-maximum: {value: \"300\"": "test-maximum: {value: \"\(maximum)\""
            ])
            let (outcome, _) = try fixture.run()
            #expect(outcome.verdict == (passes ? .passed : .aborted(.timeLimit(.measure))))
            #expect(outcome.seconds.count { $0.stage != .governedSpeed } == maximum)
        }
    }

    /// A stage that nothing ends, and how long the pack lets it last.
    struct Wait: Sendable, CustomTestStringConvertible {
        let stage: StageKind
        let disturbance: LugDownLane.Disturbance
        let seconds: @Sendable (LugDownRequirements) -> Int?
        var testDescription: String { stage.rawValue }

        static let all: [Wait] = [
            Wait(stage: .warmUp, disturbance: .init(.cold)) { $0.preTest.limits[.warmUp] },
            Wait(stage: .zero, disturbance: .init(.add(.opacity, 9))) { $0.preTest.limits[.zero] },
            Wait(stage: .fullScale, disturbance: .init(.noShutter)) { $0.preTest.limits[.fullScale] },
            Wait(stage: .rest, disturbance: .init(.rollersTurn)) { $0.preTest.limits[.rest] },
            Wait(stage: .probe, disturbance: .init(.noProbe)) { $0.preTest.limits[.probe] },
            Wait(stage: .governedSpeed, disturbance: .init(.lazy)) { $0.gear.governedLimit },
            Wait(stage: .gear, disturbance: .init(.lazy, stage: .gear)) { $0.gear.limit },
        ]

        init(
            stage: StageKind, disturbance: LugDownLane.Disturbance,
            seconds: @escaping @Sendable (LugDownRequirements) -> Int?
        ) {
            self.stage = stage
            self.disturbance = disturbance
            self.seconds = seconds
        }
    }

    @Test("waits in a stage as long as the pack says", arguments: Wait.all)
    func waits(_ wait: Wait) throws {
        let fixture = try LugDownFixture.exact()
        let (outcome, run) = try fixture.run([wait.disturbance])
        let limit = try #require(wait.seconds(fixture.test.requirements))
        #expect(outcome.verdict.abortReason != nil)
        // The stage is first shown with the last frame of the second before, and not with its own last one.
        let shown = run.statuses.count { $0.stage == wait.stage }
        #expect(abs(shown - limit * 10) <= 1, "\(shown) frames")
    }

    /// A value of the pre-test at its limit and beyond.
    struct Condition: Sendable, CustomTestStringConvertible {
        let channel: ChannelID
        let step: Double
        let reason: Precondition
        let stage: StageKind?
        let limit: @Sendable (LugDownRequirements) -> PackValue
        var testDescription: String { "\(channel.rawValue) \(step)" }

        static let all: [Condition] = [
            .init(.airTemperature, 0.1, .ambientConditions) { $0.preTest.airTemperatureMaximum },
            .init(.airTemperature, -0.1, .ambientConditions) { $0.preTest.airTemperatureMinimum },
            .init(.relativeHumidity, 0.1, .ambientConditions) { $0.preTest.relativeHumidityMaximum },
            .init(.oilTemperature, -0.1, .engineCold) { $0.preTest.oilTemperatureMinimum },
            .init(.opacity, 0.1, .opacimeterZero, .zero) { $0.preTest.opacityZero },
            .init(.nitrogenOxides, 0.1, .ambientAir, .zero) { $0.preTest.noxZero },
            .init(.rollerSpeed, 0.1, .rollersTurning, .rest) { $0.preTest.restSpeedMaximum },
            .init(.benchCarbonDioxide, -0.1, .probeCheck, .probe) { $0.preTest.probeCarbonMinimum },
        ]

        init(
            _ channel: ChannelID, _ step: Double, _ reason: Precondition, _ stage: StageKind? = nil,
            limit: @escaping @Sendable (LugDownRequirements) -> PackValue
        ) {
            self.channel = channel
            self.step = step
            self.reason = reason
            self.stage = stage
            self.limit = limit
        }
    }

    @Test("begins with a condition just met and not with one just missed", arguments: Condition.all)
    func conditions(_ condition: Condition) throws {
        var fixture = try LugDownFixture.exact()
        fixture.lane.coolant = nil
        let limit = condition.limit(fixture.test.requirements).value
        let length = condition.stage == nil ? Double.infinity : 200
        for (value, passes) in [(limit, true), (limit - condition.step, true), (limit + condition.step, false)] {
            let pin = LugDownLane.Disturbance(.pin(condition.channel, value), length: length, stage: condition.stage)
            let (outcome, run) = try fixture.run([pin])
            // What follows the condition's own stage is not this test's matter.
            let reached = run.statuses.contains { $0.stage == .governedSpeed || $0.stage == .fullScale }
            if passes {
                #expect(condition.stage == .rest || condition.stage == .probe || reached, "\(value)")
                #expect(outcome.verdict.abortReason != .precondition(condition.reason) || reached, "\(value)")
            } else {
                #expect(outcome.verdict == .aborted(.precondition(condition.reason)), "\(value)")
            }
        }
    }

    @Test("takes full scale from the pack's least opacity on")
    func fullScale() throws {
        let fixture = try LugDownFixture.exact()
        let least = fixture.test.requirements.preTest.opacityFullScale.value
        let (met, _) = try fixture.run([.init(.pin(.opacity, least), length: 5, stage: .fullScale)])
        #expect(met.preTest.opacityFullScale == least)
        let (missed, _) = try fixture.run([.init(.pin(.opacity, least - 0.1), stage: .fullScale)])
        #expect(missed.verdict == .aborted(.precondition(.opacimeterFullScale)))
    }

    @Test("takes a gear from the least speed on and up to below the greatest")
    func gearSpeeds() throws {
        let fixture = try LugDownFixture.exact()
        let rules = fixture.test.requirements.gear
        for (speed, change) in [
            (rules.speedMinimum.value, nil), (rules.speedMinimum.value - 0.1, GearChange.up),
            (rules.speedBelow.value - 0.1, nil), (rules.speedBelow.value, .down),
        ] {
            let (outcome, run) = try fixture.run([.init(.pin(.rollerSpeed, speed), length: 14, stage: .gear)])
            #expect(run.statuses.lazy.compactMap(\.gearChange).first == change, "\(speed)")
            if change == nil { #expect(outcome.gear.map { abs($0.topSpeed.value - speed) < 1e-9 } ?? false) }
        }
    }

    @Test("scans until the speed is further below than the pack says, or its floor, or the least engine speed")
    func scanEnds() throws {
        func scan(_ changes: [String: String]) throws -> (LugDownRequirements, LugDownOutcome, [Double], [Double]) {
            var fixture = try LugDownFixture.exact()
            if !changes.isEmpty { fixture.test.requirements = try LugDownPack.changed(changes) }
            let (outcome, _) = try fixture.run()
            let seconds = outcome.seconds.filter { $0.stage == .scan }
            return (
                fixture.test.requirements, outcome, seconds.compactMap { $0.values[.rollerSpeed] },
                seconds.compactMap { $0.values[.engineSpeed] }
            )
        }
        for changes in [[:], ["beyond-maximum: {value: \"20\"": "beyond-maximum: {value: \"8\""]] {
            let (rules, outcome, speeds, _) = try scan(changes)
            let peak = try #require(outcome.peak)
            let from = min(peak.speed.value, try #require(outcome.gear).calculatedSpeed.value)
            let end = from * (1 - rules.scan.beyondMaximum.value / 100)
            #expect(peak.end == .beyondMaximum)
            #expect(speeds.last.map { $0 < end } ?? false)
            #expect(speeds.dropLast().allSatisfy { $0 >= end })
        }
        let (rules, outcome, speeds, _) = try scan([" floor: {value: \"40\"": " floor: {value: \"58\""])
        #expect(outcome.peak?.end == .floor && outcome.remarks == [.scanEndedAtFloor])
        #expect(speeds.last.map { $0 < rules.scan.floor.value } ?? false)
        #expect(speeds.dropLast().allSatisfy { $0 >= rules.scan.floor.value })
        let (share, slow, _, engine) = try scan([
            "engine-speed-share: {value: \"45\"": "engine-speed-share: {value: \"90\""
        ])
        let least = share.scan.engineSpeedShare.value / 100 * 3200
        #expect(slow.peak?.end == .engineSpeed)
        #expect(engine.last.map { $0 < least } ?? false)
        #expect(engine.dropLast().allSatisfy { $0 >= least })
    }

    @Test("rides through slip, heat and low flow up to their limits, and for fewer seconds than the pack's")
    func transients() throws {
        let fixture = try LugDownFixture.exact()
        let rules = fixture.test.requirements.aborts
        let slip = rules.slipBand.value / 100
        // A temperature is read twice a second: the second in which it changes has a mean between both.
        let cases: [(at: LugDownLane.Kind, beyond: LugDownLane.Kind, seconds: Int, lag: Int, reason: AbortReason)] = [
            (.slip(slip), .slip(slip + 0.002), rules.slipSeconds, 0, .wheelSlip),
            (
                .pin(.coolantTemperature, rules.coolantMaximum.value),
                .pin(.coolantTemperature, rules.coolantMaximum.value + 0.1), rules.temperatureSeconds, 1,
                .overTemperature
            ),
            (
                .pin(.oilTemperature, rules.oilMaximum.value), .pin(.oilTemperature, rules.oilMaximum.value + 0.1),
                rules.temperatureSeconds, 1, .overTemperature
            ),
            (.state(.noxAnalyzer, .pumpOn), .state(.noxAnalyzer, .lowFlow), rules.lowFlowSeconds, 0, .lowFlow),
        ]
        for (at, beyond, seconds, lag, reason) in cases {
            func verdict(_ kind: LugDownLane.Kind, _ length: Double) throws -> Verdict {
                try fixture.run([.init(kind, after: 10, length: length, stage: .scan)]).outcome.verdict
            }
            #expect(try verdict(at, .infinity).abortReason == nil, "\(at)")
            #expect(try verdict(beyond, Double(seconds + lag)) == .aborted(reason), "\(beyond)")
            #expect(try verdict(beyond, Double(seconds + lag - 1)).abortReason == nil, "\(beyond)")
        }
    }

    @Test("gives a brake without control the pack's seconds")
    func control() throws {
        let fixture = try LugDownFixture.exact()
        let rules = fixture.test.requirements.aborts
        for (kind, reason) in [(LugDownLane.Kind.brakeFails, AbortReason.controlLost), (.release, .pedalReleased)] {
            let (outcome, _) = try fixture.run([.init(kind, after: 20.1, stage: .scan)])
            #expect(outcome.verdict == .aborted(reason))
            let off = outcome.seconds.filter { second in
                guard let set = second.setSpeed, let speed = second.values[.rollerSpeed] else { return false }
                return abs(speed - set.value) > rules.controlBand.value
            }
            // The last one ends the test and is not listed.
            #expect(off.count == rules.controlSeconds - 1)
        }
    }
}
