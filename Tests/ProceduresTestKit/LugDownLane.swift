public import Metrology
public import Procedures

/// A lane with a heavy roller set, a diesel vehicle and a driver, made of numbers: it answers a lug-down test's
/// directives and what its status shows with frames, ten a second. Disturbances make of an undisturbed test whatever a
/// test needs.
public struct LugDownLane: Sendable {
    /// An engine, its gears, and what it emits.
    public struct Vehicle: Hashable, Sendable {
        /// Rated power, kW.
        public var ratedPower = 85.0
        /// Rated speed, r/min.
        public var ratedSpeed = 3200.0
        /// Share of the engine's power that reaches the wheels.
        public var efficiency = 0.75
        /// Where the governor has cut all fuel, over rated speed.
        public var governed = 1.08
        /// km/h per 1000 r/min.
        public var gears = [7.0, 13, 20.5, 28, 36]
        /// Light absorption coefficient by point; the empty key stands for every other time.
        public var k = ["": 0.5]
        /// NOx, ppm, the same way.
        public var nox = ["": 700.0]

        /// A clean pickup.
        public init() {}
    }

    /// Something that goes wrong.
    public struct Disturbance: Hashable, Sendable {
        /// What happens.
        public var kind: Kind
        /// When it begins: seconds after the stage (and mode) it waits for began.
        public var after: Double
        /// How long it lasts, seconds.
        public var length: Double
        /// The stage it waits for; nil for the test's beginning.
        public var stage: StageKind?
        /// The mode it waits for; nil for any.
        public var mode: String?

        /// Creates a disturbance.
        public init(
            _ kind: Kind, after: Double = 0, length: Double = .infinity, stage: StageKind? = nil, mode: String? = nil
        ) {
            self.kind = kind
            self.after = after
            self.length = length
            self.stage = stage
            self.mode = mode
        }
    }

    /// What can happen.
    public enum Kind: Hashable, Sendable {
        /// A channel reads exactly this.
        case pin(ChannelID, Double)
        /// A channel reads this much more.
        case add(ChannelID, Double)
        /// A channel keeps its last reading.
        case stuck(ChannelID)
        /// An instrument is lost.
        case lost(InstrumentRole)
        /// An instrument says this of itself.
        case state(InstrumentRole, InstrumentCondition)
        /// The operator, the emergency stop, the lane.
        case event(FrameEvent)
        /// The engine stands.
        case stall
        /// The driver lets go of the pedal.
        case release
        /// The driver never presses the pedal fully down.
        case lazy
        /// The wheels turn faster than the rollers by this share.
        case slip(Double)
        /// The brake brakes no more.
        case brakeFails
        /// The driver begins this many gears away from the best one.
        case wrongGear(Int)
        /// The driver does not heed a wish for another gear.
        case stubborn
        /// Nobody shuts the opacimeter's light off.
        case noShutter
        /// The probes stay in the room.
        case noProbe
        /// Nobody confirms the probes.
        case noConfirmation
        /// Oil and coolant stay cold.
        case cold
        /// The rollers turn before the test.
        case rollersTurn
    }

    /// The vehicle.
    public var vehicle: Vehicle
    /// Temperature, °C, humidity, %, pressure, kPa.
    public var air = (temperature: 22.0, humidity: 48.0, pressure: 100.2)
    /// Oil and coolant; nil for what the lane cannot read.
    public var oil: Double? = 92
    /// Coolant temperature.
    public var coolant: Double? = 88
    /// Share of noise in everything that moves; 0 makes a lane exact.
    public var noise = 1.0
    /// Whether the bench reads NO and NO2 apart, and no NOx.
    public var readsNOAndNO2 = false
    /// Whether the bench reads CO2.
    public var readsCarbonDioxide = true
    /// What happens besides.
    public var disturbances: [Disturbance]

    private var random: SeededGenerator
    private var assembler: FrameAssembler
    private var tick = 0
    private var speed = 0.0
    private var engineSpeed = 750.0
    private var force = 0.0
    private var set: Double?
    private var gear: Int?
    private var lastChange: GearChange?
    private var zeroingUntil = -1.0
    private var shutUntil = -1.0
    private var isDrawing = false
    private var isProbeIn = false
    private var began: [String: Double] = [:]
    private var fired: Set<Int> = []

    /// Creates a lane; the seed fixes all noise.
    public init(
        seed: UInt64, freshness: [InstrumentRole: LaneSpan], vehicle: Vehicle = Vehicle(),
        disturbances: [Disturbance] = []
    ) {
        random = SeededGenerator(seed: seed)
        assembler = FrameAssembler(freshness: freshness, origin: .zero)
        self.vehicle = vehicle
        self.disturbances = disturbances
    }

