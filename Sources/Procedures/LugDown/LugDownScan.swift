public import Metrology
import Standards

/// The power scan (功率扫描): the brake takes the rollers down from top speed step by step, and the second with the
/// greatest power is found.
struct LugDownScan {
    /// What a second led to.
    enum Step {
        case goesOn
        case over(LugDownPeak)
        case aborted(AbortReason)
    }

    /// The speed that the brake is to hold now.
    private(set) var setSpeed: Speed
    private(set) var peak: LugDownPeak?
    private(set) var seconds = 0

    private let rules: LugDownRequirements.Scan
    private let ratedSpeed: Double
    private let calculatedSpeed: Double
    private let leastEngineSpeed: Double

    init(_ test: LugDownTest, gear: LugDownGear, idleSpeed: EngineSpeed) {
        rules = test.requirements.scan
        ratedSpeed = test.ratedSpeed.value
        calculatedSpeed = gear.calculatedSpeed.value
        setSpeed = gear.topSpeed
        leastEngineSpeed = max(
            ratedSpeed * rules.engineSpeedShare.value / 100, rules.engineSpeedFloor.value, idleSpeed.value)
    }

    /// Takes one second in.
    ///
    /// - Parameter second: its number in the test.
    mutating func take(_ values: LugDownValues, second: Int) -> Step {
        seconds += 1
        if let speed = values.speed, let rpm = values.engineSpeed, let power = values.power,
            let factor = values.powerFactor, power > peak?.power.value ?? 0
        {
            peak = LugDownPeak(
                second: second, power: Power(power), factor: factor, speed: Speed(speed),
                engineSpeed: EngineSpeed(rpm), engineSpeedRatio: rpm / ratedSpeed * 100)
        }
        if var found = peak, let end = end(values, found) {
            found.end = end
            found.scanSeconds = seconds
            return .over(found)
        }
        if seconds >= rules.limit { return .aborted(.timeLimit(.scan)) }
        setSpeed = Speed(setSpeed.value - rules.step.value)
        return .goesOn
    }

    private func end(_ values: LugDownValues, _ peak: LugDownPeak) -> LugDownScanEnd? {
        if let speed = values.speed {
            let from: Double =
                switch rules.beyondWhich {
                case .measured: peak.speed.value
                case .calculated: calculatedSpeed
                case .both: min(peak.speed.value, calculatedSpeed)
                }
            if !(100 - speed / from * 100).isAtMost(rules.beyondMaximum) { return .beyondMaximum }
            if speed.isBelow(rules.floor) { return .floor }
        }
        if let rpm = values.engineSpeed, rpm < leastEngineSpeed { return .engineSpeed }
        return nil
    }
}

/// Why a scan ended.
public enum LugDownScanEnd: String, CaseIterable, Sendable {
    /// It was far enough below the speed of maximum power.
    case beyondMaximum = "beyond-maximum"
    /// It reached the lowest speed of a scan.
    case floor
    /// The engine reached the lowest speed that it may be lugged to.
    case engineSpeed = "engine-speed"
}

/// The second of a scan with the greatest power (MaxHP).
public struct LugDownPeak: Hashable, Sendable {
    /// Second of the test.
    public let second: Int
    /// Power of the wheels as measured (实测最大轮边功率).
    public let power: Power
    /// What it is multiplied with for standard air (功率修正系数).
    public let factor: Double
    /// Roller speed (实际 VelMaxHP).
    public let speed: Speed
    /// Engine speed.
    public let engineSpeed: EngineSpeed
    /// That of rated engine speed, %.
    public let engineSpeedRatio: Double
    /// Why the scan ended.
    public internal(set) var end = LugDownScanEnd.beyondMaximum
    /// How long it took.
    public internal(set) var scanSeconds = 0

    /// Power in standard air (修正最大轮边功率).
    public var correctedPower: Power { power * factor }
}
