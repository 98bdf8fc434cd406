import Metrology
import Standards

/// Compares power, engine speed, smoke and NOx with their limits, the way the pack says.
struct LugDownJudgement {
    let test: LugDownTest

    private var decisions: LugDownRequirements.Decisions { test.requirements.decisions }

    /// The items of the scan; judged before the points where the pack ends a test for too little power.
    func items(of peak: LugDownPeak) throws(MetrologyError) -> [JudgedItem] {
        var items: [JudgedItem] = []
        if decisions.powerOf == .scan { items.append(try power(peak.correctedPower, of: StageKind.scan.rawValue)) }
        if decisions.engineSpeed == .judged {
            items.append(
                try JudgedItem(
                    "engine-speed", of: StageKind.scan.rawValue, value: peak.engineSpeedRatio,
                    places: test.requirements.report.ratio,
                    bound: .between(decisions.engineSpeedLow, decisions.engineSpeedHigh),
                    comparison: decisions.comparison))
        }
        return items
    }

    /// The items of a point.
    func items(of result: LugDownPointResult) throws(MetrologyError) -> [JudgedItem] {
        var items: [JudgedItem] = []
        if decisions.powerOf == .point, result.point == .p100 {
            items.append(try power(result.correctedPower, of: result.point.rawValue))
        }
        let point = test.requirements.points.first { $0.point == result.point }
        for quantity in point?.judges.quantities ?? [] {
            guard let value = value(quantity, of: result), let limit = test.limits[quantity] else { throw .notFinite }
            items.append(
                try JudgedItem(
                    quantity.rawValue, of: result.point.rawValue, value: value,
                    places: test.requirements.report.quantities[quantity] ?? 0, bound: .atMost(limit),
                    comparison: decisions.comparison))
        }
        return items
    }

    private func power(_ power: Power, of part: String) throws(MetrologyError) -> JudgedItem {
        try JudgedItem(
            "power", of: part, value: power.value, places: test.requirements.report.power,
            bound: .atLeast(decisions.minimumPower(rated: test.ratedPower)), comparison: decisions.comparison)
    }

    private func value(_ quantity: LugDownQuantity, of result: LugDownPointResult) -> Double? {
        switch quantity {
        case .lightAbsorption: result.k.value
        case .nitrogenOxides:
            decisions.noxHumidity == .on ? result.correctedNOx?.value : result.nox?.value
        }
    }
}
