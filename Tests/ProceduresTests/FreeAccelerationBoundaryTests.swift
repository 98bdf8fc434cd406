import Metrology
import Procedures
import ProceduresTestKit
import Standards
import Testing

/// Everything here is read from the pack, so that a changed pack changes the test.
@Suite("At its limits, a free acceleration test")
struct FreeAccelerationBoundaryTests {
    private func ticks(_ span: LaneSpan) -> Int { Int(span.nanoseconds / 100_000_000) }

    /// The faults of the measured accelerations when the first one is as given.
    private func faults(
        _ fixture: FreeAccelerationFixture, _ press: ExactSmokeLane.Press
    ) throws -> [AccelerationFault] {
        var lane = ExactSmokeLane()
        lane.press = { $0 == 0 ? press : ExactSmokeLane.Press() }
        let outcome = try lane.run(fixture)
        #expect(outcome.verdict == .passed)
        return outcome.accelerations.compactMap(\.fault)
    }

    @Test("takes the longest rise, and no longer one", arguments: SmokePack.allCases)
    func rise(pack: SmokePack) throws {
        let fixture = try pack.fixture()
        let rules = try fixture.rules
        let limit = ticks(rules.times.riseMaximum)
        for (rise, expected) in [(limit - 1, []), (limit, []), (limit + 1, [AccelerationFault.tooSlow])] {
            #expect(try faults(fixture, .init(rise: rise)) == expected, "\(rise) ticks")
        }
    }

    @Test("takes the shortest and the longest hold, and none beyond", arguments: SmokePack.allCases)
    func hold(pack: SmokePack) throws {
        let fixture = try pack.fixture()
        let rules = try fixture.rules
        let (least, most) = (ticks(rules.times.holdMinimum), ticks(rules.times.holdMaximum))
        for (hold, expected) in [
            (least - 1, [AccelerationFault.releasedEarly]), (least, []), (least + 1, []), (most, []),
            (most + 1, [.heldTooLong]),
        ] {
            #expect(try faults(fixture, .init(hold: hold)) == expected, "\(hold) ticks")
        }
    }

    @Test("asks for the share of the governed speed that the pack states", arguments: SmokePack.allCases)
    func governed(pack: SmokePack) throws {
        let fixture = try pack.fixture()
        let rules = try fixture.rules
        let threshold = 2600 * rules.engine.governedShare.value / 100
        #expect(try faults(fixture, .init(speed: threshold)) == [])
        #expect(try faults(fixture, .init(speed: threshold + 1)) == [])
        #expect(try faults(fixture, .init(speed: threshold - 1)) == [.tooSlow])
    }

    @Test("tells the engine's acceleration from its idle by the pack's onset", arguments: SmokePack.allCases)
    func onset(pack: SmokePack) throws {
        let fixture = try pack.fixture()
        let rules = try fixture.rules
        // An engine that reaches no more than idle and onset has not been accelerated.
        let edge = 750 + rules.engine.onset.value
        var press = ExactSmokeLane.Press()
        press.rise = 0
        press.speed = edge
        #expect(try faults(fixture, press) == [.notStarted])
        press.speed = edge + 1
        #expect(try faults(fixture, press).first == .speedNotReached)
    }

    @Test("gives the driver the pack's time to press the pedal", arguments: SmokePack.allCases)
    func cue(pack: SmokePack) throws {
        let fixture = try pack.fixture()
        let rules = try fixture.rules
        let limit = ticks(rules.times.cueLimit)
        for (start, expected) in [(limit, []), (limit + 1, [AccelerationFault.notStarted])] {
            #expect(try faults(fixture, .init(start: start)) == expected, "\(start) ticks")
        }
    }

    @Test("bears gaps between readings as long as the pack's, and no longer ones", arguments: SmokePack.allCases)
    func gaps(pack: SmokePack) throws {
        let fixture = try pack.fixture()
        let rules = try fixture.rules
        let smoke = ticks(rules.peak.smokeGap)
        // Readings are missing from tick 20 on; the one after the gap comes `gap` ticks after tick 19.
        #expect(try faults(fixture, .init(smokeless: 20..<19 + smoke)) == [])
        #expect(try faults(fixture, .init(smokeless: 20..<20 + smoke)) == [.smokeNotRead])
        let speed = ticks(rules.peak.speedGap)
        #expect(try faults(fixture, .init(speedless: 20..<19 + speed)) == [])
        #expect(try faults(fixture, .init(speedless: 20..<20 + speed)) == [.speedNotRead])
    }

