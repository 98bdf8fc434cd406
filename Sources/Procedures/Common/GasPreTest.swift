import Messages
public import Metrology
public import Standards

/// The checks before a gas test (检测前准备): warm engine and analyzer, zero, room air, residual HC, rollers at rest
/// where the method has rollers, probe in the exhaust.
struct GasPreTest {
    /// What a second led to.
    enum Step {
        /// Nothing yet; the lane is to do this.
        case goesOn([Directive])
        /// Everything is ready.
        case ready
        /// A condition is not met.
        case aborted(AbortReason)
    }

    private(set) var stage = StageKind.warmUp
    private(set) var result = GasPreTestResult()
    private(set) var remarks: Set<TestRemark> = []
    /// Seconds in the stage.
    private(set) var seconds = 0

    private let rules: PreTestRules
    private let oilTemperatureReadable: Bool
    private let probes: Bool
    private var stageBegan = LaneInstant.zero
    private var runningSeconds = 0
    private var sawZeroing = false
    private var means: [ChannelID: MovingMean] = [:]
    private var delay = GasPathDelay()

    /// - Parameter probes: whether it ends with the probe in the exhaust; else it ends before.
    init(_ rules: PreTestRules, oilTemperatureReadable: Bool, probes: Bool = true) {
        self.probes = probes
        self.rules = rules
        self.oilTemperatureReadable = oilTemperatureReadable
    }

    /// What the lane is to do first.
    var opening: [Directive] { [.prompt(Message(.promptWarmUp))] }

    /// Watches every frame, for what happens between whole seconds.
    mutating func watch(_ frame: Frame) {
        if stage == .probe { delay.watch(frame) }
    }

    /// Takes one second in.
    mutating func take(_ second: SecondImage) -> Step {
        seconds += 1
        switch stage {
        case .warmUp: return warmUp(second)
        case .zero: return zero(second)
        case .ambient: return ambient(second)
        case .background: return background(second)
        case .rest: return rest(second)
        case .probe: return probe(second)
        default: return .ready
        }
    }

    // MARK: Stages

    private mutating func warmUp(_ second: SecondImage) -> Step {
        if let speed = second[.engineSpeed], speed > 0 { runningSeconds += 1 } else { runningSeconds = 0 }
        if let temperature = second[.airTemperature], let humidity = second[.relativeHumidity],
            let pressure = second[.airPressure]
        {
            guard rules.airTemperature.contains(temperature), humidity.isAtMost(rules.relativeHumidityMaximum) else {
                return .aborted(.precondition(.ambientConditions))
            }
            result.air = AirState(
                temperature: Temperature(temperature), relativeHumidity: Percentage(humidity),
                pressure: Pressure(pressure))
        }
        let isAnalyzerWarm = second.states[.gasAnalyzer].map { !$0.conditions.contains(.warmingUp) } ?? false
        let isEngineWarm: Bool
        if oilTemperatureReadable {
            isEngineWarm = second[.oilTemperature].map { !$0.isBelow(rules.oilTemperatureMinimum) } ?? false
        } else {
            isEngineWarm = runningSeconds >= rules.engineRunningInstead.count
        }
        if result.air != nil, isAnalyzerWarm, isEngineWarm {
            if oilTemperatureReadable {
                result.oilTemperature = second[.oilTemperature]
            } else {
                remarks.insert(.oilTemperatureNotRead)
            }
            return enter(.zero, second, [.prompt(Message(.promptZero)), .analyzer(.zero)])
        }
        guard isTimeUp(.warmUp) else { return .goesOn([]) }
        if !isAnalyzerWarm { return .aborted(.timeLimit(.warmUp)) }
        return .aborted(isEngineWarm ? .precondition(.ambientConditions) : .precondition(.engineCold))
    }

    private mutating func zero(_ second: SecondImage) -> Step {
        // Only what the analyzer said after it was told to zero is about this zero.
        if let state = second.states[.gasAnalyzer], state.acquiredAt > stageBegan {
            if state.conditions.contains(.zeroing) {
                sawZeroing = true
            } else if sawZeroing, !state.conditions.contains(.busy) {
                if state.conditions.contains(.zeroFailed) { return .aborted(.deviceFault(.gasAnalyzer)) }
                return enter(.ambient, second, [.prompt(Message(.promptAmbient)), .analyzer(.sampleAmbient)])
            }
        }
        return isTimeUp(.zero) ? .aborted(.timeLimit(.zero)) : .goesOn([])
    }

    private mutating func ambient(_ second: SecondImage) -> Step {
        let channels: [Pollutant: ChannelID] = [
            .carbonMonoxide: .carbonMonoxide, .hydrocarbons: .hydrocarbons, .nitricOxide: .nitricOxide,
        ]
        gather(Array(channels.values) + [.oxygen], second)
        let found = channels.compactMapValues { means[$0]?.mean }
        guard found.count == channels.count else {
            return isTimeUp(.residual) ? .aborted(.timeLimit(.ambient)) : .goesOn([])
        }
        result.ambient = found
        result.ambientOxygen = means[.oxygen]?.mean
        let isClean = found.allSatisfy { found in rules.ambientMaximum[found.key].map(found.value.isAtMost) ?? false }
        guard isClean else { return .aborted(.precondition(.ambientAir)) }
        return enter(.background, second, [.prompt(Message(.promptBackground)), .analyzer(.sampleProbe)])
    }

