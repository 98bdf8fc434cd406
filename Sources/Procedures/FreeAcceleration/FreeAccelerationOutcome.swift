public import Metrology
public import Standards

/// What a free acceleration test arrived at, with everything it rests on.
public struct FreeAccelerationOutcome: TestOutcome {
    /// Passed, failed, or broken off.
    public let verdict: Verdict
    /// The result against its limit; empty if there is none.
    public let items: [JudgedItem]
    /// The limit that the engine is judged by.
    public let limit: SmokeLimit
    /// Purges, and accelerations valid and invalid, in order.
    public let accelerations: [SmokeAcceleration]
    /// What was found before the first of them.
    public let preTest: SmokePreTestResult
    /// The maker's governed speed, or the one that the purges found, r/min.
    public let governedSpeed: Double?
    /// One entry for each second since the engine was first accelerated or waited for.
    public let seconds: [SmokeSecond]
    /// What a reader of the record should know.
    public let remarks: [TestRemark]

    /// The test room's air when the test began.
    public var air: AirState? { preTest.air }
}

/// One acceleration, whether it counts or not (一次自由加速).
public struct SmokeAcceleration: Hashable, Sendable {
    /// Its number among those of its kind, from 1, invalid ones included.
    public let number: Int
    /// Whether it blew the exhaust free, without the probe.
    public let isPurge: Bool
    /// Why it does not count; nil if it does.
    public let fault: AccelerationFault?
    /// When the driver was told to press the pedal.
    public let cuedAt: LaneInstant
    /// When it was over.
    public let endedAt: LaneInstant
    /// Mean speed at idle before it, r/min.
    public let idleSpeed: Double
    /// The speed that it had to reach, r/min.
    public let threshold: Double
    /// The greatest speed it reached, r/min.
    public let topSpeed: Double
    /// From idle to the speed to be reached; nil if that was not reached.
    public let rise: LaneSpan?
    /// At or above that speed; nil if it was not reached.
    public let hold: LaneSpan?
    /// The peak that is judged, 1/m; nil if it does not count or is a purge.
    public let peak: Double?
    /// The peak in the unit of the limit; nil likewise.
    public let judged: Double?
    /// The greatest of the readings, 1/m.
    public let peakOfReadings: Double?
    /// The opacimeter's peak memory, 1/m; nil where it has none or was not seen cleared.
    public let memory: Double?
}

/// One second of a free acceleration test as the record lists it (过程数据).
public struct SmokeSecond: Hashable, Sendable {
    /// Second of the test.
    public let second: Int
    /// What was going on.
    public let stage: StageKind
    /// The measured acceleration under way or last over; 0 before the first.
    public let acceleration: Int
    /// The values that stand for the second; a channel without a valid one is missing.
    public let values: [ChannelID: Double]
    /// The greatest reading of the acceleration's smoke in this second, filtered as it is judged, 1/m; nil outside.
    public let greatest: Double?
}
