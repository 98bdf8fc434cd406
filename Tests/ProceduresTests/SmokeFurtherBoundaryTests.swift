import Metrology
import Procedures
import ProceduresTestKit
import Standards
import Testing

/// The numbers of a free acceleration that do not belong to one acceleration: what is watched, waited for and counted.
@Suite("Around its accelerations, a free acceleration test")
struct SmokeFurtherBoundaryTests {
    // MARK: What is watched

    /// Something for some seconds while the engine idles before the first measured acceleration.
    private func verdict(
        _ fixture: FreeAccelerationFixture, seconds: Int, in stage: StageKind = .idle,
        _ spoil: @escaping (Frame) -> Frame
    ) throws -> Verdict {
        var lane = ExactSmokeLane()
        var began: Int?
        lane.edit = { frame, status in
            if began == nil, status.mode == "test", status.stage == stage {
                // From the next whole second on.
                began = (frame.tick / 10 + 1) * 10
            }
            guard let began, frame.tick > began, frame.tick <= began + 10 * seconds else { return frame }
            return spoil(frame)
        }
        return try lane.run(fixture).verdict
    }

    @Test("an engine has stalled below the pack's speed for the pack's seconds", arguments: SmokePack.allCases)
    func stall(pack: SmokePack) throws {
        for changes in [[:], ["aborts.stall-speed": "250"], ["aborts.stall-seconds": "4"]] {
            let fixture = try pack.fixture(changes)
            let rules = try fixture.rules.watch
            func verdict(_ speed: Double, _ seconds: Int) throws -> Verdict {
                try self.verdict(fixture, seconds: seconds) { $0.with([.engineSpeed: speed]) }
            }
            let (limit, seconds) = (rules.stallSpeed.value, rules.stallSeconds)
            #expect(try verdict(limit, seconds + 3) == .passed)
            #expect(try verdict(limit - 0.1, seconds - 1) == .passed)
            #expect(try verdict(limit - 0.1, seconds) == .aborted(.stall))
        }
    }

