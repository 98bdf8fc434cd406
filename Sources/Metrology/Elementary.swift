import Foundation

/// e to the power of a number, from the C library.
///
/// C libraries differ in the last bit; nothing that depends on this value is reported or judged other than through
/// ``RoundedDecimal`` or ``SignificantDecimal``, which take twelve digits of it.
func exponential(_ exponent: Double) -> Double { exp(exponent) }
