import Foundation

/// e to the power of a number, from the C library.
///
/// C libraries differ in the last bit; nothing that depends on this value is reported or judged other than through
/// ``RoundedDecimal`` or ``SignificantDecimal``, which take twelve digits of it.
func exponential(_ exponent: Double) -> Double { exp(exponent) }

/// The natural logarithm of a number above zero, from the C library, with the same caution.
func naturalLogarithm(_ number: Double) -> Double { log(number) }

/// The tangent of an angle in radians, from the C library, with the same caution.
func tangent(_ angle: Double) -> Double { tan(angle) }

/// A positive number to the power of another, from the C library; the same care applies as with ``exponential(_:)``.
func raise(_ base: Double, to exponent: Double) -> Double { pow(base, exponent) }
