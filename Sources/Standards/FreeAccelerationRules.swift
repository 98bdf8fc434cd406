public import Metrology

/// What a standard asks of a free acceleration (自由加速法测试要求), whoever wrote it: conditions, engine speeds, times,
/// peaks and how they become a result.
///
/// The rules of GB 3847, of the British vehicle test and of SAE J1667 differ in these values only; the procedure that
/// follows them is one and has no numbers of its own.
public struct FreeAccelerationRules: Sendable {
    /// Conditions before the engine is accelerated.
    public let preTest: SmokePreTestRules
    /// Which speeds count as idle and as governed.
    public let engine: Engine
    /// How long things may and must take.
    public let times: Times
    /// Where a peak comes from.
    public let peak: Peak
    /// How peaks become a result.
    public let acceptance: SmokeAcceptance
    /// Decimal places of the result.
    public let places: Int
    /// Whether the reported or the full value is compared with the limit.
    public let comparison: Comparison
    /// Which reading stands for a second of process data.
    public let secondTakes: SecondTakes
    /// When a test is broken off because the lane cannot measure.
    public let watch: WatchRules

    /// Which speeds count as idle and as governed.
    public struct Engine: Sendable {
        /// The range of rated and governed speeds that an order may name, r/min.
        public let plausible: ClosedRange<Double>
        /// Idle is below this share of the rated (or governed) speed, %.
        public let idleShare: PackValue
        /// The speeds of one stay at idle differ by no more than this, r/min.
        public let idleSpread: PackValue
        /// Above the idle speed by more than this, the engine accelerates, r/min.
        public let onset: PackValue
        /// Share of the governed speed that counts as having reached it, %.
        public let governedShare: PackValue
        /// Share of the rated speed that a purge must reach where the governed speed is not known yet, %.
        public let purgeShare: PackValue
        /// Share of the governed speed that an automatic has to reach if its rated speed is not known, %.
        public let automaticShare: PackValue
    }

    /// How long things may and must take; zero where nothing is asked.
    public struct Times: Sendable {
        /// At idle before an acceleration.
        public let idleWait: LaneSpan
        /// Longest stay at idle without the engine settling there.
        public let idleLimit: LaneSpan
        /// Until the driver presses the pedal when told to.
        public let cueLimit: LaneSpan
        /// From idle to governed speed.
        public let riseMaximum: LaneSpan
        /// At governed speed before the pedal is released.
        public let holdMinimum: LaneSpan
        /// At governed speed.
        public let holdMaximum: LaneSpan
        /// After leaving the governed speed, while smoke is still on its way.
        public let peakTail: LaneSpan
        /// In which the driver is told to have the pedal down.
        public let pedal: PackValue
    }

    /// Where a peak comes from.
    public struct Peak: Sendable {
        /// The opacimeter's own memory, or its readings.
        public let source: Source
        /// Whether the readings are filtered here.
        public let filter: Filter
        /// Effective length of the opacimeter, m.
        public let length: PackValue
        /// Longest time without a reading of the smoke.
        public let smokeGap: LaneSpan
        /// Longest time without a reading of the engine speed.
        public let speedGap: LaneSpan
        /// How far the opacimeter's memory may be above the readings since it was cleared, 1/m.
        public let cleared: PackValue
        /// By how much the opacimeter's memory and the greatest of its readings may differ, 1/m…
        public let agreement: PackValue
        /// …or as a share of the memory, whichever is more, %.
        public let agreementShare: PackValue
        /// The filter's constants; nil where nothing is filtered here.
        public let bessel: BesselFilter?

        /// Which peak is judged.
        public enum Source: String, CaseIterable, Sendable {
            /// The opacimeter's peak memory; the greatest reading where it has none.
            case instrument
            /// The greatest reading.
            case readings
        }

        /// What makes the response time.
        public enum Filter: String, CaseIterable, Sendable {
            /// The opacimeter's own response.
            case instrument
            /// A Bessel filter over its readings.
            case bessel
        }
    }
}

/// When a series of peaks is accepted, and what its result is (结果判定规则).
public struct SmokeAcceptance: Hashable, Sendable {
    /// Accelerations that blow the exhaust free before the probe goes in.
    public let purges: Int
    /// How many of the last peaks make the result.
    public let count: Int
    /// Valid accelerations before anything is judged.
    public let fewest: Int
    /// Valid accelerations after which the test ends.
    public let most: Int
    /// Invalid accelerations after which it is broken off.
    public let mostInvalid: Int
    /// Greatest distance between the peaks that make the result, in the unit of the limit; nil where none is asked.
    public let spread: PackValue?
    /// Which order of peaks is accepted.
    public let trend: Trend
    /// Whether accelerations go on while the result is above the limit.
    public let above: Above

    /// Which order of peaks is accepted.
    public enum Trend: String, CaseIterable, Sendable {
        /// Any.
        case any
        /// Not each below the one before: the exhaust would still be clearing (无连续下降趋势).
        case notDecreasing = "not-decreasing"
    }

    /// What a result above the limit leads to.
    public enum Above: String, CaseIterable, Sendable {
        /// The test fails.
        case fails
        /// It goes on with further accelerations as long as there may be any.
        case continues
    }
}

/// What has to be in order before the engine is accelerated (检测前准备).
public struct SmokePreTestRules: Sendable {
    /// Least oil temperature, °C.
    public let oilTemperatureMinimum: PackValue
    /// Running time that stands in for the oil temperature where none can be read, s.
    public let engineRunningInstead: PackValue
    /// Air temperature range, °C.
    public let airTemperature: ClosedRange<Double>
    /// Greatest relative humidity, %.
    public let relativeHumidityMaximum: PackValue
    /// Whether there is no test without the room's air.
    public let air: AirRule
    /// How far from 0 % the opacimeter may be with clean air, % opacity.
    public let zeroTolerance: PackValue
    /// How far from 100 % it may be without light, % opacity.
    public let fullScaleTolerance: PackValue
    /// Seconds in a row for which zero and full scale must be seen.
    public let steadySeconds: Int
    /// Longest wait for a warm engine and opacimeter, s.
    public let warmUpLimit: Int
    /// For the zero, s.
    public let zeroLimit: Int
    /// For the full scale and the way back to zero, s.
    public let fullScaleLimit: Int
    /// For the probe, s.
    public let probeLimit: Int

    /// Whether there is no test without the room's air.
    public enum AirRule: String, CaseIterable, Sendable {
        /// Temperature, humidity and pressure are part of the record.
        case required
        /// They are recorded where they can be read.
        case recorded
    }
}
