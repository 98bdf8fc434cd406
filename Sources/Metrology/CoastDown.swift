/// Rollers that slow down under a known power (滑行): time, power and inertia follow from one another.
///
///     t = DIW·(v1² − v2²)/(2000·P)     with DIW in kg, v in m/s, P in kW
///
/// P is all that brakes: the power of the brake (指示功率 IHP) and what the rollers themselves take (附加损失 PLHP).
/// Source: HJ/T 290 and 291, CCDT.
public enum CoastDown {
    /// How long the rollers take from one speed to a lower one; nil for a power that is not above zero.
    public static func time(inertia: Mass, from upper: Speed, to lower: Speed, power: Power) -> SecondCount? {
        guard power.value > 0 else { return nil }
        return SecondCount(inertia.value * coefficient(upper, lower) / power.value)
    }

    /// What brakes the rollers, from the time they take; nil for a time that is not above zero.
    public static func power(inertia: Mass, from upper: Speed, to lower: Speed, time: SecondCount) -> Power? {
        guard time.value > 0 else { return nil }
        return Power(inertia.value * coefficient(upper, lower) / time.value)
    }

    /// The inertia, from the times under two powers of the brake; what the rollers take cancels out.
    ///
    ///     DIW = (P1 − P2)/(c·(1/t1 − 1/t2)),  c = (v1² − v2²)/2000
    ///
    /// - Returns: nil if the greater power did not slow the rollers down sooner.
    public static func inertia(
        from upper: Speed, to lower: Speed, greater: (power: Power, time: SecondCount),
        smaller: (power: Power, time: SecondCount)
    ) -> Mass? {
        guard greater.time.value > 0, smaller.time.value > greater.time.value, greater.power > smaller.power,
            upper > lower
        else { return nil }
        let rates = 1 / greater.time.value - 1 / smaller.time.value
        return Mass((greater.power - smaller.power).value / (coefficient(upper, lower) * rates))
    }

    /// (v1² − v2²)/2000 with the speeds in m/s.
    private static func coefficient(_ upper: Speed, _ lower: Speed) -> Double {
        let (v1, v2) = (upper.value / 3.6, lower.value / 3.6)
        return (v1 * v1 - v2 * v2) / 2000
    }
}

extension ParasiticLoss {
    /// The curve through losses at several speeds: least squares, its coefficients at twelve significant digits.
    ///
    /// - Returns: nil with fewer than three different speeds.
    public init?(fitting points: [(speed: Speed, power: Power)]) {
        let speeds = points.map(\.speed.value)
        guard Set(speeds).count >= 3, let centre = arithmeticMean(speeds) else { return nil }
        // About the middle of the speeds, so that the sums of fourth powers stay small.
        var sums = [Double](repeating: 0, count: 5)
        var right = [Double](repeating: 0, count: 3)
        for point in points {
            let x = point.speed.value - centre
            var power = 1.0
            for index in 0..<5 {
                sums[index] += power
                if index < 3 { right[index] += power * point.power.value }
                power *= x
            }
        }
        var rows: [[Double]] = []
        for row in 0..<3 {
            rows.append([sums[row], sums[row + 1], sums[row + 2], right[row]])
        }
        guard let found = solution(of: rows) else { return nil }
        // Back from the middle: p(v) = q·(v − m)² + l·(v − m) + c.
        let q: Double = found[2]
        let l: Double = found[1] - 2 * q * centre
        let c: Double = found[0] - found[1] * centre + q * centre * centre
        guard let quadratic = q.atTwelveDigits, let linear = l.atTwelveDigits, let constant = c.atTwelveDigits else {
            return nil
        }
        self.init(quadratic: quadratic, linear: linear, constant: constant)
    }
}

extension Double {
    /// The number that twelve significant digits make of it, as records hold it; nil if it is not finite.
    public var atTwelveDigits: Double? { (try? SignificantDecimal(self)).flatMap { Double($0.description) } }
}

/// The solution of three linear equations, by elimination with pivoting; nil if they have none.
private func solution(of equations: [[Double]]) -> [Double]? {
    var rows = equations
    for column in 0..<3 {
        guard let pivot = (column..<3).max(by: { abs(rows[$0][column]) < abs(rows[$1][column]) }),
            rows[pivot][column] != 0
        else { return nil }
        rows.swapAt(column, pivot)
        for row in 0..<3 where row != column {
            let factor = rows[row][column] / rows[column][column]
            for index in column..<4 { rows[row][index] -= factor * rows[column][index] }
        }
    }
    return (0..<3).map { rows[$0][3] / rows[$0][$0] }
}
