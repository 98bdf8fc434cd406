/// A reported value: an integer count of the last decimal place, so that every digit is exact (修约值).
///
/// Measured values are rounded once, half to even (GB/T 8170-2008, 四舍六入五成双), in decimal arithmetic. Binary
/// arithmetic gets ties wrong (1.015 × 100 is 101.49999…), and exp, log and pow differ by one unit in the last place
/// between processors; therefore the value is first taken at twelve significant decimal digits, the same on every
/// machine, and then rounded.
public struct RoundedDecimal: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// The value times ten to the power of `places`.
    public let units: Int64

    /// The number of digits after the point, 0…9.
    public let places: Int

    /// Rounds a value to a number of decimal places, half to even.
    ///
    /// - Throws: ``MetrologyError/notFinite``, or ``MetrologyError/tooLarge(_:)`` from 10¹² units on.
    public init(_ value: Double, places: Int) throws(MetrologyError) {
        let exact = try SignificantDecimal(value)
        let shift = exact.exponent + places
        if shift >= 0 {
            guard shift <= 6 || exact.mantissa == 0 else { throw .tooLarge(value) }
            units = exact.mantissa == 0 ? 0 : exact.mantissa * powerOfTen(shift)
        } else if shift < -13 {
            units = 0
        } else {
            let divisor = powerOfTen(-shift)
            let (quotient, remainder) = exact.mantissa.magnitude.quotientAndRemainder(dividingBy: UInt64(divisor))
            let twice = 2 * remainder
            let up = twice > divisor || (twice == divisor && !quotient.isMultiple(of: 2))
            units = exact.mantissa.signum() * Int64(quotient + (up ? 1 : 0))
        }
        self.places = places
    }

    /// Reads a decimal as it is written, such as `0.50`; the number of digits after the point is kept.
    ///
    /// - Returns: nil if the text is not a plain decimal of at most twelve digits.
    public init?(_ text: String) {
        guard let match = text.wholeMatch(of: /(-?)(\d{1,12})(?:\.(\d{1,9}))?/) else { return nil }
        let fraction = match.3.map(String.init) ?? ""
        guard match.2.count + fraction.count <= 12, let digits = Int64(match.2 + fraction) else { return nil }
        units = match.1.isEmpty ? digits : -digits
        places = fraction.count
    }

    /// A share of the value, exact: 50 % of 0.35 is 0.1750.
    public func times(percent: RoundedDecimal) -> RoundedDecimal {
        RoundedDecimal(units: units * percent.units, places: places + percent.places + 2)
    }

    /// Zero without places.
    public static let zero = RoundedDecimal(units: 0, places: 0)

    /// The distance from zero.
    public var magnitude: RoundedDecimal { RoundedDecimal(units: abs(units), places: places) }

    private init(units: Int64, places: Int) {
        self.units = units
        self.places = places
    }

    /// The value as a binary number, for formulas; exact comparison uses the decimals themselves.
    public var value: Double { Double(units) / Double(powerOfTen(places)) }

    /// The digits with exactly `places` of them after the point, and never a negative zero.
    public var description: String {
        let digits = String(units.magnitude)
        let sign = units < 0 ? "-" : ""
        guard places > 0 else { return sign + digits }
        let padded = String(repeating: "0", count: max(0, places + 1 - digits.count)) + digits
        return "\(sign)\(padded.dropLast(places)).\(padded.suffix(places))"
    }

    /// Whether two values are the same number; 0.5 equals 0.50.
    public static func == (left: Self, right: Self) -> Bool { !(left < right) && !(right < left) }

    /// Compares as numbers, exactly.
    public static func < (left: Self, right: Self) -> Bool {
        let places = max(left.places, right.places)
        return Int128(left.units) * Int128(powerOfTen(places - left.places))
            < Int128(right.units) * Int128(powerOfTen(places - right.places))
    }

    /// Hashes the number, not its spelling.
    public func hash(into hasher: inout Hasher) {
        var (units, places) = (units, places)
        while places > 0, units.isMultiple(of: 10) {
            units /= 10
            places -= 1
        }
        hasher.combine(units)
        hasher.combine(places)
    }
}

/// Ten to the power of 0…18.
func powerOfTen(_ exponent: Int) -> Int64 { powersOfTen[exponent] }

private let powersOfTen: [Int64] = (0...18).map { exponent in (0..<exponent).reduce(1) { power, _ in power * 10 } }
