import Messages
public import Metrology
import Standards

/// The checks before a lug-down test (检测前准备): warm engine and instruments, zero of opacimeter and bench, full scale of
/// the opacimeter, rollers at rest, probes in the exhaust.
struct LugDownPreparation {
    /// What a second led to.
    enum Step {
        /// Nothing yet; the lane is to do this.
        case goesOn([Directive])
        /// Everything is ready.
        case ready
        /// A condition is not met.
        case aborted(AbortReason)
    }

    /// What is done now; the order of the cases is that of the test.
    enum Phase: Int, CaseIterable {
        case warmUp, zero, shutLight, clearLight, rest, probe
    }

    private(set) var phase = Phase.warmUp
    private(set) var result = LugDownPreTestResult()
    private(set) var remarks: Set<TestRemark> = []

    private let rules: LugDownRequirements.PreTest
    private let oilTemperatureReadable: Bool
    private var seconds = 0
    private var runningSeconds = 0
    private var isProbeConfirmed = false
    /// The second that the phase began with.
    private var began = 0
    private var sawSelfCheck = false
    private var sawSmokeOrShutter = false
    private var means: [ChannelID: MovingMean] = [:]

    init(_ test: LugDownTest) {
        rules = test.requirements.preTest
        oilTemperatureReadable = test.oilTemperatureReadable
    }

    /// What the driver and operator must do now.
    var instruction: Message { Self.instruction(phase) }

    /// What comes after it.
    var following: Message {
        Phase(rawValue: phase.rawValue + 1).map(Self.instruction) ?? Message(.lugDownRaceEngine)
    }

    private static func instruction(_ phase: Phase) -> Message {
        switch phase {
        case .warmUp: Message(.lugDownWarmUp)
        case .zero: Message(.lugDownZero)
        case .shutLight: Message(.lugDownShutLight)
        case .clearLight: Message(.lugDownClearLight)
        case .rest: Message(.lugDownRest)
        case .probe: Message(.lugDownInsertProbes)
        }
    }

    var stage: StageKind {
        switch phase {
        case .warmUp: .warmUp
        case .zero: .zero
        case .shutLight, .clearLight: .fullScale
        case .rest: .rest
        case .probe: .probe
        }
    }

    /// What the lane is to do first.
    var opening: [Directive] { [.prompt(instruction)] }

    /// Watches every frame, for what happens between whole seconds.
    mutating func watch(_ frame: Frame) {
        if phase == .probe, frame.events.contains(.probeInserted) { isProbeConfirmed = true }
    }

    /// Takes one second in.
    mutating func take(_ second: SecondImage) -> Step {
        seconds += 1
        if seconds == 1 { began = second.number }
        switch phase {
        case .warmUp: return warmUp(second)
        case .zero: return zero(second)
        case .shutLight: return shutLight(second)
        case .clearLight: return clearLight(second)
        case .rest: return rest(second)
        case .probe: return probe(second)
        }
    }

    // MARK: Phases

    private mutating func warmUp(_ second: SecondImage) -> Step {
        if let speed = second[.engineSpeed], speed > 0 { runningSeconds += 1 } else { runningSeconds = 0 }
        if let temperature = second[.airTemperature], let humidity = second[.relativeHumidity],
            let pressure = second[.airPressure]
        {
            guard !temperature.isBelow(rules.airTemperatureMinimum), temperature.isAtMost(rules.airTemperatureMaximum),
                humidity.isAtMost(rules.relativeHumidityMaximum)
            else { return .aborted(.precondition(.ambientConditions)) }
            result.air = AirState(
                temperature: Temperature(temperature), relativeHumidity: Percentage(humidity),
                pressure: Pressure(pressure))
        }
        let areInstrumentsWarm = [InstrumentRole.opacimeter, .noxAnalyzer].allSatisfy { role in
            second.states[role].map { !$0.conditions.contains(.warmingUp) } ?? false
        }
        let isEngineWarm = isEngineWarm(second)
        if result.air != nil, areInstrumentsWarm, isEngineWarm {
            result.oilTemperature = oilTemperatureReadable ? second.values.oilTemperature : nil
            result.coolantTemperature = second[.coolantTemperature]
            if result.oilTemperature == nil, result.coolantTemperature == nil { remarks.insert(.oilTemperatureNotRead) }
            return enter(.zero, [.opacimeter(.zero), .bench(.zero)])
        }
        guard isTimeUp(.warmUp) else { return .goesOn([]) }
        if !areInstrumentsWarm { return .aborted(.timeLimit(.warmUp)) }
        return .aborted(isEngineWarm ? .precondition(.ambientConditions) : .precondition(.engineCold))
    }

