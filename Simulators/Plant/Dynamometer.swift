public import Metrology

/// The data of the rollers (底盘测功机).
public struct DynamometerData: Hashable, Sendable {
    /// Base inertia (基本惯量 DIW), kg at the roller's surface.
    public var baseInertia: Mass
    /// What bearings and air take (附加损失).
    public var parasiticLoss: ParasiticLoss

    /// Creates the data.
    public init(baseInertia: Mass, parasiticLoss: ParasiticLoss) {
        self.baseInertia = baseInertia
        self.parasiticLoss = parasiticLoss
    }

    /// A light ASM dynamometer: 907.2 kg (HJ/T 291), a loss of 0.5 kW at 25 km/h and 0.9 kW at 40 km/h.
    public static let light = DynamometerData(
        baseInertia: Mass(907.2), parasiticLoss: ParasiticLoss(quadratic: 1 / 6000, linear: 0.19 / 12, constant: 0))
}

/// What the eddy-current brake is to do.
public enum BrakeCommand: Hashable, Sendable {
    /// No current.
    case off
    /// Hold a force at the roller's surface.
    case force(Force)
    /// Hold a power at the roller's surface.
    case power(Power)
    /// Brake as much as it takes to stay at a speed.
    case speed(Speed)
    /// Hold a share of the full current.
    case duty(Percentage)

    /// The mode and its number, as a snapshot shows them.
    var shown: (mode: BrakeMode, setpoint: Double) {
        switch self {
        case .off: (.off, 0)
        case .force(let force): (.force, force.value)
        case .power(let power): (.power, power.value)
        case .speed(let speed): (.speed, speed.value)
        case .duty(let share): (.duty, share.value)
        }
    }
}

/// What the brake holds.
public enum BrakeMode: String, Codable, Sendable {
    /// Nothing.
    case off
    /// A force, N.
    case force
    /// A power, kW.
    case power
    /// A speed, km/h.
    case speed
    /// A share of the full current, %.
    case duty
}

/// The lift between the rollers (举升器).
public enum LiftPosition: String, Codable, Sendable {
    /// The vehicle stands on the lift; the rollers turn free of it.
    case up
    /// The tyres stand on the rollers.
    case down
}

/// Rollers, eddy-current brake and motor.
struct Dynamometer: Sendable {
    let data: DynamometerData
    var command = BrakeCommand.off
    /// Whether the electric motor drives the rollers.
    var motorRuns = false
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

    private var noise: NoiseSource
    private var cellNoise: Wander
    private var speedIntegral = 0.0

    /// Time constant of the brake with its current controller, s: 90 % of a step in 0.25 s.
    private static let response = 0.11
    /// Most that the brake can do.
    private static let (greatestForce, greatestPower) = (4500.0, 60_000.0)
    /// Below this speed (m/s) an eddy-current brake loses its force.
    private static let fullForceSpeed = 3.0
    /// The motor's force at low speed (N), power (W) and greatest speed (m/s).
    private static let (motorForce, motorPower, motorSpeed) = (700.0, 7500.0, 65 / 3.6)
    /// Below this speed (km/h) parasitic loss is not measured.
    private static let lowestFittedSpeed = 5.0
    /// The lift's interlock lets it move only below this speed, m/s.
    private static let liftSpeed = 1 / 3.6

    init(data: DynamometerData, seed: UInt64, step: Double) {
        self.data = data
        noise = NoiseSource(seed: seed, part: 1)
        cellNoise = Wander(deviation: 1, memory: 0.05, step: step)
    }

    /// Moves the lift, unless the rollers turn: every lift is locked while they do.
    mutating func move(lift position: LiftPosition) {
        if speed < Self.liftSpeed { lift = position }
    }

    /// - Parameters:
    ///   - tyreForce: force of the tyres on the rollers beyond their own resistance, N; forwards is positive.
    ///   - resistance: N, against the motion, only while there is some.
    ///   - vehicleMass: what turns with the rollers, kg.
    mutating func advance(_ step: Double, tyreForce: Double, resistance: Double, vehicleMass: Double) {
        advanceBrake(step)
        // Below 5 km/h the fitted curve means nothing; friction stays what it is there.
        let fitted = Speed(max(speed * 3.6, Self.lowestFittedSpeed))
        parasiticForce = speed > 0 ? (data.parasiticLoss.power(at: fitted) / fitted).value : 0
        let motor = motorRuns ? motorForceNow : 0
        let against = brakeForce + parasiticForce + resistance
        let mass = data.baseInertia.value + vehicleMass
        var next = speed + (tyreForce + motor - against) / mass * step
        // What only resists cannot turn the rollers backwards.
        if next < 0 { next = 0 }
        speed = next

        cellNoise.advance(&noise)
        // Load cell: 0.4 % of the reading and half a newton, a third of what HJ/T 291 allows.
        shownForce = max(0, brakeForce + cellNoise.value * (0.004 * brakeForce + 0.5))
        shownSpeed = speed > 0 ? max(0, speed * 3.6 + 0.01 * noise.normal()) : 0
    }

    private var motorForceNow: Double {
        let push = min(Self.motorForce, Self.motorPower / max(speed, 0.1))
        // The inverter holds its greatest speed.
        return push * max(0, min(1, (Self.motorSpeed - speed) / 0.5))
    }

    private mutating func advanceBrake(_ step: Double) {
        let possible =
            min(Self.greatestForce, Self.greatestPower / max(speed, 0.1)) * min(1, speed / Self.fullForceSpeed)
        if case .speed = command {} else { speedIntegral = 0 }
        let wanted: Double
        switch command {
        case .off: wanted = 0
        case .force(let force): wanted = force.value
        case .power(let power): wanted = power.value * 1000 / max(speed, 0.5)
        case .duty(let share): wanted = possible * share.value / 100
        case .speed(let held):
            let excess = speed - held.value / 3.6
            speedIntegral = min(Self.greatestForce, max(0, speedIntegral + 1500 * excess * step))
            wanted = 2500 * excess + speedIntegral
        }
        let target = min(possible, max(0, wanted))
        brakeForce += (target - brakeForce) * min(1, step / Self.response)
        brakeForce = min(brakeForce, possible)
        duty = possible > 0 ? 100 * brakeForce / possible : 0
    }
}
