import Messages
import Metrology
import Procedures
import ProceduresTestKit
import Standards
import Testing

@Suite("A free acceleration test")
struct FreeAccelerationTests {
    @Test("passes a clean engine by the mean of three peaks after three purges")
    func passes() throws {
        let (outcome, run) = try FreeAccelerationFixture().run()
        #expect(outcome.verdict == .passed)
        #expect(outcome.accelerations.map(\.isPurge) == [true, true, true, false, false, false])
        #expect(outcome.accelerations.allSatisfy { $0.fault == nil })
        let measured = outcome.accelerations.suffix(3)
        let mean = measured.compactMap(\.peak).reduce(0, +) / 3
        #expect(outcome.items.map(\.full) == [try SignificantDecimal(mean)])
        #expect(outcome.items[0].id == "k" && outcome.items[0].reported.places == 2)
        #expect(measured.allSatisfy { $0.memory == $0.peak && $0.memory != nil })
        #expect(outcome.preTest.zeroOpacity == 0 && outcome.preTest.fullScaleOpacity == 99.8)
        #expect(outcome.remarks == [])
        let order = [
            "warm-up", "zero", "full-scale", "purge/idle", "purge/accelerate", "purge/hold", "purge/release",
            "test/probe", "test/idle", "test/accelerate", "test/hold", "test/release",
        ]
        var found: [String] = []
        for stage in run.stages where !found.contains(stage) { found.append(stage) }
        #expect(Array(found.prefix(order.count)) == order)
        #expect(run.directives.first == .unload)
    }

    @Test("fails a smoky engine")
    func fails() throws {
        let (outcome, _) = try FreeAccelerationFixture().run { $0.engine.puffs = [3] }
        #expect(outcome.verdict == .failed)
        #expect(outcome.items.map(\.passes) == [false])
    }

