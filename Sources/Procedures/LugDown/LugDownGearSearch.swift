public import Metrology
import Standards

/// The last seconds of a speed, to see whether it keeps.
struct SteadyWindow {
    private let length: Int
    private var values: [Double] = []

    init(length: Int) { self.length = length }

    /// Adds the newest value; a missing one starts anew.
    mutating func append(_ value: Double?) {
        guard let value else { return values.removeAll() }
        if values.count == length { values.removeFirst() }
        values.append(value)
    }

    mutating func removeAll() { values.removeAll() }

    /// The mean of the window if it is full and its values are within a spread of each other.
    func mean(within spread: PackValue) -> Double? {
        guard values.count == length, let least = values.min(), let greatest = values.max(),
            (greatest - least).isAtMost(spread)
        else { return nil }
        return arithmeticMean(values)
    }
}

/// The free top speed of the engine in neutral (断油转速).
struct LugDownGovernedRun {
    /// What a second led to.
    enum Step {
        case goesOn
        case found(EngineSpeed)
        case aborted(AbortReason)
    }

    private let rules: LugDownRequirements.Gear
    private let ratedSpeed: Double
    private var engine: SteadyWindow
    private var seconds = 0

    init(_ test: LugDownTest) {
        rules = test.requirements.gear
        ratedSpeed = test.ratedSpeed.value
        engine = SteadyWindow(length: rules.steady)
    }

    mutating func take(_ values: LugDownValues) -> Step {
        seconds += 1
        engine.append(values.engineSpeed)
        if let mean = engine.mean(within: rules.steadyEngineSpeed), rules.isPedalDown(mean, rated: ratedSpeed) {
            return .found(EngineSpeed(mean))
        }
        return seconds >= rules.governedLimit ? .aborted(.timeLimit(.governedSpeed)) : .goesOn
    }
}

/// Finds the gear whose speed at full throttle is permitted, and what it reaches (选挡, MaxRPM).
struct LugDownGearSearch {
    /// What a second led to.
    enum Step {
        case goesOn
        case shift(GearChange)
        case found(LugDownGear)
        case aborted(AbortReason)
    }

    private let rules: LugDownRequirements.Gear
    private let restSpeed: PackValue
    private let ratedSpeed: Double
    private var engine: SteadyWindow
    private var rollers: SteadyWindow
    private var seconds = 0
    private var shifting = 0
    private var lastChange: GearChange?
    private(set) var shifts = 0

    init(_ test: LugDownTest) {
        rules = test.requirements.gear
        restSpeed = test.requirements.preTest.restSpeedMaximum
        ratedSpeed = test.ratedSpeed.value
        engine = SteadyWindow(length: rules.steady)
        rollers = SteadyWindow(length: rules.steady)
    }

    /// The change of gear that the driver is making; nil if none.
    var change: GearChange? { shifting > 0 ? lastChange : nil }

    mutating func take(_ values: LugDownValues) -> Step {
        seconds += 1
        if seconds >= rules.limit { return .aborted(.timeLimit(.gear)) }
        if shifting > 0 {
            shifting -= 1
            return .goesOn
        }
        engine.append(values.engineSpeed)
        rollers.append(values.speed)
        guard let rpm = engine.mean(within: rules.steadyEngineSpeed), rules.isPedalDown(rpm, rated: ratedSpeed),
            let speed = rollers.mean(within: rules.steadySpeed), !speed.isAtMost(restSpeed)
        else { return .goesOn }
        if !speed.isBelow(rules.speedBelow) { return shift(.down) }
        if speed.isBelow(rules.speedMinimum) { return shift(.up) }
        return .found(
            LugDownGear(
                topSpeed: Speed(speed), maximumEngineSpeed: EngineSpeed(rpm),
                calculatedSpeed: Speed(speed * ratedSpeed / rpm), shifts: shifts))
    }

    private mutating func shift(_ change: GearChange) -> Step {
        // Up and down again: the permitted speeds lie between two gears.
        if let lastChange, lastChange != change { return .aborted(.precondition(.gearChoice)) }
        lastChange = change
        shifts += 1
        shifting = rules.shift
        engine.removeAll()
        rollers.removeAll()
        return .shift(change)
    }
}

extension LugDownRequirements.Gear {
    /// Whether a steady engine speed is one at full throttle.
    func isPedalDown(_ engineSpeed: Double, rated: Double) -> Bool {
        !(engineSpeed / rated * 100).isBelow(pedalDownShare)
    }
}

/// What the chosen gear reaches at full throttle without load.
public struct LugDownGear: Hashable, Sendable {
    /// Roller speed.
    public let topSpeed: Speed
    /// Engine speed (MaxRPM).
    public let maximumEngineSpeed: EngineSpeed
    /// The roller speed at which the engine would have its rated speed (计算 VelMaxHP).
    public let calculatedSpeed: Speed
    /// How often the driver had to change gear.
    public let shifts: Int
}
