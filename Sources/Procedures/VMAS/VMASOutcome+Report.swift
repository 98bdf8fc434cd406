public import Metrology
import Standards

extension VMASOutcome {
    /// Masses, way, load, pre-test, process data and remarks, as the record's result holds them.
    public func details() throws(MetrologyError) -> [String: Report] {
        var seconds: [Report] = []
        seconds.reserveCapacity(self.seconds.count)
        for second in self.seconds { seconds.append(try second.report()) }
        var readings: [Report] = []
        for reading in self.readings { readings.append(reading.report) }
        return [
            "distance": try .number(distance, 4), "masses": try masses.report(places: 4),
            "readings": .list(readings), "recommended": .list(self.readings.first?.recommended.map(\.report) ?? []),
            "load": try load.report(), "gasDelay": try .number(analyzerDelay.seconds, 3),
            "flowDelay": try .number(flowMeterDelay.seconds, 3), "flowMeter": try flowMeter.report(),
            "preTest": try preTest.report(), "seconds": .list(seconds),
            "remarks": .list(remarks.map { .text($0.rawValue) }),
        ]
    }
}

extension VMASReadingResult {
    fileprivate var report: Report {
        let results = (items + recommended).map { ($0.quantity, Report.decimal($0.reported)) }
        return .members([
            "densityTemperature": .decimal(reading.densityTemperature.decimal),
            "noxBasis": .text(reading.nitrogenOxides.rawValue), "dilutionFactor": .text(reading.dilution.rawValue),
            "results": .members(Dictionary(results, uniquingKeysWith: { first, _ in first })),
            "verdict": passes ? "passed" : "failed",
        ])
    }
}

extension VMASLoad {
    fileprivate func report() throws(MetrologyError) -> Report {
        [
            "referenceMass": try .number(referenceMass.value, 0), "power": try .number(power.value, 2),
            "inertia": try .number(inertia.value, 1), "baseInertia": try .number(baseInertia.value, 1),
        ]
    }
}

extension VMASMasses {
    fileprivate func report(places: Int) throws(MetrologyError) -> Report {
        [
            "co": try .number(carbonMonoxide, places), "hc": try .number(hydrocarbons, places),
            "nox": try .number(nitrogenOxides, places), "co2": try .number(carbonDioxide, places),
        ]
    }
}

extension VMASSecond {
    fileprivate func report() throws(MetrologyError) -> Report {
        var members = try measured()
        members.merge(try derived()) { first, _ in first }
        return .members(members)
    }

    private func measured() throws(MetrologyError) -> [String: Report] {
        [
            "n": .count(number), "op": .count(operation), "phase": .count(phase),
            "target": try .number(target.value, 3), "speed": try .number(values[.rollerSpeed], 2),
            "sc": .count(counters.speedContinuous), "st": .count(counters.speedCumulative),
            "force": try .number(values[.rollerForce], 1), "rpm": try .number(values[.engineSpeed], 0),
            "co": try .number(values[.carbonMonoxide], 2), "co2": try .number(values[.carbonDioxide], 2),
            "hc": try .number(values[.hydrocarbons], 0), "no": try .number(values[.nitricOxide], 0),
            "o2": try .number(values[.oxygen], 2), "lambda": try .number(values[.lambda], 3),
            "o2d": try .number(values[.dilutedOxygen], 2), "flow": try .number(values[.exhaustFlow], 3),
            "ft": try .number(values[.flowTemperature], 1), "fp": try .number(values[.flowPressure], 2),
            "oil": try .number(values[.oilTemperature], 1), "ta": try .number(values[.airTemperature], 1),
            "rh": try .number(values[.relativeHumidity], 1), "pb": try .number(values[.airPressure], 2),
        ]
    }

    private func derived() throws(MetrologyError) -> [String: Report] {
        let df = basis.dilutionFactor
        return [
            "fd": try .number(totalForce?.value, 1), "fs": try .number(setForce?.value, 1),
            "fe": try .number(loadError?.value, 1), "ihp": try .number(brakePower?.value, 3),
            "plhp": try .number(parasiticPower.value, 3),
            "power": try .number(brakePower.map { $0.value + parasiticPower.value }, 3),
            "o2a": try .number(basis.ambientOxygen.value, 2), "std": try .number(basis.standardFlow.value, 3),
            "dr": try .number(basis.share, 5), "drh": .flag(basis.isShareHeld),
            "exh": try .number(basis.exhaustFlow.value, 3), "df": try .number(df, 4),
            "kh": try .number(basis.humidityFactor, 4), "coc": try .number(basis.carbonMonoxide.value * df, 4),
            "hcc": try .number(basis.hydrocarbons.value * df, 2),
            "noc": try .number(basis.nitricOxide.value * df * basis.humidityFactor, 2),
            "mco": try .number(masses.carbonMonoxide, 6), "mhc": try .number(masses.hydrocarbons, 6),
            "mnox": try .number(masses.nitrogenOxides, 6), "mco2": try .number(masses.carbonDioxide, 5),
        ]
    }
}
