public import Documents
public import Messages
import Metrology

extension LugDownRequirements {
    /// Reads a pack.
    ///
    /// - Throws: `Problems` naming every missing, unknown or implausible value with its line.
    public init(document: Document) throws(Problems) {
        self = try document.read { reader -> LugDownRequirements? in
            // Without a readable head the values cannot be checked against their sources.
            guard let pack = PackReader(reader, kind: .requirements, method: .lugDown) else { return nil }
            let vehicle = reader.mapping("vehicle") { Vehicle($0, pack) }
            let preTest = reader.mapping("pre-test") { PreTest($0, pack) }
            let gear = reader.mapping("gear") { Gear($0, pack) }
            let scan = reader.mapping("scan") { Scan($0, pack) }
            let points = reader.mapping("points") { Point.all($0, pack) }
            let pointTimes = reader.mapping("point-times") { PointTimes($0, pack) }
            let decisions = reader.mapping("decisions") { Decisions($0, pack) }
            let power = reader.mapping("power-correction") { corrections($0, pack) }
            let humidity = reader.mapping("humidity") { correction($0, pack) }
            let report = reader.mapping("report") { Places($0, pack) }
            let aborts = reader.mapping("aborts") { group -> (WatchRules, Aborts)? in
                let watch = WatchRules(group, pack)
                let aborts = Aborts(group, pack)
                guard let watch, let aborts else { return nil }
                return (watch, aborts)
            }
            let freshness = reader.mapping("freshness") {
                pack.freshness(
                    [
                        .opacimeter, .noxAnalyzer, .dynamometer, .tachometer, .weatherStation, .gasAnalyzer,
                        .obdAdapter,
                    ], of: $0)
            }
            guard let vehicle, let preTest, let gear, let scan, let points, let pointTimes, let decisions, let power,
                let humidity, let report, let aborts, let freshness
            else { return nil }
            return LugDownRequirements(
                identity: pack.identity, bytes: document.bytes, vehicle: vehicle, preTest: preTest, gear: gear,
                scan: scan, points: points, pointTimes: pointTimes, decisions: decisions, powerCorrection: power,
                humidity: humidity, report: report, watch: aborts.0, aborts: aborts.1, freshness: freshness)
        }
    }
}

extension LugDownRequirements.Vehicle {
    init?(_ group: MappingReader, _ pack: PackReader) {
        let power = pack.range("rated-power", "kW", of: group)
        let speed = pack.range("rated-speed", "r/min", of: group)
        let mass = pack.range("gross-mass", "kg", of: group)
        let light = pack.value("light-gross-mass", "kg", of: group)
        let lightBrake = pack.value("brake-power-light", "kW", of: group)
        let heavyBrake = pack.value("brake-power-heavy", "kW", of: group)
        guard let power, let speed, let mass, let light, let lightBrake, let heavyBrake else { return nil }
        ratedPower = power
        ratedSpeed = speed
        grossMass = mass
        lightGrossMass = light
        brakePowerLight = lightBrake
        brakePowerHeavy = heavyBrake
    }
}

extension LugDownRequirements.PreTest {
    init?(_ group: MappingReader, _ pack: PackReader) {
        let oil = pack.value("oil-temperature-minimum", "°C", of: group)
        let running = pack.value("engine-running-instead", "s", whole: true, of: group)
        let low = pack.value("air-temperature-minimum", "°C", in: -50...60, of: group)
        let high = pack.value("air-temperature-maximum", "°C", in: -50...60, of: group)
        let humidity = pack.value("relative-humidity-maximum", "%", in: 0...100, of: group)
        let opacityZero = pack.value("opacity-zero", "%", in: 0...100, of: group)
        let fullScale = pack.value("opacity-full-scale", "%", in: 0...100, of: group)
        let nox = pack.value("nox-zero", "ppm", of: group)
        let rest = pack.value("rest-speed-maximum", "km/h", of: group)
        let carbon = pack.value("probe-carbon-minimum", "%", of: group)
        let settle = pack.seconds("action-settle", of: group)
        let mean = pack.seconds("sampling-mean", of: group)
        var limits: [Wait: Int] = [:]
        for wait in Wait.allCases { limits[wait] = pack.seconds("\(wait.rawValue)-limit", of: group) }
        guard let oil, let running, let low, let high, let humidity, let opacityZero, let fullScale, let nox, let rest,
            let carbon, let settle, let mean, limits.count == Wait.allCases.count
        else { return nil }
        guard low.decimal <= high.decimal else {
            pack.refuse("air-temperature-maximum", high, "air-temperature-minimum ≤ air-temperature-maximum", of: group)
            return nil
        }
        oilTemperatureMinimum = oil
        engineRunningInstead = running
        airTemperatureMinimum = low
        airTemperatureMaximum = high
        relativeHumidityMaximum = humidity
        self.opacityZero = opacityZero
        opacityFullScale = fullScale
        noxZero = nox
        restSpeedMaximum = rest
        probeCarbonMinimum = carbon
        actionSettle = settle
        samplingMean = mean
        self.limits = limits
    }
}