    @Test(
        "waits at idle for the pack's time, not a tick less, and takes the pack's spread of speeds",
        arguments: SmokePack.allCases)
    func idle(pack: SmokePack) throws {
        let fixture = try pack.fixture()
        let rules = try fixture.rules
        var lane = ExactSmokeLane()
        lane.otherIdle = 750 + rules.engine.idleSpread.value
        let outcome = try lane.run(fixture)
        #expect(outcome.verdict == .passed)
        for (before, next) in zip(outcome.accelerations, outcome.accelerations.dropFirst())
        where !before.isPurge && !next.isPurge {
            // The stay begins with the first reading after the acceleration was over.
            #expect(next.cuedAt - before.endedAt == rules.times.idleWait + .milliseconds(100))
        }
        lane = ExactSmokeLane()
        lane.otherIdle = 751 + rules.engine.idleSpread.value
        #expect(try lane.run(fixture).verdict == .aborted(.timeLimit(.idle)))
        lane = ExactSmokeLane()
        lane.otherIdle = 2400 * rules.engine.idleShare.value / 100 + 1
        #expect(try lane.run(fixture).verdict == .aborted(.timeLimit(.idle)))
    }

    @Test("looks for the peak until the pack's time after the release", arguments: SmokePack.allCases)
    func tail(pack: SmokePack) throws {
        let fixture = try pack.fixture()
        let rules = try fixture.rules
        let tail = ticks(rules.times.peakTail)
        for (offset, expected) in [(tail, 1.0), (tail + 1, 0.05)] {
            var lane = ExactSmokeLane()
            lane.peaks = [1.0]
            lane.press = { _ in
                var press = ExactSmokeLane.Press()
                // The first reading below the governed speed comes one tick after the hold.
                press.puff = press.rise + press.hold + 1 + offset
                return press
            }
            let outcome = try lane.run(fixture)
            #expect(outcome.accelerations.last?.peak == expected, "\(offset) ticks")
        }
    }

    @Test("passes a mean that is at the limit, and fails one a digit above", arguments: ["a", "b"])
    func limit(set: String) throws {
        let fixture = try FreeAccelerationFixture(set: set)
        let limits = try #require(fixture.limits as? FreeAccelerationLimits)
        let maximum = try #require(limits.table[set]?.first?.maximum)
        for (peak, passes) in [(maximum.value - 0.01, true), (maximum.value, true), (maximum.value + 0.01, false)] {
            var lane = ExactSmokeLane()
            lane.peaks = [peak]
            let outcome = try lane.run(fixture)
            #expect(outcome.verdict == (passes ? .passed : .failed), "\(peak)")
        }
    }

    @Test("compares the rounded mean, and records what the full one would have led to")
    func rounding() throws {
        let fixture = try FreeAccelerationFixture()
        let rules = try fixture.rules
        let limits = try #require(fixture.limits as? FreeAccelerationLimits)
        let maximum = try #require(limits.table["a"]?.first?.maximum)
        var lane = ExactSmokeLane()
        lane.peaks = [maximum.value, maximum.value, maximum.value + 0.012]
        let item = try #require(try lane.run(fixture).items.first)
        #expect(item.passesRounded && !item.passesFull)
        #expect(item.passes == (rules.comparison == .rounded))
    }

    @Test(
        "believes a peak memory that agrees with the readings within the pack's bounds", arguments: SmokePack.allCases)
    func agreement(pack: SmokePack) throws {
        let fixture = try pack.fixture()
        let rules = try fixture.rules
        let (absolute, share) = (rules.peak.agreement.value, rules.peak.agreementShare.value)
        // At 1 1/m the absolute bound is the wider one; at 8 the share.
        #expect(1 * share / 100 < absolute && 8 * share / 100 > absolute)
        for (peak, above, agrees) in [
            (1.0, absolute, true), (1.0, absolute + 0.01, false), (1.0, -absolute, true),
            (1.0, -absolute - 0.01, false),
            (8.0, absolute + 0.05, true), (8.0, 8 / (1 - share / 100) - 8 - 0.005, true),
            (8.0, 8 / (1 - share / 100) - 8 + 0.005, false),
        ] {
            var lane = ExactSmokeLane()
            lane.peaks = [peak]
            lane.memoryAbove = above
            let outcome = try lane.run(fixture)
            if agrees {
                #expect(outcome.verdict == (peak > 2 ? .failed : .passed), "\(peak) + \(above)")
                #expect(outcome.accelerations.last?.memory == peak + above)
            } else {
                #expect(outcome.verdict == .aborted(.attempts), "\(peak) + \(above)")
                #expect(outcome.accelerations.last?.fault == .peaksDiffer)
            }
        }
    }

    @Test("takes a peak memory for cleared up to the pack's bound", arguments: SmokePack.allCases)
    func cleared(pack: SmokePack) throws {
        let fixture = try pack.fixture()
        let rules = try fixture.rules
        let bound = rules.peak.cleared.value
        for (left, isUsed) in [(0.05 + bound, true), (0.06 + bound, false)] {
            var lane = ExactSmokeLane()
            lane.memoryAbove = 0
            lane.leftAfterClearing = left
            let outcome = try lane.run(fixture)
            #expect(outcome.verdict == .passed)
            #expect((outcome.accelerations.last?.memory != nil) == isUsed)
            #expect(outcome.remarks == (isUsed ? [] : [.peakFromReadings]))
        }
    }

