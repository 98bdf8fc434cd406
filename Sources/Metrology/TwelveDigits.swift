/// The twelve-digit decimal closest to a positive, finite number, half to even on the number's exact binary value.
///
/// It is what C's `%.11e` prints, by integer arithmetic alone: a double is a whole number times a power of two, so
/// that the quotient and the remainder that decide the last digit are exact.
func twelveDigits(of value: Double) -> (mantissa: Int64, exponent: Int) {
    // Of the power of ten below the number, or one less: log10(2) from below, for numbers up to 2^1024.
    let power = Int((Double(value.exponent) * 0.301_029_995_663_981).rounded(.down))
    var exponent = power - 11
    var rounded = quotient(of: value, byTenToThe: exponent)
    if rounded.floor >= 1_000_000_000_000 {
        exponent += 1
        rounded = quotient(of: value, byTenToThe: exponent)
    }
    let mantissa = rounded.nearestEven
    // 999 999 999 999.5 and more make one digit more.
    return mantissa == 1_000_000_000_000 ? (100_000_000_000, exponent + 1) : (mantissa, exponent)
}

/// A quotient with what is left of it, compared with a half.
private struct Quotient {
    let floor: Int64
    /// Less than, exactly or more than a half: negative, zero or positive.
    let restAgainstHalf: Int

    var nearestEven: Int64 {
        restAgainstHalf > 0 || (restAgainstHalf == 0 && !floor.isMultiple(of: 2)) ? floor + 1 : floor
    }
}

private func quotient(of value: Double, byTenToThe exponent: Int) -> Quotient {
    // value = significand × 2^shift
    let isSubnormal = value.exponentBitPattern == 0
    let significand = value.significandBitPattern | (isSubnormal ? 0 : 1 << 52)
    let shift = Int(isSubnormal ? 1 : value.exponentBitPattern) - 1075
    switch (exponent, shift) {
    case (-22...0, -127 ... -1):
        // 53 bits times at most 74: nearly all numbers that a lane ever measures.
        let product = UInt128(significand) * wholePowersOfTen[-exponent]
        let half: UInt128 = 1 << UInt128(-shift - 1)
        let rest = product & (2 * half - 1)
        let comparison = rest < half ? -1 : (rest == half ? 0 : 1)
        return Quotient(floor: Int64(product >> UInt128(-shift)), restAgainstHalf: comparison)
    default:
        return wideQuotient(significand, shift, exponent)
    }
}

private let wholePowersOfTen: [UInt128] = (0...22).map { exponent in
    (0..<exponent).reduce(1) { power, _ in power * 10 }
}

/// The same for very small and very great numbers.
private func wideQuotient(_ significand: UInt64, _ shift: Int, _ exponent: Int) -> Quotient {
    var dividend = WideInteger(significand)
    var divisor = WideInteger(1)
    for _ in 0..<max(0, shift) { dividend.multiply(by: 2) }
    for _ in 0..<max(0, -shift) { divisor.multiply(by: 2) }
    for _ in 0..<max(0, -exponent) { dividend.multiply(by: 10) }
    for _ in 0..<max(0, exponent) { divisor.multiply(by: 10) }
    // Thirteen digits at most, by long division from the highest.
    var places = [divisor]
    for _ in 0..<12 {
        divisor.multiply(by: 10)
        places.append(divisor)
    }
    var floor: Int64 = 0
    for place in places.reversed() {
        floor *= 10
        while !(dividend < place) {
            dividend.subtract(place)
            floor += 1
        }
    }
    dividend.multiply(by: 2)
    let comparison = dividend < places[0] ? -1 : (places[0] < dividend ? 1 : 0)
    return Quotient(floor: floor, restAgainstHalf: comparison)
}

/// A whole number of any size, lowest limb first, without leading zeros.
private struct WideInteger {
    private var limbs: [UInt32]

    init(_ value: UInt64) {
        limbs = [UInt32(truncatingIfNeeded: value), UInt32(truncatingIfNeeded: value >> 32)]
        trim()
    }

    mutating func multiply(by factor: UInt32) {
        var carry: UInt64 = 0
        for index in limbs.indices {
            carry += UInt64(limbs[index]) * UInt64(factor)
            limbs[index] = UInt32(truncatingIfNeeded: carry)
            carry >>= 32
        }
        if carry > 0 { limbs.append(UInt32(carry)) }
    }

    /// Takes away a number that is not greater.
    mutating func subtract(_ other: WideInteger) {
        var borrow: Int64 = 0
        for index in limbs.indices {
            let difference = Int64(limbs[index]) - (index < other.limbs.count ? Int64(other.limbs[index]) : 0) - borrow
            borrow = difference < 0 ? 1 : 0
            limbs[index] = UInt32(truncatingIfNeeded: difference)
        }
        trim()
    }

    static func < (left: Self, right: Self) -> Bool {
        if left.limbs.count != right.limbs.count { return left.limbs.count < right.limbs.count }
        for (left, right) in zip(left.limbs.reversed(), right.limbs.reversed()) where left != right {
            return left < right
        }
        return false
    }

    private mutating func trim() { while limbs.last == 0 { limbs.removeLast() } }
}
