public import Metrology
import Foundation

/// The time of a simulated lane: real time since the start, times a factor.
public struct SimulationClock: Sendable {
    /// How much faster than life the lane runs, 1…50.
    public let speed: Double

    private let source: @Sendable () -> Int64
    private let origin: Int64

    /// Creates a clock that starts now.
    ///
    /// - Parameters:
    ///   - speed: at least 1; beyond 50 the instruments' streams come late.
    ///   - source: monotonic nanoseconds; tests give their own.
    public init(speed: Double, source: @escaping @Sendable () -> Int64 = SimulationClock.monotonicNanoseconds) {
        self.speed = max(1, speed)
        self.source = source
        origin = source()
    }

    /// The computer's monotonic clock.
    public static func monotonicNanoseconds() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }

    /// Lane time since the clock was created.
    public var now: LaneInstant {
        LaneInstant(nanoseconds: Int64(Double(source() - origin) * speed))
    }

    /// Whether replies take as long as their bytes take on a wire: only when the lane is as fast as life.
    var isPaced: Bool { speed == 1 }

    /// Real nanoseconds until a point of lane time, at least 0.
    func realNanoseconds(until instant: LaneInstant) -> Int64 {
        max(0, Int64(Double((instant - now).nanoseconds) / speed))
    }
}
