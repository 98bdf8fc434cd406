import CLinux
import Foundation
public import Metrology

/// The lane's sense of time: a monotonic clock for the test, a wall clock for the record.
public protocol LaneTime: Sendable {
    /// How much faster than life the lane runs; 1 for a real lane.
    var rate: Double { get }
    /// Whether time passes only while somebody waits for it: a clock that is moved by hand. Then a tick waits for every
    /// report and for what it told the instruments, one after the other, so that the same happens in every run.
    var standsStill: Bool { get }
    /// The monotonic clock.
    func now() -> LaneInstant
    /// Hears when the next tick is due, once the one before is finished, and how long it is from tick to tick.
    func expectTick(at instant: LaneInstant, every period: LaneSpan)
    /// Hears that there are no more ticks to come.
    func release()
    /// Waits until the monotonic clock reaches an instant, without blocking a thread.
    func sleep(until instant: LaneInstant) async throws
    /// The wall clock: local time with its offset, ISO 8601 with milliseconds.
    func wallTime() -> String
    /// Whether the system keeps the wall clock synchronised; nil where it does not say.
    var isWallClockSynchronised: Bool? { get }
}

extension LaneTime {
    /// Time passes by itself.
    public var standsStill: Bool { false }
    /// A clock that follows life waits for nobody.
    public func expectTick(at instant: LaneInstant, every period: LaneSpan) {}
    /// A clock that follows life waits for nobody.
    public func release() {}
}

/// The lane's clocks on a running system.
///
/// The monotonic clock starts at zero with the object and, in a simulated lane, runs `rate` times as fast as life.
public struct SystemLaneTime: LaneTime {
    /// How much faster than life the lane runs.
    public let rate: Double

    private let origin: ContinuousClock.Instant

    /// Starts the clock; a rate other than 1 is for simulated lanes.
    public init(rate: Double = 1) {
        self.rate = rate
        origin = .now
    }

    /// The monotonic clock.
    public func now() -> LaneInstant {
        let (seconds, attoseconds) = origin.duration(to: .now).components
        let nanoseconds = seconds * 1_000_000_000 + attoseconds / 1_000_000_000
        return LaneInstant(nanoseconds: rate == 1 ? nanoseconds : Int64(Double(nanoseconds) * rate))
    }

    /// Waits until an instant, to the precision of the scheduler.
    public func sleep(until instant: LaneInstant) async throws {
        let real = Double(instant.nanoseconds) / rate
        try await ContinuousClock().sleep(until: origin.advanced(by: .nanoseconds(Int64(real))), tolerance: .zero)
    }

    /// The wall clock.
    public func wallTime() -> String {
        let format = Date.ISO8601FormatStyle(
            timeSeparator: .colon, includingFractionalSeconds: true, timeZone: .current)
        let text = Date.now.formatted(format)
        // The style writes a zero offset as Z; records always name the offset.
        return text.hasSuffix("Z") ? text.dropLast() + "+00:00" : Self.withColon(text)
    }

    /// What the kernel knows of time synchronisation (`adjtimex`).
    public var isWallClockSynchronised: Bool? {
        let answer = linux_clock_is_synchronised()
        return answer < 0 ? nil : answer == 1
    }

    private static func withColon(_ text: String) -> String {
        let digits = text.suffix(4)
        return digits.allSatisfy(\.isNumber) ? text.dropLast(4) + digits.prefix(2) + ":" + digits.suffix(2) : text
    }
}
