/// Repeatable pseudo-random numbers (SplitMix64; Steele, Lea and Flood 2014).
///
/// Every part of the plant has a source of its own, so that drawing more numbers in one part leaves the others alone.
struct NoiseSource: Sendable {
    private var state: UInt64

    /// - Parameter part: which part of the plant draws from this source.
    init(seed: UInt64, part: UInt64) {
        state = seed &+ part &* 0xD1B5_4A32_D192_ED03
        // The first numbers of neighbouring seeds are alike otherwise.
        _ = bits()
    }

    private mutating func bits() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// Evenly distributed from 0 to below 1.
    mutating func share() -> Double { Double(bits() >> 11) * 0x1p-53 }

    /// Evenly distributed over a range.
    mutating func uniform(_ range: ClosedRange<Double>) -> Double {
        range.lowerBound + share() * (range.upperBound - range.lowerBound)
    }

    /// Mean 0, standard deviation 1, never beyond ±3.47: a sum of four even numbers of sixteen bits. The bound keeps an
    /// undisturbed plant inside its bands for every seed.
    mutating func normal() -> Double {
        let drawn = bits()
        let sum = (drawn & 0xFFFF) + (drawn >> 16 & 0xFFFF) + (drawn >> 32 & 0xFFFF) + (drawn >> 48)
        // The sum's mean is 4·65535/2, its variance 4·(65536² - 1)/12.
        return (Double(sum) - 131_070) / 37_837.227
    }
}

/// A value that wanders about zero and forgets where it was (Ornstein-Uhlenbeck process).
struct Wander: Sendable {
    /// The value now, with standard deviation `deviation` in the long run and never beyond three times that.
    private(set) var value: Double
    private let pull: Double
    private let push: Double
    private let bound: Double

    /// - Parameters:
    ///   - memory: s, how long the value remembers.
    ///   - step: s, the fixed step of ``advance(_:)``.
    init(deviation: Double, memory: Double, step: Double) {
        value = 0
        pull = step / memory
        push = deviation * (2 * step / memory).squareRoot()
        bound = 3 * deviation
    }

    mutating func advance(_ noise: inout NoiseSource) {
        value += push * noise.normal() - pull * value
        value = min(bound, max(-bound, value))
    }
}

/// The points of a curve between which a place lies, and how far from the lower to the upper one, 0…1.
///
/// Beyond the ends of the curve it is the end itself.
///
/// - Parameter abscissa: the place of a point of the curve; points stand in ascending order.
func segment<Point>(of curve: [Point], at place: Double, _ abscissa: (Point) -> Double) -> (
    low: Int, high: Int, share: Double
) {
    let high = curve.firstIndex { abscissa($0) >= place } ?? curve.count - 1
    guard high > 0, abscissa(curve[high]) > place else { return (high, high, 0) }
    let (below, above) = (abscissa(curve[high - 1]), abscissa(curve[high]))
    return (high - 1, high, (place - below) / (above - below))
}
