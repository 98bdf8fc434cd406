/// What the driver sees of car and lane.
struct DriverView {
    /// On the speedometer, km/h.
    let speed: Double
    /// On the tachometer, r/min.
    let engineSpeed: Double
    /// N.
    let tyreForce: Double
    /// Of all that moves, kg.
    let mass: Double
    /// Whether the pedal moves anything: the engine runs, or a hybrid's motor is ready.
    let canMove: Bool
    /// Whether it is the motor that it moves.
    let isElectric: Bool
    /// Whether the tyres stand on the rollers.
    let onRollers: Bool
}

/// What a driver does badly; a part of what can go wrong on a lane.
public struct DriverTrouble: Hashable, Sendable {
    /// How far beside the target the driver holds the speed, km/h.
    public var speedError = 0.0
    /// How far beside the target the driver holds the engine speed, r/min.
    public var engineSpeedError = 0.0
    /// How long the driver takes to press the pedal down, s; nil is briskly.
    public var pedalTime: Double?
    /// Whether the driver releases the pedal long before the governed speed.
    public var releasesEarly = false

    /// Creates a driver without faults.
    public init() {}
}

/// How the driver holds an engine speed out of gear.
struct EngineHold {
    /// r/min that the driver is after at the moment.
    var aim = 0.0
    /// What the foot has learned about this engine, as a share of the pedal.
    var trim = 0.0

    mutating func rest(at engineSpeed: Double) { (aim, trim) = (engineSpeed, 0) }
}

/// A free acceleration (自由加速): where the foot is in it.
struct Stroke {
    /// How long the pedal takes to the floor, s.
    let pedalTime: Double
    /// How long it is held once the governor has cut in, s.
    let holdTime: Double
    var held = 0.0
    var isReleased = false

    init(pedalTime: Double, holdTime: Double) { (self.pedalTime, self.holdTime) = (pedalTime, holdTime) }

    mutating func begin() { (held, isReleased) = (0, false) }
}

/// The coming seconds of a speed trace.
struct SpeedTrace {
    let now: Double
    let coming: [Double]

    /// Speed and slope (km/h, km/h per s) a time after the cue; beyond the last second it stays.
    func value(after time: Double) -> (speed: Double, slope: Double) {
        guard let last = coming.last else { return (now, 0) }
        let second = Int(max(0, time))
        guard second < coming.count else { return (last, 0) }
        let from = second == 0 ? now : coming[second - 1]
        let slope = coming[second] - from
        return (from + slope * (max(0, time) - Double(second)), slope)
    }
}

extension Driver {
    /// How much trim is learned at most, as a share of the pedal.
    private static let trimLimit = 0.2
    /// Gives up on an engine that does not come to its governed speed after this, s.
    private static let patience = 8.0
    /// How fast an engine speed is changed, r/min per s.
    private static let engineSpeedPace = 1500.0
    /// Up to the next gear at this share of the rated speed.
    private static let fullPedalShift = 0.82

    /// Whether the cue asks for one of the movements that are not about a speed; if so, does a step of it.
    mutating func carriesOut(_ cue: DriverCue, _ engineSpeed: Double, onRollers: Bool) -> Bool {
        if cue.maneuver == .freeAcceleration {
            accelerateFreely(engineSpeed)
        } else if cue.maneuver == .fullPedal, onRollers {
            driveFullPedal(to: cue.gear, engineSpeed)
        } else if let goal = cue.engineSpeed {
            hold(engineSpeed: goal, seen: engineSpeed)
        } else {
            return false
        }
        return true
    }

    private mutating func hold(engineSpeed goal: Double, seen: Double) {
        changeGear(to: 0)
        pedals.brake = 0
        let way = Self.engineSpeedPace * step
        let wanted = goal + trouble.engineSpeedError
        let rise = min(way, max(-way, wanted - engineHold.aim))
        engineHold.aim += rise
        let (drag, full) = (vehicle.dragTorque(at: engineHold.aim), vehicle.fullTorque(at: engineHold.aim))
        let greatest = max(1, full + drag)
        // How fast the whole pedal would speed this engine up, r/min per s.
        let liveliness = greatest / vehicle.engineInertia / radiansPerSecond
        let error = engineHold.aim + 60 * wander.value - seen
        engineHold.trim = min(Self.trimLimit, max(-Self.trimLimit, engineHold.trim + 0.3 * error / liveliness * step))
        let lift = (judgement * rise / step + error) / liveliness
        move(throttle: judgement * drag / greatest + lift + engineHold.trim)
    }

