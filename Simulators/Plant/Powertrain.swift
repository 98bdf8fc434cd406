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
    private(set) var coolantTemperature: Double
    /// °C.
    private(set) var catalystTemperature: Double
    private(set) var isRunning = true
    /// Air in the cylinders as a share of what they have at this speed under steady full load, 0…1: below 1 while the
    /// turbocharger lags behind.
    private(set) var airShare = 1.0
    /// Air that the engine draws, L/s at 20 °C and 101.325 kPa.
    private(set) var airFlow = 0.0

    private let vehicle: Vehicle
    /// Speed of the turbocharger as a share of that at rated power.
    private var charge = 0.0
    /// Fired torque as a share of the greatest.
    private var fuelling = 0.0
    private var throttle = 0.0
    private var starting = 0.0

    /// Time constant of the intake, s.
    private static let intake = 0.12
    /// Time constant of the engine's speed behind a slipping clutch, s.
    private static let slip = 0.25
    /// How long the starter takes, s.
    private static let starter = 0.8
    /// Share of the rated speed from which on a turbocharger can give its full pressure.
    private static let fullChargeSpeed = 0.6
    /// What of the displacement is filled, and how much of it a closed throttle leaves.
    private static let (filling, closedThrottle) = (0.87, 0.28)

    init(vehicle: Vehicle) {
        self.vehicle = vehicle
        engineSpeed = vehicle.idleSpeed
        rotatingMass = vehicle.rotatingMass
        oilTemperature = vehicle.initialOilTemperature
        coolantTemperature = vehicle.initialOilTemperature
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
    ///   - isCooled: whether the radiator gets air.
    mutating func advance(
        _ step: Double, pedals: Pedals, wantsEngine: Bool, roadSpeed: Double, air: Double, isCooled: Bool = true
    ) {
        start(step, wantsEngine: wantsEngine)
        throttle += (pedals.throttle - throttle) * min(1, step / Self.intake)
        rotatingMass = vehicle.rotatingMass
        let leverage = vehicle.leverage(of: pedals.gear)
        if !isRunning {
            engineSpeed -= engineSpeed * min(1, step / 0.2)
            if engineSpeed < 20 { engineSpeed = 0 }
            (torque, fuelling) = (0, 0)
            tyreForce = leverage > 0 && !pedals.clutch ? electricForce(roadSpeed) : 0
        } else if leverage == 0 || pedals.clutch {
            turnFreely(step)
            tyreForce = 0
        } else {
            drive(step, leverage: leverage, roadSpeed: roadSpeed)
        }
        load = isRunning ? min(1, max(0, torque / vehicle.curveTorque(at: engineSpeed))) : 0
        breathe(step)
        warm(step, air: air, isCooled: isCooled)
    }

    /// A hybrid's motor, with the foot on the same pedal.
    private func electricForce(_ roadSpeed: Double) -> Double {
        guard let motor = vehicle.motor else { return 0 }
        return throttle * min(motor.force, motor.power * 1000 / max(roadSpeed, 0.5))
    }

    /// Share of the greatest fired torque that the pedal gets: a turbocharged engine's fuel waits for its air.
    private var fuel: Double {
        guard let turbocharger = vehicle.turbocharger else { return throttle }
        return min(throttle, turbocharger.fuelLead * airShare)
    }

    private mutating func breathe(_ step: Double) {
        let drawn = vehicle.displacement * engineSpeed / 120 * Self.filling
        guard vehicle.ignition == .compression else {
            airFlow = drawn * (Self.closedThrottle + (1 - Self.closedThrottle) * min(1, fuelling))
            return
        }
        guard let turbocharger = vehicle.turbocharger else { return airFlow = drawn }
        let possible = min(1, engineSpeed / (Self.fullChargeSpeed * vehicle.ratedSpeed))
        charge += (min(1, fuelling) * possible - charge) * step / turbocharger.lag
        airShare = min(1, (1 + turbocharger.boost * charge) / (1 + turbocharger.boost * possible))
        airFlow = drawn * (1 + turbocharger.boost * charge)
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
        let greatest = vehicle.fullTorque(at: engineSpeed) + drag
        let fired = max(idle, fuel * greatest)
        fuelling = greatest > 0 ? fired / greatest : 0
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
            torque = fuel * (vehicle.fullTorque(at: engineSpeed) + drag) - drag
            fuelling = fuel
        } else {
            // Clutch slips: it passes the torque on, the engine turns as fast as the driver lets it.
            let launch = max(vehicle.idleSpeed, 1000 + 900 * throttle)
            engineSpeed += (launch - engineSpeed) * min(1, step / Self.slip)
            torque = fuel * max(0, vehicle.fullTorque(at: engineSpeed))
            fuelling = fuel
        }
        // Losses take from the driving torque and add to the braking one.
        tyreForce = torque * leverage * (torque > 0 ? vehicle.drivelineEfficiency : 1 / vehicle.drivelineEfficiency)
    }

    private mutating func warm(_ step: Double, air: Double, isCooled: Bool) {
        let (oilGoal, oilTime) = isRunning ? (vehicle.warmOilTemperature + 8 * load, vehicle.oilWarming) : (air, 3600)
        oilTemperature += (oilGoal - oilTemperature) * step / oilTime
        // The thermostat holds the coolant, unless the fan is broken and the heat stays.
        let coolantGoal = isRunning ? vehicle.warmOilTemperature - 2 + 4 * load + (isCooled ? 0 : 60 * load) : air
        coolantTemperature += (coolantGoal - coolantTemperature) * step / (isRunning ? vehicle.oilWarming / 3 : 3600)
        let (catalystGoal, catalystTime) = isRunning ? (430 + 350 * load, 40.0) : (air, 900)
        catalystTemperature += (catalystGoal - catalystTemperature) * step / catalystTime
    }
}
