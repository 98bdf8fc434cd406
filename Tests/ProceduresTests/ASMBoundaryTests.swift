import Metrology
import Procedures
import ProceduresTestKit
import Standards
import Testing

/// Every number of the packs, on it, just within it and just beyond it; and the same with another number in the pack.
@Suite("The limits and times of an ASM test")
struct ASMBoundaryTests {
    private static let dirty = SyntheticLane.Exhaust(co: 0.35, hc: 60, no: 500)

    /// What the dirty car's mean of a pollutant is reported as; its other pollutants are far below half of their limits.
    private func exhaust(_ pollutant: Pollutant) -> SyntheticLane.Exhaust {
        var gas = SyntheticLane.Exhaust(co: 0.02, hc: 8, no: 50)
        switch pollutant {
        case .carbonMonoxide: gas.co = Self.dirty.co
        case .hydrocarbons: gas.hc = Self.dirty.hc
        case .nitricOxide: gas.no = Self.dirty.no
        }
        return gas
    }

    private func reported(_ pollutant: Pollutant) throws -> RoundedDecimal {
        // A limit far above makes an end at once.
        let far = try #require(RoundedDecimal("9000"))
        var lane = try ExactASMLane(limits: [.asm5025: [pollutant: far], .asm2540: [pollutant: far]])
        lane.exhaust = ["": exhaust(pollutant)]
        let item = try lane.outcome().modes[0].items.first { $0.quantity == pollutant.rawValue }
        return try #require(item).reported
    }

    /// A value and those that differ from it by one of its last digit.
    private func around(_ value: RoundedDecimal) throws -> (below: RoundedDecimal, above: RoundedDecimal) {
        let step = value.places == 0 ? 1.0 : 0.01
        return (
            try RoundedDecimal(value.value - step, places: value.places),
            try RoundedDecimal(value.value + step, places: value.places)
        )
    }

    @Test("a car passes at the limit, and fails just above it", arguments: Pollutant.allCases, ["a", "b"])
    func limits(pollutant: Pollutant, set: String) throws {
        let value = try reported(pollutant)
        let (below, above) = try around(value)
        for (limit, decision) in [(value, ASMDecision.rolling), (above, .rolling), (below, .exhausted)] {
            var lane = try ExactASMLane(set: set, limits: [.asm5025: [pollutant: limit]])
            lane.exhaust = ["": SyntheticLane.Exhaust(co: 0.02, hc: 8, no: 50), "asm5025": exhaust(pollutant)]
            let first = try lane.outcome().modes[0]
            #expect(first.decision == decision, "limit \(limit), value \(value)")
            #expect(first.modeSeconds == (decision == .rolling ? 21 : 90))
            let item = try #require(first.items.first { $0.quantity == pollutant.rawValue })
            #expect(item.reported == value && item.passes == (decision == .rolling))
        }
        // The second mode has limits of its own; the first must not be passed.
        for (limit, verdict) in [(value, Verdict.passed), (above, .passed), (below, .failed)] {
            var lane = try ExactASMLane(
                set: set, limits: [.asm5025: [pollutant: below], .asm2540: [pollutant: limit]])
            lane.exhaust = ["": exhaust(pollutant)]
            let outcome = try lane.outcome()
            #expect(outcome.modes.map(\.mode) == [.asm5025, .asm2540])
            #expect(outcome.verdict == verdict, "limit \(limit), value \(value)")
        }
    }

    @Test("the fast check passes at the pack's share of the limit, and not just above it", arguments: ["50", "25"])
    func fastShare(share: String) throws {
        let value = try reported(.nitricOxide)
        let times = 100 / (Double(share) ?? 0)
        for (off, decision) in [(0.0, ASMDecision.fast), (1, .fast), (-1, .rolling)] {
            let limit = try RoundedDecimal(value.value * times + off, places: 0)
            var lane = try ExactASMLane(
                limits: [.asm5025: [.nitricOxide: limit]],
                requirements: ["fast-share: {value: \"50\"": "fast-share: {value: \"\(share)\""])
            lane.exhaust = ["": exhaust(.nitricOxide)]
            let first = try lane.outcome().modes[0]
            #expect(first.decision == decision, "limit \(limit)")
            #expect(first.modeSeconds == (decision == .fast ? 20 : 21))
        }
    }

