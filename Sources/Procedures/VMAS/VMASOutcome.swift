public import Metrology
public import Standards

/// What a simple transient test arrived at, with everything it rests on.
public struct VMASOutcome: TestOutcome {
    /// Passed, failed, or broken off.
    public let verdict: Verdict
    /// What the masses come to by every way to read the standard, the pack's own first; empty without a verdict.
    public let readings: [VMASReadingResult]
    /// The way that was driven, km.
    public let distance: Double
    /// The masses of all seconds by the pack's own reading, g.
    public let masses: VMASMasses
    /// How the vehicle was loaded.
    public let load: VMASLoad
    /// By how much gas was read late.
    public let analyzerDelay: LaneSpan
    /// By how much flow was read late.
    public let flowMeterDelay: LaneSpan
    /// What the flow meter showed in the room's air.
    public let flowMeter: FlowMeterResult
    /// What was found before the probe went in.
    public let preTest: GasPreTestResult
    /// One entry for each second of the cycle whose values have all arrived.
    public let seconds: [VMASSecond]
    /// What a reader of the record should know.
    public let remarks: [TestRemark]

    /// The judged items by the pack's own reading.
    public var items: [JudgedItem] { readings.first?.items ?? [] }

    /// The test room's air when the test began.
    public var air: AirState? { preTest.air }
}

/// What the masses come to by one way to read the standard.
public struct VMASReadingResult: Hashable, Sendable {
    /// The reading.
    public let reading: VMASRequirements.MassReading
    /// The items that decide.
    public let items: [JudgedItem]
    /// Items that are compared with a recommended limit and do not decide.
    public let recommended: [JudgedItem]

    /// Whether the vehicle passes by this reading.
    public var passes: Bool { items.allSatisfy(\.passes) }
}

/// One second of the cycle as the record lists it (过程数据), every value from when it left the tail pipe.
public struct VMASSecond: Hashable, Sendable {
    /// Second of the cycle, from 1.
    public let number: Int
    /// The operation it belongs to (操作序号), from 1.
    public let operation: Int
    /// The phase (工况序号).
    public let phase: Int
    /// The speed of the trace.
    public let target: Speed
    /// The values that stand for the second; a channel without a valid one is missing.
    public let values: [ChannelID: Double]
    /// The out-of-band counters after this second.
    public let counters: BandCounters
    /// The force that was due at the roller's surface beside the rollers' own inertia; nil where the brake was left
    /// without force.
    public let totalForce: Force?
    /// What the rollers take of it.
    public let parasiticForce: Force?
    /// The force that the brake was told to hold.
    public let setForce: Force?
    /// What the rollers take at this speed (附加损失功率).
    public let parasiticPower: Power
    /// What the masses are formed of.
    public let basis: VMASBasis
    /// The masses by the pack's own reading, g.
    public let masses: VMASMasses

    /// The speed.
    public var speed: Speed { Speed(values[.rollerSpeed] ?? 0) }

    /// The brake's power (指示功率); nil without force.
    public var brakePower: Power? { values[.rollerForce].map { Force($0) * speed } }

    /// How much more force there was at the surface than was due (惯量模拟误差); nil where one of them is not known.
    public var loadError: Force? {
        guard let totalForce, let parasiticForce, let force = values[.rollerForce] else { return nil }
        return Force(force) + parasiticForce - totalForce
    }
}
