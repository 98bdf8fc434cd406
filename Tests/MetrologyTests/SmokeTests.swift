import Metrology
import Testing

/// Within a relative tolerance.
private func close(_ value: Double, _ expected: Double, _ tolerance: Double = 1e-5) -> Bool {
    abs(value - expected) <= abs(expected) * tolerance
}

@Suite("Opacity and light absorption")
struct SmokeOpacityTests {
    /// N in % and k in m⁻¹ over 0.430 m, worked out from k = −ln(1 − N/100)/L.
    static let table: [(opacity: Double, absorption: Double)] = [
        (5, 0.119287), (20, 0.518938), (40, 1.187967), (60, 2.130909), (80, 3.742879), (99, 10.709698),
    ]

    @Test("convert as the law of Beer and Lambert says", arguments: table)
    func conversion(row: (opacity: Double, absorption: Double)) throws {
        let length = Length(0.43)
        let found = try SmokeOpacity.absorption(of: Percentage(row.opacity), over: length)
        #expect(close(found.value, row.absorption))
        #expect(close(try SmokeOpacity.opacity(of: found, over: length).value, row.opacity, 1e-12))
    }

    @Test("give the opacities of the limits")
    func limits() throws {
        #expect(close(try SmokeOpacity.opacity(of: LightAbsorption(0.5), over: Length(0.43)).value, 19.345856))
        #expect(close(try SmokeOpacity.opacity(of: LightAbsorption(1.2), over: Length(0.43)).value, 40.309661))
        #expect(close(try SmokeOpacity.opacity(of: LightAbsorption(0.7), over: Length(0.43)).value, 25.99, 1e-3))
    }

    @Test("change with the length of the light path")
    func path() throws {
        let long = try SmokeOpacity.convert(Percentage(50), from: Length(0.127), to: Length(0.43))
        #expect(close(long.value, 90.43325))
        #expect(close(try SmokeOpacity.convert(long, from: Length(0.43), to: Length(0.127)).value, 50, 1e-12))
        #expect(try SmokeOpacity.convert(Percentage(100), from: Length(0.1), to: Length(0.43)).value == 100)
    }

    @Test("name what has no value instead of returning infinity")
    func errors() {
        #expect(throws: MetrologyError.opacitySaturated(Percentage(100))) {
            try SmokeOpacity.absorption(of: Percentage(100), over: Length(0.43))
        }
        #expect(throws: MetrologyError.opacitySaturated(Percentage(101))) {
            try SmokeOpacity.convert(Percentage(101), from: Length(0.43), to: Length(0.2))
        }
        #expect(throws: MetrologyError.lengthNotPositive(Length(0))) {
            try SmokeOpacity.absorption(of: Percentage(10), over: Length(0))
        }
        #expect(throws: MetrologyError.notFinite) {
            try SmokeOpacity.opacity(of: LightAbsorption(.nan), over: Length(0.43))
        }
        #expect(throws: MetrologyError.notFinite) {
            try SmokeOpacity.opacity(of: LightAbsorption(-1e6), over: Length(0.43))
        }
    }

    @Test("take the reading of a drifted zero as a little less than nothing")
    func negative() throws {
        #expect(try SmokeOpacity.absorption(of: Percentage(-0.2), over: Length(0.43)).value < 0)
    }
}

@Suite("The Bessel filter")
struct BesselFilterTests {
    @Test("comes out of the published example digit by digit")
    func published() throws {
        let design = try BesselDesign(overall: 1, physical: 0.15, electrical: 0.05, interval: 1.0 / 150)
        #expect(close(design.response, 0.987421))
        #expect(design.passes.count == 2)
        let first = design.passes[0]
        #expect(close(first.cutOff, 0.318152))
        #expect(close(first.e, 7.07948e-5))
        #expect(close(first.k, 0.970783))
        #expect(close(first.tenth, 0.200945))
        #expect(close(first.nineTenths, 1.276147))
        #expect(close(first.deviation, 0.081641, 2e-5))
        #expect(close(design.passes[1].e, 8.272777e-5))
        #expect(close(design.passes[1].k, 0.968410))
        #expect(abs(design.passes[1].deviation) <= 0.01)
    }

    @Test("runs on k: on the opacity it would lose a third of a short burst")
    func order() throws {
        let design = try BesselDesign(overall: 1, physical: 0.15, electrical: 0.05, interval: 1.0 / 150)
        let length = Length(0.43)
        var onAbsorption = design.filter
        var onOpacity = design.filter
        var peaks = (absorption: 0.0, opacity: 0.0)
        for index in 0..<900 {
            let opacity = (150..<225).contains(index) ? 80.0 : 5.0
            let absorption = try SmokeOpacity.absorption(of: Percentage(opacity), over: length).value
            peaks.absorption = max(peaks.absorption, onAbsorption.next(absorption))
            peaks.opacity = max(peaks.opacity, onOpacity.next(opacity))
        }
        #expect(close(peaks.absorption, 1.983, 5e-4))
        let converted = try SmokeOpacity.absorption(of: Percentage(peaks.opacity), over: length)
        #expect(close(converted.value, 1.331, 5e-4))
    }

    @Test("leaves a steady value as it is, and starts on it without a swing")
    func steady() throws {
        var filter = try BesselFilter(cutOff: 0.35, interval: 0.1)
        for _ in 0..<100 { #expect(abs(filter.next(0.42) - 0.42) < 1e-12) }
    }

    @Test("has the response it was designed for at ten readings a second, too", arguments: [0.5, 1.0, 2.0])
    func tenHertz(overall: Double) throws {
        let design = try BesselDesign(overall: overall, physical: 0.05, electrical: 0.05, interval: 0.1)
        let last = try #require(design.passes.last)
        #expect(abs(last.nineTenths - last.tenth - design.response) <= 0.0101 * (last.nineTenths - last.tenth))
    }

    /// What ten readings a second may miss: the peaks of puffs of 0.3 to 2 s, as an opacimeter with one second of
    /// response shows them, seen at ten phases of a tenth of a second each.
    @Test("keeps a peak so broad that ten readings a second miss at most one percent of it")
    func samplingLoss() throws {
        let rate = 500.0
        let design = try BesselDesign(overall: 1, physical: 0.15, electrical: 0.05, interval: 1 / rate)
        var worst = 0.0
        for puff in [0.3, 0.5, 1.0, 2.0] {
            var filter = design.filter
            let samples = (0..<Int(6 * rate)).map { index in
                let time = Double(index) / rate
                return filter.next(time >= 1 && time < 1 + puff ? 3.0 : 0.1)
            }
            let peak = try #require(samples.max())
            for phase in stride(from: 0, to: Int(rate / 10), by: 5) {
                let seen = stride(from: phase, to: samples.count, by: Int(rate / 10)).map { samples[$0] }.max() ?? 0
                worst = max(worst, (peak - seen) / peak)
            }
        }
        print("Bessel filter of 1 s: ten readings a second miss at most \(worst * 100) % of a peak")
        #expect(worst > 0 && worst < 0.01)
    }

    @Test("is refused where the opacimeter alone is too slow, or the sampling too coarse")
    func errors() {
        #expect(throws: MetrologyError.filterUndefined) {
            try BesselDesign(overall: 0.5, physical: 0.4, electrical: 0.4, interval: 0.01)
        }
        #expect(throws: MetrologyError.filterUndefined) { try BesselFilter(cutOff: 5, interval: 0.1) }
        #expect(throws: MetrologyError.filterUndefined) { try BesselFilter(cutOff: .nan, interval: 0.1) }
    }
}
