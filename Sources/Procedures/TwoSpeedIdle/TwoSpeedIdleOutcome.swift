public import Messages
public import Metrology
public import Standards

/// What a two-speed idle test arrived at, with everything it rests on.
public struct TwoSpeedIdleOutcome: TestOutcome {
    /// Passed, failed, or broken off.
    public let verdict: Verdict
    /// What was compared with limits, by fuel and speed.
    public let items: [JudgedItem]
    /// The means of every fuel, speed and tail pipe that was measured, in the order of measuring.
    public let means: [IdleMean]
    /// What was found before the engine was driven.
    public let preTest: GasPreTestResult
    /// One entry for each second from the conditioning on.
    public let seconds: [IdleSecond]
    /// How often a phase was begun again.
    public let restarts: Int
    /// What a reader of the record should know.
    public let remarks: [TestRemark]

    /// The test room's air when the test began.
    public var air: AirState? { preTest.air }
}

/// The means of one measurement (测量平均值).
public struct IdleMean: Hashable, Sendable {
    /// What the engine burnt.
    public let fuel: Fuel
    /// At which speed.
    public let speed: IdleSpeed
    /// Which tail pipe, from 1.
    public let pipe: Int
    /// CO, %.
    public let carbonMonoxide: Double
    /// HC, ppm.
    public let hydrocarbons: Double
    /// Lambda computed from each second's gases.
    public let lambda: Double
    /// Lambda as the analyzer reported it; nil if it did not in every second.
    public let analyzerLambda: Double?
    /// Engine speed, r/min.
    public let engineSpeed: Double
}

/// One second as the record lists it (过程数据).
public struct IdleSecond: Hashable, Sendable {
    /// Second of the test.
    public let second: Int
    /// Which phase.
    public let phase: IdlePhase
    /// Second of the phase.
    public let phaseSecond: Int
    /// What the engine burnt.
    public let fuel: Fuel
    /// Which tail pipe, from 1.
    public let pipe: Int
    /// The values that stand for the second; a channel without a valid one is missing.
    public let values: [ChannelID: Double]
    /// Lambda from the second's gases; nil where it could not be formed.
    public let lambda: Double?
}

/// The phases of two-speed idle, in the order of the authority's codes 0…4.
public enum IdlePhase: String, CaseIterable, Sendable {
    /// At the conditioning speed (70 % 额定转速).
    case conditioning
    /// Settling at high idle (高怠速准备).
    case highIdleSettle = "high-idle-settle"
    /// Measuring at high idle (高怠速检测).
    case highIdle = "high-idle"
    /// Settling at idle (怠速准备).
    case idleSettle = "idle-settle"
    /// Measuring at idle (怠速检测).
    case idle

    /// The speed that the phase belongs to; nil for the conditioning.
    var speed: IdleSpeed? {
        switch self {
        case .conditioning: nil
        case .highIdleSettle, .highIdle: .high
        case .idleSettle, .idle: .low
        }
    }

    /// Whether means are taken.
    var measures: Bool { self == .highIdle || self == .idle }
}

extension TwoSpeedIdleOutcome {
    /// Means, pre-test, process data and remarks, as the record's result holds them.
    public func details() throws(MetrologyError) -> [String: Report] {
        var means: [Report] = []
        for mean in self.means { means.append(try mean.report()) }
        var seconds: [Report] = []
        seconds.reserveCapacity(self.seconds.count)
        for (index, second) in self.seconds.enumerated() { seconds.append(try second.report(number: index + 1)) }
        return [
            "means": .list(means), "preTest": try preTest.report(), "seconds": .list(seconds),
            "restarts": .count(restarts), "remarks": .list(remarks.map { .text($0.rawValue) }),
        ]
    }

    /// The engine speeds and how often a phase was begun again.
    public var notes: [Message] {
        means.map { mean in
            Message(
                .idleMeanNote,
                [
                    "fuel": .text(mean.fuel.rawValue), "speed": .text(mean.speed.rawValue),
                    "pipe": .integer(mean.pipe),
                    "rpm": .text((try? RoundedDecimal(mean.engineSpeed, places: 0))?.description ?? "–"),
                    "restarts": .integer(restarts),
                ])
        }
    }
}

extension IdleMean {
    fileprivate func report() throws(MetrologyError) -> Report {
        [
            "fuel": .text(fuel.rawValue), "speed": .text(speed.rawValue), "pipe": .count(pipe),
            "co": try .number(carbonMonoxide, 4), "hc": try .number(hydrocarbons, 2),
            "lambda": try .number(lambda, 4), "analyzerLambda": try .number(analyzerLambda, 4),
            "rpm": try .number(engineSpeed, 0),
        ]
    }
}

extension IdleSecond {
    fileprivate func report(number: Int) throws(MetrologyError) -> Report {
        [
            "n": .count(number), "t": .count(second), "phase": .text(phase.rawValue), "pt": .count(phaseSecond),
            "fuel": .text(fuel.rawValue), "pipe": .count(pipe), "rpm": try .number(values[.engineSpeed], 0),
            "co": try .number(values[.carbonMonoxide], 2), "co2": try .number(values[.carbonDioxide], 2),
            "hc": try .number(values[.hydrocarbons], 0), "no": try .number(values[.nitricOxide], 0),
            "o2": try .number(values[.oxygen], 2), "lambda": try .number(values[.lambda], 3),
            "lambdac": try .number(lambda, 4), "oil": try .number(values[.oilTemperature], 1),
            "ta": try .number(values[.airTemperature], 1), "rh": try .number(values[.relativeHumidity], 1),
            "pb": try .number(values[.airPressure], 2),
        ]
    }
}