    @Test("a car fails at once just above the pack's multiple of the limit, and not at it", arguments: ["500", "200"])
    func grossShare(share: String) throws {
        let value = try reported(.nitricOxide)
        let part = 100 / (Double(share) ?? 0)
        for (off, decision) in [(0.0, ASMDecision.exhausted), (0.1, .exhausted), (-0.1, .gross)] {
            let limit = try RoundedDecimal(value.value * part + off, places: 1)
            var lane = try ExactASMLane(
                limits: [.asm5025: [.nitricOxide: limit], .asm2540: [.nitricOxide: limit]],
                requirements: ["gross-share: {value: \"500\"": "gross-share: {value: \"\(share)\""])
            lane.exhaust = ["": exhaust(.nitricOxide)]
            let outcome = try lane.outcome()
            #expect(outcome.modes[0].decision == decision, "limit \(limit)")
            #expect(outcome.verdict == .failed)
        }
    }

    @Test("the times of a mode are the pack's")
    func times() throws {
        func seconds(
            _ changes: [String: String], _ gas: SyntheticLane.Exhaust
        ) throws -> (ASMDecision?, Int, Int) {
            var lane = try ExactASMLane(requirements: changes)
            lane.exhaust = ["": gas]
            let outcome = try lane.outcome()
            let mode = try #require(outcome.modes.first)
            return (mode.decision, mode.modeSeconds, outcome.seconds.count)
        }
        let failing = SyntheticLane.Exhaust(co: 0.9, hc: 160, no: 1500)
        #expect(try seconds([:], .clean).1 == 20)
        let earlier = [
            "fast-from: {value: \"10\"": "fast-from: {value: \"4\"",
            "fast-to: {value: \"20\"": "fast-to: {value: \"14\"",
        ]
        #expect(try seconds(earlier, .clean).1 == 14)
        let shorter = [
            "fast-from: {value: \"10\"": "fast-from: {value: \"13\"", "window: {value: \"10\"": "window: {value: \"7\"",
        ]
        #expect(try seconds(shorter, .clean).1 == 20)
        #expect(try seconds([:], failing).1 == 90)
        #expect(try seconds(["mode-maximum: {value: \"90\"": "mode-maximum: {value: \"61\""], failing).1 == 61)
        // Three seconds more of stabilisation are three more on the rollers.
        let (_, _, usual) = try seconds([:], .clean)
        #expect(try seconds(["stabilisation: {value: \"5\"": "stabilisation: {value: \"8\""], .clean).2 == usual + 3)
    }

    @Test("one mode may last as long with its restarts as the pack says", arguments: [145, 101])
    func total(seconds: Int) throws {
        var lane = try ExactASMLane(
            requirements: ["total-maximum: {value: \"145\"": "total-maximum: {value: \"\(seconds)\""])
        lane.exhaust = ["": SyntheticLane.Exhaust(co: 0.9, hc: 160, no: 1500)]
        // A restart every 24 s leaves no window after the fast check.
        lane.deviations = [
            .init(quantity: .speed(2.6), seconds: Set((0..<20).flatMap { [15 + 24 * $0, 16 + 24 * $0] }))
        ]
        let outcome = try lane.outcome()
        #expect(outcome.verdict == .aborted(.timeLimit(.measure)))
        #expect(outcome.modes[0].totalSeconds == seconds)
    }

    @Test("the band's edge is inside, and the pack's seconds beyond it restart the timer")
    func bands() throws {
        func restarts(
            _ quantity: ExactASMLane.Deviation.Quantity, _ seconds: Set<Int>, _ changes: [String: String] = [:]
        )
            throws -> Int
        {
            var lane = try ExactASMLane(requirements: changes)
            lane.exhaust = ["": Self.dirty]
            lane.deviations = [.init(quantity: quantity, seconds: seconds)]
            return try lane.outcome().modes[0].restarts
        }
        for (edge, beyond) in [
            (ExactASMLane.Deviation.Quantity.speed(2), ExactASMLane.Deviation.Quantity.speed(2.01)),
            (.speed(-2), .speed(-2.01)), (.force(5), .force(5.01)), (.force(-5), .force(-5.01)),
        ] {
            #expect(try restarts(edge, Set(6...15)) == 0)
            #expect(try restarts(beyond, [6]) == 0)
            #expect(try restarts(beyond, [6, 7]) == 1)
            // Cumulative: the fifth second, wherever it is.
            #expect(try restarts(beyond, [6, 8, 10, 12]) == 0)
            #expect(try restarts(beyond, [6, 8, 10, 12, 14]) == 1)
        }
        let after = ["limit-reached: {value: at": "limit-reached: {value: after"]
        #expect(try restarts(.speed(2.01), [6, 7], after) == 0)
        #expect(try restarts(.speed(2.01), [6, 7, 8], after) == 1)
        let patient = ["continuous: {value: \"2\"": "continuous: {value: \"4\""]
        #expect(try restarts(.force(6), [6, 7, 8], patient) == 0)
        #expect(try restarts(.force(6), [6, 7, 8, 9], patient) == 1)
        let wide = ["speed: {value: \"2.0\"": "speed: {value: \"2.5\""]
        #expect(try restarts(.speed(2.5), [6, 7], wide) == 0)
        #expect(try restarts(.speed(2.51), [6, 7], wide) == 1)
    }

