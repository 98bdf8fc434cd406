import Metrology
import Procedures
import Standards

/// The outcome of an ASM test as the record's `result`: every number a decimal string, rounded once.
///
/// A value that was not measured is null. The same outcome gives the same bytes on any machine.
struct ASMResultEncoding {
    let outcome: ASMOutcome

    /// The `result` member.
    func value() throws(MetrologyError) -> JSONValue {
        var reason = JSONValue.null
        if case .aborted(let abort) = outcome.verdict {
            reason = ["code": .string(abort.code), "detail": abort.detail.map(JSONValue.string) ?? .null]
        }
        var modes: [JSONValue] = []
        var items: [JSONValue] = []
        for mode in outcome.modes {
            modes.append(try self.mode(mode))
            for item in mode.items { items.append(self.item(item, of: mode.mode)) }
        }
        var seconds: [JSONValue] = []
        seconds.reserveCapacity(outcome.seconds.count)
        for (index, second) in outcome.seconds.enumerated() {
            seconds.append(try self.second(second, number: index + 1))
        }
        return [
            "verdict": .string(outcome.verdict.code), "reason": reason, "items": .array(items),
            "modes": .array(modes), "preTest": try preTest(), "seconds": .array(seconds),
            "remarks": .array(outcome.remarks.map { .string($0.rawValue) }),
        ]
    }

    private func item(_ item: ASMItem, of mode: ASMMode) -> JSONValue {
        [
            "id": "\(mode.rawValue).\(item.pollutant.rawValue)", "mode": .string(mode.rawValue),
            "pollutant": .string(item.pollutant.symbol), "unit": .string(item.limit.unit),
            "value": .string(item.reported.description), "full": .string(item.full.description),
            "limit": .string(item.limit.decimal.description), "verdict": verdict(item.passes),
            "verdictRounded": verdict(item.passesRounded), "verdictFull": verdict(item.passesFull),
        ]
    }

    private func verdict(_ passes: Bool) -> JSONValue { passes ? "passed" : "failed" }

    private func mode(_ mode: ASMModeResult) throws(MetrologyError) -> JSONValue {
        [
            "mode": .string(mode.mode.rawValue), "decision": .string(mode.decision.rawValue),
            "modeSeconds": .integer(Int64(mode.modeSeconds)), "totalSeconds": .integer(Int64(mode.totalSeconds)),
            "restarts": .integer(Int64(mode.restarts)), "speed": try decimal(mode.load.speed.value, 1),
            "totalPower": try decimal(mode.load.totalPower.value, 2),
            "brakeForce": try decimal(mode.load.brakeForce.value, 1),
            "parasiticForce": try decimal(mode.load.parasiticForce.value, 1),
        ]
    }

    private func preTest() throws(MetrologyError) -> JSONValue {
        let found = outcome.preTest
        return [
            "air": try found.air.map { (air) throws(MetrologyError) in try Self.air(air) } ?? .null,
            "oilTemperature": try decimal(found.oilTemperature, 1),
            "ambientCO": try decimal(found.ambient[.carbonMonoxide], 2),
            "ambientHC": try decimal(found.ambient[.hydrocarbons], 0),
            "ambientNO": try decimal(found.ambient[.nitricOxide], 0),
            "ambientO2": try decimal(found.ambientOxygen, 2),
            "residualHC": try decimal(found.residualHydrocarbons, 0),
            "probeCarbon": try decimal(found.probeCarbon, 2),
            "gasPathDelaySeconds": try decimal(found.gasPathDelay?.seconds, 1),
        ]
    }

    private func second(_ second: ASMSecond, number: Int) throws(MetrologyError) -> JSONValue {
        let values = second.values
        return [
            "n": .integer(Int64(number)), "t": .integer(Int64(second.second)), "stage": .string(second.stage.rawValue),
            "mode": .string(second.mode.rawValue), "mt": .integer(Int64(second.modeSecond)),
            "speed": try decimal(values[.rollerSpeed], 2), "force": try decimal(values[.rollerForce], 1),
            "power": try decimal(second.totalPower?.value, 2), "rpm": try decimal(values[.engineSpeed], 0),
            "co": try decimal(values[.carbonMonoxide], 2), "co2": try decimal(values[.carbonDioxide], 2),
            "hc": try decimal(values[.hydrocarbons], 0), "no": try decimal(values[.nitricOxide], 0),
            "o2": try decimal(values[.oxygen], 2), "lambda": try decimal(values[.lambda], 3),
            "oil": try decimal(values[.oilTemperature], 1), "ta": try decimal(values[.airTemperature], 1),
            "rh": try decimal(values[.relativeHumidity], 1), "pb": try decimal(values[.airPressure], 2),
            "df": try decimal(second.factors?.dilution, 4), "kh": try decimal(second.factors?.humidity, 4),
            "coc": try decimal(second.corrected[.carbonMonoxide], 4),
            "hcc": try decimal(second.corrected[.hydrocarbons], 2),
            "noc": try decimal(second.corrected[.nitricOxide], 2),
            "sc": .integer(Int64(second.counters.speedContinuous)),
            "st": .integer(Int64(second.counters.speedCumulative)),
            "tc": .integer(Int64(second.counters.torqueContinuous)),
            "tt": .integer(Int64(second.counters.torqueCumulative)),
        ]
    }

    static func air(_ air: AirState) throws(MetrologyError) -> JSONValue {
        [
            "temperature": try decimal(air.temperature.value, 1),
            "relativeHumidity": try decimal(air.relativeHumidity.value, 1),
            "pressure": try decimal(air.pressure.value, 2),
        ]
    }
}

/// A number as a decimal string, or null where there is none.
private func decimal(_ value: Double?, _ places: Int) throws(MetrologyError) -> JSONValue {
    guard let value else { return .null }
    return .string(try RoundedDecimal(value, places: places).description)
}
