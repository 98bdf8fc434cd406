public import Metrology
import Standards

extension LugDownOutcome {
    /// Vehicle, pre-test, gear, scan, points, process data and remarks, as the record's result holds them.
    public func details() throws(MetrologyError) -> [String: Report] {
        var points: [Report] = []
        for point in self.points { points.append(try point.report()) }
        var seconds: [Report] = []
        seconds.reserveCapacity(self.seconds.count)
        for (index, second) in self.seconds.enumerated() { seconds.append(try second.report(number: index + 1)) }
        return [
            "engine": try engine(), "preTest": try preTest.report(),
            "scan": try peak.map { (peak) throws(MetrologyError) in try peak.report() } ?? .absent,
            "points": .list(points), "seconds": .list(seconds),
            "remarks": .list(remarks.map { .text($0.rawValue) }),
        ]
    }

    private func engine() throws(MetrologyError) -> Report {
        let decisions = test.requirements.decisions
        let rated = test.ratedSpeed
        return [
            "ratedPower": .decimal(test.ratedPower), "ratedSpeed": .decimal(rated),
            "leastSpeedAtMaxPower": .decimal(rated.times(percent: decisions.engineSpeedLow.decimal)),
            "greatestSpeedAtMaxPower": .decimal(rated.times(percent: decisions.engineSpeedHigh.decimal)),
            "leastPower": .decimal(decisions.minimumPower(rated: test.ratedPower).decimal),
            "aspiration": .text(test.aspiration.rawValue), "transmission": .text(test.transmission.rawValue),
            "altitude": test.lane.altitude.map(Report.decimal) ?? .absent,
            "altitudeAllowance": try .number(test.altitudeAllowance, 2),
            "governedSpeed": try .number(governedSpeed?.value, 0),
            "maximumSpeed": try .number(gear?.maximumEngineSpeed.value, 0),
            "topSpeed": try .number(gear?.topSpeed.value, 1), "gearShifts": gear.map { .count($0.shifts) } ?? .absent,
            "calculatedVelMaxHP": try .number(gear?.calculatedSpeed.value, 1),
        ]
    }
}

extension LugDownPeak {
    fileprivate func report() throws(MetrologyError) -> Report {
        [
            "t": .count(second), "maxHP": try .number(power.value, 2), "factor": try .number(factor, 4),
            "correctedMaxHP": try .number(correctedPower.value, 2), "velMaxHP": try .number(speed.value, 2),
            "rpm": try .number(engineSpeed.value, 0), "rpmRatio": try .number(engineSpeedRatio, 2),
            "end": .text(end.rawValue), "seconds": .count(scanSeconds),
        ]
    }
}

extension LugDownPointResult {
    fileprivate func report() throws(MetrologyError) -> Report {
        [
            "point": .text(point.rawValue), "target": try .number(target.value, 2),
            "speed": try .number(speed.value, 2), "rpm": try .number(engineSpeed.value, 0),
            "power": try .number(power.value, 2), "correctedPower": try .number(correctedPower.value, 2),
            "k": try .number(k.value, 3), "nox": try .number(nox?.value, 1),
            "noxCorrected": try .number(correctedNOx?.value, 1), "seconds": .count(seconds),
            "restarts": .count(restarts),
        ]
    }
}

extension LugDownSecond {
    fileprivate func report(number: Int) throws(MetrologyError) -> Report {
        [
            "n": .count(number), "t": .count(second), "stage": .text(stage.rawValue),
            "point": .optional(point?.rawValue), "set": try .number(setSpeed?.value, 2),
            "speed": try .number(values[.rollerSpeed], 2), "force": try .number(values[.rollerForce], 1),
            "rpm": try .number(values[.engineSpeed], 0), "power": try .number(power?.value, 2),
            "brake": try .number(brakePower?.value, 2), "loss": try .number(parasiticPower?.value, 2),
            "pcf": try .number(powerFactor, 4), "pc": try .number(correctedPower?.value, 2),
            "k": try .number(values[.lightAbsorption], 2), "op": try .number(values[.opacity], 1),
            "nox": try .number(values[.nitrogenOxides], 0), "no": try .number(values[.benchNitricOxide], 0),
            "no2": try .number(values[.nitrogenDioxide], 0), "co2": try .number(values[.benchCarbonDioxide], 2),
            "kh": try .number(humidityFactor, 4), "noxc": try .number(correctedNOx, 1),
            "oil": try .number(values.oilTemperature, 1), "coolant": try .number(values[.coolantTemperature], 1),
            "ta": try .number(values[.airTemperature], 1), "rh": try .number(values[.relativeHumidity], 1),
            "pb": try .number(values[.airPressure], 2),
        ]
    }
}
