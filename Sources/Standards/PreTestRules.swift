import Documents
import Metrology

/// Conditions before the probe goes in, of the methods that sample with a gas analyzer (检测前准备).
public struct PreTestRules: Sendable {
    /// Least oil temperature, °C.
    public let oilTemperatureMinimum: PackValue
    /// Running time that stands in for the oil temperature where none can be read, s.
    public let engineRunningInstead: PackValue
    /// Air temperature range, °C.
    public let airTemperature: ClosedRange<Double>
    /// Greatest relative humidity, %.
    public let relativeHumidityMaximum: PackValue
    /// Greatest concentrations in ambient air, in each pollutant's unit.
    public let ambientMaximum: [Pollutant: PackValue]
    /// Greatest residual HC in the sample line, ppm.
    public let residualMaximum: PackValue
    /// Greatest speed of rollers at rest, km/h; nil for a method without rollers.
    public let restSpeedMaximum: PackValue?
    /// Least CO + CO2 that shows the probe in the exhaust, %.
    public let probeCarbonMinimum: PackValue
    /// Seconds before ambient and background readings are taken.
    public let samplingSettle: Int
    /// Seconds over which they are averaged.
    public let samplingMean: Int
    /// Seconds after which waiting for warmth, zero, a clean line, rollers at rest and the probe ends.
    public let limits: [WaitKind: Int]

    /// What the pre-test waits for, each for a limited time.
    public enum WaitKind: String, CaseIterable, Sendable {
        /// A warm analyzer and engine.
        case warmUp = "warm-up"
        /// The analyzer's zero.
        case zero
        /// A clean sample line.
        case residual
        /// Rollers at rest.
        case rest
        /// The probe in the exhaust.
        case probe
    }

    init?(_ group: MappingReader, _ pack: PackReader, hasRollers: Bool) {
        let oil = pack.value("oil-temperature-minimum", "°C", of: group)
        let running = pack.value("engine-running-instead", "s", of: group)
        let low = pack.value("air-temperature-minimum", "°C", in: -50...60, of: group)
        let high = pack.value("air-temperature-maximum", "°C", in: -50...60, of: group)
        let humidity = pack.value("relative-humidity-maximum", "%", in: 0...100, of: group)
        let co = pack.value("ambient-co-maximum", "%", of: group)
        let hc = pack.value("ambient-hc-maximum", "ppm", of: group)
        let no = pack.value("ambient-no-maximum", "ppm", of: group)
        let residual = pack.value("residual-hc-maximum", "ppm", of: group)
        let rest = hasRollers ? pack.value("rest-speed-maximum", "km/h", of: group) : nil
        let carbon = pack.value("probe-carbon-minimum", "%", of: group)
        let settle = pack.seconds("sampling-settle", of: group)
        let mean = pack.seconds("sampling-mean", of: group)
        let kinds = WaitKind.allCases.filter { hasRollers || $0 != .rest }
        var limits: [WaitKind: Int] = [:]
        for kind in kinds { limits[kind] = pack.seconds("\(kind.rawValue)-limit", of: group) }
        guard let oil, let running, let low, let high, low.value <= high.value, let humidity, let co, let hc, let no,
            let residual, rest != nil || !hasRollers, let carbon, let settle, let mean, limits.count == kinds.count
        else { return nil }
        oilTemperatureMinimum = oil
        engineRunningInstead = running
        airTemperature = low.value...high.value
        relativeHumidityMaximum = humidity
        ambientMaximum = [.carbonMonoxide: co, .hydrocarbons: hc, .nitricOxide: no]
        residualMaximum = residual
        restSpeedMaximum = rest
        probeCarbonMinimum = carbon
        samplingSettle = settle
        samplingMean = mean
        self.limits = limits
    }
}
