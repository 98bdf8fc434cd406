public import Messages
public import Metrology
import Standards

extension ASMOutcome {
    /// The judged items of all modes.
    public var items: [JudgedItem] { modes.flatMap(\.items) }

    /// The test room's air when the test began.
    public var air: AirState? { preTest.air }

    /// How each mode ended.
    public var notes: [Message] {
        modes.map { mode in
            Message(
                .reportMode,
                [
                    "mode": .text(mode.mode.rawValue.uppercased()),
                    "decision": .message(Message(mode.decision.messageCode)), "seconds": .integer(mode.modeSeconds),
                    "restarts": .integer(mode.restarts),
                ])
        }
    }

    /// Modes, pre-test, process data and remarks, as the record's result holds them.
    public func details() throws(MetrologyError) -> [String: Report] {
        var modes: [Report] = []
        for mode in self.modes { modes.append(try mode.report()) }
        var seconds: [Report] = []
        seconds.reserveCapacity(self.seconds.count)
        for (index, second) in self.seconds.enumerated() { seconds.append(try second.report(number: index + 1)) }
        return [
            "modes": .list(modes), "preTest": try preTest.report(), "seconds": .list(seconds),
            "remarks": .list(remarks.map { .text($0.rawValue) }),
        ]
    }
}

extension ASMDecision {
    fileprivate var messageCode: MessageCode {
        switch self {
        case .fast: .decisionFast
        case .rolling: .decisionRolling
        case .gross: .decisionGross
        case .exhausted: .decisionExhausted
        case .interrupted: .decisionInterrupted
        }
    }
}

extension ASMModeResult {
    fileprivate func report() throws(MetrologyError) -> Report {
        [
            "mode": .text(mode.rawValue), "decision": .text(decision.rawValue), "modeSeconds": .count(modeSeconds),
            "totalSeconds": .count(totalSeconds), "restarts": .count(restarts),
            "speed": try .number(load.speed.value, 1), "totalPower": try .number(load.totalPower.value, 2),
            "brakeForce": try .number(load.brakeForce.value, 1),
            "parasiticForce": try .number(load.parasiticForce.value, 1),
        ]
    }
}

extension ASMSecond {
    fileprivate func report(number: Int) throws(MetrologyError) -> Report {
        [
            "n": .count(number), "t": .count(second), "stage": .text(stage.rawValue), "mode": .text(mode.rawValue),
            "mt": .count(modeSecond),
            "speed": try .number(values[.rollerSpeed], 2), "force": try .number(values[.rollerForce], 1),
            "power": try .number(totalPower?.value, 2), "rpm": try .number(values[.engineSpeed], 0),
            "co": try .number(values[.carbonMonoxide], 2), "co2": try .number(values[.carbonDioxide], 2),
            "hc": try .number(values[.hydrocarbons], 0), "no": try .number(values[.nitricOxide], 0),
            "o2": try .number(values[.oxygen], 2), "lambda": try .number(values[.lambda], 3),
            "oil": try .number(values[.oilTemperature], 1), "ta": try .number(values[.airTemperature], 1),
            "rh": try .number(values[.relativeHumidity], 1), "pb": try .number(values[.airPressure], 2),
            "df": try .number(factors?.dilution, 4), "kh": try .number(factors?.humidity, 4),
            "coc": try .number(corrected[.carbonMonoxide], 4), "hcc": try .number(corrected[.hydrocarbons], 2),
            "noc": try .number(corrected[.nitricOxide], 2),
            "sc": .count(counters.speedContinuous), "st": .count(counters.speedCumulative),
            "tc": .count(counters.torqueContinuous), "tt": .count(counters.torqueCumulative),
        ]
    }
}