    /// Oil or coolant is warm, or neither can be read and the engine has run for long enough.
    private func isEngineWarm(_ second: SecondImage) -> Bool {
        let oil = oilTemperatureReadable ? second.values.oilTemperature : nil
        let readable = [oil, second[.coolantTemperature]].compactMap { $0 }
        if readable.contains(where: { !$0.isBelow(rules.oilTemperatureMinimum) }) { return true }
        return !oilTemperatureReadable && readable.isEmpty && runningSeconds >= rules.engineRunningInstead.count
    }

    private mutating func zero(_ second: SecondImage) -> Step {
        guard seconds > rules.actionSettle else { return .goesOn([]) }
        for role in [InstrumentRole.opacimeter, .noxAnalyzer] {
            let conditions = second.states[role]?.conditions ?? [.busy]
            if !conditions.isDisjoint(with: [.zeroing, .busy]) {
                means.removeAll()
                return isTimeUp(.zero) ? .aborted(.timeLimit(.zero)) : .goesOn([])
            }
            if conditions.contains(.zeroFailed) { return .aborted(.deviceFault(role)) }
        }
        gather([.opacity, .nitrogenOxides], second)
        result.opacityZero = means[.opacity]?.mean
        result.noxZero = means[.nitrogenOxides]?.mean
        let isOpacityZero = result.opacityZero.map { abs($0).isAtMost(rules.opacityZero) }
        let isNOxZero = result.noxZero.map { abs($0).isAtMost(rules.noxZero) }
        if isOpacityZero ?? false, isNOxZero ?? false { return enter(.shutLight, [.opacimeter(.fullScale)]) }
        guard isTimeUp(.zero) else { return .goesOn([]) }
        guard let isOpacityZero, isNOxZero != nil else { return .aborted(.timeLimit(.zero)) }
        return .aborted(.precondition(isOpacityZero ? .ambientAir : .opacimeterZero))
    }

    /// Full scale is proven by readings near 100 %, or by an opacimeter that checks itself and says so without showing
    /// anything.
    private mutating func shutLight(_ second: SecondImage) -> Step {
        // Only what the opacimeter says after it was told to act is about this action.
        if let state = second.states[.opacimeter], state.acquiredAt > .zero + .seconds(Double(began)) {
            if !state.conditions.isDisjoint(with: [.zeroing, .busy]) {
                sawSelfCheck = true
                means.removeAll()
                return isTimeUp(.fullScale) ? .aborted(.timeLimit(.fullScale)) : .goesOn([])
            }
            if sawSelfCheck, state.conditions.contains(.zeroFailed) { return .aborted(.deviceFault(.opacimeter)) }
        }
        gather([.opacity], second)
        if let opacity = second[.opacity], !abs(opacity).isAtMost(rules.opacityZero) { sawSmokeOrShutter = true }
        if let opacity = means[.opacity]?.mean {
            if !opacity.isBelow(rules.opacityFullScale) {
                result.opacityFullScale = opacity
                return enter(.clearLight, [])
            }
            if sawSelfCheck, !sawSmokeOrShutter {
                result.opacityZero = opacity
                remarks.insert(.fullScaleNotShown)
                return enter(.rest, [.liftDown])
            }
        }
        return isTimeUp(.fullScale) ? .aborted(.precondition(.opacimeterFullScale)) : .goesOn([])
    }