    @Test("tells the driver what to do and what comes next, at every stage")
    func status() throws {
        let fixture = try FreeAccelerationFixture()
        var procedure = try #require(try fixture.prepare() as? FreeAccelerationProcedure)
        var lane = FreeAccelerationFixture.lane(fixture)
        var progress = 0.0
        while procedure.outcome == nil {
            lane.perform(procedure.advance(lane.next(procedure.status)))
            let status = procedure.status
            #expect(status.instruction != nil && (status.following != nil || status.stage == .finished))
            #expect(status.progress >= progress && status.progress <= 1)
            progress = status.progress
            if status.stage == .accelerate || status.stage == .hold { #expect(status.pedal == .full) }
            if status.stage == .idle || status.stage == .release { #expect(status.pedal == .released) }
        }
        #expect(progress == 1)
    }

    @Test(
        "repeats an acceleration that the driver spoils, and says why",
        arguments: [
            (SmokeLane.Error.slow, AccelerationFault.tooSlow), (.half, .tooSlow), (.short, .speedNotReached),
            (.early, .releasedEarly), (.long, .heldTooLong), (.absent, .notStarted),
        ])
    func repeats(error: SmokeLane.Error, fault: AccelerationFault) throws {
        for press in [1, 4] {
            let (outcome, run) = try FreeAccelerationFixture().run { $0.errors = [press: error] }
            #expect(outcome.verdict == .passed)
            #expect(outcome.accelerations.compactMap(\.fault) == [fault])
            #expect(outcome.accelerations[press].fault == fault && outcome.accelerations.count == 7)
            #expect(outcome.accelerations[press].peak == nil)
            let words = Message(.smokeRepeat, ["reason": .message(fault.message)])
            #expect(run.directives.contains(.prompt(words)))
        }
    }

    @Test("waits anew, and says so, where the pedal is pressed before the word")
    func eager() throws {
        let (outcome, run) = try FreeAccelerationFixture().run { $0.errors = [4: .eager] }
        #expect(outcome.verdict == .passed && outcome.accelerations.count == 6)
        let words = Message(.smokeRepeat, ["reason": .message(Message(.accelerationTooEarly))])
        #expect(run.directives.count { $0 == .prompt(words) } == 1)
    }

    @Test("takes the greatest reading, and says so, where the opacimeter has no peak memory or does not clear it")
    func readings() throws {
        let (without, _) = try FreeAccelerationFixture().run { $0.opacimeter.hasMemory = false }
        #expect(without.verdict == .passed && without.remarks == [.peakFromReadings])
        let measured = without.accelerations.filter { !$0.isPurge }
        #expect(measured.allSatisfy { $0.memory == nil && $0.peak == $0.peakOfReadings })
        let (stuck, _) = try FreeAccelerationFixture().run {
            $0.engine.puffs = [2.0, 0.6]
            $0.disturbances = [.init(.memoryStays)]
        }
        #expect(stuck.remarks == [.peakFromReadings])
        #expect(stuck.accelerations.suffix(2).allSatisfy { $0.memory == nil && ($0.peak ?? 9) < 1 })
    }

    @Test("counts no acceleration whose peak memory and readings disagree")
    func disagreement() throws {
        let (outcome, _) = try FreeAccelerationFixture().run {
            $0.disturbances = [.init(.memorySpike(0.5), length: 8, stage: .release, mode: "test")]
        }
        #expect(outcome.verdict == .passed)
        #expect(outcome.accelerations.compactMap(\.fault) == [.peaksDiffer])
    }

    @Test("works out k where the opacimeter tells its opacity only")
    func opacityOnly() throws {
        let (both, _) = try FreeAccelerationFixture().run()
        let (opacity, _) = try FreeAccelerationFixture().run { $0.opacimeter.tellsAbsorption = false }
        #expect(opacity.verdict == .passed)
        #expect(abs((opacity.items.first?.reported.value ?? 9) - (both.items.first?.reported.value ?? 0)) <= 0.01)
    }

    @Test("takes an opacimeter's word for its full scale if no reading shows it, and says so")
    func ownFullScale() throws {
        let (outcome, _) = try FreeAccelerationFixture().run { $0.opacimeter.showsFullScale = false }
        #expect(outcome.verdict == .passed && outcome.remarks == [.fullScaleNotShown])
        #expect(outcome.preTest.fullScaleOpacity == nil)
    }

    @Test("waits for five minutes of running engine where no oil temperature can be read")
    func runningTime() throws {
        let fixture = try FreeAccelerationFixture { $0.oilTemperatureReadable = false }
        let (outcome, run) = try fixture.run { $0.disturbances = [.init(.coldEngine)] }
        #expect(outcome.verdict == .passed && outcome.remarks == [.oilTemperatureNotRead])
        #expect(run.frames.count > 3000)
    }

    @Test("asks an automatic for its rated speed, or for two thirds of its governed one")
    func automatic() throws {
        let rated = try FreeAccelerationFixture {
            $0.transmission = .automatic
            $0.ratedSpeed = RoundedDecimal("2400")
        }
        #expect(try rated.run().outcome.accelerations.last?.threshold == 2400)
        let governed = try FreeAccelerationFixture {
            $0.transmission = .automatic
            $0.ratedSpeed = nil
            $0.governedSpeed = RoundedDecimal("2600")
        }
        let (outcome, _) = try governed.run()
        #expect(outcome.verdict == .passed)
        #expect(abs((outcome.accelerations.last?.threshold ?? 0) - 2600 * 2 / 3) < 1)
    }

    @Test("asks a manual for the governed speed that the purges found")
    func governed() throws {
        let (outcome, _) = try FreeAccelerationFixture().run()
        let found = try #require(outcome.governedSpeed)
        #expect(abs(found - 2600) <= 8)
        #expect(outcome.accelerations.last?.threshold == found * 95 / 100)
        #expect(outcome.accelerations.first?.threshold == 2400)
    }

    @Test("refuses an order that lacks what it needs, all at once")
    func orders() throws {
        let fixture = try FreeAccelerationFixture(set: "z") {
            $0.fuel = .gasoline
            $0.ratedSpeed = nil
            $0.transmission = nil
        }
        let problems = #expect(throws: OrderProblems.self) { try fixture.prepare() }
        #expect(
            Set(problems?.all.map(\.member) ?? []) == [
                "limit-set", "vehicle.fuel", "vehicle.rated-speed", "vehicle.transmission",
            ])
        let slow = try FreeAccelerationFixture {
            $0.ratedSpeed = RoundedDecimal("240")
            $0.governedSpeed = RoundedDecimal("26000")
        }
        let range = #expect(throws: OrderProblems.self) { try slow.prepare() }
        #expect(range?.all.map(\.member) == ["vehicle.rated-speed", "vehicle.governed-speed"])
        #expect(range?.all.allSatisfy { $0.message.code == .documentOutOfRange } ?? false)
        let aspiration = try FreeAccelerationFixture("GB3847-2005-free-acceleration", set: "2001-on") {
            $0.aspiration = nil
        }
        #expect(
            #expect(throws: OrderProblems.self) { try aspiration.prepare() }?.all.map(\.member) == [
                "vehicle.aspiration"
            ])
    }
}