    /// Carries out what the procedure asked for.
    public mutating func perform(_ directives: [Directive]) {
        for directive in directives {
            switch directive {
            case .hold(let speed): set = speed.value
            case .unload: set = nil
            case .opacimeter(.zero): zeroingUntil = time + 6
            case .opacimeter(.fullScale): shutUntil = time + 8
            case .bench(.sampleProbe): isDrawing = true
            case .bench(.stop): isDrawing = false
            default: break
            }
        }
    }

    /// The next frame, for what the procedure shows now.
    public mutating func next(_ status: ProcedureStatus) -> Frame {
        let due = LaneInstant(nanoseconds: Int64(tick) * 100_000_000)
        let key = "\(status.stage.rawValue)/\(status.mode ?? "")"
        if began[key] == nil { began[key] = time }
        if began["/"] == nil { began["/"] = time }
        let active = disturbances.indices.filter { isActive(disturbances[$0]) }.map { disturbances[$0].kind }
        drive(status, active)
        read(status, active, at: due)
        for (index, disturbance) in disturbances.enumerated() {
            guard case .event(let event) = disturbance.kind, isActive(disturbance), fired.insert(index).inserted
            else { continue }
            assembler.take(event)
        }
        if status.probeWanted, !isProbeIn, !active.contains(.noProbe) {
            isProbeIn = true
            if !active.contains(.noConfirmation) { assembler.take(.probeInserted) }
        }
        for role in InstrumentRole.allCases { assembler.setLost(active.contains(.lost(role)), role) }
        defer { tick += 1 }
        return assembler.frame(tick: tick, due: due, lateness: .zero)
    }

    private var time: Double { Double(tick) / 10 }

    private func isActive(_ disturbance: Disturbance) -> Bool {
        let modes = disturbance.mode.map { [$0] } ?? ["", "p100", "p90", "p80"]
        let keys = disturbance.stage.map { stage in modes.map { "\(stage.rawValue)/\($0)" } } ?? ["/"]
        guard let start = keys.compactMap({ began[$0] }).min() else { return false }
        // Ticks are counted, so that a second begins and ends on the tick.
        let since = ((time - start) * 10).rounded() / 10
        return since >= disturbance.after && since < disturbance.after + disturbance.length
    }

    private mutating func jitter(_ amplitude: Double) -> Double {
        noise == 0 ? 0 : noise * Double.random(in: -amplitude...amplitude, using: &random)
    }

    // MARK: Vehicle and driver

    private mutating func drive(_ status: ProcedureStatus, _ active: [Kind]) {
        let isFull = status.pedal == .full && !active.contains(.release) && !active.contains(.lazy)
        let governedSpeed = vehicle.ratedSpeed * vehicle.governed
        chooseGear(status, active, governedSpeed)
        let before = speed
        if let gear {
            let ratio = vehicle.gears[gear]
            let top = governedSpeed * ratio / 1000
            if !isFull {
                speed = max(0, speed - 0.25)
            } else if let set, !active.contains(.brakeFails) {
                speed += max(-0.5, min(0.5, (set - speed) * 0.35))
            } else {
                speed += max(-0.6, min(0.9, (top - speed) * 0.15))
            }
            engineSpeed = max(750, speed / ratio * 1000)
        } else {
            engineSpeed += ((isFull ? governedSpeed : 750) - engineSpeed) * 0.2
            speed = max(0, speed - 0.5)
        }
        if active.contains(.rollersTurn) { speed = 5 }
        force = 0
        if set != nil, isFull, speed > 1, !active.contains(.brakeFails) {
            let inertial = 1200 * (speed - before) / 3.6 * 10
            force = max(0, (wheelPower - Self.loss.power(at: Speed(speed)).value) * 3600 / speed - inertial)
        }
    }

    /// What the rollers take.
    public static let loss = ParasiticLoss(quadratic: 0.0002, linear: 0.012, constant: 0.1)

    private var wheelPower: Double {
        let x = engineSpeed / vehicle.ratedSpeed
        let cut = x <= 1 ? 1 : max(0, 1 - (x - 1) / (vehicle.governed - 1))
        return vehicle.ratedPower * vehicle.efficiency * x * (1.9 - 0.9 * x) * cut
    }

    /// The gear is engaged where the status leaves it to the driver and wants the pedal down.
    private mutating func chooseGear(_ status: ProcedureStatus, _ active: [Kind], _ governedSpeed: Double) {
        guard status.pedal == .full, status.gear == nil, let target = status.targetSpeed else {
            if status.gear == 0 { gear = nil }
            return
        }
        if gear == nil {
            var best = 0
            for index in vehicle.gears.indices {
                let distance = abs(vehicle.gears[index] * governedSpeed / 1000 - target.value)
                if distance < abs(vehicle.gears[best] * governedSpeed / 1000 - target.value) { best = index }
            }
            for case .wrongGear(let offset) in active { best += offset }
            gear = max(0, min(vehicle.gears.count - 1, best))
        }
        if let change = status.gearChange, lastChange == nil, !active.contains(.stubborn), let gear {
            self.gear = max(0, min(vehicle.gears.count - 1, gear + (change == .up ? 1 : -1)))
        }
        lastChange = status.gearChange
    }

