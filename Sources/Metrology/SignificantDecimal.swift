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
        let digits = twelveDigits(of: value.magnitude)
        mantissa = value < 0 ? -digits.mantissa : digits.mantissa
        exponent = digits.exponent
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
