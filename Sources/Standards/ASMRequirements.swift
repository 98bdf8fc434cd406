public import Metrology

/// What a standard asks of an ASM test (稳态工况法测试要求): conditions, loads, bands, times, rules and corrections,
/// read from a requirement pack.
///
/// Every number that the procedure uses stands here with its source and grade; the procedure holds none of its own.
public struct ASMRequirements: MethodRequirements {
    /// The pack's identity.
    public let identity: PackIdentity
    /// The pack's bytes, whose digest records name.
    public let bytes: [UInt8]

    /// Conditions before the probe goes in.
    public let preTest: PreTestRules
    /// How the vehicle is loaded.
    public let load: Load
    /// Speed and torque bands and how long they may be left.
    public let bands: Bands
    /// Lengths of the phases, in seconds.
    public let times: Times
    /// How means become a verdict.
    public let decisions: Decisions
    /// Constants of the corrections.
    public let correction: CorrectionConstants
    /// Decimal places of reported values.
    public let report: [Pollutant: Int]
    /// When a test is broken off because the lane cannot measure.
    public let watch: WatchRules
    /// When a test is broken off because of its sample.
    public let sampling: SamplingRules
    /// How old a reading of each instrument may be.
    public let freshness: [InstrumentRole: LaneSpan]

    /// How the vehicle is loaded.
    public struct Load: Sendable {
        /// Added to the curb mass for the reference mass, kg.
        public let referenceMassAllowance: PackValue
        /// Reference mass over this is the total power, kg/kW, by mode.
        public let divisor: [ASMMode: PackValue]
        /// Target speed by mode, km/h.
        public let speed: [ASMMode: PackValue]
    }

    /// Speed and torque bands.
    public struct Bands: Sendable {
        /// Half-width of the speed band, inclusive, km/h.
        public let speed: PackValue
        /// Half-width of the torque band, inclusive, % of the set value.
        public let torque: PackValue
        /// Which torque the band applies to.
        public let torqueOf: TorqueOf
        /// Seconds in a row outside a band that restart the mode's timer.
        public let continuous: Int
        /// Seconds in all outside a band that restart the mode's timer.
        public let cumulative: Int
        /// Whether the timer restarts with the second that completes a limit, or with the one after.
        public let limitReached: LimitReached
    }

    /// Which torque is compared with which.
    public enum TorqueOf: String, CaseIterable, Sendable {
        /// The brake's measured force with its set force.
        case brake
        /// Both with the rollers' parasitic loss added.
        case total
    }

    /// Lengths of the phases, s.
    public struct Times: Sendable {
        /// In the band before the timer starts.
        public let stabilisation: Int
        /// To get into the band and through the stabilisation.
        public let accelerationLimit: Int
        /// Longest mode without restart.
        public let modeMaximum: Int
        /// Longest mode with restarts.
        public let totalMaximum: Int
        /// The fast check takes the seconds after this one…
        public let fastFrom: Int
        /// …up to this one.
        public let fastTo: Int
        /// Length of the moving mean.
        public let window: Int
    }

    /// How means become a verdict.
    public struct Decisions: Sendable {
        /// Share of the limits under which the fast check passes, %.
        public let fastShare: PackValue
        /// Share of a limit above which the vehicle fails at once, %.
        public let grossShare: PackValue
        /// A window counts only if every speed in it is closer than this to its first, km/h.
        public let speedChange: PackValue
        /// Whether rounded or full values are compared with limits.
        public let comparison: Comparison
        /// What a second without one of its values does to the timer.
        public let incompleteSecond: IncompleteSecond
        /// Which reading stands for a second.
        public let secondTakes: SecondTakes
        /// Whether gas is shifted against speed.
        public let gasAlignment: GasAlignment
    }

    /// What a second without one of its values does to a mode's timer.
    public enum IncompleteSecond: String, CaseIterable, Sendable {
        /// It restarts the timer.
        case restarts
        /// Only its window cannot be judged.
        case allowed
    }

    /// Whether gas readings are shifted by the gas-path delay.
    public enum GasAlignment: String, CaseIterable, Sendable {
        /// Gas is taken as it is read.
        case off
    }
}