    @Test(
        "a window whose speeds are apart as far as the pack says is not judged",
        arguments: [("1.0", 1.0), ("0.5", 0.5)])
    func speedChange(text: String, change: Double) throws {
        func verdict(_ swing: Double) throws -> Verdict {
            var lane = try ExactASMLane(
                requirements: ["speed-change: {value: \"1.0\"": "speed-change: {value: \"\(text)\""])
            lane.exhaust = ["": Self.dirty]
            lane.deviations = [.init(quantity: .speed(swing), seconds: Set(stride(from: 0, to: 400, by: 2)))]
            return try lane.outcome().verdict
        }
        #expect(try verdict(change - 0.01) == .passed)
        #expect(try verdict(change) == .aborted(.timeLimit(.measure)))
    }

    @Test("a sample is diluted below the pack's CO + CO2, for as many seconds as it says")
    func dilution() throws {
        func reason(_ co2: Double, _ seconds: Int, _ changes: [String: String] = [:]) throws -> AbortReason? {
            var lane = try ExactASMLane(requirements: changes)
            lane.exhaust = ["": SyntheticLane.Exhaust(co: 0.25, hc: 30, no: 300)]
            lane.deviations = [.init(quantity: .carbonDioxide(co2), seconds: Set(4..<(4 + seconds)))]
            return try lane.outcome().verdict.abortReason
        }
        #expect(try reason(5.75, 3) == nil)
        #expect(try reason(5.74, 1) == .dilution)
        let patient = ["dilution-seconds: {value: \"1\"": "dilution-seconds: {value: \"3\""]
        #expect(try reason(5.74, 2, patient) == nil)
        #expect(try reason(5.74, 3, patient) == .dilution)
        let lower = ["dilution-minimum: {value: \"6.0\"": "dilution-minimum: {value: \"5.0\""]
        #expect(try reason(4.75, 2, lower) == nil)
        #expect(try reason(4.74, 2, lower) == .dilution)
    }

    @Test("an engine has stalled below the pack's speed, for as many seconds as it says")
    func stall() throws {
        func reason(_ rpm: Double, _ seconds: Int) throws -> AbortReason? {
            var lane = try ExactASMLane()
            lane.deviations = [.init(quantity: .engineSpeed(rpm), seconds: Set(4..<(4 + seconds)))]
            return try lane.outcome().verdict.abortReason
        }
        #expect(try reason(100, 5) == nil)
        #expect(try reason(99.9, 1) == nil)
        #expect(try reason(99.9, 2) == .stall)
    }

    @Test("a test begins with the room's air and the sample line at the pack's values, and not beyond")
    func conditions() throws {
        func reason(
            _ kind: SyntheticLane.Kind, _ changes: [String: String] = [:]
        ) throws -> AbortReason? {
            var lane = try ExactASMLane(requirements: changes)
            lane.disturbances = [.init(kind)]
            return try lane.outcome().verdict.abortReason
        }
        #expect(try reason(.airTemperature(40)) == nil)
        #expect(try reason(.airTemperature(40.1)) == .precondition(.ambientConditions))
        #expect(try reason(.airTemperature(0)) == nil)
        #expect(try reason(.airTemperature(-0.1)) == .precondition(.ambientConditions))
        let warm = ["air-temperature-maximum: {value: \"40\"": "air-temperature-maximum: {value: \"35\""]
        #expect(try reason(.airTemperature(35.1), warm) == .precondition(.ambientConditions))
        #expect(try reason(.ambientHydrocarbons(15)) == nil)
        #expect(try reason(.ambientHydrocarbons(15.1)) == .precondition(.ambientAir))
        #expect(try reason(.residualHydrocarbons(7)) == nil)
        #expect(try reason(.residualHydrocarbons(7.1)) == .precondition(.residualHydrocarbons))
        let former = ["residual-hc-maximum: {value: \"7\"": "residual-hc-maximum: {value: \"10\""]
        #expect(try reason(.residualHydrocarbons(10), former) == nil)
    }
}