    private mutating func background(_ second: SecondImage) -> Step {
        gather([.hydrocarbons], second)
        if let background = means[.hydrocarbons]?.mean, let ambient = result.ambient[.hydrocarbons] {
            result.residualHydrocarbons = background - ambient
            if (background - ambient).isAtMost(rules.residualMaximum) {
                guard probes else { return .ready }
                return rules.restSpeedMaximum == nil
                    ? enter(.probe, second, [.prompt(Message(.promptInsertProbe))])
                    : enter(.rest, second, [.prompt(Message(.promptRest)), .liftDown])
            }
        }
        return isTimeUp(.residual) ? .aborted(.precondition(.residualHydrocarbons)) : .goesOn([])
    }

    private mutating func rest(_ second: SecondImage) -> Step {
        if let speed = second[.rollerSpeed], let maximum = rules.restSpeedMaximum, speed.isAtMost(maximum) {
            return enter(.probe, second, [.prompt(Message(.promptInsertProbe))])
        }
        return isTimeUp(.rest) ? .aborted(.precondition(.rollersTurning)) : .goesOn([])
    }

    private mutating func probe(_ second: SecondImage) -> Step {
        guard let co = second[.carbonMonoxide], let co2 = second[.carbonDioxide],
            !(co + co2).isBelow(rules.probeCarbonMinimum)
        else {
            means.removeAll()
            return isTimeUp(.probe) ? .aborted(.precondition(.probeCheck)) : .goesOn([])
        }
        means[.carbonDioxide, default: MovingMean(length: rules.samplingMean)].append(co + co2)
        guard let carbon = means[.carbonDioxide]?.mean else {
            return isTimeUp(.probe) ? .aborted(.precondition(.probeCheck)) : .goesOn([])
        }
        result.probeCarbon = carbon
        result.gasPathDelay = delay.delay(finalValue: co2)
        return .ready
    }

    // MARK: Inside

    private mutating func enter(_ next: StageKind, _ second: SecondImage, _ directives: [Directive]) -> Step {
        stage = next
        seconds = 0
        stageBegan = LaneInstant.zero + .seconds(Double(second.number))
        sawZeroing = false
        means.removeAll()
        return .goesOn(directives)
    }

    /// Lets the line settle, then gathers values; a missing one starts the mean of its channel anew.
    private mutating func gather(_ channels: [ChannelID], _ second: SecondImage) {
        guard seconds > rules.samplingSettle else { return }
        for channel in channels {
            if let value = second[channel] {
                means[channel, default: MovingMean(length: rules.samplingMean)].append(value)
            } else {
                means[channel] = nil
            }
        }
    }

    private func isTimeUp(_ kind: PreTestRules.WaitKind) -> Bool { seconds >= rules.limits[kind] ?? 0 }
}

/// What the pre-test found; nil for what was not reached.
public struct GasPreTestResult: Hashable, Sendable {
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

    /// The findings as records hold them.
    func report() throws(MetrologyError) -> Report {
        [
            "air": try air.map { (air) throws(MetrologyError) in try air.report() } ?? .absent,
            "oilTemperature": try .number(oilTemperature, 1),
            "ambientCO": try .number(ambient[.carbonMonoxide], 2), "ambientHC": try .number(ambient[.hydrocarbons], 0),
            "ambientNO": try .number(ambient[.nitricOxide], 0), "ambientO2": try .number(ambientOxygen, 2),
            "residualHC": try .number(residualHydrocarbons, 0), "probeCarbon": try .number(probeCarbon, 2),
            "gasPathDelaySeconds": try .number(gasPathDelay?.seconds, 1),
        ]
    }
}

/// Measures how long gas takes from the tail pipe to the reading (气路延迟), from the confirmed insertion of the probe
/// until CO2 has half of its final value.
struct GasPathDelay {
    private var inserted: LaneInstant?
    private var readings: [(time: LaneInstant, value: Double)] = []

    mutating func watch(_ frame: Frame) {
        if inserted == nil, frame.events.contains(.probeInserted) { inserted = frame.time }
        let sample = frame[.carbonDioxide]
        guard inserted != nil, let value = sample.valid?.value, let time = sample.acquiredAt,
            readings.last.map({ $0.time < time }) ?? true
        else { return }
        readings.append((time, value))
    }

    /// The delay; nil if nobody confirmed the insertion or CO2 was there before.
    func delay(finalValue: Double) -> LaneSpan? {
        guard let inserted, let first = readings.first, first.value < finalValue / 2,
            let crossing = readings.first(where: { $0.value >= finalValue / 2 })
        else { return nil }
        return crossing.time - inserted
    }
}
