import Metrology
import Testing

@Suite("The mass of exhaust")
struct ExhaustMassTests {
    /// O2 of the air 20.8 %, of the exhaust 0.3, of the stream 17.5; 110 L/s: the example of the facts.
    @Test("follows from the oxygen that the stream lacks")
    func share() throws {
        let rule = ExhaustShare(leastDifference: try RoundedDecimal(2, places: 0))
        let share = try rule.of(ambient: Percentage(20.8), diluted: Percentage(17.5), raw: Percentage(0.3))
        #expect(abs(share / 0.16098 - 1) < 1e-4)
        let flow = LitreFlow(110) * share
        #expect(abs(flow.value / 17.707 - 1) < 1e-4)
        let standard = GasStandard(temperature: Temperature(0), pressure: Pressure(101.325))
        func mass(_ fraction: Double, _ molar: Double) -> Double {
            massFlow(flow, fraction: fraction, density: standard.density(molarMass: molar, molarVolume: 22.414)).value
        }
        #expect(abs(mass(Percentage(0.2).fraction, 28.010) - 0.0443) < 0.00005)
        #expect(abs(mass(Concentration(50).fraction, 86) - 0.00340) < 0.000005)
        #expect(abs(mass(Concentration(100).fraction, 30) - 0.00237) < 0.000005)
        #expect(abs(mass(Concentration(100).fraction, 46) - 0.00363) < 0.000005)
    }

    @Test(
        "needs a density, which at 20 °C is that of the tables",
        arguments: [
            (28.010, 1.164), (86.178, 3.583), (30.006, 1.247), (46.005, 1.913),
        ])
    func densities(molar: Double, expected: Double) {
        let standard = GasStandard(temperature: Temperature(20), pressure: Pressure(101.325))
        #expect(abs(standard.density(molarMass: molar, molarVolume: 22.414).value - expected) < 0.0006)
    }

    @Test("takes flows to the standard state by the ideal gas law")
    func standardFlow() throws {
        let standard = GasStandard(temperature: Temperature(20), pressure: Pressure(101.325))
        let same = try standard.flow(
            VolumeFlow(6.6), temperature: Temperature(20), pressure: Pressure(101.325))
        #expect(abs(same.value - 110) < 1e-9)
        let hot = try standard.flow(
            VolumeFlow(6.6), temperature: Temperature(313.15), pressure: Pressure(101.325))
        #expect(abs(hot.value - 55) < 1e-9)
        let thin = try standard.flow(
            VolumeFlow(6.6), temperature: Temperature(20), pressure: Pressure(50.6625))
        #expect(abs(thin.value - 55) < 1e-9)
        #expect(throws: MetrologyError.notFinite) {
            try standard.flow(VolumeFlow(6.6), temperature: Temperature(-273.15), pressure: Pressure(100))
        }
    }

    @Test("cannot be told where the exhaust is like air")
    func exhaustLikeAir() throws {
        let rule = ExhaustShare(leastDifference: try RoundedDecimal(2, places: 0))
        #expect(throws: MetrologyError.exhaustLikeAir(oxygen: Percentage(18.9), ambient: Percentage(20.8))) {
            try rule.of(ambient: Percentage(20.8), diluted: Percentage(20.7), raw: Percentage(18.9))
        }
        #expect(throws: Never.self) {
            try rule.of(ambient: Percentage(20.8), diluted: Percentage(20.7), raw: Percentage(18.7))
        }
        #expect(throws: MetrologyError.notFinite) {
            try rule.of(ambient: Percentage(.nan), diluted: Percentage(20.7), raw: Percentage(18.7))
        }
        #expect(throws: Never.self) {
            try ExhaustShare(leastDifference: RoundedDecimal(1.9, places: 1)).of(
                ambient: Percentage(19.9), diluted: Percentage(19), raw: Percentage(18))
        }
        // Even a rule without a least difference divides by nothing.
        #expect(throws: MetrologyError.self) {
            try ExhaustShare(leastDifference: RoundedDecimal(0, places: 0)).of(
                ambient: Percentage(20.8), diluted: Percentage(20.7), raw: Percentage(20.8))
        }
    }
}

@Suite("Rollers that feel like the road")
struct RoadLoadTests {
    @Test("take a power that rises with the third power of the speed")
    func force() {
        let load = RoadLoad(power: Power(1.8), at: Speed(50), exponent: 3)
        // 1.8 kW at 13.889 m/s.
        #expect(abs(load.force(at: Speed(50)).value - 129.6) < 1e-9)
        #expect(abs((load.force(at: Speed(25)) * Speed(25)).value - 1.8 / 8) < 1e-12)
        #expect(load.force(at: Speed(0)) == Force(0))
        #expect(load.force(at: Speed(-3)) == Force(0))
        #expect(RoadLoad(power: Power(1.8), at: Speed(50), exponent: 1).force(at: Speed(10)).value == 129.6)
    }

    @Test("need 250 N for 250 kg at 1 m/s²")
    func inertia() { #expect(Mass(250) * Acceleration(1) == Force(250)) }

    @Test("tell their acceleration from the slope of the last readings")
    func acceleration() {
        var estimate = AccelerationEstimate(window: .milliseconds(500))
        #expect(estimate.acceleration == Acceleration(0))
        for tick in 0..<20 {
            estimate.take(Speed(36 + 3.6 * 0.1 * Double(tick)), at: LaneInstant(nanoseconds: Int64(tick) * 100_000_000))
        }
        #expect(abs(estimate.acceleration.value - 1) < 1e-9)
        // A reading that is not newer changes nothing; one long after leaves nothing to compare with.
        estimate.take(Speed(0), at: LaneInstant(nanoseconds: 1_900_000_000))
        #expect(abs(estimate.acceleration.value - 1) < 1e-9)
        estimate.take(Speed(0), at: LaneInstant(nanoseconds: 9_000_000_000))
        #expect(estimate.acceleration == Acceleration(0))
    }
}

@Suite("A speed trace")
struct SpeedTraceTests {
    private let trace = SpeedTrace(knots: [
        .init(second: 0, speed: Speed(0)), .init(second: 10, speed: Speed(0)), .init(second: 14, speed: Speed(16)),
        .init(second: 20, speed: Speed(10)),
    ])

    @Test("is linear between its knots and level outside")
    func speeds() throws {
        let trace = try #require(trace)
        let table: [(Double, Double)] = [(-1, 0), (0, 0), (10, 0), (11, 4), (14, 16), (17, 13), (20, 10), (99, 10)]
        for (second, speed) in table { #expect(abs(trace.speed(at: second).value - speed) < 1e-12) }
        #expect(trace.duration == 20)
        // 32 and 78 km/h·s.
        #expect(abs(trace.distance - 110.0 / 3600) < 1e-12)
    }

    @Test("knows the lowest and highest speed of a stretch, knots included")
    func range() throws {
        let trace = try #require(trace)
        let found = trace.range(from: 13, to: 17)
        #expect(found.lowerBound == Speed(12) && found.upperBound == Speed(16))
        #expect(trace.range(from: 5, to: 5) == Speed(0)...Speed(0))
    }

    @Test("needs knots in the order of time, from 0 s on")
    func knots() {
        #expect(SpeedTrace(knots: [.init(second: 0, speed: Speed(0))]) == nil)
        #expect(SpeedTrace(knots: [.init(second: 1, speed: Speed(0)), .init(second: 2, speed: Speed(0))]) == nil)
        #expect(SpeedTrace(knots: [.init(second: 0, speed: Speed(0)), .init(second: 0, speed: Speed(0))]) == nil)
    }
}
