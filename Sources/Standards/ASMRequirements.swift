public import Metrology

/// What a standard asks of an ASM test (稳态工况法测试要求): conditions, loads, bands, times, rules and corrections,
/// read from a requirement pack.
///
/// Every number that the procedure uses stands here with its source and grade; the procedure holds none of its own.
public struct ASMRequirements: Sendable {
    /// The pack's identity.
    public let identity: PackIdentity
    /// The pack's bytes, whose digest records name.
    public let bytes: [UInt8]

    /// Conditions before the probe goes in.
    public let preTest: PreTest
    /// How the vehicle is loaded.
    public let load: Load
    /// Speed and torque bands and how long they may be left.
    public let bands: Bands
    /// Lengths of the phases, in seconds.
    public let times: Times
    /// How means become a verdict.
    public let decisions: Decisions
    /// Constants of the corrections.
    public let correction: Correction
    /// Decimal places of reported values.
    public let report: [Pollutant: Int]
    /// When a test is broken off.
    public let aborts: Aborts
    /// How old a reading of each instrument may be.
    public let freshness: [InstrumentRole: LaneSpan]

    /// Conditions before the probe goes in (检测前准备).
    public struct PreTest: Sendable {
        /// Least oil temperature, °C.
        public let oilTemperatureMinimum: PackValue
        /// Running time that stands in for the oil temperature where none can be read, s.
        public let engineRunningInstead: PackValue
        /// Air temperature range, °C.
        public let airTemperature: ClosedRange<Double>
        /// Greatest relative humidity, %.
        public let relativeHumidityMaximum: PackValue
        /// Greatest concentrations in ambient air, in each pollutant's unit.
        public let ambientMaximum: [Pollutant: PackValue]
        /// Greatest residual HC in the sample line, ppm.
        public let residualMaximum: PackValue
        /// Greatest speed of rollers at rest, km/h.
        public let restSpeedMaximum: PackValue
        /// Least CO + CO2 that shows the probe in the exhaust, %.
        public let probeCarbonMinimum: PackValue
        /// Seconds before ambient and background readings are taken.
        public let samplingSettle: Int
        /// Seconds over which they are averaged.
        public let samplingMean: Int
        /// Seconds after which waiting for warmth, zero, a clean line, rollers at rest and the probe ends.
        public let limits: [WaitKind: Int]
    }

    /// What the pre-test waits for, each for a limited time.
    public enum WaitKind: String, CaseIterable, Sendable {
        /// A warm analyzer and engine.
        case warmUp = "warm-up"
        /// The analyzer's zero.
        case zero
        /// A clean sample line.
        case residual
        /// Rollers at rest.
        case rest
        /// The probe in the exhaust.
        case probe
    }

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

    /// When a time limit counts as reached.
    public enum LimitReached: String, CaseIterable, Sendable {
        /// At its value.
        case at
        /// Only past its value.
        case after
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

    /// What is compared with a limit.
    public enum Comparison: String, CaseIterable, Sendable {
        /// The value as reported.
        case rounded
        /// The value at twelve significant digits (全数值比较法).
        case full
    }

    /// What a second without one of its values does to a mode's timer.
    public enum IncompleteSecond: String, CaseIterable, Sendable {
        /// It restarts the timer.
        case restarts
        /// Only its window cannot be judged.
        case allowed
    }

    /// Which of a second's readings stands for it.
    public enum SecondTakes: String, CaseIterable, Sendable {
        /// The first.
        case first
        /// The last.
        case last
        /// The mean of all.
        case mean
    }

    /// Whether gas readings are shifted by the gas-path delay.
    public enum GasAlignment: String, CaseIterable, Sendable {
        /// Gas is taken as it is read.
        case off
    }

    /// Constants of the corrections.
    public struct Correction: Sendable {
        /// The dilution correction of each fuel.
        public let dilution: [Fuel: DilutionCorrection]
        /// The humidity correction of NO.
        public let humidity: HumidityCorrection
    }

    /// When a test is broken off.
    public struct Aborts: Sendable {
        /// Least CO + CO2, %.
        public let dilutionMinimum: PackValue
        /// Seconds in a row below it.
        public let dilutionSeconds: Int
        /// An engine below this speed has stalled, r/min.
        public let stallSpeed: PackValue
        /// Seconds in a row below it.
        public let stallSeconds: Int
        /// Seconds in a row with too little sample flow.
        public let lowFlowSeconds: Int
        /// Seconds that a device may be lost.
        public let lostSeconds: Int
        /// Seconds in a row in which a value needed for the verdict may be missing.
        public let invalidSeconds: Int
    }
}
