public import Standards

/// What a series of peaks leads to.
public enum SmokeDecision: Hashable, Sendable {
    /// Further accelerations.
    case goesOn
    /// The mean of the last peaks is the result.
    case result(Double)
    /// There may be no more accelerations, and the peaks do not agree.
    case notRepeatable
}

extension SmokeAcceptance {
    /// What the peaks so far lead to.
    ///
    /// - Parameters:
    ///   - peaks: of the valid accelerations, in order, in the unit of the limit.
    ///   - isWithin: whether a result is within the limit.
    public func decide(_ peaks: [Double], isWithin: (Double) -> Bool) -> SmokeDecision {
        guard peaks.count >= fewest else { return .goesOn }
        let last = Array(peaks.suffix(count))
        let isLast = peaks.count >= most
        guard isClose(last), hasTrend(last) else { return isLast ? .notRepeatable : .goesOn }
        let mean = last.reduce(0, +) / Double(last.count)
        return isLast || above == .fails || isWithin(mean) ? .result(mean) : .goesOn
    }

    private func isClose(_ peaks: [Double]) -> Bool {
        guard let spread, let least = peaks.min(), let greatest = peaks.max() else { return true }
        return (greatest - least).isAtMost(spread)
    }

    private func hasTrend(_ peaks: [Double]) -> Bool {
        switch trend {
        case .any: true
        case .notDecreasing: peaks.count < 2 || zip(peaks, peaks.dropFirst()).contains { $0 <= $1 }
        }
    }
}