    // MARK: Instruments

    private mutating func read(_ status: ProcedureStatus, _ active: [Kind], at now: LaneInstant) {
        var rpm = engineSpeed * (1 + jitter(0.002))
        for kind in active {
            if case .slip(let share) = kind, gear != nil { rpm *= 1 + share }
            if kind == .stall { rpm = 0 }
        }
        let isFull = status.pedal == .full && isProbeIn
        let mode = status.mode ?? ""
        let k = isFull ? (vehicle.k[mode] ?? vehicle.k[""] ?? 0) * (1 + jitter(0.03)) : 0.02
        let nox = isDrawing && isProbeIn ? (vehicle.nox[mode] ?? vehicle.nox[""] ?? 0) * (1 + jitter(0.02)) : 1
        let isShut = time < shutUntil && !active.contains(.noShutter)
        var values: [(ChannelID, Double)] = [
            (.rollerSpeed, max(0, speed + (speed > 1 ? jitter(0.15) : 0))), (.rollerForce, force * (1 + jitter(0.01))),
            (.engineSpeed, rpm), (.airTemperature, air.temperature), (.relativeHumidity, air.humidity),
            (.airPressure, air.pressure), (.opacity, isShut ? 100 : min(99, k * 34) + jitter(0.2)),
        ]
        // At full scale there is no absorption coefficient.
        if !isShut { values.append((.lightAbsorption, k)) }
        if tick % 5 == 0 {
            values +=
                readsNOAndNO2
                ? [(.benchNitricOxide, nox * 0.9), (.nitrogenDioxide, nox * 0.1)] : [(.nitrogenOxides, nox)]
            if readsCarbonDioxide { values.append((.benchCarbonDioxide, isDrawing && isProbeIn ? 8 : 0.05)) }
            let (oil, coolant) = active.contains(.cold) ? (40, 40) : (oil, coolant)
            if let oil { values.append((.oilTemperature, oil)) }
            if let coolant { values.append((.coolantTemperature, coolant)) }
        }
        take(values, active, at: now)
        takeStates(active, at: now)
    }

    private mutating func take(_ values: [(ChannelID, Double)], _ active: [Kind], at now: LaneInstant) {
        for (channel, value) in values {
            if active.contains(.stuck(channel)) || active.contains(.lost(channel.role)) { continue }
            var shown = value
            for kind in active {
                switch kind {
                case .pin(channel, let exact): shown = exact
                case .add(channel, let extra): shown += extra
                default: break
                }
            }
            assembler.take(TimedReading(channel, shown, at: now))
        }
    }

    private mutating func takeStates(_ active: [Kind], at now: LaneInstant) {
        for role in [InstrumentRole.opacimeter, .noxAnalyzer, .dynamometer] where !active.contains(.lost(role)) {
            var conditions: Set<InstrumentCondition> = []
            if role != .dynamometer, time < zeroingUntil { conditions = [.zeroing, .busy] }
            for case .state(role, let condition) in active { conditions.insert(condition) }
            assembler.take(conditions, of: role, at: now)
        }
    }
}

/// The whole of one lug-down test on a synthetic lane.
public struct LugDownRun: Sendable {
    /// Every frame the procedure saw.
    public var frames: [Frame] = []
    /// Every directive it gave, in order.
    public var directives: [Directive] = []
    /// What was shown after each frame.
    public var statuses: [ProcedureStatus] = []

    /// Runs a procedure to its end, or for at most `maximumSeconds` of lane time.
    public init(_ procedure: inout LugDownProcedure, on lane: inout LugDownLane, maximumSeconds: Int = 4000) {
        while procedure.outcome == nil, frames.count < maximumSeconds * 10 {
            let frame = lane.next(procedure.status)
            let given = procedure.advance(frame)
            lane.perform(given)
            frames.append(frame)
            directives += given
            statuses.append(procedure.status)
        }
    }

    /// What was asked of the dynamometer.
    public var brakes: [Directive] {
        directives.filter {
            switch $0 {
            case .brake, .hold, .unload: true
            default: false
            }
        }
    }

    /// The stages and modes that were shown, in order.
    public var stages: [String] {
        var stages: [String] = []
        for status in statuses {
            let stage = [status.mode, status.stage.rawValue].compactMap { $0 }.joined(separator: "/")
            if stages.last != stage { stages.append(stage) }
        }
        return stages
    }
}
