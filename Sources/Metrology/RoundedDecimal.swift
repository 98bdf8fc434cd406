import Foundation

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

/// A binary value at twelve significant decimal digits: what a full, unrounded value means in a comparison.
public struct SignificantDecimal: Hashable, Sendable, CustomStringConvertible {
    /// Zero, or an integer of exactly twelve digits.
    public let mantissa: Int64

    /// The power of ten that the mantissa is multiplied with.
    public let exponent: Int

    /// Takes a value at twelve significant digits, half to even on its exact binary value.
    ///
    /// - Throws: ``MetrologyError/notFinite``.
    public init(_ value: Double) throws(MetrologyError) {
        guard value.isFinite else { throw .notFinite }
        guard value != 0 else {
            (mantissa, exponent) = (0, 0)
            return
        }
        var text = [CChar](repeating: 0, count: 32)
        withVaList([value]) { _ = vsnprintf(&text, text.count, "%.11e", $0) }
        // "-d.ddddddddddde±xx": sign, digits and exponent in fixed places.
        var digits: Int64 = 0
        var tenth = 0
        var negative = false
        var index = 0
        if text[0] == 0x2D { (negative, index) = (true, 1) }
        while text[index] != 0x65 {
            if text[index] != 0x2E { digits = digits * 10 + Int64(text[index] - 0x30) }
            index += 1
        }
        let negativeExponent = text[index + 1] == 0x2D
        index += 2
        while text[index] != 0 {
            tenth = tenth * 10 + Int(text[index] - 0x30)
            index += 1
        }
        mantissa = negative ? -digits : digits
        exponent = (negativeExponent ? -tenth : tenth) - 11
    }

    /// Whether the value is at most a limit, compared exactly in decimal.
    public func isAtMost(_ limit: RoundedDecimal) -> Bool { sign(minus: limit) <= 0 }

    /// Whether the value is below a limit, compared exactly in decimal.
    public func isBelow(_ limit: RoundedDecimal) -> Bool { sign(minus: limit) < 0 }

    /// The sign of the difference to a decimal.
    private func sign(minus other: RoundedDecimal) -> Int {
        var (left, right) = (Int128(mantissa), Int128(other.units))
        let shift = exponent + other.places
        // Twelve digits against at most eighteen: past 18 places apart the larger exponent decides alone.
        if shift > 18 {
            if mantissa != 0 { return mantissa > 0 ? 1 : -1 }
        } else if shift >= 0 {
            left *= Int128(powerOfTen(shift))
        } else if shift >= -18 {
            right *= Int128(powerOfTen(-shift))
        } else {
            if other.units != 0 { return other.units > 0 ? -1 : 1 }
        }
        return left < right ? -1 : (left > right ? 1 : 0)
    }

    /// The digits in plain notation, for records, without trailing zeros.
    public var description: String {
        guard mantissa != 0 else { return "0" }
        var digits = String(mantissa.magnitude)
        var exponent = exponent
        while digits.last == "0" {
            digits.removeLast()
            exponent += 1
        }
        let sign = mantissa < 0 ? "-" : ""
        if exponent >= 0 { return sign + digits + String(repeating: "0", count: exponent) }
        let places = -exponent
        let padded = String(repeating: "0", count: max(0, places + 1 - digits.count)) + digits
        return "\(sign)\(padded.dropLast(places)).\(padded.suffix(places))"
    }
}

func powerOfTen(_ exponent: Int) -> Int64 {
    var result: Int64 = 1
    for _ in 0..<exponent { result *= 10 }
    return result
}
