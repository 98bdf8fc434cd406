import Metrology
import Standards

/// Compares the masses for each kilometre with their limits.
struct VMASJudgement {
    let test: VMASTest

    /// What the seconds come to by every way to read the standard.
    ///
    /// - Parameter distance: km, above zero.
    /// - Throws: ``MetrologyError`` if a result cannot be reported.
    func results(_ seconds: [VMASSecond], distance: Double) throws(MetrologyError) -> [VMASReadingResult] {
        let rules = test.requirements.mass
        var results: [VMASReadingResult] = []
        for reading in rules.readings {
            let formula = VMASMassFormula(rules, reading)
            let sum = seconds.reduce(VMASMasses()) { $0 + $1.basis.masses(formula) }
            var items: [JudgedItem] = []
            for pollutant in MassPollutant.allCases {
                // Packs are read completely or not at all, so every limit is there.
                guard let limit = test.limits[pollutant] else { throw .notFinite }
                items.append(
                    try JudgedItem(
                        pollutant.rawValue, value: sum.of(pollutant) / distance,
                        places: test.requirements.report[pollutant] ?? 0, bound: .atMost(limit),
                        comparison: test.requirements.comparison))
            }
            let advisory = test.recommended.map(\.rawValue)
            results.append(
                VMASReadingResult(
                    reading: reading, items: items.filter { !advisory.contains($0.quantity) },
                    recommended: items.filter { advisory.contains($0.quantity) }))
        }
        return results
    }

    /// Whether the way that was driven is near enough to that of the cycle.
    func isAcceptable(distance: Double) -> Bool {
        let cycle = test.requirements.cycle
        return abs(distance - cycle.nominalDistance.value).isAtMost(cycle.distanceTolerance)
    }
}
