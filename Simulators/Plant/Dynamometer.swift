import Foundation
import Metrology

/// Rollers, eddy-current brake and motor.
struct Dynamometer: Sendable {
    let data: DynamometerData
    var command = BrakeCommand.off
    /// Whether the electric motor drives the rollers.
    var motorRuns = false
    /// The share of the motor's greatest speed that its inverter holds.
    var motorSpeedShare = 1.0
    private(set) var lift = LiftPosition.up
    /// Surface speed, m/s, never backwards.
    private(set) var speed = 0.0
    /// What the brake takes, N at the roller's surface.
    private(set) var brakeForce = 0.0
    /// What bearings and air take, N.
    private(set) var parasiticForce = 0.0
    /// Current as a share of the full current, %.
    private(set) var duty = 0.0
    /// What the load cell says, N.
    private(set) var shownForce = 0.0
    /// What the speed encoder says, km/h.
    private(set) var shownSpeed = 0.0

    /// What hangs on the load cell's lever, as a force at the roller's surface, N.
    var hungWeight = 0.0
    /// What is wrong with cell and encoder.
    var cell = LoadCell()
    var encoderGain = 1.0
    /// What bearings take beyond the loss of the data, N.
    var drag = 0.0
    /// Whether the lift moves while the rollers turn.
    var liftIsFree = false
    /// What turns, as a share of the base inertia of the data.
    var inertiaShare = 1.0
    /// What is wrong with the brake's current controller.
    var controller = CurrentController()

    /// How the brake's current controller follows: as a first-order lag, or, if it swings past, as one of second order.
    struct CurrentController {
        /// How many times as long as a good one it takes.
        var slowness = 1.0
        /// By which share of a step it swings past it.
        var overshoot = 0.0
    }

    /// The error of a force sensor: its signal is gain times force, plus offset, less what zeroing has found.
    struct LoadCell {
        var gain = 1.0
        /// N.
        var offset = 0.0
        /// N.
        var tare = 0.0
        /// The share of the force that does not reach the cell.
        var slip = 0.0
    }

    private var noise: NoiseSource
    private var cellNoise: Wander
    private var speedIntegral = 0.0
    /// How fast the brake's force changes, N/s.
    private var brakeRate = 0.0
    /// The speed at which the brake's controller last looked, m/s.
    private var controlledSpeed = 0.0

    /// Time constant of the brake with its current controller, s: 90 % of a step in 0.18 s, where 0.3 s are allowed.
    private static let response = 0.08
    /// Below this speed (m/s) a power is held as if it were this one.
    private static let lowestPowerSpeed = 0.5
    /// Below this speed (m/s) an eddy-current brake loses its force.
    private static let fullForceSpeed = 3.0
    /// Gains of the speed control for each kilogram of base inertia, 1/s and 1/s².
    private static let (speedGain, speedIntegralGain) = (6.0, 8.0)
    /// Below this speed (km/h) parasitic loss is not measured.
    private static let lowestFittedSpeed = 5.0
    /// What the pads of a lift that is up take, N.
    private static let padForce = 3000.0
    /// The lift's interlock lets it move only below this speed, m/s.
    private static let liftSpeed = 1 / 3.6

    init(data: DynamometerData, seed: UInt64, step: Double) {
        self.data = data
        noise = NoiseSource(seed: seed, part: 1)
        cellNoise = Wander(deviation: 1, memory: 0.05, step: step)
    }

    /// Moves the lift, unless the rollers turn: every lift is locked while they do.
    mutating func move(lift position: LiftPosition) {
        if speed < Self.liftSpeed || liftIsFree { lift = position }
    }

    /// Takes what the load cell says now as its zero.
    mutating func zeroCell() { cell.tare = cell.gain * pull + cell.offset }

