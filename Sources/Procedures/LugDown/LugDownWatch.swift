import Metrology
import Standards

/// Watches every second for what breaks a lug-down test off besides ``TestWatch``: a bench that draws too little, a hot
/// engine, hot air, a brake without control, a released pedal, slipping wheels, and time.
struct LugDownWatch {
    /// What the second was to be like.
    struct Scope {
        /// Whether the bench draws through the probe.
        var samples = false
        /// Whether the engine is being raced or loaded.
        var runs = false
        /// The speed that the brake was to hold; nil while it holds none.
        var setSpeed: Speed?
        /// The gear that the vehicle is in; nil before it is known.
        var gear: LugDownGear?
        /// Seconds since the first full throttle in gear.
        var drivenSeconds = 0
        /// What is going on.
        var stage = StageKind.warmUp
    }

    private let rules: LugDownRequirements.Aborts
    private let airTemperatureMaximum: PackValue
    private let testMaximum: Int
    private let watchesSlip: Bool
    private let oilTemperatureReadable: Bool
    private var lowFlowSeconds = 0
    private var hotSeconds = 0
    private var hotAirSeconds = 0
    private var uncontrolledSeconds = 0
    private var slipSeconds = 0
    private var greatestForce = 0.0

    init(_ test: LugDownTest) {
        rules = test.requirements.aborts
        airTemperatureMaximum = test.requirements.preTest.airTemperatureMaximum
        testMaximum = test.requirements.pointTimes.testMaximum
        watchesSlip = test.transmission == .manual
        oilTemperatureReadable = test.oilTemperatureReadable
    }

    mutating func take(_ second: SecondImage, _ scope: Scope) -> AbortReason? {
        let isLowFlow = second.states[.noxAnalyzer]?.conditions.contains(.lowFlow) ?? false
        count(&lowFlowSeconds, scope.samples && isLowFlow)
        if lowFlowSeconds >= rules.lowFlowSeconds { return .lowFlow }
        guard scope.runs else { return nil }

        let isOilHot = oilTemperatureReadable && isAbove(second.values.oilTemperature, rules.oilMaximum)
        count(&hotSeconds, isOilHot || isAbove(second[.coolantTemperature], rules.coolantMaximum))
        if hotSeconds >= rules.temperatureSeconds { return .overTemperature }
        count(&hotAirSeconds, isAbove(second[.airTemperature], airTemperatureMaximum))
        if hotAirSeconds >= rules.temperatureSeconds { return .precondition(.ambientConditions) }

        if let set = scope.setSpeed {
            if let gear = scope.gear, watchesSlip, slips(second, gear) { return .wheelSlip }
            if let reason = control(second, set) { return reason }
        }
        return scope.drivenSeconds > testMaximum ? .timeLimit(scope.stage) : nil
    }

    private func count(_ seconds: inout Int, _ holds: Bool) { seconds = holds ? seconds + 1 : 0 }

    private func isAbove(_ value: Double?, _ limit: PackValue) -> Bool { value.map { !$0.isAtMost(limit) } ?? false }

    /// Wheels that slip turn faster than the rollers do: the engine's speed rises over theirs.
    private mutating func slips(_ second: SecondImage, _ gear: LugDownGear) -> Bool {
        guard let rpm = second[.engineSpeed], let speed = second[.rollerSpeed], speed > 0 else { return false }
        let before = gear.maximumEngineSpeed.value / gear.topSpeed.value
        count(&slipSeconds, !(rpm / speed / before * 100 - 100).isAtMost(rules.slipBand))
        return slipSeconds >= rules.slipSeconds
    }

    /// A brake that cannot hold the speed has lost control, unless there is nothing left for it to hold against.
    private mutating func control(_ second: SecondImage, _ set: Speed) -> AbortReason? {
        guard let speed = second[.rollerSpeed], let force = second[.rollerForce] else { return nil }
        greatestForce = max(greatestForce, force)
        count(&uncontrolledSeconds, !abs(speed - set.value).isAtMost(rules.controlBand))
        guard uncontrolledSeconds >= rules.controlSeconds else { return nil }
        let isUnloaded = greatestForce <= 0 || (force / greatestForce * 100).isBelow(rules.pedalForceShare)
        return speed < set.value && isUnloaded ? .pedalReleased : .controlLost
    }
}