    private mutating func accelerateFreely(_ engineSpeed: Double) {
        changeGear(to: 0)
        pedals.brake = 0
        guard maneuverAge > reaction, !stroke.isReleased else { return move(throttle: 0, footSpeed: 5) }
        move(throttle: 1, footSpeed: 1 / (trouble.pedalTime ?? stroke.pedalTime))
        if engineSpeed >= 0.97 * vehicle.governedSpeed { stroke.held += step }
        // A mere stab: the foot comes back as soon as it has touched the floor.
        let isEarly = trouble.releasesEarly && pedals.throttle >= 0.9
        stroke.isReleased = isEarly || stroke.held >= stroke.holdTime || maneuverAge > Self.patience
    }

    private mutating func driveFullPedal(to wanted: Int?, _ engineSpeed: Double) {
        pedals.brake = 0
        let last = min(vehicle.gears.count, wanted ?? vehicle.lugDownGear)
        if pedals.gear < 1 {
            changeGear(to: 1)
        } else if pedals.gear < last, !pedals.clutch, engineSpeed > Self.fullPedalShift * vehicle.ratedSpeed {
            changeGear(to: pedals.gear + 1)
        } else {
            changeGear(to: pedals.gear)
        }
        move(throttle: pedals.clutch ? 0 : 1)
    }

    // MARK: A speed trace

    /// How far ahead of the present the driver steers, beyond the own reaction, s.
    private static let lead = 0.25

    /// - Parameters:
    ///   - age: s since the cue.
    ///   - wanted: the gear that the cue asks for.
    mutating func follow(_ trace: SpeedTrace, age: Double, gear wanted: Int?, seen: Double, mass: Double) {
        let (goal, slope) = trace.value(after: age + Self.lead)
        // The speed at that moment, if the car goes on as it feels now.
        let expected = max(0, seen + acceleration * 3.6 * (reaction + Self.lead))
        if goal < 0.3, slope <= 0, seen < 3 {
            changeGear(to: 0)
            move(throttle: 0)
            return pedals.brake = 0.3
        }
        changeGear(to: wanted ?? traceGear(at: seen, slope: slope, peak: trace.coming.max() ?? goal))
        let error = goal + trouble.speedError + wander.value - expected
        let force = roadLoad + judgement * mass * (slope + 1.1 * error) / 3.6
        let leverage = vehicle.leverage(of: pedals.gear)
        let engineBrake =
            pedals.clutch ? 0 : vehicle.dragTorque(at: seen * leverage / 3.6 / radiansPerSecond) * leverage
        guard force > -engineBrake, leverage > 0, !pedals.clutch else {
            move(throttle: 0)
            let goal = min(0.6, max(0, -(force + engineBrake) / Self.brakeForce))
            pedals.brake += min(step * 3, max(-step * 3, goal - pedals.brake))
            return
        }
        pedals.brake = 0
        move(throttle: pedal(for: force, leverage: leverage, seen: seen))
    }

    /// First gear to 15 km/h, second to 35 km/h, third beyond, as the ECE cycle's steps are laid out: up on a step
    /// after which the trace goes on to rise. Out of gear where the engine would die.
    ///
    /// - Parameter peak: the greatest speed of the seconds to come, km/h.
    private func traceGear(at speed: Double, slope: Double, peak: Double) -> Int {
        let now = pedals.gear
        let top = min(3, vehicle.gears.count)
        if slope < 0, now == 0 || speed * vehicle.gears[now - 1] < 1.2 * vehicle.idleSpeed { return 0 }
        switch now {
        case 0: return speed < 14 ? 1 : speed < 32 ? min(2, top) : top
        case 1: return speed > 13.5 && peak > 16.5 || speed > 19 ? min(2, top) : 1
        case 2: return speed > 33 && peak > 36.5 ? top : speed < 8 && slope > 0 ? 1 : 2
        default: return speed < 24 && slope > 0 ? 2 : now
        }
    }
}
