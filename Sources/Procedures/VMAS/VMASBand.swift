import Metrology
import Standards

/// The speed band of the cycle and the seconds outside it (速度超差).
struct VMASBand {
    private(set) var counters = BandCounters()

    private let bands: VMASRequirements.Bands
    private let cycle: VMASRequirements.Cycle
    private let secondTakes: SecondTakes

    init(_ requirements: VMASRequirements) {
        bands = requirements.bands
        cycle = requirements.cycle
        secondTakes = requirements.secondTakes
    }

    /// The speed of the trace that a second's speed is compared with.
    func target(of second: Int) -> Speed { cycle.trace.speed(at: moment(of: second)) }

    /// Takes in a second's speed.
    ///
    /// - Returns: whether the test may go on.
    mutating func take(_ speed: Double, second: Int) -> Bool {
        let isInside = self.isInside(speed, at: moment(of: second))
        counters.speedContinuous = isInside ? 0 : counters.speedContinuous + 1
        counters.speedCumulative += isInside ? 0 : 1
        return bands.limitReached == .at
            ? counters.speedContinuous < bands.continuous : counters.speedContinuous <= bands.continuous
    }

    /// When the reading was taken that stands for a second: at its end, at its beginning, or all over it.
    private func moment(of second: Int) -> Double {
        switch secondTakes {
        case .first: Double(second - 1)
        case .mean: Double(second) - 0.5
        case .last: Double(second)
        }
    }

    private func isInside(_ speed: Double, at moment: Double) -> Bool {
        let tolerance = bands.timeTolerance.value
        let range = cycle.trace.range(from: moment - tolerance, to: moment + tolerance)
        return (speed - range.upperBound.value).isAtMost(bands.speed)
            && (range.lowerBound.value - speed).isAtMost(bands.speed)
    }
}
