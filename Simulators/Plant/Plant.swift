public import Metrology

/// Everything a test lane's instruments measure: vehicle, driver, rollers, sample line and weather.
///
/// Physics only: it knows no wire, no clock and no verdict. Time passes in ``advance(by:)`` in fixed steps, so that
/// the same seed and the same inputs at the same times give the same numbers.
public struct Plant: Sendable {
    /// What is broken on purpose.
    public var disturbance = Disturbance()

    /// Things that go wrong on a lane outside its instruments' wires.
    public struct Disturbance: Hashable, Sendable {
        /// Share of room air that a leak adds to the sample, 0…1.
        public var leak = 0.0
        /// Share of the full sample flow, 0…1.
        public var flow = 1.0
        /// Whether the engine has stalled and does not start.
        public var isStalled = false
        /// Whether the tachometer's clamp is off.
        public var isClampOff = false

        /// Creates a lane without trouble.
        public init() {}
    }

    /// The fixed step of the simulation.
    public static let step = LaneSpan(nanoseconds: 10_000_000)
    private static let stepsPerSecond: Int64 = 100

    /// The air as it is drawn in from the room.
    private let ambientGas = GasMixture.roomAir
    private let vehicle: Vehicle
    private var cue = DriverCue()
    private var driver: Driver
    private var powertrain: Powertrain
    private var dynamometer: Dynamometer
    private var exhaust: Exhaust
    private var path: SamplePath
    private var weather: Weather
    private var tachometerNoise: NoiseSource
    private var shownEngineSpeed: Double
    private var steps: Int64 = 0
    /// What ``advance(by:)`` has been given beyond whole steps.
    private var remainder = LaneSpan.zero

    /// Creates a lane with an idling vehicle on the lift and the probe in the room's air.
    ///
    /// - Parameter seed: fixes all noise and the driver's habits.
    public init(
        vehicle: Vehicle, seed: UInt64, dynamometer: DynamometerData = .light, air: RoomAir = .spring
    ) {
        self.vehicle = vehicle
        let step = Self.step.seconds
        driver = Driver(vehicle: vehicle, seed: seed, step: step)
        powertrain = Powertrain(vehicle: vehicle)
        self.dynamometer = Dynamometer(data: dynamometer, seed: seed, step: step)
        exhaust = Exhaust(vehicle: vehicle, seed: seed, step: step, engine: powertrain)
        path = SamplePath(step: step)
        weather = Weather(mean: air, seed: seed)
        tachometerNoise = NoiseSource(seed: seed, part: 5)
        shownEngineSpeed = vehicle.idleSpeed
    }

    // MARK: Inputs

    /// Tells the driver what to do from now on.
    public mutating func take(_ cue: DriverCue) { self.cue = cue }

    /// Tells the brake what to do from now on.
    public mutating func brake(_ command: BrakeCommand) { dynamometer.command = command }

    /// Switches the motor that drives the rollers.
    public mutating func motor(isOn: Bool) { dynamometer.motorRuns = isOn }

    /// Moves the lift; it stays where it is while the rollers turn.
    public mutating func move(lift: LiftPosition) { dynamometer.move(lift: lift) }

    /// Sets where the analyzer draws from.
    public mutating func draw(from inlet: SampleInlet) { path.inlet = inlet }

    // MARK: Time

    /// Lets lane time pass.
    public mutating func advance(by span: LaneSpan) {
        remainder = remainder + span
        while remainder >= Self.step {
            remainder = remainder - Self.step
            advanceOneStep()
        }
    }

    private mutating func advanceOneStep() {
        let step = Self.step.seconds
        steps += 1
        if steps.isMultiple(of: Self.stepsPerSecond) { weather.advanceOneSecond() }
        if disturbance.isStalled { powertrain.stop() }

        let onRollers = dynamometer.lift == .down
        let roadSpeed = onRollers ? dynamometer.speed : 0
        driver.advance(
            cue, speed: roadSpeed * 3.6, tyreForce: powertrain.tyreForce,
            mass: dynamometer.data.baseInertia.value + powertrain.rotatingMass, isRunning: powertrain.isRunning,
            onRollers: onRollers)
        powertrain.advance(
            step, pedals: driver.pedals, wantsEngine: cue.engineRunning && !disturbance.isStalled,
            roadSpeed: roadSpeed, air: weather.air.temperature)
        dynamometer.advance(
            step, tyreForce: onRollers ? powertrain.tyreForce : 0, resistance: onRollers ? resistance : 0,
            vehicleMass: onRollers ? powertrain.rotatingMass : 0)
        exhaust.advance(powertrain)
        let tip =
            cue.probeInserted ? exhaust.gas.mixed(with: ambientGas, share: disturbance.leak) : ambientGas
        path.advance(tip: tip, air: ambientGas, flow: disturbance.flow)
        shownEngineSpeed = shownSpeed()
    }

    /// Tyres and service brake, N, against the motion.
    private var resistance: Double {
        vehicle.rollingResistance + vehicle.rollingResistancePerSpeed * dynamometer.speed * 3.6
            + 6000 * driver.pedals.brake
    }

    private mutating func shownSpeed() -> Double {
        let turning = powertrain.engineSpeed
        // The noise is drawn in every step, so that a stall does not shift it.
        let noisy = turning + 4 * tachometerNoise.normal()
        return turning > 0 ? max(0, noisy) : 0
    }

    // MARK: Outputs

    /// Everything that can be seen of the lane at this moment.
    public var snapshot: PlantSnapshot {
        PlantSnapshot(
            time: Double(steps) * Self.step.seconds, cue: cue, rollerSpeed: dynamometer.speed * 3.6,
            shownRollerSpeed: dynamometer.shownSpeed, brakeMode: dynamometer.command.shown.mode,
            brakeSetpoint: dynamometer.command.shown.setpoint, brakeForce: dynamometer.brakeForce,
            shownBrakeForce: dynamometer.shownForce, brakeDuty: dynamometer.duty,
            parasiticForce: dynamometer.parasiticForce, tyreForce: powertrain.tyreForce,
            resistance: dynamometer.lift == .down ? resistance : 0, rotatingMass: powertrain.rotatingMass,
            lift: dynamometer.lift, motorRuns: dynamometer.motorRuns, engineSpeed: powertrain.engineSpeed,
            shownEngineSpeed: disturbance.isClampOff ? 0 : shownEngineSpeed, engineRuns: powertrain.isRunning,
            engineLoad: powertrain.load, engineTorque: powertrain.torque, gear: driver.pedals.gear,
            throttle: driver.pedals.throttle, oilTemperature: powertrain.oilTemperature,
            catalystTemperature: powertrain.catalystTemperature, tailPipe: exhaust.gas, inlet: path.inlet,
            flow: path.inlet == .closed ? 0 : disturbance.flow, leak: disturbance.leak, sample: path.shown,
            ambient: ambientGas, air: weather.air)
    }
}
