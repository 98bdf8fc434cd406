import Foundation

/// The constant a of the dilution correction, by fuel: a = 1 + 3.76·(0.5 + y/4) for a fuel CHy.
let dilutionConstants = ["gasoline": 4.644, "lpg": 5.39, "natural-gas": 6.64]

/// What holds for the record of each second, whichever method it is of.
extension Rule {
    /// Seconds are numbered from 1 without gaps.
    static let numbered = Rule("seconds.number") { record in
        record.seconds.enumerated().compactMap { index, second in
            guard let number = second.number, number != index + 1 else { return nil }
            return Violation(second.path + ".n", "must be \(index + 1): seconds are numbered from 1 without gaps")
        }
    }

    /// Every second is later than the one before.
    static let ordered = Rule("seconds.time") { record in
        zip(record.seconds, record.seconds.dropFirst()).compactMap { earlier, later in
            guard let before = earlier.time, let time = later.time, time <= before else { return nil }
            return Violation(later.path + ".t", "must be later than the second before")
        }
    }

    /// The dilution factor follows from CO and CO2.
    static let diluted = Rule("seconds.dilution") { record in
        guard let constant = record.payload.at("order.vehicle.fuel")?.text.flatMap({ dilutionConstants[$0] }) else {
            return []
        }
        return record.seconds.compactMap { second in
            guard let monoxide = second.values["co"], let dioxide = second.values["co2"],
                let factor = second.values["df"]
            else { return nil }
            let expected = dilution(monoxide: monoxide, dioxide: dioxide, constant: constant)
            guard !expected.explains(factor) else { return nil }
            return Violation(second.path + ".df", "CO and CO2 give \(expected.text)")
        }
    }

    /// The humidity factor follows from the air.
    static let moist = Rule("seconds.humidity") { record in
        record.seconds.compactMap { second in
            guard let factor = second.values["kh"], let expected = humidity(of: second),
                !expected.explains(factor)
            else { return nil }
            return Violation(second.path + ".kh", "the air gives \(expected.text)")
        }
    }

    /// The corrected values follow from the raw ones and the factors.
    static let corrected = Rule("seconds.corrected") { record in
        record.seconds.flatMap { second in
            Pollutant.allCases.compactMap { pollutant -> Violation? in
                guard let raw = second.values[pollutant.rawMember], let dilution = second.values["df"],
                    let corrected = second.values[pollutant.correctedMember]
                else { return nil }
                var expected = Interval(raw) * Interval(dilution)
                if pollutant == .nitricOxide {
                    guard let humidity = second.values["kh"] else { return nil }
                    expected = expected * Interval(humidity)
                }
                guard !expected.explains(corrected) else { return nil }
                let path = "\(second.path).\(pollutant.correctedMember)"
                return Violation(path, "the raw value and the factors give \(expected.text)")
            }
        }
    }

    /// A verdict on missing values would be invented: every second that decides holds its mandatory values.
    static let whole = Rule("seconds.missing") { record in
        guard record.isJudged, let method = record.method else { return [] }
        return record.seconds.filter(method.decides).flatMap { second in
            method.mandatory.filter { second.values[$0] == nil && !second.malformed.contains($0) }.map {
                Violation("\(second.path).\($0)", "is missing in a test with a verdict")
            }
        }
    }

    /// DF = CO2adj/CO2 with CO2adj = 100·X/(a + 1.88·X) and X = CO2/(CO2 + CO), at most 3, for all values that CO and
    /// CO2 can have been rounded from. Multiplied out it is 100/((a + 1.88)·CO2 + a·CO), which falls as either rises.
    private static func dilution(monoxide: WrittenDecimal, dioxide: WrittenDecimal, constant: Double) -> Interval {
        func factor(_ monoxide: Double, _ dioxide: Double) -> Double {
            let carbon = (constant + 1.88) * dioxide + constant * monoxide
            return carbon > 0 ? min(100 / carbon, 3) : 3
        }
        let (co, co2) = (Interval(monoxide), Interval(dioxide))
        return Interval(factor(co.high, co2.high), factor(co.low, co2.low))
    }
}

extension Interval {
    /// The interval for a person.
    var text: String { "\(rounded(low)) to \(rounded(high))" }
}

/// A number for a person.
func rounded(_ value: Double) -> String {
    String(format: "%.5g", value)
}
