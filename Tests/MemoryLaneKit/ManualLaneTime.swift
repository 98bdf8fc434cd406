public import Foundation
public import Lane
public import Metrology
public import SimulatedInstruments
import Synchronization

/// The time of a lane in memory: a tick comes as soon as whoever follows the test has seen the one before.
public final class ManualLaneTime: LaneTime {
    private struct State {
        var asked = 0
        var seen = 0
        var waiter: CheckedContinuation<Void, Never>?
    }

    private let lane: MemoryLane
    private let began: Date
    private let state = Mutex(State())

    /// Creates the time of a lane.
    ///
    /// - Parameter began: what the wall clock showed when the lane was switched on; it goes with the lane's time.
    public init(_ lane: MemoryLane, began: Date = Date(timeIntervalSince1970: 1_772_415_000)) {
        self.lane = lane
        self.began = began
    }

    /// Neither faster nor slower than the instruments'.
    public let rate = 1.0
    /// It passes only while somebody waits for it.
    public let standsStill = true
    /// Nobody knows.
    public let isWallClockSynchronised: Bool? = nil

    /// The lane's time.
    public func now() -> LaneInstant { LaneInstant(nanoseconds: lane.now) }

    /// Waits until everybody has seen the tick before, and moves the lane's time to an instant.
    public func sleep(until instant: LaneInstant) async throws {
        await withCheckedContinuation { continuation in
            let isReady = state.withLock { state in
                state.asked += 1
                // Every frame before this one.
                if state.seen >= state.asked - 1 { return true }
                state.waiter = continuation
                return false
            }
            if isReady { continuation.resume() }
        }
        lane.advance(to: instant.nanoseconds)
    }

    /// Hears that whoever follows the test has done what a frame wants.
    public func seen() {
        state.withLock { state in
            state.seen += 1
            defer { state.waiter = nil }
            return state.waiter
        }?.resume()
    }

    /// The wall clock.
    public var wall: Date { began.addingTimeInterval(Double(lane.now) / 1e9) }

    /// The wall clock, as records have it.
    public func wallTime() -> String {
        let zone = TimeZone(secondsFromGMT: 8 * 3600) ?? .gmt
        return wall.formatted(
            Date.ISO8601FormatStyle(timeZoneSeparator: .colon, includingFractionalSeconds: true, timeZone: zone))
    }
}
