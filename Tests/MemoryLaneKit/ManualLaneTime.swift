import Lane
import Metrology
import SimulatedInstruments
import Synchronization

/// The time of a lane in memory: a tick comes as soon as the driver has seen the one before.
final class ManualLaneTime: LaneTime {
    private struct State {
        var asked = 0
        var seen = 0
        var waiter: CheckedContinuation<Void, Never>?
    }

    private let lane: MemoryLane
    private let state = Mutex(State())

    init(_ lane: MemoryLane) { self.lane = lane }

    let rate = 1.0
    let standsStill = true
    let isWallClockSynchronised: Bool? = nil

    func now() -> LaneInstant { LaneInstant(nanoseconds: lane.now) }

    func sleep(until instant: LaneInstant) async throws {
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

    /// Hears that the driver has done what a frame wants.
    func seen() {
        state.withLock { state in
            state.seen += 1
            defer { state.waiter = nil }
            return state.waiter
        }?.resume()
    }

    func wallTime() -> String { "2026-03-02T09:30:00.000+08:00" }
}
