/// Engine, clutch and gears of the vehicle, from the throttle to the tyres.
struct Powertrain: Sendable {
    /// r/min.
    private(set) var engineSpeed: Double
    /// Torque over full-load torque at the same speed, 0…1.
    private(set) var load = 0.0
    /// At the crankshaft, N·m.
    private(set) var torque = 0.0
    /// Of the driven tyres without their resistance, N.
    private(set) var tyreForce = 0.0
    /// What turns with the tyres, kg at their surface.
    private(set) var rotatingMass: Double
    /// °C.
    private(set) var oilTemperature: Double
    /// °C.
    private(set) var catalystTemperature: Double
    private(set) var isRunning = true

    private let vehicle: Vehicle
    private var throttle = 0.0
    private var starting = 0.0

    /// Time constant of the intake, s.
    private static let intake = 0.12
    /// Time constant of the engine's speed behind a slipping clutch, s.
    private static let slip = 0.25
    /// How long the starter takes, s.
    private static let starter = 0.8

    init(vehicle: Vehicle) {
        self.vehicle = vehicle
        engineSpeed = vehicle.idleSpeed
        rotatingMass = vehicle.rotatingMass
        oilTemperature = vehicle.initialOilTemperature
        // A warm engine has just been driven here; a cold one has been standing.
        catalystTemperature = vehicle.initialOilTemperature >= vehicle.warmOilTemperature - 15 ? 420 : 60
    }

    mutating func stop() {
        isRunning = false
        starting = 0
    }

    /// - Parameters:
    ///   - wantsEngine: whether the key is on.
    ///   - roadSpeed: of the driven tyres, m/s.
    ///   - air: temperature of the room, °C.
    mutating func advance(_ step: Double, pedals: Pedals, wantsEngine: Bool, roadSpeed: Double, air: Double) {
        start(step, wantsEngine: wantsEngine)
        throttle += (pedals.throttle - throttle) * min(1, step / Self.intake)
        rotatingMass = vehicle.rotatingMass
        let leverage = vehicle.leverage(of: pedals.gear)
        if !isRunning {
            engineSpeed -= engineSpeed * min(1, step / 0.2)
            if engineSpeed < 20 { engineSpeed = 0 }
            (torque, tyreForce) = (0, 0)
        } else if leverage == 0 || pedals.clutch {
            turnFreely(step)
            tyreForce = 0
        } else {
            drive(step, leverage: leverage, roadSpeed: roadSpeed)
        }
        let full = vehicle.fullTorque(at: engineSpeed)
        load = isRunning ? min(1, max(0, torque / full)) : 0
        warm(step, air: air)
    }

    private mutating func start(_ step: Double, wantsEngine: Bool) {
        guard wantsEngine else { return stop() }
        guard !isRunning else { return }
        starting += step
        if starting >= Self.starter {
            isRunning = true
            engineSpeed = vehicle.idleSpeed * 1.2
        }
    }

    /// Out of gear: the torque speeds the engine up, and the idle control keeps it alive.
    private mutating func turnFreely(_ step: Double) {
        let drag = vehicle.dragTorque(at: engineSpeed)
        let idle = max(0, drag + 0.3 * (vehicle.idleSpeed - engineSpeed))
        let fired = max(idle, throttle * (vehicle.fullTorque(at: engineSpeed) + drag))
        let rest = fired - drag
        engineSpeed = max(0, engineSpeed + rest / vehicle.engineInertia / radiansPerSecond * step)
        torque = max(0, rest)
    }

    private mutating func drive(_ step: Double, leverage: Double, roadSpeed: Double) {
        let driven = roadSpeed * leverage / radiansPerSecond
        if driven >= vehicle.idleSpeed {
            // Clutch closed: the rollers set the engine's speed.
            engineSpeed += (driven - engineSpeed) * min(1, step / 0.05)
            rotatingMass += vehicle.engineInertia * leverage * leverage
            let drag = vehicle.dragTorque(at: engineSpeed)
            torque = throttle * (vehicle.fullTorque(at: engineSpeed) + drag) - drag
        } else {
            // Clutch slips: it passes the torque on, the engine turns as fast as the driver lets it.
            let launch = max(vehicle.idleSpeed, 1000 + 900 * throttle)
            engineSpeed += (launch - engineSpeed) * min(1, step / Self.slip)
            torque = throttle * vehicle.fullTorque(at: engineSpeed)
        }
        // Losses take from the driving torque and add to the braking one.
        tyreForce = torque * leverage * (torque > 0 ? vehicle.drivelineEfficiency : 1 / vehicle.drivelineEfficiency)
    }

    private mutating func warm(_ step: Double, air: Double) {
        let (oilGoal, oilTime) = isRunning ? (vehicle.warmOilTemperature + 8 * load, vehicle.oilWarming) : (air, 3600)
        oilTemperature += (oilGoal - oilTemperature) * step / oilTime
        let (catalystGoal, catalystTime) = isRunning ? (430 + 350 * load, 40.0) : (air, 900)
        catalystTemperature += (catalystGoal - catalystTemperature) * step / catalystTime
    }
}
