public import Metrology

/// A number of the law with where it comes from and how sure that is.
public struct PackValue: Hashable, Sendable {
    /// The digits as written.
    public let decimal: RoundedDecimal
    /// The unit's symbol, as the pack states it.
    public let unit: String
    /// The key of the source in the pack's list of sources.
    public let source: String
    /// How sure the value is, such as `M-H`.
    public let grade: String
    /// What other sources say, or how the value is meant.
    public let note: String?

    /// The same limit with the value that a vehicle's maker states instead of the standard's.
    public func stated(_ value: RoundedDecimal) -> PackValue {
        PackValue(decimal: value, unit: unit, source: "maker", grade: "order", note: note)
    }

    /// A number that follows from others of a pack.
    public static func derived(_ value: RoundedDecimal, unit: String) -> PackValue {
        PackValue(decimal: value, unit: unit, source: "derived", grade: "derived", note: nil)
    }

    /// The value for formulas.
    public var value: Double { decimal.value }

    /// The value as a whole number of seconds or digits; packs are checked to hold one where this is used.
    public var count: Int { Int(decimal.value) }
}

extension Double {
    /// Whether the number, at twelve significant digits, is at most a pack's value: 5.98 + 0.02 is 6, not a little less.
    public func isAtMost(_ limit: PackValue) -> Bool {
        isBelowBeyondDoubt(limit.decimal) ?? (try? SignificantDecimal(self))?.isAtMost(limit.decimal) ?? false
    }

    /// Whether the number, at twelve significant digits, is below a pack's value.
    public func isBelow(_ limit: PackValue) -> Bool {
        isBelowBeyondDoubt(limit.decimal) ?? (try? SignificantDecimal(self))?.isBelow(limit.decimal) ?? false
    }

    /// Whether the number is below a decimal; nil where it is near it or not finite, and twelve digits have to decide.
    ///
    /// They move a number by at most 5·10⁻¹² of itself. Most comparisons of a lane are far from that, and taking the
    /// digits of each number ten times a second would be most of what a test costs.
    private func isBelowBeyondDoubt(_ limit: RoundedDecimal) -> Bool? {
        let value = limit.value
        guard isFinite, abs(self - value) > 1e-9 * (abs(self) + abs(value)) else { return nil }
        return self < value
    }
}

/// What a pack is for.
public enum PackKind: String, CaseIterable, Sendable {
    /// Emission limits.
    case limits
    /// Tolerances, times, conditions and rules of a method.
    case requirements
    /// Tolerances, intervals, reference values and times of the checks of a lane's instruments.
    case checks
    /// Which method a vehicle is tested by.
    case methodChoice = "method-choice"
    /// What is checked of a vehicle before its tailpipe.
    case vehicleChecks = "vehicle-checks"
}

/// What every pack says about itself.
public struct PackIdentity: Hashable, Sendable {
    /// The pack's stable name, which records carry.
    public let id: String
    /// What the pack is for.
    public let kind: PackKind
    /// The method it belongs to; nil for a pack that concerns all of them.
    public let method: TestMethod?
    /// The standard it transcribes.
    public let standard: String
    /// First day on which it applies, `YYYY-MM-DD`.
    public let effectiveFrom: String
    /// Last day on which it applies; nil while it is in force.
    public let effectiveUntil: String?

    /// Whether the pack applies on a day, `YYYY-MM-DD`.
    public func applies(on day: String) -> Bool {
        effectiveFrom <= day && effectiveUntil.map { day <= $0 } ?? true
    }
}

/// The gases that ASM judges.
public enum Pollutant: String, CaseIterable, Sendable {
    /// Carbon monoxide, % by volume.
    case carbonMonoxide = "co"
    /// Hydrocarbons as n-hexane, 10⁻⁶ by volume.
    case hydrocarbons = "hc"
    /// Nitric oxide, 10⁻⁶ by volume.
    case nitricOxide = "no"

    /// The unit of its limits and results.
    public var unit: String {
        switch self {
        case .carbonMonoxide: Percent.symbol
        case .hydrocarbons, .nitricOxide: PartsPerMillion.symbol
        }
    }

    /// The name as it is written in reports.
    public var symbol: String { rawValue.uppercased() }
}
