public import Metrology
public import Standards

/// What an ASM test arrived at, with everything it rests on.
public struct ASMOutcome: TestOutcome {
    /// Passed, failed, or broken off.
    public let verdict: Verdict
    /// The modes that were begun, in order; the last one decides.
    public let modes: [ASMModeResult]
    /// What was found before the probe went in.
    public let preTest: GasPreTestResult
    /// One entry for each second on the rollers.
    public let seconds: [ASMSecond]
    /// What a reader of the record should know.
    public let remarks: [TestRemark]
}

/// How a mode ended.
public enum ASMDecision: String, CaseIterable, Sendable {
    /// Passed at the fast check (快速检查).
    case fast
    /// Passed by a moving mean.
    case rolling
    /// Failed at once: a mean far above its limit.
    case gross
    /// The mode's time was up without a pass.
    case exhausted
    /// The test was broken off in this mode.
    case interrupted
}

/// What one mode came to.
public struct ASMModeResult: Hashable, Sendable {
    /// Which mode.
    public let mode: ASMMode
    /// How it ended.
    public let decision: ASMDecision
    /// The means that were judged, in the order of `Pollutant.allCases`; empty if no window was complete.
    public let items: [JudgedItem]
    /// Its load.
    public let load: ASMLoad
    /// Seconds of the mode's timer at the end.
    public let modeSeconds: Int
    /// Seconds since the timer first started, restarts included.
    public let totalSeconds: Int
    /// How often the timer was restarted.
    public let restarts: Int
}

/// One second on the rollers as the record lists it (过程数据).
public struct ASMSecond: Hashable, Sendable {
    /// Second of the test.
    public let second: Int
    /// What was going on.
    public let stage: StageKind
    /// In which mode.
    public let mode: ASMMode
    /// Second of the mode's timer; 0 before it runs.
    public let modeSecond: Int
    /// The values that stand for the second; a channel without a valid one is missing.
    public let values: [ChannelID: Double]
    /// Power at the roller's surface, brake and parasitic loss, kW; nil without speed or force.
    public let totalPower: Power?
    /// The factors; nil where they could not be formed.
    public let factors: CorrectionFactors?
    /// Corrected concentrations; empty where they could not be formed.
    public let corrected: [Pollutant: Double]
    /// The out-of-band counters after this second.
    public let counters: BandCounters
}
