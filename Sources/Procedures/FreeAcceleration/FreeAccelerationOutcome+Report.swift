public import Metrology
import Standards

extension FreeAccelerationOutcome {
    /// Accelerations, pre-test, process data and remarks, as the record's result holds them.
    public func details() throws(MetrologyError) -> [String: Report] {
        var accelerations: [Report] = []
        for acceleration in self.accelerations {
            accelerations.append(try acceleration.report(places: items.first?.reported.places))
        }
        var seconds: [Report] = []
        seconds.reserveCapacity(self.seconds.count)
        for (index, second) in self.seconds.enumerated() { seconds.append(try second.report(number: index + 1)) }
        let measured = self.accelerations.filter { !$0.isPurge }
        return [
            "limitClass": .text(limit.name), "accelerations": .list(accelerations), "preTest": try preTest.report(),
            "governedSpeed": try .number(governedSpeed, 0), "idleSpeed": try .number(measured.first?.idleSpeed, 0),
            "maxSpeed": try .number(measured.map(\.topSpeed).max(), 0), "seconds": .list(seconds),
            "remarks": .list(remarks.map { .text($0.rawValue) }),
        ]
    }
}

extension SmokeAcceleration {
    fileprivate func report(places: Int?) throws(MetrologyError) -> Report {
        [
            "n": .count(number), "kind": isPurge ? "purge" : "measured", "valid": .flag(fault == nil),
            "fault": .optional(fault?.rawValue), "cued": try .number(cuedAt.seconds, 1),
            "ended": try .number(endedAt.seconds, 1), "idleSpeed": try .number(idleSpeed, 0),
            "threshold": try .number(threshold, 0), "topSpeed": try .number(topSpeed, 0),
            "rise": try .number(rise?.seconds, 2), "hold": try .number(hold?.seconds, 2),
            "peak": try .number(peak, 2),
            "peakFull": try peak.map { (peak) throws(MetrologyError) in .significant(try SignificantDecimal(peak)) }
                ?? .absent,
            "judged": try .number(judged, places ?? 2), "peakReadings": try .number(peakOfReadings, 2),
            "peakMemory": try .number(memory, 2),
        ]
    }
}

extension SmokeSecond {
    fileprivate func report(number: Int) throws(MetrologyError) -> Report {
        [
            "n": .count(number), "t": .count(second), "stage": .text(stage.rawValue), "acc": .count(acceleration),
            "rpm": try .number(values[.engineSpeed], 0), "k": try .number(values[.lightAbsorption], 2),
            "N": try .number(values[.opacity], 1), "kMax": try .number(greatest, 3),
            "oil": try .number(values[.opacimeterOilTemperature], 1),
            "coolant": try .number(values[.coolantTemperature], 1),
            "ta": try .number(values[.airTemperature], 1), "rh": try .number(values[.relativeHumidity], 1),
            "pb": try .number(values[.airPressure], 2),
        ]
    }
}