    @Test(
        "is broken off by the pack's number of invalid accelerations, not by one fewer", arguments: SmokePack.allCases)
    func attempts(pack: SmokePack) throws {
        let fixture = try pack.fixture()
        let rules = try fixture.rules
        let most = rules.acceptance.mostInvalid
        for (spoilt, verdict) in [(most - 1, Verdict.passed), (most, .aborted(.attempts))] {
            var lane = ExactSmokeLane()
            lane.press = { $0 < spoilt ? .init(hold: 1) : .init() }
            #expect(try lane.run(fixture).verdict == verdict, "\(spoilt)")
        }
    }

    @Test("takes zero and full scale within the pack's tolerances", arguments: SmokePack.allCases)
    func opacimeter(pack: SmokePack) throws {
        let fixture = try pack.fixture()
        let rules = try fixture.rules
        let (zero, full) = (rules.preTest.zeroTolerance.value, rules.preTest.fullScaleTolerance.value)
        for (value, verdict) in [
            (zero, Verdict.passed), (-zero, .passed), (zero + 0.1, .aborted(.precondition(.opacimeterZero))),
            (-zero - 0.1, .aborted(.precondition(.opacimeterZero))),
        ] {
            var lane = ExactSmokeLane()
            lane.zero = value
            #expect(try lane.run(fixture).verdict == verdict, "zero \(value)")
        }
        for (value, isSeen) in [(100 - full, true), (100 + full, true), (99.9 - full, false), (100.1 + full, false)] {
            var lane = ExactSmokeLane()
            lane.fullScale = value
            let outcome = try lane.run(fixture)
            let verdict = isSeen ? Verdict.passed : .aborted(.precondition(.opacimeterFullScale))
            #expect(outcome.verdict == verdict, "full scale \(value)")
            #expect(outcome.preTest.fullScaleOpacity == (isSeen ? value : nil), "full scale \(value)")
        }
    }

    @Test("takes engine and air within the pack's ranges", arguments: SmokePack.allCases)
    func conditions(pack: SmokePack) throws {
        let fixture = try pack.fixture()
        let rules = try fixture.rules.preTest
        let cold = Verdict.aborted(.precondition(.engineCold))
        let outside = Verdict.aborted(.precondition(.ambientConditions))
        for (oil, verdict) in [
            (rules.oilTemperatureMinimum.value, Verdict.passed), (rules.oilTemperatureMinimum.value - 0.1, cold),
        ] {
            var lane = ExactSmokeLane()
            lane.oil = oil
            #expect(try lane.run(fixture).verdict == verdict, "oil \(oil)")
        }
        let (low, high) = (rules.airTemperature.lowerBound, rules.airTemperature.upperBound)
        let humid = rules.relativeHumidityMaximum.value
        for (temperature, humidity, verdict) in [
            (low, 50.0, Verdict.passed), (high, 50, .passed), (low - 0.1, 50, outside), (high + 0.1, 50, outside),
            (20, humid, .passed), (20, humid + 0.1, outside),
        ] {
            var lane = ExactSmokeLane()
            lane.air = (temperature, humidity)
            #expect(try lane.run(fixture).verdict == verdict, "\(temperature) °C, \(humidity) %")
        }
    }

    @Test("waits for each thing as long as the pack says", arguments: SmokePack.allCases)
    func waits(pack: SmokePack) throws {
        let fixture = try pack.fixture()
        let times = try fixture.rules.preTest
        func end(_ change: (inout ExactSmokeLane) -> Void) throws -> (Verdict, Double) {
            var lane = ExactSmokeLane()
            change(&lane)
            var began = 0.0
            var last = 0.0
            var stage = StageKind.warmUp
            let outcome = try lane.run(fixture) { frame, status in
                if status.stage != stage, status.stage != .finished {
                    (stage, began) = (status.stage, frame.time.seconds)
                }
                last = frame.time.seconds
            }
            return (outcome.verdict, last - began)
        }
        #expect(try end { $0.isWarm = false } == (.aborted(.timeLimit(.warmUp)), Double(times.warmUpLimit)))
        #expect(try end { $0.oil = nil } == (.aborted(.precondition(.engineCold)), Double(times.warmUpLimit)))
        #expect(try end { $0.zeroes = false } == (.aborted(.timeLimit(.zero)), Double(times.zeroLimit)))
        #expect(try end { $0.zero = 50 } == (.aborted(.precondition(.opacimeterZero)), Double(times.zeroLimit)))
        #expect(try end { $0.insertsProbe = false } == (.aborted(.precondition(.probeCheck)), Double(times.probeLimit)))
    }
}
