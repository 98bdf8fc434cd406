import Metrology
import ProceduresTestKit
import Standards
import Testing

/// Whatever is compared with a pack's value is compared at twelve digits, however quickly.
@Suite("A number against a pack's value")
struct PackComparisonTests {
    static let seed: UInt64 = 20_260_101

    @Test("is compared as its twelve digits are, on it, next to it and far from it")
    func agrees() throws {
        var random = SeededGenerator(seed: Self.seed)
        var (below, equal, above) = (0, 0, 0)
        for index in 0..<20_000 {
            let places = Int.random(in: 0...6, using: &random)
            let units = Int.random(in: -2_000_000...2_000_000, using: &random)
            let decimal = try RoundedDecimal(Double(units), places: 0)
            let limit = PackValue.derived(
                try RoundedDecimal(decimal.value / [1, 10, 100, 1e3, 1e4, 1e5, 1e6][places], places: places),
                unit: "1")
            // From the very number to one that has nothing to do with it, by steps of ten.
            let step = [0, 1e-13, 4e-12, 5e-12, 6e-12, 1e-10, 1e-9, 1e-8, 1e-3, 1][index % 10]
            let sign = Bool.random(using: &random) ? 1.0 : -1
            let value = limit.value * (1 + sign * step) + (index % 7 == 0 ? sign * step : 0)
            let digits = try SignificantDecimal(value)
            let context: Comment = "seed \(Self.seed) index \(index): \(value) against \(limit.decimal)"
            #expect(value.isAtMost(limit) == digits.isAtMost(limit.decimal), context)
            #expect(value.isBelow(limit) == digits.isBelow(limit.decimal), context)
            if value.isBelow(limit) { below += 1 } else if value.isAtMost(limit) { equal += 1 } else { above += 1 }
        }
        print("pack comparisons: seed \(Self.seed), \(below) below, \(equal) equal, \(above) above")
        #expect(below > 1000 && equal > 1000 && above > 1000)
    }

    @Test("is neither at most nor below it if it is no number")
    func notFinite() throws {
        let limit = PackValue.derived(.zero, unit: "1")
        for value in [Double.nan, .infinity, -.infinity] {
            #expect(!value.isAtMost(limit) && !value.isBelow(limit))
        }
        #expect(0.0.isAtMost(limit) && !0.0.isBelow(limit))
        #expect((-Double.leastNonzeroMagnitude).isBelow(limit) && !Double.leastNonzeroMagnitude.isAtMost(limit))
    }
}
