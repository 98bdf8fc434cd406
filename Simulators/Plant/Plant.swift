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
        /// What the driver does badly.
        public var driver = DriverTrouble()
        /// How much faster the tyres turn than the rollers, as a share: 0 is no slip.
        public var slip = 0.0
        /// Share of the exhaust that the flow meter's tube does not catch, 0…1.
        public var tubeLoss = 0.0
        /// Whether the radiator's fan is broken: under load the engine gets too hot.
        public var isFanBroken = false
        /// How many times as long as good ones the gas cells take.
        public var slowCells = 1.0
        /// The diesel bench's own share of leaked air, flow and slowness; those above are the analyzer's.
        public var nitrogenPath = PathTrouble()
        /// What bearings take beyond their usual loss (轴承阻力), N at the rollers' surface.
        public var drag = 0.0
        /// Whether the lift's interlock is broken: it moves while the rollers turn.
        public var isLiftFree = false
        /// What turns, as a share of the base inertia that everybody believes: 1 is right.
        public var inertiaShare = 1.0
        /// The share of the force that the load cell does not feel because it slips in its seat. The brake's controller
        /// goes by the cell, and so brakes harder than it should.
        public var cellSlip = 0.0
        /// How many times as long as a good one the brake's current controller takes (加载响应慢).
        public var slowBrake = 1.0
        /// The share of a step by which the brake's current controller swings past it (超调).
        public var brakeOvershoot = 0.0
        /// Gain of the load cell, 1 if it is right.
        public var forceGain = 1.0
        /// Offset of the load cell, N.
        public var forceOffset = 0.0
        /// Gain of the speed encoder, 1 if it is right.
        public var speedGain = 1.0

        /// Creates a lane without trouble.
        public init() {}
    }

    /// What goes wrong between a probe and a bench.
    public struct PathTrouble: Hashable, Sendable {
        /// Share of room air that a leak adds to the sample, 0…1.
        public var leak = 0.0
        /// Share of the full sample flow, 0…1.
        public var flow = 1.0
        /// How many times as long as good ones the cells take.
        public var slowCells = 1.0

        /// Creates a path without trouble.
        public init() {}
    }

    /// The fixed step of the simulation.
    public static let step = LaneSpan(nanoseconds: 10_000_000)
    private static let stepsPerSecond: Int64 = 100

    /// The air as it is drawn in from the room.
    private let ambientGas = GasMixture.roomAir
    /// The vehicle on the lane.
    public let vehicle: Vehicle
    private var cue = DriverCue()
    private var standards = ReferenceSettings()
    private var driver: Driver
    private var powertrain: Powertrain
    private var dynamometer: Dynamometer
    private var exhaust: Exhaust
    private var path: SamplePath
    private var nitrogenPath: SamplePath
    private var smokePath: SmokePath
    private var tube: FlowTube
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
        nitrogenPath = SamplePath(step: step)
        smokePath = SmokePath(step: step)
        tube = FlowTube(seed: seed, step: step)
        weather = Weather(mean: air, seed: seed)
        tachometerNoise = NoiseSource(seed: seed, part: 5)
        shownEngineSpeed = vehicle.idleSpeed
    }

    /// What the rollers weigh at their surface.
    public var baseInertia: Mass { dynamometer.data.baseInertia }

    // MARK: Inputs

    /// Tells the driver what to do from now on.
    public mutating func take(_ cue: DriverCue) {
        self.cue = cue
        driver.hear(cue)
    }

    /// Tells the brake what to do from now on.
    public mutating func brake(_ command: BrakeCommand) { dynamometer.command = command }

    /// Switches the motor that drives the rollers.
    public mutating func motor(isOn: Bool) { dynamometer.motorRuns = isOn }

    /// Sets how fast the motor turns the rollers, as a share of the greatest speed that its inverter holds, 0…1.
    public mutating func motor(speedShare: Double) { dynamometer.motorSpeedShare = min(1, max(0, speedShare)) }

    /// Moves the lift; it stays where it is while the rollers turn.
    public mutating func move(lift: LiftPosition) { dynamometer.move(lift: lift) }

    /// Sets where a gas bench draws from.
    public mutating func draw(from inlet: SampleInlet, by bench: GasBench = .analyzer) {
        switch bench {
        case .analyzer: path.inlet = inlet
        case .nitrogenOxides: nitrogenPath.inlet = inlet
        }
    }

    /// Connects a bottle to a port of both gas benches, or takes it away: an open port draws air.
    public mutating func connect(_ bottle: BottledGas?, to port: SampleInlet) {
        path.bottles[port] = bottle?.mixture
        nitrogenPath.bottles[port] = bottle?.mixture
    }

    /// Puts a neutral filter (中性滤光片) into the opacimeter's light path, or with 0 takes it out.
    ///
    /// - Parameter opacity: of the filter over the meter's path, 0…100 %.
    public mutating func insert(filterOpacity opacity: Percentage) {
        smokePath.insert(filterOpacity: min(100, max(0, opacity.value)))
    }

    /// Forgets the opacimeter's peaks.
    public mutating func clearSmokePeak() { smokePath.clearPeak() }

    /// Switches the fan of the flow meter's tube.
    public mutating func fan(isOn: Bool) { tube.fanRuns = isOn }

    /// Hangs weights (砝码) on the load cell's lever, or with 0 takes them off.
    ///
    /// - Parameter force: what they pull, as a force at the roller's surface.
    public mutating func hang(weight force: Force) { dynamometer.hungWeight = max(0, force.value) }

    /// Sets what the instruments are compared with: generator, bath, blower, and a cap on the probe.
    public mutating func set(_ standards: ReferenceSettings) { self.standards = standards }

    /// Sets the load cell's zero to what it shows now.
    public mutating func zeroForce() { dynamometer.zeroCell() }

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

        let onRollers = dynamometer.lift == .down && cue.vehicleOnLane
        // The speedometer shows the tyres, which turn faster than the rollers while they slip.
        let roadSpeed = onRollers ? dynamometer.speed * (1 + disturbance.slip) : 0
        let isElectric = restsEngine(at: roadSpeed)
        let wantsEngine = cue.engineRunning && !disturbance.isStalled && !isElectric
        driver.trouble = disturbance.driver
        driver.advance(
            cue,
            DriverView(
                speed: roadSpeed * 3.6, engineSpeed: powertrain.engineSpeed, tyreForce: powertrain.tyreForce,
                mass: dynamometer.data.baseInertia.value + powertrain.rotatingMass,
                canMove: powertrain.isRunning || isElectric && cue.engineRunning,
                isElectric: isElectric && !powertrain.isRunning, onRollers: onRollers))
        powertrain.advance(
            step, pedals: driver.pedals, wantsEngine: wantsEngine, roadSpeed: roadSpeed, air: weather.air.temperature,
            isCooled: !disturbance.isFanBroken)
        applyTroubles()
        dynamometer.advance(
            step, tyreForce: onRollers ? powertrain.tyreForce * (1 - disturbance.slip) : 0,
            resistance: onRollers ? resistance : 0, vehicleMass: onRollers ? powertrain.rotatingMass : 0)
        exhaust.advance(powertrain, air: weather.air.temperature)
        advanceSampling()
        shownEngineSpeed = shownSpeed()
    }

    /// Whether a hybrid lets its engine rest.
    private func restsEngine(at roadSpeed: Double) -> Bool {
        guard let motor = vehicle.motor, !cue.inspectionMode, cue.engineSpeed == nil, cue.maneuver == nil else {
            return false
        }
        return roadSpeed * 3.6 < motor.engineSpeedLimit
    }

    private mutating func applyTroubles() {
        path.slowness = disturbance.slowCells
        nitrogenPath.slowness = disturbance.nitrogenPath.slowCells
        dynamometer.drag = disturbance.drag
        dynamometer.inertiaShare = disturbance.inertiaShare
        dynamometer.liftIsFree = disturbance.isLiftFree
        dynamometer.cell.slip = disturbance.cellSlip
        dynamometer.controller.slowness = disturbance.slowBrake
        dynamometer.controller.overshoot = disturbance.brakeOvershoot
        dynamometer.cell.gain = disturbance.forceGain
        dynamometer.cell.offset = disturbance.forceOffset
        dynamometer.encoderGain = disturbance.speedGain
    }

    private mutating func advanceSampling() {
        func tip(_ leak: Double) -> GasMixture {
            cue.probeInserted ? exhaust.gas.mixed(with: ambientGas, share: leak) : ambientGas
        }
        path.advance(tip: tip(disturbance.leak), air: ambientGas, flow: flow(disturbance.flow, at: path.inlet))
        nitrogenPath.advance(
            tip: tip(disturbance.nitrogenPath.leak), air: ambientGas,
            flow: flow(disturbance.nitrogenPath.flow, at: nitrogenPath.inlet))
        smokePath.advance(
            tip: cue.probeInserted ? exhaust.smoke * (1 - disturbance.leak) : 0, engineSpeed: powertrain.engineSpeed)
        tube.advance(
            exhaust: cue.probeInserted ? exhaust.flow * (1 - disturbance.tubeLoss) : 0, of: exhaust.gas,
            exhaustTemperature: exhaust.temperature, ambient: ambientGas, air: weather.air,
            blower: standards.tubeFlow)
    }

    /// What a pump draws, as a share of its full flow: nothing through a probe that is shut.
    private func flow(_ share: Double, at inlet: SampleInlet) -> Double {
        standards.probeIsShut && inlet == .probe ? 0 : share
    }

    /// Tyres and service brake, N, against the motion.
    private var resistance: Double {
        vehicle.rollingResistance + vehicle.rollingResistancePerSpeed * dynamometer.speed * 3.6
            + Driver.brakeForce * driver.pedals.brake
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
            shownEngineSpeed: disturbance.isClampOff ? 0 : standards.engineSpeed ?? shownEngineSpeed,
            engineRuns: powertrain.isRunning,
            engineLoad: powertrain.load, engineTorque: powertrain.torque, gear: driver.pedals.gear,
            throttle: driver.pedals.throttle,
            oilTemperature: standards.oilTemperature ?? powertrain.oilTemperature,
            coolantTemperature: powertrain.coolantTemperature, catalystTemperature: powertrain.catalystTemperature,
            tailPipe: exhaust.gas, tailPipeSmoke: exhaust.smoke, exhaustFlow: exhaust.flow, inlet: path.inlet,
            flow: path.inlet == .closed ? 0 : flow(disturbance.flow, at: path.inlet), leak: disturbance.leak,
            sample: path.shown, nitrogenInlet: nitrogenPath.inlet,
            nitrogenFlow: nitrogenPath.inlet == .closed
                ? 0 : flow(disturbance.nitrogenPath.flow, at: nitrogenPath.inlet),
            nitrogenLeak: disturbance.nitrogenPath.leak, nitrogenSample: nitrogenPath.shown,
            smoke: smokePath.shown,
            tube: tube.shown, ambient: ambientGas, air: weather.air)
    }
}
