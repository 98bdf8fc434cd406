import Metrology

/// The rollers of a dynamometer under check: brake, motor, lift and their own loss, by the physics of a mass that slows
/// down.
struct CheckRollers {
    /// km/h.
    private(set) var speed = 0.0
    /// The speed to which the motor turns them, km/h; nil while it is off.
    var motor: Double?
    /// The speed at which the brake holds them, km/h; nil while it holds none.
    var held: Double?
    /// Whether the lift is up, which holds them.
    var isLiftUp = false

    private var brakePower = 0.0
    private var step = Step()

    /// A step of the brake's power, kW.
    private struct Step {
        var from = 0.0
        var to = 0.0
        var began = 0.0
        var isUnderWay = false
    }

    /// Force at the surface, N.
    var force: Double { speed > 0.1 ? brakePower * 3600 / speed : 0 }

    mutating func unload() {
        held = nil
        brakePower = 0
        step.isUnderWay = false
    }

    mutating func load(_ power: Power, at time: Double) {
        held = nil
        step = Step(from: brakePower, to: power.value, began: time, isUnderWay: true)
    }

    /// Turns for some seconds, in steps of two milliseconds.
    mutating func turn(from time: Double, for span: Double, of bench: CheckBench) {
        let width = 0.002
        for index in 0..<Int((span / width).rounded()) {
            // The middle of the step stands for it.
            turn(at: time + (Double(index) + 0.5) * width, for: width, bench)
        }
    }

    private mutating func turn(at time: Double, for width: Double, _ bench: CheckBench) {
        let faults = bench.faults
        if step.isUnderWay { brake(at: time, bench.brakeConstant * faults.brakeSlowness, faults.overshoot) }
        if isLiftUp, speed > 0, !(motor != nil && faults.motorIsFree) {
            speed = max(0, speed - 3.6 * faults.liftBrake * width)
            return
        }
        if let motor, !faults.motorFails, !isLiftUp || faults.motorIsFree {
            let driven = faults.motorSpeed ?? motor
            let target = faults.holdFails ? driven : min(driven, held ?? driven)
            let missing = target - speed
            speed = abs(missing) < 0.02 ? target : speed + min(max(missing, -1), 1) * width * 8
            return
        }
        guard speed > 0 else { return }
        let velocity = speed / 3.6
        // The controller holds the power that its load cell shows.
        let braked = brakePower / faults.cell
        let power = braked + bench.loss.power(at: Speed(speed)).value + faults.drag * velocity / 1000
        let square = velocity * velocity - 2000 * power * width / (bench.inertia * faults.inertia)
        speed = 3.6 * max(0, square).squareRoot()
    }

    /// A first-order brake; an overshooting one swings past and comes back.
    private mutating func brake(at time: Double, _ constant: Double, _ overshoot: Double) {
        let since = max(0, time - step.began)
        let swing = since > constant ? overshoot * decay((since - constant) / (2 * constant)) : 0
        brakePower = step.from + (step.to - step.from) * (1 - decay(since / constant) + swing)
    }
}
