import Messages
import Metrology
import Standards

/// The checks before a free acceleration (检测前准备): warm engine and opacimeter, zero, full scale.
struct SmokePreTest {
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
    private(set) var result = SmokePreTestResult()
    private(set) var remarks: Set<TestRemark> = []

    private let rules: SmokePreTestRules
    private let oilTemperatureReadable: Bool
    private var seconds = 0
    private var stageBegan = LaneInstant.zero
    private var runningSeconds = 0
    private var steadySeconds = 0
    private var clearSeconds = 0
    private var sawBusy = false
    private var isActionOver = false
    private var sawFullScale = false
    private var showsFullScale = false

    init(_ test: FreeAccelerationTest) {
        rules = test.rules.preTest
        oilTemperatureReadable = test.oilTemperatureReadable
    }

    /// Takes one second in, with the opacity of its smoke.
    mutating func take(_ second: SecondImage, opacity: Double?) -> Step {
        seconds += 1
        switch stage {
        case .warmUp: return warmUp(second)
        case .zero: return zero(second, opacity)
        case .fullScale: return fullScale(second, opacity)
        default: return .ready
        }
    }

    // MARK: Stages

    private mutating func warmUp(_ second: SecondImage) -> Step {
        if let speed = second[.engineSpeed], speed > 0 { runningSeconds += 1 } else { runningSeconds = 0 }
        if let reason = readAir(second) { return .aborted(reason) }
        let isOpacimeterWarm = second.states[.opacimeter].map { !$0.conditions.contains(.warmingUp) } ?? false
        let oil = second[.opacimeterOilTemperature] ?? second[.coolantTemperature]
        let isEngineWarm =
            oilTemperatureReadable
            ? oil.map { !$0.isBelow(rules.oilTemperatureMinimum) } ?? false
            : runningSeconds >= rules.engineRunningInstead.count
        let isAirKnown = result.air != nil || rules.air == .recorded
        if isAirKnown, isOpacimeterWarm, isEngineWarm {
            if oilTemperatureReadable { result.engineTemperature = oil } else { remarks.insert(.oilTemperatureNotRead) }
            if result.air == nil { remarks.insert(.airNotRead) }
            return enter(.zero, second, [.opacimeter(.zero), .prompt(Message(.smokeZero))])
        }
        guard seconds >= rules.warmUpLimit else { return .goesOn([]) }
        if !isOpacimeterWarm { return .aborted(.timeLimit(.warmUp)) }
        return .aborted(isEngineWarm ? .precondition(.ambientConditions) : .precondition(.engineCold))
    }

    private mutating func readAir(_ second: SecondImage) -> AbortReason? {
        guard let temperature = second[.airTemperature], let humidity = second[.relativeHumidity],
            let pressure = second[.airPressure]
        else { return nil }
        guard rules.airTemperature.contains(temperature), humidity.isAtMost(rules.relativeHumidityMaximum) else {
            return .precondition(.ambientConditions)
        }
        result.air = AirState(
            temperature: Temperature(temperature), relativeHumidity: Percentage(humidity), pressure: Pressure(pressure))
        return nil
    }

    private mutating func zero(_ second: SecondImage, _ opacity: Double?) -> Step {
        if let reason = followAction(second) { return .aborted(reason) }
        if isActionOver, isSteady(opacity.map { abs($0).isAtMost(rules.zeroTolerance) }) {
            result.zeroOpacity = opacity
            return enter(.fullScale, second, [.opacimeter(.fullScale), .prompt(Message(.smokeFullScale))])
        }
        guard seconds >= rules.zeroLimit else { return .goesOn([]) }
        return .aborted(isActionOver ? .precondition(.opacimeterZero) : .timeLimit(.zero))
    }

    /// The full scale is proven by readings near 100 %, or by an opacimeter that checks itself and says so without
    /// showing anything; then the light path must be clear again.
    private mutating func fullScale(_ second: SecondImage, _ opacity: Double?) -> Step {
        if let reason = followAction(second) { return .aborted(reason) }
        let isClear = opacity.map { abs($0).isAtMost(rules.zeroTolerance) } ?? false
        if opacity != nil, !isClear { showsFullScale = true }
        if !sawFullScale, isSteady(opacity.map { abs(100 - $0).isAtMost(rules.fullScaleTolerance) }) {
            result.fullScaleOpacity = opacity
            sawFullScale = true
        }
        clearSeconds = isClear && (sawFullScale || isActionOver) ? clearSeconds + 1 : 0
        if clearSeconds >= rules.steadySeconds {
            // What was shown counts more than what was said.
            guard sawFullScale || !showsFullScale else { return .aborted(.precondition(.opacimeterFullScale)) }
            if !sawFullScale { remarks.insert(.fullScaleNotShown) }
            return .ready
        }
        guard seconds >= rules.fullScaleLimit else { return .goesOn([]) }
        return .aborted(.precondition(.opacimeterFullScale))
    }

    // MARK: Inside

    private mutating func enter(_ next: StageKind, _ second: SecondImage, _ directives: [Directive]) -> Step {
        stage = next
        seconds = 0
        stageBegan = LaneInstant.zero + .seconds(Double(second.number))
        (sawBusy, isActionOver, steadySeconds) = (false, false, 0)
        return .goesOn(directives)
    }

    /// Only what the opacimeter said after it was told to act is about this action.
    private mutating func followAction(_ second: SecondImage) -> AbortReason? {
        guard let state = second.states[.opacimeter], state.acquiredAt > stageBegan else { return nil }
        if state.conditions.contains(.zeroing) || state.conditions.contains(.busy) {
            sawBusy = true
        } else if sawBusy {
            if state.conditions.contains(.zeroFailed) { return .deviceFault(.opacimeter) }
            isActionOver = true
        }
        return nil
    }

    private mutating func isSteady(_ holds: Bool?) -> Bool {
        steadySeconds = holds ?? false ? steadySeconds + 1 : 0
        return steadySeconds >= rules.steadySeconds
    }
}

/// What the pre-test of a free acceleration found; nil for what was not reached or not measured.
public struct SmokePreTestResult: Hashable, Sendable {
    /// The room's air when the test began.
    public internal(set) var air: AirState?
    /// Oil (or coolant) temperature when the engine was found warm, °C.
    public internal(set) var engineTemperature: Double?
    /// Opacity of clean air after the zero, %.
    public internal(set) var zeroOpacity: Double?
    /// Opacity without light, %.
    public internal(set) var fullScaleOpacity: Double?

    /// The findings as records hold them.
    func report() throws(MetrologyError) -> Report {
        [
            "air": try air.map { (air) throws(MetrologyError) in try air.report() } ?? .absent,
            "engineTemperature": try .number(engineTemperature, 1), "zeroOpacity": try .number(zeroOpacity, 1),
            "fullScaleOpacity": try .number(fullScaleOpacity, 1),
        ]
    }
}
