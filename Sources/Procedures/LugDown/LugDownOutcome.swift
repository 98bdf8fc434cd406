public import Metrology
public import Standards

/// What a lug-down test arrived at, with everything it rests on.
public struct LugDownOutcome: TestOutcome {
    /// Passed, failed, or broken off.
    public let verdict: Verdict
    /// Power, engine speed, smoke and NOx against their limits; those that were reached.
    public let items: [JudgedItem]
    /// What the test was carried out with.
    public let test: LugDownTest
    /// What was found before the engine was raced.
    public let preTest: LugDownPreTestResult
    /// The free top speed of the engine (断油转速); nil if it was not reached.
    public let governedSpeed: EngineSpeed?
    /// What the chosen gear reaches; nil if none was found.
    public let gear: LugDownGear?
    /// The greatest power of the scan; nil if the scan did not end.
    public let peak: LugDownPeak?
    /// The points that were completed, in order.
    public let points: [LugDownPointResult]
    /// One entry for each second since the engine was raced.
    public let seconds: [LugDownSecond]
    /// What a reader of the record should know.
    public let remarks: [TestRemark]

    /// The test room's air when the test began.
    public var air: AirState? { preTest.air }
}

/// One second under throttle as the record lists it (过程数据).
public struct LugDownSecond: Hashable, Sendable {
    /// Second of the test.
    public let second: Int
    /// What was going on.
    public let stage: StageKind
    /// At which point; nil before the points.
    public let point: LugDownPoint?
    /// The speed that the brake was to hold; nil where it held none.
    public let setSpeed: Speed?
    /// The values that stand for the second; a channel without a valid one is missing.
    public let values: [ChannelID: Double]
    /// Power that the brake took (指示功率), kW; nil without speed or force.
    public let brakePower: Power?
    /// Power that the rollers took (寄生功率), kW; nil without speed.
    public let parasiticPower: Power?
    /// Power of the wheels at the rollers (轮边功率), kW.
    public let power: Power?
    /// What power is multiplied with for standard air; nil where it could not be formed.
    public let powerFactor: Double?
    /// Humidity factor of NOx; nil where it could not be formed.
    public let humidityFactor: Double?

    /// Power in standard air, kW.
    public var correctedPower: Power? { power.flatMap { power in powerFactor.map { power * $0 } } }

    /// NOx corrected for humidity, ppm.
    public var correctedNOx: Double? {
        values[.nitrogenOxides].flatMap { nox in humidityFactor.map { nox * $0 } }
    }
}