    private mutating func clearLight(_ second: SecondImage) -> Step {
        gather([.opacity], second)
        if let opacity = means[.opacity]?.mean, abs(opacity).isAtMost(rules.opacityZero) {
            result.opacityZero = opacity
            return enter(.rest, [.liftDown])
        }
        return isTimeUp(.fullScale) ? .aborted(.precondition(.opacimeterFullScale)) : .goesOn([])
    }

    private mutating func rest(_ second: SecondImage) -> Step {
        if let speed = second[.rollerSpeed], abs(speed).isAtMost(rules.restSpeedMaximum) {
            return enter(.probe, [.bench(.sampleProbe)])
        }
        return isTimeUp(.rest) ? .aborted(.precondition(.rollersTurning)) : .goesOn([])
    }

    private mutating func probe(_ second: SecondImage) -> Step {
        let carbon = second[.benchCarbonDioxide]
        let isProven = carbon.map { !$0.isBelow(rules.probeCarbonMinimum) } ?? isProbeConfirmed
        guard isProven, second[.engineSpeed] != nil else {
            means.removeAll()
            return isTimeUp(.probe) ? .aborted(.precondition(.probeCheck)) : .goesOn([])
        }
        gather([.engineSpeed, .benchCarbonDioxide], second)
        guard let idle = means[.engineSpeed]?.mean else {
            return isTimeUp(.probe) ? .aborted(.precondition(.probeCheck)) : .goesOn([])
        }
        result.idleSpeed = EngineSpeed(idle)
        result.probeCarbon = means[.benchCarbonDioxide]?.mean
        if carbon == nil { remarks.insert(.carbonDioxideNotRead) }
        return .ready
    }

    // MARK: Inside

    private mutating func enter(_ next: Phase, _ directives: [Directive]) -> Step {
        phase = next
        seconds = 0
        means.removeAll()
        return .goesOn([.prompt(instruction)] + directives)
    }

    /// Gathers values; a missing one starts the mean of its channel anew.
    private mutating func gather(_ channels: [ChannelID], _ second: SecondImage) {
        for channel in channels {
            if let value = second[channel] {
                means[channel, default: MovingMean(length: rules.samplingMean)].append(value)
            } else {
                means[channel] = nil
            }
        }
    }

    private func isTimeUp(_ wait: LugDownRequirements.PreTest.Wait) -> Bool { seconds >= rules.limits[wait] ?? 0 }
}

/// What was found before the engine was raced; nil for what was not reached or cannot be read.
public struct LugDownPreTestResult: Hashable, Sendable {
    /// The room's air when the test began.
    public internal(set) var air: AirState?
    /// Oil temperature when the engine was found warm, °C.
    public internal(set) var oilTemperature: Double?
    /// Coolant temperature at that time, °C.
    public internal(set) var coolantTemperature: Double?
    /// Mean opacity in clean air, %.
    public internal(set) var opacityZero: Double?
    /// Mean opacity with the light shut off, %.
    public internal(set) var opacityFullScale: Double?
    /// Mean NOx in the room's air, ppm.
    public internal(set) var noxZero: Double?
    /// Mean CO2 with the probe in the exhaust, %.
    public internal(set) var probeCarbon: Double?
    /// Mean engine speed at idle (怠速转速).
    public internal(set) var idleSpeed: EngineSpeed?

    /// The findings as records hold them.
    func report() throws(MetrologyError) -> Report {
        [
            "air": try air.map { (air) throws(MetrologyError) in try air.report() } ?? .absent,
            "oilTemperature": try .number(oilTemperature, 1),
            "coolantTemperature": try .number(coolantTemperature, 1), "opacityZero": try .number(opacityZero, 1),
            "opacityFullScale": try .number(opacityFullScale, 1), "noxZero": try .number(noxZero, 0),
            "probeCO2": try .number(probeCarbon, 2), "idleSpeed": try .number(idleSpeed?.value, 0),
        ]
    }
}