extension LugDownRequirements.Gear {
    init?(_ group: MappingReader, _ pack: PackReader) {
        let share = pack.value("pedal-down-share", "%", in: 1...200, of: group)
        let steady = pack.seconds("steady", of: group)
        let engine = pack.value("steady-engine-speed", "r/min", of: group)
        let roller = pack.value("steady-speed", "km/h", of: group)
        let target = pack.value("speed-target", "km/h", of: group)
        let minimum = pack.value("speed-minimum", "km/h", in: 1...200, of: group)
        let below = pack.value("speed-below", "km/h", in: 1...200, of: group)
        let shift = pack.seconds("shift", of: group)
        let governed = pack.seconds("governed-limit", of: group)
        let limit = pack.seconds("limit", of: group)
        guard let share, let steady, let engine, let roller, let target, let minimum, let below, let shift,
            let governed, let limit
        else { return nil }
        guard minimum.decimal <= target.decimal, target.decimal < below.decimal else {
            pack.refuse("speed-target", target, "speed-minimum ≤ speed-target < speed-below", of: group)
            return nil
        }
        pedalDownShare = share
        self.steady = steady
        steadyEngineSpeed = engine
        steadySpeed = roller
        speedTarget = target
        speedMinimum = minimum
        speedBelow = below
        self.shift = shift
        governedLimit = governed
        self.limit = limit
    }
}

extension LugDownRequirements.Scan {
    init?(_ group: MappingReader, _ pack: PackReader) {
        let step = pack.value("step", "km/h", in: 0.01...10, of: group)
        let beyond = pack.value("beyond-maximum", "%", in: 0...90, of: group)
        let which: LugDownRequirements.ScanEndOf? = pack.rule("beyond-which", of: group)
        let floor = pack.value("floor", "km/h", in: 1...200, of: group)
        let share = pack.value("engine-speed-share", "%", in: 0...100, of: group)
        let engine = pack.value("engine-speed-floor", "r/min", of: group)
        let inertia: LugDownRequirements.ScanInertia? = pack.rule("inertia", of: group)
        let limit = pack.seconds("limit", of: group)
        guard let step, let beyond, let which, let floor, let share, let engine, let inertia, let limit else {
            return nil
        }
        self.step = step
        beyondMaximum = beyond
        beyondWhich = which
        self.floor = floor
        engineSpeedShare = share
        engineSpeedFloor = engine
        self.inertia = inertia
        self.limit = limit
    }
}

extension LugDownRequirements.Point {
    /// The points of a pack, in the order of `LugDownPoint.allCases`; the first is needed, the others may be left out.
    static func all(_ group: MappingReader, _ pack: PackReader) -> [Self]? {
        var points: [Self?] = []
        for point in LugDownPoint.allCases where point == .p100 || group.has(point.rawValue) {
            points.append(
                group.mapping(point.rawValue) { entry in
                    let share = pack.value("share", "%", in: 1...100, of: entry)
                    let judges: Judges? = pack.rule("judges", of: entry)
                    guard let share, let judges else { return nil }
                    return Self(point: point, share: share, judges: judges)
                })
        }
        let complete = points.compactMap { $0 }
        return complete.count == points.count ? complete : nil
    }
}

extension LugDownRequirements.PointTimes {
    init?(_ group: MappingReader, _ pack: PackReader) {
        let rate = pack.value("speed-rate", "km/h", in: 0.01...20, of: group)
        let band = pack.value("speed-band", "km/h", of: group)
        let settle = pack.seconds("settle", of: group)
        let mean = pack.seconds("mean", of: group)
        let limit = pack.seconds("limit", of: group)
        let maximum = pack.seconds("test-maximum", of: group)
        guard let rate, let band, let settle, let mean, let limit, let maximum else { return nil }
        speedRate = rate
        speedBand = band
        self.settle = settle
        self.mean = mean
        self.limit = limit
        testMaximum = maximum
    }
}

extension LugDownRequirements.Decisions {
    init?(_ group: MappingReader, _ pack: PackReader) {
        let share = pack.value("power-share", "%", in: 0...100, of: group)
        let powerOf: LugDownRequirements.PowerOf? = pack.rule("power-of", of: group)
        let tooLow: LugDownRequirements.PowerTooLow? = pack.rule("power-too-low", of: group)
        let ratio = (
            low: pack.value("engine-speed-low", "%", in: 0...200, of: group),
            high: pack.value("engine-speed-high", "%", in: 0...200, of: group)
        )
        let engineSpeed: LugDownRequirements.EngineSpeedRule? = pack.rule("engine-speed", of: group)
        let nox: LugDownRequirements.Switch? = pack.rule("nox-humidity", of: group)
        let comparison: Comparison? = pack.rule("comparison", of: group)
        let takes: SecondTakes? = pack.rule("second-takes", of: group)
        guard let share, let powerOf, let tooLow, let low = ratio.low, let high = ratio.high, let engineSpeed, let nox,
            let comparison, let takes
        else { return nil }
        powerShare = share
        self.powerOf = powerOf
        powerTooLow = tooLow
        engineSpeedLow = low
        engineSpeedHigh = high
        self.engineSpeed = engineSpeed
        noxHumidity = nox
        self.comparison = comparison
        secondTakes = takes
    }
}

