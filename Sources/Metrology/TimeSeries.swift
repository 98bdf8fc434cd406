/// Readings of one value in the order of their times.
public struct TimeSeries: Hashable, Sendable {
    /// One reading.
    public struct Point: Hashable, Sendable {
        /// When it was acquired.
        public let time: LaneInstant
        /// The number, in the channel's unit.
        public let value: Double
    }

    /// The readings, oldest first.
    public private(set) var points: [Point] = []

    /// Creates a series without readings.
    public init() {}

    /// Adds a reading; one that is not newer than the last is the same reading seen again.
    public mutating func append(_ value: Double, at time: LaneInstant) {
        guard points.last.map({ $0.time < time }) ?? true else { return }
        points.append(Point(time: time, value: value))
    }

    /// Forgets what is older than an instant.
    public mutating func removeAll(before instant: LaneInstant) {
        guard let keep = points.firstIndex(where: { $0.time >= instant }) else {
            points.removeAll(keepingCapacity: true)
            return
        }
        if keep > 0 { points.removeFirst(keep) }
    }

    /// The mean of the readings from an instant on; nil if there are none.
    public func mean(since instant: LaneInstant) -> Double? {
        arithmeticMean(points.filter { $0.time >= instant }.map(\.value))
    }

    /// The distance between the greatest and the least reading; nil if there are none.
    public var spread: Double? {
        guard let least = points.map(\.value).min(), let greatest = points.map(\.value).max() else { return nil }
        return greatest - least
    }

    /// The longest time between two readings; zero with fewer than two.
    public var longestGap: LaneSpan {
        zip(points, points.dropFirst()).map { $1.time - $0.time }.max() ?? .zero
    }

    /// When the series first reaches a level from the side it begins on, between readings by proportion; seconds after
    /// `origin`. Nil if it never does, or begins there.
    public func crossing(of level: Double, rising: Bool, since origin: LaneInstant) -> Double? {
        func isThere(_ value: Double) -> Bool { rising ? value >= level : value <= level }
        guard let first = points.first, !isThere(first.value) else { return nil }
        for (before, after) in zip(points, points.dropFirst()) where isThere(after.value) {
            let share = (level - before.value) / (after.value - before.value)
            return (before.time - origin).seconds + share * (after.time - before.time).seconds
        }
        return nil
    }
}
