#if Simulation
    public import Metrology
    import Synchronization

    /// The time of a simulated lane in one process: faster than life, but waiting for the lane.
    ///
    /// Time runs `rate` times as fast as life, but no faster than life from a little past the tick that is under way,
    /// until the sampler has finished it. (It must not stop: the tick may be waiting for an instrument that waits for
    /// time to pass.) A computer that is busy with something else then makes the demo slower, not its data worse:
    /// simulators and lane share this clock, and neither sees the other late. For a computer that stands still, a
    /// paused virtual one above all, the lane stands still, too.
    public final class PacedLaneTime: LaneTime {
        private struct State {
            /// What time it was when somebody last looked, and the real time then.
            var lane: Int64 = 0
            var real: Int64
            var limit: Int64
        }

        /// What may pass in real time between two looks. Simulators look much more often; if nobody did for longer, the
        /// computer stood still altogether, and with it the lane. At life's pace simulators may wait that long.
        private static let longestGap: Int64 = 250_000_000

        /// How far time may run past a tick: longer than any stream's interval, so that a tick that waits for a
        /// stream's next frame gets it.
        static let slack = LaneSpan.milliseconds(150)

        /// Ticks that come more quickly than this belong to a check of something quick, which should miss none of them and
        /// measure no delay that is this computer's: past each of those, time runs no faster than life at once.
        private static let quick = LaneSpan.milliseconds(100)

        /// Some decades away, with room for arithmetic.
        private static let never = LaneSpan.seconds(1e9)

        /// How much faster than life the lane runs, at most.
        public let rate: Double

        private let wall = SystemLaneTime()
        private let real: @Sendable () -> Int64
        private let state: Mutex<State>

        /// Starts the clock.
        public convenience init(rate: Double) {
            let life = SystemLaneTime()
            self.init(rate: rate) { life.now().nanoseconds }
        }

        /// - Parameter real: monotonic nanoseconds; tests give their own.
        package init(rate: Double, real: @escaping @Sendable () -> Int64) {
            self.rate = rate
            self.real = real
            state = Mutex(State(real: real(), limit: Self.never.nanoseconds))
        }

        /// The monotonic clock.
        public func now() -> LaneInstant { state.withLock { LaneInstant(nanoseconds: look(&$0)) } }

        /// Lets time run fast until shortly after an instant, at which the next tick is due.
        public func expectTick(at instant: LaneInstant, every period: LaneSpan) {
            let slack = period < Self.quick ? .zero : Self.slack
            state.withLock { state in state.limit = max(look(&state), (instant + slack).nanoseconds) }
        }

        /// Lets time run fast again: nobody ticks any more.
        public func release() { expectTick(at: LaneInstant(nanoseconds: Self.never.nanoseconds), every: Self.slack) }

        /// Waits until an instant; at most as long as life would take.
        public func sleep(until instant: LaneInstant) async throws {
            while true {
                let missing = (instant - now()).nanoseconds
                guard missing > 0 else { return }
                try await ContinuousClock().sleep(
                    for: .nanoseconds(Int64(Double(missing) / rate) + 1), tolerance: .zero)
            }
        }

        /// The wall clock.
        public func wallTime() -> String { wall.wallTime() }

        /// Whether the system keeps the wall clock synchronised.
        public var isWallClockSynchronised: Bool? { wall.isWallClockSynchronised }

        /// Lets pass what has passed since the last look.
        private func look(_ state: inout State) -> Int64 {
            let real = real()
            let gap = real - state.real
            let passed = Double(rate > 1 ? min(gap, Self.longestGap) : gap)
            let fast = min(passed, Double(state.limit - state.lane) / rate)
            state.real = real
            state.lane += Int64(max(0, fast) * rate + (passed - max(0, fast)))
            return state.lane
        }
    }
#endif