    /// - Parameters:
    ///   - tyreForce: force of the tyres on the rollers beyond their own resistance, N; forwards is positive.
    ///   - resistance: N, against the motion, only while there is some.
    ///   - vehicleMass: what turns with the rollers, kg.
    mutating func advance(_ step: Double, tyreForce: Double, resistance: Double, vehicleMass: Double) {
        advanceBrake(step)
        // Below 5 km/h the fitted curve means nothing; friction stays what it is there.
        let fitted = Speed(max(speed * 3.6, Self.lowestFittedSpeed))
        parasiticForce = speed > 0 ? (data.parasiticLoss.power(at: fitted) / fitted).value + drag : 0
        let motor = motorRuns ? motorForceNow : 0
        let pads = lift == .up && data.liftHoldsRollers ? Self.padForce : 0
        let against = brakeForce + parasiticForce + resistance + pads
        let mass = data.baseInertia.value * inertiaShare + vehicleMass
        var next = speed + (tyreForce + motor - against) / mass * step
        // What only resists cannot turn the rollers backwards.
        if next < 0 { next = 0 }
        speed = next

        cellNoise.advance(&noise)
        // Load cell: 0.4 % of the reading and half a newton, a third of what HJ/T 291 allows.
        shownForce = max(
            0, cell.gain * pull + cell.offset - cell.tare + cellNoise.value * (0.004 * brakeForce + 0.5))
        shownSpeed = speed > 0 ? max(0, speed * 3.6 * encoderGain + 0.01 * noise.normal()) : 0
    }

    /// What reaches the load cell, N.
    private var pull: Double { (brakeForce + hungWeight) * (1 - cell.slip) }

    private var motorForceNow: Double {
        let push = min(data.motor.force.value, data.motor.power.value * 1000 / max(speed, 0.1))
        // The inverter holds its speed.
        return push * max(0, min(1, (data.motorSpeed.value * motorSpeedShare / 3.6 - speed) / 0.5))
    }

    private mutating func advanceBrake(_ step: Double) {
        let possible =
            min(data.brake.force.value, data.brake.power.value * 1000 / max(speed, 0.1))
            * min(1, speed / Self.fullForceSpeed)
        // Told a power, the controller closes its loop over force times speed: the force follows the speed at once, and
        // only what is missing of the power takes its time.
        if case .power = command, min(speed, controlledSpeed) > Self.lowestPowerSpeed {
            brakeForce *= controlledSpeed / speed
        }
        controlledSpeed = speed
        if case .speed = command {} else { speedIntegral = 0 }
        let wanted: Double
        switch command {
        case .off: wanted = 0
        case .force(let force): wanted = force.value
        case .power(let power): wanted = power.value * 1000 / max(speed, Self.lowestPowerSpeed)
        case .duty(let share): wanted = possible * share.value / 100
        case .speed(let held):
            let excess = speed - held.value / 3.6
            let inertia = data.baseInertia.value
            // No more is added up than the brake can do.
            speedIntegral += Self.speedIntegralGain * inertia * excess * step
            speedIntegral = min(possible, max(0, speedIntegral))
            wanted = Self.speedGain * inertia * excess + speedIntegral
        }
        // The controller closes its loop over the cell, save for a duty, which is a current.
        let felt = if case .duty = command { 1.0 } else { 1 - cell.slip }
        let target = min(possible, max(0, wanted / felt))
        follow(target, step)
        brakeForce = min(brakeForce, possible)
        duty = possible > 0 ? 100 * brakeForce / possible : 0
    }

    private mutating func follow(_ target: Double, _ step: Double) {
        let response = Self.response * controller.slowness
        guard controller.overshoot > 0 else {
            brakeRate = 0
            brakeForce += (target - brakeForce) * min(1, step / response)
            return
        }
        // Of a second-order lag the damping follows from the overshoot: o = exp(-πζ/√(1-ζ²)).
        let logarithm = log(controller.overshoot)
        let damping = -logarithm / (Double.pi * Double.pi + logarithm * logarithm).squareRoot()
        brakeRate += ((target - brakeForce) / response - 2 * damping * brakeRate) / response * step
        brakeForce = max(0, brakeForce + brakeRate * step)
    }
}