    @Test(
        "an instrument may be lost for the pack's seconds, or as long as its readings are fresh",
        arguments: SmokePack.allCases)
    func lost(pack: SmokePack) throws {
        for changes in [[:], ["aborts.lost-seconds": "5"], ["freshness.tachometer": "4"]] {
            let fixture = try pack.fixture(changes)
            let allowed = try fixture.rules.watch.lostSeconds
            for role in [InstrumentRole.opacimeter, .tachometer] {
                let fresh = try #require(fixture.requirements.freshness[role])
                let most = Int(max(Double(allowed), fresh.seconds).rounded(.down))
                #expect(try verdict(fixture, seconds: most) { $0.losing([role]) } == .passed, "\(role)")
                #expect(
                    try verdict(fixture, seconds: most + 1) { $0.losing([role]) } == .aborted(.deviceLost(role)),
                    "\(role)")
            }
        }
    }

    @Test("a value of the record may be missing for the pack's seconds", arguments: SmokePack.allCases)
    func missing(pack: SmokePack) throws {
        for changes in [[:], ["aborts.invalid-seconds": "5"]] {
            let fixture = try pack.fixture(changes)
            let allowed = try fixture.rules.watch.invalidSeconds
            let smoke: [ChannelID] = [.lightAbsorption, .opacity]
            var channels: [[ChannelID]] = [[.engineSpeed], smoke]
            if try fixture.rules.preTest.air == .required {
                channels += [[.airTemperature], [.relativeHumidity], [.airPressure]]
            }
            for channel in channels {
                #expect(try verdict(fixture, seconds: allowed) { $0.without(channel) } == .passed, "\(channel)")
                #expect(
                    try verdict(fixture, seconds: allowed + 1) { $0.without(channel) }
                        == .aborted(.staleData(channel[0])), "\(channel)")
            }
        }
    }

    // MARK: What is waited for

    /// The stays in stages, in tenths of a second, each with the verdict of the whole.
    private func stays(
        _ fixture: FreeAccelerationFixture, _ change: (inout ExactSmokeLane) -> Void
    ) throws -> (verdict: Verdict, stays: [(stage: StageKind, tenths: Int)]) {
        var lane = ExactSmokeLane()
        change(&lane)
        var stays: [(stage: StageKind, tenths: Int)] = []
        var (stage, since) = (StageKind.warmUp, 0)
        let outcome = try lane.run(fixture) { frame, status in
            guard status.stage != stage else { return }
            stays.append((stage, frame.tick - since))
            (stage, since) = (status.stage, frame.tick)
        }
        return (outcome.verdict, stays)
    }

    @Test("a running engine stands in for its oil after the pack's time", arguments: SmokePack.allCases)
    func runningInstead(pack: SmokePack) throws {
        for changes in [[:], ["pre-test.engine-running-instead": "45"]] {
            let fixture = try pack.fixture(changes) { $0.oilTemperatureReadable = false }
            let seconds = try fixture.rules.preTest.engineRunningInstead.count
            let stays = try stays(fixture) { $0.oil = nil }.stays
            #expect(stays.first?.stage == .warmUp && stays.first?.tenths == seconds * 10)
        }
    }

    @Test("the driver is given the pack's time to come to idle", arguments: SmokePack.allCases)
    func idleLimit(pack: SmokePack) throws {
        for changes in [[:], ["times.idle-limit": "40"]] {
            let fixture = try pack.fixture(changes)
            let times = try fixture.rules.times
            let (limit, wait) = (times.idleLimit.nanoseconds / 100_000_000, times.idleWait.nanoseconds / 100_000_000)
            func run(_ fast: Int64) throws -> (Verdict, Int?) {
                var began: Int?
                let (verdict, stays) = try stays(fixture) {
                    $0.edit = { frame, status in
                        if began == nil, status.stage == .idle { began = frame.tick - 1 }
                        guard let began, frame.tick - began <= Int(fast) else { return frame }
                        return frame.with([.engineSpeed: 2400])
                    }
                }
                return (verdict, stays.first { $0.stage == .idle }?.tenths)
            }
            // The stay begins with its first reading.
            let inTime = try run(limit - wait - 1)
            #expect(inTime == (.passed, Int(limit)))
            let late = try run(limit - wait)
            #expect(late == (.aborted(.timeLimit(.idle)), Int(limit)))
        }
    }

    @Test(
        "zero and full scale are seen for the pack's seconds, full scale within the pack's time",
        arguments: SmokePack.allCases)
    func steady(pack: SmokePack) throws {
        for changes in [[:], ["pre-test.steady": "5"], ["pre-test.full-scale-limit": "41"]] {
            let fixture = try pack.fixture(changes)
            let rules = try fixture.rules.preTest
            // The zero takes three seconds; readings count once it is over.
            let zero = try #require(try stays(fixture) { _ in }.stays.first { $0.stage == .zero }).tenths
            #expect(zero == (3 + rules.steadySeconds) * 10, "\(zero)")
            // A light that stays off: full scale is seen, the way is not clear again in time.
            func run(_ dark: Int) throws -> (Verdict, Int?) {
                var began: Int?
                let (verdict, stays) = try stays(fixture) {
                    $0.edit = { frame, status in
                        guard status.stage == .fullScale else { return frame }
                        if began == nil { began = frame.tick - 1 }
                        let second = (frame.tick - (began ?? 0) + 9) / 10
                        return frame.with([.opacity: second <= dark ? 100 : 0])
                    }
                }
                return (verdict, stays.first { $0.stage == .fullScale }?.tenths)
            }
            let limit = rules.fullScaleLimit
            #expect(try run(limit - rules.steadySeconds) == (.passed, limit * 10))
            #expect(
                try run(limit - rules.steadySeconds + 1)
                    == (.aborted(.precondition(.opacimeterFullScale)), limit * 10))
        }
    }

    // MARK: What is counted

    @Test("purges and accelerations are as many as the pack says", arguments: SmokePack.allCases)
    func counts(pack: SmokePack) throws {
        for changes in [
            [:], ["acceptance.purges": "5"], ["acceptance.fewest": "4", "acceptance.most": "4"],
            ["acceptance.count": "2", "acceptance.fewest": "2", "acceptance.most": "2"],
        ] {
            let fixture = try pack.fixture(changes)
            let rules = try fixture.rules.acceptance
            var lane = ExactSmokeLane()
            lane.peaks = [0.9, 0.5, 0.3, 0.2]
            let outcome = try lane.run(fixture)
            #expect(outcome.accelerations.count { $0.isPurge } == rules.purges)
            let peaks = outcome.accelerations.compactMap(\.peak)
            #expect(peaks == Array(lane.peaks.prefix(rules.fewest)))
            let mean = peaks.suffix(rules.count).reduce(0, +) / Double(rules.count)
            let item = try #require(outcome.items.first)
            #expect(abs(try #require(Double(item.full.description)) - mean) < 1e-11)
        }
    }

    @Test(
        "a falling trend or a result above the limit asks for more, if the pack says so", arguments: SmokePack.allCases)
    func trend(pack: SmokePack) throws {
        func accelerations(_ changes: [String: String], _ peaks: [Double]) throws -> Int {
            var lane = ExactSmokeLane()
            lane.peaks = peaks
            return try lane.run(pack.fixture(changes)).accelerations.compactMap(\.peak).count
        }
        let more = ["acceptance.most": "5"]
        let falling = more.merging(["acceptance.trend": "not-decreasing"]) { $1 }
        #expect(try accelerations(more, [0.6, 0.5, 0.4, 0.4]) == 3)
        #expect(try accelerations(falling, [0.6, 0.5, 0.4, 0.4]) == 4)
        let above = more.merging(["acceptance.above-limit": "continues"]) { $1 }
        #expect(try accelerations(more, [5, 5, 5]) == 3)
        #expect(try accelerations(above, [5, 5, 5]) == 5)
    }

    // MARK: What an order may say

    @Test("rated and governed speeds are taken within the pack's range", arguments: SmokePack.allCases)
    func plausible(pack: SmokePack) throws {
        for changes in [[:], ["engine.slowest": "700"], ["engine.fastest": "6000"]] {
            let range = try pack.fixture(changes).rules.engine.plausible
            for path in [\OrderedVehicle.ratedSpeed, \OrderedVehicle.governedSpeed] {
                for (speed, isTaken) in [
                    (range.lowerBound - 1, false), (range.lowerBound, true), (range.upperBound, true),
                    (range.upperBound + 1, false),
                ] {
                    let value = try RoundedDecimal(speed, places: 0)
                    let fixture = try pack.fixture(changes) { $0[keyPath: path] = value }
                    #expect(((try? fixture.prepare()) != nil) == isTaken, "\(speed) r/min")
                }
            }
        }
    }

    @Test("purges and automatics have to reach the pack's shares of their speeds", arguments: SmokePack.allCases)
    func shares(pack: SmokePack) throws {
        for changes in [[:], ["engine.purge-share": "90"], ["engine.automatic-share": "60"]] {
            let engine = try pack.fixture(changes).rules.engine
            var lane = ExactSmokeLane()
            let manual = try lane.run(pack.fixture(changes))
            #expect(manual.accelerations.first?.threshold == 2400 * engine.purgeShare.value / 100)
            lane = ExactSmokeLane()
            let automatic = try lane.run(
                pack.fixture(changes) {
                    $0.transmission = .automatic
                    $0.ratedSpeed = nil
                    $0.governedSpeed = RoundedDecimal("2600")
                })
            #expect(automatic.accelerations.last?.threshold == 2600 * engine.automaticShare.value / 100)
        }
    }

    @Test("k is worked out over the pack's length where only opacity is read", arguments: SmokePack.allCases)
    func length(pack: SmokePack) throws {
        for changes in [[:], ["peak.effective-length": "0.215"]] {
            let fixture = try pack.fixture(changes)
            let length = try fixture.rules.peak.length.value
            var lane = ExactSmokeLane()
            lane.peaks = [0.6]
            lane.edit = { frame, _ in frame.without([.lightAbsorption]) }
            let peak = try #require(try lane.run(fixture).accelerations.last?.peak)
            // The lane's opacity is that of 0.6 1/m over 0.43 m.
            #expect(abs(peak - 0.6 * 0.43 / length) < 1e-9)
        }
    }

    @Test("the opacimeter's memory counts, or its readings, as the pack says", arguments: SmokePack.allCases)
    func source(pack: SmokePack) throws {
        for (source, peak) in [("instrument", 0.7), ("readings", 0.6)] {
            var lane = ExactSmokeLane()
            lane.memoryAbove = 0.1
            let outcome = try lane.run(pack.fixture(["peak.from": source]))
            #expect(abs(try #require(outcome.accelerations.last?.peak) - peak) < 1e-12)
        }
    }

    // MARK: What is recorded

    @Test("results have the pack's places, and a second the reading that the pack says", arguments: SmokePack.allCases)
    func report(pack: SmokePack) throws {
        for places in ["1", "2", "3"] {
            var lane = ExactSmokeLane()
            let item = try #require(try lane.run(pack.fixture(["report.places": places])).items.first)
            #expect(String(item.reported.places) == places)
        }
        for (takes, expected) in [("first", 100.0), ("last", 100.9), ("mean", 100.45)] {
            var lane = ExactSmokeLane()
            lane.edit = { frame, _ in
                guard frame.tick <= 40 else { return frame.with(events: [.operatorAbort]) }
                // The first second of a test has a frame more than the others.
                let whole = frame.tick <= 20 ? frame.adding(.warmingUp, of: .opacimeter) : frame
                return whole.with([.airPressure: 100 + Double((frame.tick + 9) % 10) / 10])
            }
            let air = try #require(try lane.run(pack.fixture(["report.second-takes": takes])).air)
            #expect(abs(air.pressure.value - expected) < 1e-9, "\(takes)")
        }
    }

    @Test("the room's air is required or only recorded, as the pack says", arguments: SmokePack.allCases)
    func air(pack: SmokePack) throws {
        for (rule, verdict) in [
            ("required", Verdict.aborted(.precondition(.ambientConditions))), ("recorded", .passed),
        ] {
            var lane = ExactSmokeLane()
            lane.edit = { frame, _ in frame.without([.airTemperature, .relativeHumidity, .airPressure]) }
            #expect(try lane.run(pack.fixture(["pre-test.air": rule])).verdict == verdict)
        }
    }
}
