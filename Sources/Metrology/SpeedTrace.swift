/// A speed over time that a driver is to follow (工况曲线), linear between its knots.
public struct SpeedTrace: Hashable, Sendable {
    /// A point of the trace.
    public struct Knot: Hashable, Sendable {
        /// Seconds since the trace's beginning.
        public let second: Double
        /// The speed there.
        public let speed: Speed

        /// Creates a knot.
        public init(second: Double, speed: Speed) {
            self.second = second
            self.speed = speed
        }
    }

    /// The knots, in the order of time; the first is at 0 s.
    public let knots: [Knot]

    /// Creates a trace.
    ///
    /// - Parameter knots: at least two, each later than the one before, the first at 0 s.
    /// - Returns: nil for anything else.
    public init?(knots: [Knot]) {
        guard knots.count >= 2, knots[0].second == 0,
            zip(knots, knots.dropFirst()).allSatisfy({ $0.second < $1.second })
        else { return nil }
        self.knots = knots
    }

    /// Its length, s.
    public var duration: Double { knots[knots.count - 1].second }

    /// The speed at a time; before the beginning and after the end the first and the last.
    public func speed(at second: Double) -> Speed {
        guard second > 0 else { return knots[0].speed }
        guard let index = knots.firstIndex(where: { $0.second >= second }) else { return knots[knots.count - 1].speed }
        let (from, to) = (knots[index - 1], knots[index])
        let share = (second - from.second) / (to.second - from.second)
        return from.speed + (to.speed - from.speed) * share
    }

    /// The lowest and the highest speed between two times, both included.
    public func range(from first: Double, to last: Double) -> ClosedRange<Speed> {
        let between = knots.filter { $0.second > first && $0.second < last }.map(\.speed)
        let speeds = [speed(at: first), speed(at: last)] + between
        // There are at least two speeds.
        return (speeds.min() ?? speeds[0])...(speeds.max() ?? speeds[0])
    }

    /// The way that an exact driver would go, km.
    public var distance: Double {
        zip(knots, knots.dropFirst()).reduce(0) { sum, pair in
            sum + (pair.0.speed.value + pair.1.speed.value) / 2 * (pair.1.second - pair.0.second) / 3600
        }
    }
}
