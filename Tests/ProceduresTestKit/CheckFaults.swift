public import Metrology
public import Procedures

extension CheckBench {
    /// What is wrong with the instruments; all of it right to begin with.
    public struct Faults: Sendable {
        /// What a channel reads: value times gain plus offset.
        public var gain: [ChannelID: Double] = [:]
        /// In the channel's unit.
        public var offset: [ChannelID: Double] = [:]
        /// In the channel's unit per hour since the last zero.
        public var drift: [ChannelID: Double] = [:]
        /// Readings swing by this much around their value.
        public var swing: [ChannelID: Double] = [:]
        /// The sample path has a leak.
        public var leaks = false
        /// The instrument does not notice a closed line.
        public var ignoresLowFlow = false
        /// The line is closed from the start.
        public var isBlocked = false
        /// HC that comes off the line, ppm.
        public var residue = 0.0
        /// Times as slow as a good analyzer.
        public var slowness = 1.0
        /// The share of NO2 that the converter turns into NO.
        public var converter = 0.97
        /// Bearing drag at the rollers' surface, N.
        public var drag = 0.0
        /// What the inertia really is, as a share of what the lane believes.
        public var inertia = 1.0
        /// The share of the real force that the load cell shows.
        public var cell = 1.0
        /// Force that stays when weights are taken off, N.
        public var hysteresis = 0.0
        /// How much force, N, or opacity, %, bends in the middle of its range.
        public var bend = 0.0
        /// Times as slow as a good brake.
        public var brakeSlowness = 1.0
        /// Overshoot of the brake, share of the step.
        public var overshoot = 0.0
        /// The lift rises while the rollers turn.
        public var liftIsFree = false
        /// The motor turns the rollers while the lift is up.
        public var motorIsFree = false
        /// How much a lift that touches the rollers slows them down, m/s².
        public var liftBrake = 3.0
        /// The one speed that the motor knows, km/h; nil for a motor that turns at the speed it is told.
        public var motorSpeed: Double?
        /// The brake does not hold a speed.
        public var holdFails = false
        /// The motor does not turn.
        public var motorFails = false
        /// The adjustment is not carried out.
        public var ignoresSpan = false
        /// An action is not shown in the state.
        public var ignoresActions = false
        /// The instrument is lost from this time on, s.
        public var lostAfter = Double.infinity
        /// A channel has no readings from this time on, s.
        public var silentAfter: [ChannelID: Double] = [:]
        /// The instrument shows this condition.
        public var condition: InstrumentCondition?
        /// Nobody confirms.
        public var nobodyThere = false
        /// An event at a time, s.
        public var event: (at: Double, FrameEvent)?

        /// No faults.
        public init() {}
    }
}
