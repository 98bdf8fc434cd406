public import Documents
public import Messages
import Metrology

extension VMASRequirements {
    /// Reads a pack.
    ///
    /// - Throws: `Problems` naming every missing, unknown or implausible value with its line.
    public init(document: Document) throws(Problems) {
        self = try document.read { reader -> VMASRequirements? in
            // Without a readable head the values cannot be checked against their sources.
            guard let pack = PackReader(reader, kind: .requirements, method: .vmas) else { return nil }
            let preTest = reader.mapping("pre-test") { PreTestRules($0, pack, hasRollers: true) }
            let flowMeter = reader.mapping("flow-meter") { FlowMeterRules($0, pack) }
            let cycle = reader.mapping("cycle") { Cycle($0, pack) }
            let bands = reader.mapping("bands") { Bands($0, pack) }
            let load = reader.mapping("load") { Load($0, pack) }
            let mass = reader.mapping("mass") { MassRules($0, pack) }
            let decisions = reader.mapping("decisions") { group -> (Comparison, SecondTakes)? in
                let comparison: Comparison? = pack.rule("comparison", of: group)
                let takes: SecondTakes? = pack.rule("second-takes", of: group)
                guard let comparison, let takes else { return nil }
                return (comparison, takes)
            }
            let correction = reader.mapping("correction") { CorrectionConstants($0, pack) }
            let report = reader.mapping("report") { massPlaces($0, pack) }
            let aborts = reader.mapping("aborts") { group -> (WatchRules, SamplingRules)? in
                let watch = WatchRules(group, pack)
                let sampling = SamplingRules(group, pack)
                guard let watch, let sampling else { return nil }
                return (watch, sampling)
            }
            let freshness = reader.mapping("freshness") {
                pack.freshness([.gasAnalyzer, .dynamometer, .tachometer, .weatherStation, .flowMeter], of: $0)
            }
            guard let preTest, let flowMeter, let cycle, let bands, let load, let mass, let decisions, let correction,
                let report, let aborts, let freshness
            else { return nil }
            return VMASRequirements(
                identity: pack.identity, bytes: document.bytes, preTest: preTest, flowMeter: flowMeter, cycle: cycle,
                bands: bands, load: load, mass: mass, comparison: decisions.0, secondTakes: decisions.1,
                correction: correction, report: report, watch: aborts.0, sampling: aborts.1, freshness: freshness)
        }
    }
}

extension VMASRequirements.FlowMeterRules {
    init?(_ group: MappingReader, _ pack: PackReader) {
        let nominal = pack.value("oxygen-nominal", "%", in: 15...25, of: group)
        let tolerance = pack.value("oxygen-tolerance", "%", in: 0...5, of: group)
        let minimum = pack.value("flow-minimum", "L/s", in: 1...1000, of: group)
        let low = pack.seconds("flow-low-seconds", of: group)
        let settle = pack.seconds("settle", of: group)
        let limit = pack.seconds("limit", of: group)
        guard let nominal, let tolerance, let minimum, let low, let settle, let limit else { return nil }
        oxygenNominal = nominal
        oxygenTolerance = tolerance
        flowMinimum = minimum
        flowLowSeconds = low
        self.settle = settle
        self.limit = limit
    }
}

extension VMASRequirements.Cycle {
    init?(_ group: MappingReader, _ pack: PackReader) {
        let rows = pack.table("operations", of: group) { row -> VMASRequirements.Operation? in
            let until = row.integer("until", in: 1...3600)
            let speed = row.number("speed", in: 0...200)
            let phase = row.integer("phase", in: 1...100)
            let gear = row.integer("gear", in: 0...10)
            guard let until, let speed, let phase, let gear else { return nil }
            return VMASRequirements.Operation(until: until, speed: Speed(speed), phase: phase, gear: gear)
        }
        let idle = pack.seconds("idle-before", of: group)
        let nominal = pack.value("nominal-distance", "km", in: 0.01...100, of: group)
        let tolerance = pack.value("distance-tolerance", "km", of: group)
        let ahead = pack.seconds("look-ahead", of: group)
        guard let rows, let idle, let nominal, let tolerance, let ahead else { return nil }
        let start = SpeedTrace.Knot(second: 0, speed: Speed(0))
        let knots = [start] + rows.map { SpeedTrace.Knot(second: Double($0.until), speed: $0.speed) }
        guard let trace = SpeedTrace(knots: knots) else {
            group.report(
                Message(
                    .documentOutOfRange,
                    ["key": "until", "found": .text("\(rows.map(\.until))"), "expected": "0 < until < until < …"]),
                at: "operations")
            return nil
        }
        operations = rows
        self.trace = trace
        idleBefore = idle
        nominalDistance = nominal
        distanceTolerance = tolerance
        lookAhead = ahead
    }
}

