/// A point on the lane's monotonic clock, in nanoseconds since the clock's origin.
///
/// The lane's clock never jumps and, in a simulated lane, may run faster than life. Within a test the origin is the
/// test's first tick, so that recorded frames mean the same on any machine.
public struct LaneInstant: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// Nanoseconds since the origin; negative before it.
    public let nanoseconds: Int64

    /// Creates an instant.
    public init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

    /// The origin.
    public static let zero = LaneInstant(nanoseconds: 0)

    /// Seconds since the origin, for display and formulas that are not judged.
    public var seconds: Double { Double(nanoseconds) / 1e9 }

    /// The number of seconds, for logs.
    public var description: String { "\(seconds) s" }

    /// Earlier or shorter comes first.
    public static func < (left: Self, right: Self) -> Bool { left.nanoseconds < right.nanoseconds }

    /// The instant a span later.
    public static func + (left: Self, right: LaneSpan) -> Self {
        Self(nanoseconds: left.nanoseconds + right.nanoseconds)
    }

    /// The instant a span earlier.
    public static func - (left: Self, right: LaneSpan) -> Self {
        Self(nanoseconds: left.nanoseconds - right.nanoseconds)
    }

    /// The span from one instant to another.
    public static func - (left: Self, right: Self) -> LaneSpan {
        LaneSpan(nanoseconds: left.nanoseconds - right.nanoseconds)
    }
}

/// A span of lane time in nanoseconds, exact and free of floating point, so that comparisons never depend on rounding.
public struct LaneSpan: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// The length in nanoseconds.
    public let nanoseconds: Int64

    /// Creates a span of nanoseconds.
    public init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

    /// A span of whole milliseconds.
    public static func milliseconds(_ count: Int) -> LaneSpan { LaneSpan(nanoseconds: Int64(count) * 1_000_000) }

    /// A span of seconds, to the nearest nanosecond.
    public static func seconds(_ count: Double) -> LaneSpan { LaneSpan(nanoseconds: Int64((count * 1e9).rounded())) }

    /// No time at all.
    public static let zero = LaneSpan(nanoseconds: 0)

    /// The length in seconds.
    public var seconds: Double { Double(nanoseconds) / 1e9 }

    /// The number of seconds, for logs.
    public var description: String { "\(seconds) s" }

    /// Earlier or shorter comes first.
    public static func < (left: Self, right: Self) -> Bool { left.nanoseconds < right.nanoseconds }
    /// One span after another.
    public static func + (left: Self, right: Self) -> Self { Self(nanoseconds: left.nanoseconds + right.nanoseconds) }
    /// What remains of a span.
    public static func - (left: Self, right: Self) -> Self { Self(nanoseconds: left.nanoseconds - right.nanoseconds) }
}
