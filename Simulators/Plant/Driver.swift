/// Where the driver's feet and hand are.
struct Pedals: Hashable, Sendable {
    /// 0…1.
    var throttle = 0.0
    /// 0…1 of the strongest braking.
    var brake = 0.0
    /// Gear engaged, 0 for neutral.
    var gear = 0
    /// Whether the clutch pedal is down.
    var clutch = true
}

/// The driver (检测员): follows a cue as a practised person does, late and not quite exactly.
struct Driver: Sendable {
    var pedals = Pedals()
    /// What this driver does badly today.
    var trouble = DriverTrouble()

    let vehicle: Vehicle
    let step: Double
    private var noise: NoiseSource
    /// The unsteadiness of the foot, km/h.
    var wander: Wander
    /// How hard this driver accelerates, km/h per s.
    private let pace: Double
    /// How well this driver knows the car: 1 is exactly.
    let judgement: Double
    /// What the driver has seen and felt, as old as the reaction takes.
    private var seenSpeed: Delay
    private var feltResistance: Delay
    var resistance = 0.0
    /// The speed that the driver is after at the moment, km/h.
    private var aim = 0.0
    private var lastSpeed = 0.0
    /// What tyres and brakes push, as smoothed as the acceleration is, N; and what of it the road takes.
    private var push = 0.0
    private var roadFelt: Delay
    var roadLoad = 0.0
    var acceleration = 0.0
    private var shifting = 0.0
    private var seenEngineSpeed: Delay
    /// s since the cue that is followed now.
    private var cueAge = 0.0
    /// s from the beginning of a movement; it goes on while the cues repeat it.
    var maneuverAge = 0.0
    private var lastManeuver: DriverCue.Maneuver?
    /// How an engine speed is held, and a free acceleration is done.
    var engineHold = EngineHold()
    var stroke: Stroke
    /// How late this driver sees, s.
    let reaction: Double
    /// Whether the car drives by its motor, its engine at rest.
    var isElectric = false

    /// How fast a foot moves, share of the pedal's way per s.
    static let footSpeed = 3.0
    /// How strongly the service brake brakes when pressed down, N.
    static let brakeForce = 6000.0
    /// How long a gear change takes, s.
    private static let shiftTime = 0.5
    /// Up from second gear only where the engine would scream, r/min.
    private static let shiftUp = 4200.0

    init(vehicle: Vehicle, seed: UInt64, step: Double) {
        self.vehicle = vehicle
        self.step = step
        noise = NoiseSource(seed: seed, part: 2)
        wander = Wander(deviation: 0.13, memory: 5, step: step)
        pace = noise.uniform(2.8...3.4)
        judgement = noise.uniform(0.9...1.1)
        reaction = noise.uniform(0.2...0.35)
        seenSpeed = Delay(0, length: Int(reaction / step))
        feltResistance = Delay(0, length: Int(reaction / step))
        roadFelt = Delay(0, length: Int(reaction / step))
        seenEngineSpeed = Delay(vehicle.idleSpeed, length: Int(reaction / step))
        // A source of their own leaves the rest of the driver's habits as they are.
        var habits = NoiseSource(seed: seed, part: 7)
        stroke = Stroke(pedalTime: habits.uniform(0.15...0.35), holdTime: habits.uniform(2.4...3.2))
    }

    /// Takes note of a new cue.
    mutating func hear(_ cue: DriverCue) {
        cueAge = 0
        if cue.maneuver != lastManeuver { maneuverAge = 0 }
        lastManeuver = cue.maneuver
        if maneuverAge == 0 { stroke.begin() }
    }

