import Instruments
import Metrology
import Plant
import SimulatedInstruments
import Testing

/// How long instruments are occupied by what ends by itself: as long as their profiles say, which is what their manuals
/// say where they say anything.
@Suite("Zeroing and purging", .serialized)
struct DurationTests {
    /// What was seen of one action.
    private struct Seen {
        /// How long it drew what the action needs, by the simulated plant, s.
        var drawn = 0.0
        /// How long the driver was told, or waited, s; nil if it was told nothing.
        var told: Double?
        var failures: [InstrumentError] = []
        var isOverForPlant = false
        var isOverForDriver = true
    }

    private static let step = 0.25
    /// No action takes longer, s.
    private static let limit = 90.0

    @Test(
        "take as long as the profile says, are told meanwhile, and end by themselves",
        arguments: [InstrumentAction.Kind.zero, .purge])
    func durations(kind: InstrumentAction.Kind) async throws {
        var timed = 0
        for (profile, _) in try Profiles.simulated() where profile.actions.contains(kind) {
            if kind == .purge, Self.purgeUntilStopped.contains(profile.id) { continue }
            let seen = try await carryOut(kind, profile)
            let typical = profile.typicalDuration(of: kind)?.seconds
            print(
                "\(kind.rawValue)\t\(profile.id)\ttypical \(typical.map { "\($0)" } ?? "–") s\tdrawn \(seen.drawn) s",
                "\ttold \(seen.told.map { "\($0)" } ?? "–") s")
            #expect(seen.failures.isEmpty, "\(profile.id): \(seen.failures)")
            #expect(seen.isOverForPlant && seen.isOverForDriver, "\(profile.id) does not end")
            if let typical {
                timed += 1
                #expect(abs(seen.drawn - typical) <= 1, "\(profile.id) draws for \(seen.drawn) s, not \(typical)")
            }
            // Status is asked each second where it is asked apart, and so is a bench that is waited for.
            if let told = seen.told, let typical {
                #expect((typical - 1.5...typical + 3).contains(told), "\(profile.id): \(told) s, not \(typical)")
            }
            #expect(
                (seen.told != nil) != Self.tellNothing(of: kind).contains(profile.id), "\(profile.id) \(kind.rawValue)")
        }
        #expect(timed >= (kind == .zero ? 12 : 4))
    }

    /// Those whose frames have no sign of it.
    private static func tellNothing(of kind: InstrumentAction.Kind) -> Set<String> {
        kind == .zero
            ? ["ak-opacimeter", "fga-4100", "fla-501", "mqy-200", "nha-501a"] : []
    }

    /// Their protocol has an order to purge (05) and one to stop (06); no source says that the former ends by itself.
    private static let purgeUntilStopped = ["fla-502", "nha-503", "nha-506i"]

    @Test("by an order of its own goes on until it is stopped", arguments: purgeUntilStopped)
    func untilStopped(id: String) async throws {
        let profile = try Profiles.named(id)
        #expect(profile.typicalDuration(of: .purge) == nil)
        let port = try DriverPort(profile)
        let driver = try port.driver(profile)
        try await driver.connect()
        try await driver.perform(.purge)
        port.pass(Self.limit)
        #expect(port.simulated.plant.inlet == .purge)
        try await driver.perform(.stopSampling)
        #expect(port.simulated.plant.inlet == .closed)
    }

    private func carryOut(_ kind: InstrumentAction.Kind, _ profile: DeviceProfile) async throws -> Seen {
        let inlet = kind == .zero ? SampleInlet.room : .purge
        let condition = kind == .zero ? InstrumentCondition.zeroing : .purging
        let port = try DriverPort(profile)
        let driver = try port.driver(profile)
        try await driver.connect()
        port.pass(1)
        _ = await driver.poll()
        try await driver.perform(try #require(InstrumentAction(kind, words: [])))
        let began = port.uptime
        var seen = Seen()
        var isTold = false
        while port.uptime - began < .seconds(Self.limit) {
            port.pass(Self.step)
            let now = Double((port.uptime - began) / .milliseconds(1)) / 1000
            let report = await driver.poll()
            seen.failures += report.failures
            let plant = port.simulated.plant
            if plant.inlet == inlet || plant.nitrogenInlet == inlet { seen.drawn = now }
            if let told = report.conditions?.conditions { isTold = told.contains(condition) }
            if isTold || report.underWay != nil { seen.told = now }
            // Whether it is over is seen by the silence that follows.
            seen.isOverForPlant = now - seen.drawn > 5
            seen.isOverForDriver = seen.told.map { now - $0 > 5 } ?? true
            if seen.isOverForPlant, seen.isOverForDriver { break }
        }
        return seen
    }
}
