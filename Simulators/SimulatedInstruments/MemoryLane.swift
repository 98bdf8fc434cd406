public import Metrology
public import Plant
import Synchronization

/// A simulated lane whose instruments are reached in memory, and whose time passes only while somebody waits for it.
///
/// Bytes come at the line's speed, faults at the times of a schedule, and a wait of seconds takes no time at all: a
/// whole test with its timeouts is over in a moment, and the same seed gives the same bytes. One thing waits at a time;
/// who uses the lane sees to that.
public final class MemoryLane: Sendable {
    /// The plant and the faults.
    public let lane: SimulatedLane
    /// The instruments' wires, in the order they were asked for.
    public let wires: [MemoryWire]

    private let clock: ManualClock
    private let player: FaultPlayer
    private let turn = Guarded(())

    /// How a wait for input ended.
    public enum Wait: Sendable {
        /// There is something to read.
        case input
        /// The time is over.
        case timeIsOver
        /// The cable is out.
        case hungUp
    }

    private final class ManualClock: Sendable {
        let nanoseconds = Atomic<Int64>(0)
    }

    /// Creates a lane and switches its instruments on, at time zero.
    ///
    /// - Parameter faults: what goes wrong, and when.
    /// - Throws: ``SimulationError``.
    public init(
        instruments: [InstrumentRequest], vehicle: Vehicle, seed: UInt64, dynamometer: DynamometerData = .light,
        warmUp: LaneSpan = .zero, faults: FaultSchedule = FaultSchedule([])
    ) throws(SimulationError) {
        let clock = ManualClock()
        lane = try SimulatedLane(
            instruments: instruments, vehicle: vehicle, seed: seed, dynamometer: dynamometer,
            clock: SimulationClock(speed: 1) { clock.nanoseconds.load(ordering: .acquiring) }, warmUp: warmUp,
            recordsFrames: true)
        player = try FaultPlayer(faults, lane: lane)
        wires = try lane.startInMemory()
        self.clock = clock
    }

    /// Lane time in nanoseconds.
    public var now: Int64 { clock.nanoseconds.load(ordering: .acquiring) }

    /// Moves the clock, through everything that happens on the way.
    public func advance(to time: Int64) {
        turn.withLock { _ in while step(to: time) {} }
    }

    /// Moves the clock until an instrument's bytes have come through.
    ///
    /// - Parameter nanoseconds: how long to wait at most.
    public func wait(for wire: MemoryWire, upTo nanoseconds: Int64) -> Wait {
        turn.withLock { _ in
            let deadline = now + max(0, nanoseconds)
            happen()
            while true {
                guard wire.isConnected else { return .hungUp }
                if wire.hasInput { return .input }
                guard step(to: deadline) else { return .timeIsOver }
            }
        }
    }

    /// Switches the instruments off.
    public func stop() {
        turn.withLock { _ in wires.forEach { $0.end() } }
        lane.stop()
    }

    /// Moves the clock to what happens next, at most to a time; false if it is there already.
    private func step(to time: Int64) -> Bool {
        guard now < time else { return false }
        let events = wires.compactMap(\.nextEvent) + [player.nextTime].compactMap { $0 }
        // What was due has happened; what an instrument has put off since then happens a moment later.
        let next = min(time, max(now + 1, events.min() ?? time))
        clock.nanoseconds.store(next, ordering: .releasing)
        happen()
        return true
    }

    private func happen() {
        player.catchUp()
        wires.forEach { $0.bringUpToDate() }
    }
}
