import Metrology
import Standards

/// Compares ten-second means with their limits, the way the pack says.
struct ASMJudgement {
    let limits: [Pollutant: PackValue]
    let requirements: ASMRequirements

    /// The items of a window's means, in the order of `Pollutant.allCases`.
    ///
    /// - Throws: ``MetrologyError`` if a mean cannot be reported.
    func items(_ means: [Pollutant: Double]) throws(MetrologyError) -> [ASMItem] {
        var items: [ASMItem] = []
        for pollutant in Pollutant.allCases {
            guard let mean = means[pollutant], let limit = limits[pollutant] else { throw .notFinite }
            let full = try SignificantDecimal(mean)
            let reported = try RoundedDecimal(mean, places: requirements.report[pollutant] ?? 0)
            let passesRounded = reported <= limit.decimal
            let passesFull = full.isAtMost(limit.decimal)
            items.append(
                ASMItem(
                    pollutant: pollutant, limit: limit, full: full, reported: reported, passesRounded: passesRounded,
                    passesFull: passesFull,
                    passes: requirements.decisions.comparison == .rounded ? passesRounded : passesFull))
        }
        return items
    }

    /// Whether every item is within a share of its limit.
    func allWithin(_ items: [ASMItem], share: PackValue) -> Bool {
        items.allSatisfy { isWithin($0, share: share) }
    }

    /// Whether any item is above a share of its limit.
    func anyAbove(_ items: [ASMItem], share: PackValue) -> Bool {
        items.contains { !isWithin($0, share: share) }
    }

    private func isWithin(_ item: ASMItem, share: PackValue) -> Bool {
        let bound = item.limit.decimal.times(percent: share.decimal)
        return requirements.decisions.comparison == .rounded ? item.reported <= bound : item.full.isAtMost(bound)
    }
}
