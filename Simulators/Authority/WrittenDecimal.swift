/// A decimal as it is written in a record: an integer count of its last place, so that comparisons are exact.
struct WrittenDecimal: Comparable, Sendable {
    /// The value times ten to the power of `places`.
    let units: Int64
    /// The number of digits after the point.
    let places: Int

    /// Reads `-0.50` and the like: no exponent, no needless leading zero, at most fifteen digits.
    init?(_ text: String) {
        var digits = text.utf8[...]
        let negative = digits.first == UInt8(ascii: "-")
        if negative { digits = digits.dropFirst() }
        let parts = digits.split(separator: UInt8(ascii: "."), maxSplits: 1, omittingEmptySubsequences: false)
        guard let whole = parts.first, !whole.isEmpty, whole.count == 1 || whole.first != UInt8(ascii: "0") else {
            return nil
        }
        let fraction = parts.count == 2 ? parts[1] : digits.prefix(0)
        guard parts.count == 1 || !fraction.isEmpty, whole.count + fraction.count <= 15 else { return nil }
        var units: Int64 = 0
        for byte in [whole, fraction].joined() {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
            units = units * 10 + Int64(byte - UInt8(ascii: "0"))
        }
        self.units = negative ? -units : units
        places = fraction.count
    }

    /// A share of a decimal, in whole percent.
    init(_ percent: Int64, percentOf whole: WrittenDecimal) {
        (units, places) = (whole.units * percent, whole.places + 2)
    }

    /// A decimal by its last place.
    init(units: Int64, places: Int) {
        (self.units, self.places) = (units, places)
    }

    /// The sum of two decimals.
    static func + (left: Self, right: Self) -> Self {
        let places = max(left.places, right.places)
        return Self(
            units: left.units * powerOfTen(places - left.places) + right.units * powerOfTen(places - right.places),
            places: places)
    }

    /// One unit of the last place.
    var unit: Double { 1 / Double(powerOfTen(places)) }

    /// The value in binary.
    var value: Double { Double(units) / Double(powerOfTen(places)) }

    static func < (left: Self, right: Self) -> Bool { left.scaled(with: right) < right.scaled(with: left) }

    static func == (left: Self, right: Self) -> Bool { left.scaled(with: right) == right.scaled(with: left) }

    /// The value in units of the finer of two decimals; both have at most fifteen digits.
    private func scaled(with other: Self) -> Int128 {
        Int128(units) * Int128(powerOfTen(max(places, other.places) - places))
    }
}

private func powerOfTen(_ exponent: Int) -> Int64 {
    var result: Int64 = 1
    for _ in 0..<exponent { result *= 10 }
    return result
}

/// The values that a rounded number can stand for.
struct Interval: Sendable {
    /// The least of them.
    let low: Double
    /// The greatest.
    let high: Double

    /// Everything between two values.
    init(_ low: Double, _ high: Double) {
        (self.low, self.high) = (low, high)
    }

    /// What a written decimal can have been rounded from: half a unit to each side.
    init(_ written: WrittenDecimal) {
        self.init(written.value - written.unit / 2, written.value + written.unit / 2)
    }

    /// The value in its middle.
    var middle: Double { (low + high) / 2 }

    /// All products of a value of one interval and a value of the other.
    static func * (left: Self, right: Self) -> Self {
        let corners = [left.low * right.low, left.low * right.high, left.high * right.low, left.high * right.high]
        return Interval(corners.min() ?? 0, corners.max() ?? 0)
    }

    /// The value alone.
    init(exactly value: Double) { self.init(value, value) }

    /// All sums.
    static func + (left: Self, right: Self) -> Self { Interval(left.low + right.low, left.high + right.high) }

    /// All products with a factor above zero.
    static func * (left: Self, right: Double) -> Self { Interval(left.low * right, left.high * right) }

    /// All quotients by values above zero.
    static func / (left: Self, right: Self) -> Self {
        left * Interval(1 / right.high, 1 / max(right.low, .leastNormalMagnitude))
    }

    /// Everything that a function gives at the corners of some intervals; for a function that has no extreme between.
    static func corners(_ intervals: [Interval], _ function: ([Double]) -> Double) -> Interval {
        var points: [[Double]] = [[]]
        for interval in intervals { points = points.flatMap { [$0 + [interval.low], $0 + [interval.high]] } }
        let values = points.map(function)
        return Interval(values.min() ?? .nan, values.max() ?? .nan)
    }

    /// Whether a value of this interval rounds to a written decimal; binary noise is allowed for.
    func explains(_ written: WrittenDecimal) -> Bool {
        let seen = Interval(written)
        let noise = 1e-9 * max(1, abs(written.value))
        return low <= seen.high + noise && high >= seen.low - noise
    }
}
