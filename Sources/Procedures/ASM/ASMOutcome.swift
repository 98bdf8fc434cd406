public import Metrology
public import Standards

/// What an ASM test arrived at, with everything it rests on.
public struct ASMOutcome: Sendable {
    /// Passed, failed, or broken off.
    public let verdict: ASMVerdict
    /// The modes that were begun, in order; the last one decides.
    public let modes: [ASMModeResult]
    /// What was found before the probe went in.
    public let preTest: ASMPreTestResult
    /// One entry for each second on the rollers.
    public let seconds: [ASMSecond]
    /// What a reader of the record should know.
    public let remarks: [ASMRemark]
}

/// How a test ended.
public enum ASMVerdict: Hashable, Sendable {
    /// Every pollutant is within its limit (合格).
    case passed
    /// A pollutant is above its limit (不合格).
    case failed
    /// There is no verdict (终止).
    case aborted(AbortReason)

    /// The word in records.
    public var code: String {
        switch self {
        case .passed: "passed"
        case .failed: "failed"
        case .aborted: "aborted"
        }
    }
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
    public let items: [ASMItem]
    /// Its load.
    public let load: ASMLoad
    /// Seconds of the mode's timer at the end.
    public let modeSeconds: Int
    /// Seconds since the timer first started, restarts included.
    public let totalSeconds: Int
    /// How often the timer was restarted.
    public let restarts: Int
}

/// One pollutant's ten-second mean against its limit.
public struct ASMItem: Hashable, Sendable {
    /// Which gas.
    public let pollutant: Pollutant
    /// The limit with its source.
    public let limit: PackValue
    /// The mean at twelve significant digits.
    public let full: SignificantDecimal
    /// The mean as it is reported.
    public let reported: RoundedDecimal
    /// Whether the reported value is within the limit.
    public let passesRounded: Bool
    /// Whether the full value is within the limit.
    public let passesFull: Bool
    /// Whether it passes by the pack's way of comparing.
    public let passes: Bool
}

/// What the pre-test found; nil for what was not reached.
public struct ASMPreTestResult: Hashable, Sendable {
    /// The room's air when the test began.
    public internal(set) var air: AirState?
    /// Oil temperature when the engine was found warm, °C.
    public internal(set) var oilTemperature: Double?
    /// Mean concentrations in the room's air.
    public internal(set) var ambient: [Pollutant: Double] = [:]
    /// Mean O2 in the room's air, %.
    public internal(set) var ambientOxygen: Double?
    /// HC of the line's background above the room's air, ppm.
    public internal(set) var residualHydrocarbons: Double?
    /// CO + CO2 with the probe in the exhaust, %.
    public internal(set) var probeCarbon: Double?
    /// From the probe's insertion until CO2 had half its final value, s; nil if nobody confirmed the insertion.
    public internal(set) var gasPathDelay: LaneSpan?
}

/// Temperature, humidity and pressure of the test room.
public struct AirState: Hashable, Sendable {
    /// °C.
    public let temperature: Temperature
    /// %.
    public let relativeHumidity: Percentage
    /// kPa.
    public let pressure: Pressure
}

/// Something a reader of the record should know.
public enum ASMRemark: String, CaseIterable, Sendable {
    /// A dilution factor below 1 was used; a wrong fuel gives this.
    case dilutionFactorBelowOne = "dilution-factor-below-one"
    /// No oil temperature could be read; the engine had run for the pack's time.
    case oilTemperatureNotRead = "oil-temperature-not-read"
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
