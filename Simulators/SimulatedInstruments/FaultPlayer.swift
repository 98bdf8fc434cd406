import Foundation
import Metrology

/// Lets the faults of a schedule happen on a lane at their times.
public final class FaultPlayer: Sendable {
    private let lane: SimulatedLane
    private let steps: [Step]
    private let wakeUp: WakeUp
    private let state = Guarded(State())

    private struct Step {
        let time: Double
        let entry: FaultSchedule.Entry
        let begins: Bool
    }

    private struct State {
        var worker: Worker?
        var isStopping = false
        var carriedOut = 0
    }

    /// Creates a player; nothing happens before ``start()``.
    ///
    /// - Throws: ``SimulationError`` if a fault befalls an instrument that the lane has not.
    public init(_ schedule: FaultSchedule, lane: SimulatedLane) throws(SimulationError) {
        for entry in schedule.entries {
            _ = try lane.line(entry.role)
            try entry.fault.check(entry.role)
        }
        self.lane = lane
        steps = schedule.entries.flatMap { entry in
            [Step(time: entry.begin, entry: entry, begins: true)]
                + (entry.duration.map { [Step(time: entry.begin + $0, entry: entry, begins: false)] } ?? [])
        }.sorted { $0.time < $1.time }
        wakeUp = try WakeUp()
    }

    deinit { wakeUp.close() }

    /// Follows the lane's time on a thread of its own.
    public func start() {
        state.withLock { state in
            guard state.worker == nil, !state.isStopping else { return }
            state.worker = Worker("fault schedule") { [self] in follow() }
        }
    }

    /// Ends the thread; faults that are in force stay so. Safe to call again.
    public func stop() {
        let worker = state.withLock { state in
            defer { state.worker = nil }
            state.isStopping = true
            return state.worker
        }
        wakeUp.signal()
        worker?.join()
    }

    /// How many beginnings and ends have happened.
    public var carriedOut: Int { state.withLock { $0.carriedOut } }

    /// Lets happen what is due by now, in the order of the schedule. For a lane whose clock is moved by hand, which is
    /// not to be given to ``start()`` as well.
    public func catchUp() {
        let now = lane.host.clock.now.seconds
        while let step = next, step.time <= now { carryOut(step) }
    }

    /// When the next beginning or end is due, lane time in nanoseconds; nil after the last.
    var nextTime: Int64? { next.map { Int64(($0.time * 1e9).rounded(.up)) } }

    private var next: Step? {
        let done = state.withLock { $0.carriedOut }
        return done < steps.count ? steps[done] : nil
    }

    private func carryOut(_ step: Step) {
        // Role, amount and channel were looked at in the beginning: neither throws.
        if step.begins {
            try? lane.inject(step.entry.fault, on: step.entry.role)
        } else {
            try? lane.end(step.entry.fault, on: step.entry.role)
        }
        state.withLock { $0.carriedOut += 1 }
    }

    /// However the clock runs, it is looked at this often, ns.
    private static let longestWait: Int64 = 50_000_000

    private func follow() {
        while !state.withLock({ $0.isStopping }) {
            catchUp()
            guard let step = next else { return }
            let wait = lane.host.clock.realNanoseconds(
                until: LaneInstant(nanoseconds: Int64(step.time * 1e9)))
            _ = waitForInput([wakeUp.descriptor], nanoseconds: min(wait, Self.longestWait))
        }
    }
}
