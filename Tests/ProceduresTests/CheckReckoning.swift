import Glibc
import Metrology
import Standards

/// The swing with which the bench's brake overshoots by a share of its step: -e^-x + o·e^(-(x-1)/2) is greatest where
/// e^(-x/2) = o·√e/2, and is o²·e/4 there.
enum OvershootReckoning {
    static func swing(for overshoot: Double) -> Double { 2 * (overshoot / 2.718_281_828).squareRoot() }
}

/// How many time constants the bench's brake takes until it stays within a share of its step: its deviation
/// -e^-x + o·e^(-(x-1)/2) falls towards the end.
enum SettlingReckoning {
    static func timeConstants(swing: Double, band: Double) -> Double {
        var (low, high) = (4.0, 40.0)
        for _ in 0..<60 {
            let middle = (low + high) / 2
            if swing * exp(-(middle - 1) / 2) - exp(-middle) > band { low = middle } else { high = middle }
        }
        return (low + high) / 2
    }
}

/// What the rollers should do, reckoned a second time: Simpson's rule over the speed instead of steps of time.
enum RollerReckoning {
    static let loss = ParasiticLoss(quadratic: 0.0002, linear: 0.012, constant: 0.1)

    /// t/m = ∫ v/(1000·P(v)) dv, seconds for each kilogram, with v in m/s.
    static func secondsPerKilogram(from: Double, to: Double, power: (Double) -> Double) -> Double {
        let count = 2000
        let width = (from - to) / Double(count)
        func integrand(_ speed: Double) -> Double { speed / 3.6 / (1000 * power(speed)) / 3.6 }
        return (0...count).reduce(0) { sum, index in
            let weight = index == 0 || index == count ? 1.0 : (index.isMultiple(of: 2) ? 2 : 4)
            return sum + weight * integrand(to + Double(index) * width)
        } * width / 3
    }

    /// The time that good rollers take as a share of CCDT, which takes the loss of the middle speed for all speeds.
    static func shareOfComputed(from: Double, to: Double, power: Double) -> Double {
        let real = secondsPerKilogram(from: from, to: to) { power + loss.power(at: Speed($0)).value }
        let middle = power + loss.power(at: Speed((from + to) / 2)).value
        return real / (((from * from - to * to) / 12.96) / (2000 * middle))
    }

    /// The drag, N, with which an interval shows a loss, by bisection.
    static func drag(for wanted: Double, from: Double, to: Double) -> Double {
        var (low, high) = (0.0, 1000.0)
        for _ in 0..<60 {
            let middle = (low + high) / 2
            let time = secondsPerKilogram(from: from, to: to) {
                loss.power(at: Speed($0)).value + middle * $0 / 3600
            }
            let shown = (from * from - to * to) / 12.96 / (2000 * time)
            if shown < wanted { low = middle } else { high = middle }
        }
        return (low + high) / 2
    }
}
