import Metrology
import Standards

/// Compares ten-second means with their limits, the way the pack says.
struct ASMJudgement {
    let mode: ASMMode
    let limits: [Pollutant: PackValue]
    let requirements: ASMRequirements

    /// The items of a window's means, in the order of `Pollutant.allCases`.
    ///
    /// - Throws: ``MetrologyError`` if a mean cannot be reported.
    func items(_ means: [Pollutant: Double]) throws(MetrologyError) -> [JudgedItem] {
        var items: [JudgedItem] = []
        for pollutant in Pollutant.allCases {
            guard let mean = means[pollutant], let limit = limits[pollutant] else { throw .notFinite }
            items.append(
                try JudgedItem(
                    pollutant.rawValue, of: mode.rawValue, value: mean, places: requirements.report[pollutant] ?? 0,
                    bound: .atMost(limit), comparison: requirements.decisions.comparison))
        }
        return items
    }

    /// Whether every item is within a share of its limit.
    func allWithin(_ items: [JudgedItem], share: PackValue) -> Bool {
        items.allSatisfy { isWithin($0, share: share) }
    }

    /// Whether any item is above a share of its limit.
    func anyAbove(_ items: [JudgedItem], share: PackValue) -> Bool {
        items.contains { !isWithin($0, share: share) }
    }

    private func isWithin(_ item: JudgedItem, share: PackValue) -> Bool {
        guard let limit = item.bound.high else { return true }
        let bound = limit.decimal.times(percent: share.decimal)
        return requirements.decisions.comparison == .rounded ? item.reported <= bound : item.full.isAtMost(bound)
    }
}
