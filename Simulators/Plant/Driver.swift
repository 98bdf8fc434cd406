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
    private(set) var pedals = Pedals()

    private let vehicle: Vehicle
    private let step: Double
    private var noise: NoiseSource
    /// The unsteadiness of the foot, km/h.
    private var wander: Wander
    /// How hard this driver accelerates, km/h per s.
    private let pace: Double
    /// How well this driver knows the car: 1 is exactly.
    private let judgement: Double
    /// What the driver has seen and felt, as old as the reaction takes.
    private var seenSpeed: Delay
    private var feltResistance: Delay
    private var resistance = 0.0
    /// The speed that the driver is after at the moment, km/h.
    private var aim = 0.0
    private var lastSpeed = 0.0
    private var acceleration = 0.0
    private var shifting = 0.0

    /// How fast a foot moves, share of the pedal's way per s.
    private static let footSpeed = 3.0
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
        let reaction = noise.uniform(0.2...0.35)
        seenSpeed = Delay(0, length: Int(reaction / step))
        feltResistance = Delay(0, length: Int(reaction / step))
    }

    /// - Parameters:
    ///   - speed: on the speedometer, km/h.
    ///   - tyreForce: N.
    ///   - mass: of all that moves, kg.
    mutating func advance(
        _ cue: DriverCue, speed: Double, tyreForce: Double, mass: Double, isRunning: Bool, onRollers: Bool
    ) {
        let change = (speed - lastSpeed) / 3.6 / step
        lastSpeed = speed
        acceleration += (change - acceleration) * min(1, step / 0.08)
        let seen = seenSpeed.pass(speed)
        // The pull in the back tells what the pedal's force does not go into.
        let felt = feltResistance.pass(tyreForce - mass * acceleration)
        resistance += (felt - resistance) * min(1, step / 0.25)
        wander.advance(&noise)

        guard isRunning, cue.engineRunning else {
            // Without an engine the driver brings the car to rest.
            pedals = Pedals(brake: onRollers && speed > 0 ? 0.3 : 0)
            return aim = speed
        }
        if let throttle = cue.throttle {
            changeGear(to: onRollers ? cue.gear ?? 0 : 0)
            pedals.brake = 0
            move(throttle: min(1, max(0, throttle)))
            return aim = speed
        }
        guard onRollers, let target = cue.targetSpeed, target > 0 else {
            changeGear(to: 0)
            move(throttle: 0)
            pedals.brake = cue.targetSpeed == 0 && speed > 0 ? 0.3 : 0
            return aim = speed
        }
        changeGear(to: cue.gear ?? gear(at: speed))
        follow(target, tolerance: cue.tolerance, seen: seen, mass: mass)
    }

    private mutating func follow(_ target: Double, tolerance: Double, seen: Double, mass: Double) {
        let way = target - aim
        // Full pace first, gently into the target.
        let rate = max(-pace, min(pace, 1.2 * way))
        aim += rate * step
        // Nobody waits for a car that is far behind.
        aim = min(aim, seen + 4)

        var error = aim + wander.value - seen
        // Small errors are not worth a foot's movement.
        let deadBand = max(0, min(0.1, 0.05 * tolerance))
        error -= min(deadBand, max(-deadBand, error))
        let leverage = vehicle.leverage(of: pedals.gear)
        guard leverage > 0, !pedals.clutch else { return move(throttle: 0.05) }
        let force = resistance + judgement * mass * (rate + 0.9 * error) / 3.6
        let engineSpeed = max(vehicle.idleSpeed, seen * leverage / 3.6 / radiansPerSecond)
        let (drag, full) = (vehicle.dragTorque(at: engineSpeed), vehicle.fullTorque(at: engineSpeed))
        move(throttle: (force / leverage / vehicle.drivelineEfficiency + drag) / (full + drag))
        pedals.brake = error < -2 ? min(0.3, 0.05 * (-error - 2)) : 0
    }

    private mutating func move(throttle wanted: Double) {
        let way = Self.footSpeed * step
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
    private mutating func changeGear(to wanted: Int) {
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

/// A fixed delay: what goes in comes out a number of steps later.
struct Delay: Sendable {
    private var values: [Double]
    private var next = 0

    init(_ initial: Double, length: Int) { values = Array(repeating: initial, count: max(1, length)) }

    mutating func pass(_ value: Double) -> Double {
        let old = values[next]
        values[next] = value
        next = next + 1 == values.count ? 0 : next + 1
        return old
    }
}