    mutating func advance(_ cue: DriverCue, _ view: DriverView) {
        let speed = view.speed
        let change = (speed - lastSpeed) / 3.6 / step
        lastSpeed = speed
        acceleration += (change - acceleration) * min(1, step / 0.08)
        let seen = seenSpeed.pass(speed)
        let seenEngine = seenEngineSpeed.pass(view.engineSpeed)
        // The pull in the back tells what the pedal's force does not go into.
        let felt = feltResistance.pass(view.tyreForce - view.mass * acceleration)
        resistance += (felt - resistance) * min(1, step / 0.25)
        feelRoad(view)
        wander.advance(&noise)
        isElectric = view.isElectric
        cueAge += step
        maneuverAge += step

        guard view.canMove, cue.engineRunning else {
            // Without an engine the driver brings the car to rest.
            pedals = Pedals(brake: view.onRollers && speed > 0 ? 0.3 : 0)
            return aim = speed
        }
        if let throttle = cue.throttle {
            changeGear(to: view.onRollers ? cue.gear ?? 0 : 0)
            pedals.brake = 0
            move(throttle: min(1, max(0, throttle)))
            return aim = speed
        }
        if carriesOut(cue, seenEngine, onRollers: view.onRollers) { return aim = speed }
        engineHold.rest(at: seenEngine)
        guard view.onRollers, let target = cue.targetSpeed, target > 0 || !cue.comingSpeeds.isEmpty else {
            changeGear(to: 0)
            move(throttle: 0)
            pedals.brake = cue.targetSpeed == 0 && speed > 0 ? 0.3 : 0
            return aim = speed
        }
        if cue.comingSpeeds.isEmpty {
            changeGear(to: cue.gear ?? gear(at: speed))
            follow(target, tolerance: cue.tolerance, seen: seen, mass: view.mass)
        } else {
            let trace = SpeedTrace(now: target, coming: cue.comingSpeeds)
            follow(trace, age: cueAge, gear: cue.gear, seen: seen, mass: view.mass)
            aim = speed
        }
    }

    /// Tells the road's resistance from the car's own pushing and braking.
    private mutating func feelRoad(_ view: DriverView) {
        push += (view.tyreForce - Self.brakeForce * pedals.brake - push) * min(1, step / 0.08)
        let felt = roadFelt.pass(push - view.mass * acceleration)
        roadLoad += (felt - roadLoad) * min(1, step / 0.3)
    }

    private mutating func follow(_ target: Double, tolerance: Double, seen: Double, mass: Double) {
        let way = target - aim
        // Full pace first, gently into the target.
        let rate = max(-pace, min(pace, 1.2 * way))
        aim += rate * step
        // Nobody waits for a car that is far behind.
        aim = min(aim, seen + 4)

        var error = aim + trouble.speedError + wander.value - seen
        // Small errors are not worth a foot's movement.
        let deadBand = max(0, min(0.1, 0.05 * tolerance))
        error -= min(deadBand, max(-deadBand, error))
        let leverage = vehicle.leverage(of: pedals.gear)
        guard leverage > 0, !pedals.clutch else { return move(throttle: 0.05) }
        let force = resistance + judgement * mass * (rate + 0.9 * error) / 3.6
        move(throttle: pedal(for: force, leverage: leverage, seen: seen))
        pedals.brake = error < -2 ? min(0.3, 0.05 * (-error - 2)) : 0
    }

    /// The pedal that gives a force at the tyres, as far as the driver knows the car.
    func pedal(for force: Double, leverage: Double, seen: Double) -> Double {
        if isElectric, let motor = vehicle.motor {
            return force / min(motor.force, motor.power * 1000 / max(seen / 3.6, 0.5))
        }
        let engineSpeed = max(vehicle.idleSpeed, seen * leverage / 3.6 / radiansPerSecond)
        let (drag, full) = (vehicle.dragTorque(at: engineSpeed), vehicle.fullTorque(at: engineSpeed))
        return (force / leverage / vehicle.drivelineEfficiency + drag) / max(1, full + drag)
    }

    /// - Parameter footSpeed: share of the pedal's way per s.
    mutating func move(throttle wanted: Double, footSpeed: Double = Driver.footSpeed) {
        let way = footSpeed * step
        let goal = min(1, max(0, wanted))
        pedals.throttle += min(way, max(-way, goal - pedals.throttle))
    }

    /// First gear to move off, second for the test (GB 18285-2018, Annex B: second gear, third if it is too slow).
    private func gear(at speed: Double) -> Int {
        let now = pedals.gear
        if now < 2 { return speed < 12 ? 1 : min(2, vehicle.gears.count) }
        if now == 2, speed < 6 { return 1 }
        if now < vehicle.gears.count, speed * vehicle.gears[now - 1] > Self.shiftUp { return now + 1 }
        if now > 2, speed * vehicle.gears[now - 2] < Self.shiftUp * 0.8 { return now - 1 }
        return now
    }

    /// - Parameter wanted: a cue may ask for more than the car has.
    mutating func changeGear(to wanted: Int) {
        let gear = max(0, min(wanted, vehicle.gears.count))
        if gear != pedals.gear {
            pedals.gear = gear
            // Out of gear or moving off there is nothing to synchronise.
            shifting = gear > 1 ? Self.shiftTime : 0
        }
        shifting = max(0, shifting - step)
        pedals.clutch = shifting > 0 || gear == 0
    }
}