extension VMASRequirements.Bands {
    init?(_ group: MappingReader, _ pack: PackReader) {
        let speed = pack.value("speed", "km/h", of: group)
        let time = pack.value("time-tolerance", "s", in: 0...10, of: group)
        let continuous = pack.seconds("continuous", of: group)
        let reached: LimitReached? = pack.rule("limit-reached", of: group)
        guard let speed, let time, let continuous, let reached else { return nil }
        self.speed = speed
        timeTolerance = time
        self.continuous = continuous
        limitReached = reached
    }
}

extension VMASRequirements.Load {
    init?(_ group: MappingReader, _ pack: PackReader) {
        let allowance = pack.value("reference-mass-allowance", "kg", of: group)
        let gross = pack.value("gross-mass-maximum", "kg", of: group)
        let classes = pack.table("classes", of: group) { row -> VMASRequirements.LoadClass? in
            let upTo = row.optional("up-to") { row.number($0, in: 1...100_000) }
            let power = row.number("power", in: 0...100)
            let inertia = row.number("inertia", in: 1...100_000)
            guard let power, let inertia else { return nil }
            return VMASRequirements.LoadClass(
                upTo: upTo.map { Mass($0) }, power: Power(power), inertia: Mass(inertia))
        }
        let speed = pack.value("speed", "km/h", in: 1...200, of: group)
        let exponent = pack.value("exponent", "1", in: 1...5, whole: true, of: group)
        let inertiaOf: VMASRequirements.InertiaOf? = pack.rule("inertia-of", of: group)
        let loadFrom = pack.value("load-from", "km/h", in: 0.1...50, of: group)
        let window = pack.value("acceleration-window", "s", in: 0.1...5, of: group)
        let step = pack.value("force-step", "N", in: 0...1000, of: group)
        guard let allowance, let gross, let classes, let speed, let exponent, let inertiaOf, let loadFrom, let window,
            let step
        else { return nil }
        let bounds = classes.dropLast().map { $0.upTo?.value ?? 0 }
        guard !classes.isEmpty, classes.last?.upTo == nil, zip([0] + bounds, bounds).allSatisfy({ $0 < $1 }) else {
            group.report(
                Message(
                    .documentOutOfRange,
                    [
                        "key": "up-to", "found": .text("\(classes.map { $0.upTo?.value ?? .infinity })"),
                        "expected": "0 < up-to < up-to < … < –",
                    ]), at: "classes")
            return nil
        }
        referenceMassAllowance = allowance
        grossMassMaximum = gross
        self.classes = classes
        self.speed = speed
        self.exponent = exponent.count
        self.inertiaOf = inertiaOf
        self.loadFrom = loadFrom
        accelerationWindow = .seconds(window.value)
        forceStep = step
    }
}

extension VMASRequirements.MassRules {
    init?(_ group: MappingReader, _ pack: PackReader) {
        let temperature = pack.value("standard-temperature", "°C", in: -50...60, of: group)
        let pressure = pack.value("standard-pressure", "kPa", in: 50...150, of: group)
        let density = pack.value("density-temperature", "°C", in: -50...60, of: group)
        let other = pack.value("density-temperature-other", "°C", in: -50...60, of: group)
        let basis: VMASRequirements.NitrogenOxidesBasis? = pack.rule("nox-basis", of: group)
        let dilution: VMASRequirements.DilutionInMass? = pack.rule("dilution-factor", of: group)
        let ambient: VMASRequirements.AmbientOxygenFrom? = pack.rule("ambient-oxygen-from", of: group)
        let difference = pack.value("oxygen-difference-minimum", "%", in: 0.01...20, of: group)
        let volume = pack.value("molar-volume", "L/mol", in: 20...30, of: group)
        let delay = pack.value("delay-maximum", "s", in: 1...60, of: group)
        var masses: [MassGas: PackValue] = [:]
        for gas in MassGas.allCases {
            masses[gas] = pack.value("molar-mass-\(gas.rawValue)", "g/mol", in: 1...1000, of: group)
        }
        guard let temperature, let pressure, let density, let other, let basis, let dilution, let ambient,
            let difference, let volume, let delay, masses.count == MassGas.allCases.count
        else { return nil }
        standard = GasStandard(temperature: Temperature(temperature.value), pressure: Pressure(pressure.value))
        reading = VMASRequirements.MassReading(densityTemperature: density, nitrogenOxides: basis, dilution: dilution)
        otherDensityTemperature = other
        ambientOxygenFrom = ambient
        share = ExhaustShare(leastDifference: difference.decimal)
        molarVolume = volume
        molarMass = masses
        delayMaximum = delay
    }
}

private func massPlaces(_ group: MappingReader, _ pack: PackReader) -> [MassPollutant: Int]? {
    var places: [MassPollutant: Int] = [:]
    for pollutant in MassPollutant.allCases {
        places[pollutant] =
            pack.value("\(pollutant.rawValue)-places", "digits", in: 0...6, whole: true, of: group)?.count
    }
    return places.count == MassPollutant.allCases.count ? places : nil
}