extension LugDownRequirements.Places {
    init?(_ group: MappingReader, _ pack: PackReader) {
        var quantities: [LugDownQuantity: Int] = [:]
        for quantity in LugDownQuantity.allCases {
            quantities[quantity] = pack.places(quantity.rawValue, of: group)
        }
        let power = pack.places("power", of: group)
        let ratio = pack.places("ratio", of: group)
        guard quantities.count == LugDownQuantity.allCases.count, let power, let ratio else { return nil }
        self.quantities = quantities
        self.power = power
        self.ratio = ratio
    }
}

extension LugDownRequirements.Aborts {
    init?(_ group: MappingReader, _ pack: PackReader) {
        let flow = pack.seconds("low-flow-seconds", of: group)
        let coolant = pack.value("coolant-maximum", "°C", of: group)
        let oil = pack.value("oil-maximum", "°C", of: group)
        let temperature = pack.seconds("temperature-seconds", of: group)
        let control = pack.value("control-band", "km/h", of: group)
        let controlSeconds = pack.seconds("control-seconds", of: group)
        let pedal = pack.value("pedal-force-share", "%", in: 0...100, of: group)
        let slip = pack.value("slip-band", "%", in: 0...100, of: group)
        let slipSeconds = pack.seconds("slip-seconds", of: group)
        guard let flow, let coolant, let oil, let temperature, let control, let controlSeconds, let pedal, let slip,
            let slipSeconds
        else { return nil }
        lowFlowSeconds = flow
        coolantMaximum = coolant
        oilMaximum = oil
        temperatureSeconds = temperature
        controlBand = control
        self.controlSeconds = controlSeconds
        pedalForceShare = pedal
        slipBand = slip
        self.slipSeconds = slipSeconds
    }
}

/// The power correction of each kind of engine.
private func corrections(
    _ group: MappingReader, _ pack: PackReader
) -> [LugDownRequirements.EngineBreathing: PowerCorrection]? {
    let pressure = pack.value("reference-pressure", "kPa", in: 1...200, of: group)
    let temperature = pack.value("reference-temperature", "K", in: 1...1000, of: group)
    let offset = pack.value("kelvin-offset", "K", in: 273...274, of: group)
    let power = pack.value("power-exponent", "1", in: 0...5, of: group)
    var corrections: [LugDownRequirements.EngineBreathing: PowerCorrection] = [:]
    for breathing in LugDownRequirements.EngineBreathing.allCases {
        let ofPressure = pack.value("\(breathing.rawValue)-pressure", "1", in: 0...5, of: group)
        let ofTemperature = pack.value("\(breathing.rawValue)-temperature", "1", in: 0...5, of: group)
        guard let pressure, let temperature, let offset, let power, let ofPressure, let ofTemperature else { continue }
        corrections[breathing] = PowerCorrection(
            referencePressure: Pressure(pressure.value), referenceKelvin: temperature.value,
            kelvinOffset: offset.value, pressureExponent: ofPressure.value, temperatureExponent: ofTemperature.value,
            powerExponent: power.value)
    }
    return corrections.count == LugDownRequirements.EngineBreathing.allCases.count ? corrections : nil
}

private func correction(_ group: MappingReader, _ pack: PackReader) -> HumidityCorrection? {
    let slope = pack.value("slope", "kg/g", in: 1e-6...1, of: group)
    let reference = pack.value("reference", "g/kg", in: 0...100, of: group)
    let ratio = pack.value("ratio", "g/kg", in: 1...100, of: group)
    guard let slope, let reference, let ratio else { return nil }
    return HumidityCorrection(
        slope: slope.value, reference: AbsoluteHumidity(reference.value), ratio: ratio.value)
}

extension PackReader {
    /// The values under `key-minimum` and `key-maximum`.
    fileprivate func range(
        _ key: String, _ unit: String, of group: MappingReader
    ) -> (low: PackValue, high: PackValue)? {
        let low = value("\(key)-minimum", unit, of: group)
        let high = value("\(key)-maximum", unit, of: group)
        guard let low, let high else { return nil }
        return (low, high)
    }

    /// A number of decimal places.
    fileprivate func places(_ key: String, of group: MappingReader) -> Int? {
        value("\(key)-places", "digits", in: 0...6, whole: true, of: group)?.count
    }

    /// Notes that a value does not go with the others.
    fileprivate func refuse(_ key: String, _ found: PackValue, _ expected: String, of group: MappingReader) {
        group.report(
            Message(
                .documentOutOfRange,
                ["key": .text(key), "found": .decimal(found.decimal.description), "expected": .text(expected)]),
            at: key)
    }
}
