import Foundation
import Metrology
import Procedures
import Standards

/// A lug-down verdict once more, straightforwardly, from the process data of a test that came to one: written for the
/// tests alone and sharing nothing with the procedure but its record and the pack's numbers.
struct LugDownRecomputation {
    let outcome: LugDownOutcome
    private var rules: LugDownRequirements { outcome.test.requirements }

    init(_ outcome: LugDownOutcome) { self.outcome = outcome }

    /// Passed or failed, with the values that were compared, by item.
    func verdict() -> (passes: Bool, values: [String: Decimal]) {
        var values: [String: Decimal] = [:]
        var passes = true
        func judge(_ id: String, _ value: Double, _ places: Int, low: Decimal?, high: Decimal?) {
            let rounded = Self.rounded(value, places)
            values[id] = rounded
            if let low, rounded < low { passes = false }
            if let high, rounded > high { passes = false }
        }
        // The greatest power of the scan, in standard air, and where it was.
        var best: (power: Double, speed: Double, rpm: Double, factor: Double)?
        for second in outcome.seconds where second.stage == .scan {
            guard let v = second.values[.rollerSpeed], let f = second.values[.rollerForce],
                let n = second.values[.engineSpeed], let t = second.values[.airTemperature],
                let p = second.values[.airPressure], Self.complete.allSatisfy({ second.values[$0] != nil })
            else { continue }
            let loss = outcome.test.lane.parasiticLoss
            let power = f * v / 3600 + max(0, (loss.quadratic * v + loss.linear) * v + loss.constant)
            if power > best?.power ?? 0 { best = (power, v, n, pow(atmosphere(t, p), 1.2)) }
        }
        guard let best else { return (false, values) }
        let rated = (power: decimal(outcome.test.ratedPower), speed: outcome.test.ratedSpeed.value)
        let share = decimal(rules.decisions.powerShare.decimal)
        judge("scan.power", best.power * best.factor, rules.report.power, low: rated.power * share / 100, high: nil)
        judge(
            "scan.engine-speed", best.rpm / rated.speed * 100, rules.report.ratio,
            low: decimal(rules.decisions.engineSpeedLow.decimal), high: decimal(rules.decisions.engineSpeedHigh.decimal)
        )
        // Means of the last seconds that were measured at each point.
        for point in rules.points {
            let measured = outcome.seconds.filter { $0.point == point.point && $0.stage == .measure }
                .suffix(rules.pointTimes.mean)
            let target = best.speed * point.share.value / 100
            passes = passes && measured.count == rules.pointTimes.mean
            passes =
                passes
                && measured.allSatisfy {
                    abs(($0.values[.rollerSpeed] ?? 0) - target) <= rules.pointTimes.speedBand.value + 1e-9
                }
            for quantity in point.judges.quantities {
                let channel: ChannelID = quantity == .lightAbsorption ? .lightAbsorption : .nitrogenOxides
                let column = measured.compactMap { $0.values[channel] }
                guard column.count == measured.count, let limit = outcome.test.limits[quantity] else {
                    return (false, values)
                }
                judge(
                    "\(point.point.rawValue).\(quantity.rawValue)", column.reduce(0, +) / Double(column.count),
                    rules.report.quantities[quantity] ?? 0, low: nil, high: decimal(limit.decimal))
            }
        }
        return (passes, values)
    }

    private static let complete: [ChannelID] = [
        .lightAbsorption, .opacity, .relativeHumidity, .nitrogenOxides,
    ]

    private func atmosphere(_ celsius: Double, _ pressure: Double) -> Double {
        outcome.test.aspiration == .natural
            ? 99 / pressure * pow((celsius + 273) / 298, 0.7)
            : pow(99 / pressure, 0.7) * pow((celsius + 273) / 298, 1.5)
    }

    private func decimal(_ value: RoundedDecimal) -> Decimal { Decimal(string: value.description) ?? .nan }

    /// Half to even in decimal, from twelve significant digits.
    static func rounded(_ value: Double, _ places: Int) -> Decimal {
        var exact = Decimal(string: String(format: "%.11e", value)) ?? .nan
        var result = Decimal()
        NSDecimalRound(&result, &exact, places, .bankers)
        return result
    }
}
