public import Metrology
public import Procedures
import Standards

/// A lane made of numbers: it answers a procedure's directives with frames, ten a second, without instruments, physics
/// or waiting. Disturbances make of an undisturbed test whatever a test needs.
public struct SyntheticLane {
    /// Something that goes wrong, or a vehicle that is not clean.
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
        /// Speed off its target by this many km/h.
        case speed(Double)
        /// Speed swinging by this many km/h from second to second.
        case speedSwing(Double)
        /// Brake force off its set value by this share.
        case force(Double)
        /// Air drawn in beside the exhaust: concentrations times this.
        case dilution(Double)
        /// The engine stands.
        case stall
        /// The analyzer reports low flow.
        case lowFlow
        /// An instrument is lost.
        case lost(InstrumentRole)
        /// A channel keeps its last reading.
        case stuck(ChannelID)
        /// An instrument reports a fault.
        case fault(InstrumentRole)
        /// The operator or the emergency stop.
        case event(FrameEvent)
        /// The room's air: temperature.
        case airTemperature(Double)
        /// HC in the room's air.
        case ambientHydrocarbons(Double)
        /// HC left in the line.
        case residualHydrocarbons(Double)
        /// The oil never gets warm.
        case coldEngine
        /// The rollers turn before the test.
        case rollersTurn
        /// The probe stays in the room.
        case noProbe
        /// The analyzer never gets warm, or its zero never ends.
        case analyzerStays(InstrumentCondition)
        /// The zero fails.
        case zeroFails
        /// The vehicle does not reach its speed.
        case tooSlow
        /// Engine speed off its target by this many r/min.
        case engineSpeed(Double)
        /// Nobody confirms what is asked for.
        case noAnswer
    }

    /// The vehicle's raw exhaust under load: CO %, HC ppm, NO ppm, CO2 %.
    public struct Exhaust: Hashable, Sendable {
        /// %.
        public var co: Double
        /// ppm.
        public var hc: Double
        /// ppm.
        public var no: Double
        /// %.
        public var co2: Double

        /// Creates an exhaust.
        public init(co: Double, hc: Double, no: Double, co2: Double = 14.8) {
            self.co = co
            self.hc = hc
            self.no = no
            self.co2 = co2
        }

        /// Well under half of every limit.
        public static let clean = Exhaust(co: 0.08, hc: 20, no: 180)
    }

    /// What the vehicle emits by mode; the empty key stands for every other time.
    public var exhaust: [String: Exhaust]
    /// What happens besides.
    public var disturbances: [Disturbance]

    private var random: SeededGenerator
    private var assembler: FrameAssembler
    private var tick = 0
    private var speed = 0.0
    private var idling = 800.0
    private var brake = 0.0
    private var force = 0.0
    private var probeIn = false
    private var probeSince = 0.0
    private var zeroingUntil = -1.0
    private var sampling = AnalyzerAction.stop
    private var began: [String: Double] = [:]
    private var fired: Set<Int> = []
    private var stuck: [ChannelID: Double] = [:]

    /// Creates a lane; the seed fixes all noise.
    public init(
        seed: UInt64, freshness: [InstrumentRole: LaneSpan], exhaust: [String: Exhaust] = ["": .clean],
        disturbances: [Disturbance] = []
    ) {
        random = SeededGenerator(seed: seed)
        assembler = FrameAssembler(freshness: freshness, origin: .zero)
        self.exhaust = exhaust
        self.disturbances = disturbances
    }

    /// Carries out what the procedure asked for.
    public mutating func perform(_ directives: [Directive]) {
        for directive in directives {
            switch directive {
            case .brake(let force): brake = force.value
            case .unload: brake = 0
            case .analyzer(.zero): zeroingUntil = time + 30
            case .analyzer(let action): sampling = action
            case .hold, .load, .motor, .motorOff, .span, .liftDown, .liftUp, .opacimeter, .flowMeter, .bench, .prompt:
                break
            }
        }
    }

    /// The next frame, for what the procedure shows now.
    public mutating func next(_ status: ProcedureStatus) -> Frame {
        let due = LaneInstant(nanoseconds: Int64(tick) * 100_000_000)
        let key = "\(status.stage.rawValue)/\(status.mode ?? "")"
        if began[key] == nil { began[key] = time }
        if began["/"] == nil { began["/"] = time }
        let active = Set(disturbances.indices.filter { isActive(disturbances[$0]) }.map { disturbances[$0].kind })

        drive(status, active)
        read(status, active, at: due)
        for (index, disturbance) in disturbances.enumerated() {
            guard case .event(let event) = disturbance.kind, isActive(disturbance), fired.insert(index).inserted
            else { continue }
            assembler.take(event)
        }
        if !status.probeWanted, status.stage == .fuelChange {
            probeIn = false
            if !active.contains(.noAnswer) { assembler.take(.confirmed) }
        }
        if status.probeWanted, !probeIn, !active.contains(.noProbe) {
            (probeIn, probeSince) = (true, time)
            assembler.take(.probeInserted)
        }
        for role in InstrumentRole.allCases { assembler.setLost(active.contains(.lost(role)), role) }
        defer { tick += 1 }
        return assembler.frame(tick: tick, due: due, lateness: .zero)
    }

    private var time: Double { Double(tick) / 10 }

    private func isActive(_ disturbance: Disturbance) -> Bool {
        // It begins with the stage it waits for, and goes on whatever the procedure makes of it.
        let modes = disturbance.mode.map { [$0] } ?? ["", "asm5025", "asm2540", "high-idle", "idle"]
        let keys = disturbance.stage.map { stage in modes.map { "\(stage.rawValue)/\($0)" } } ?? ["/"]
        guard let start = keys.compactMap({ began[$0] }).min() else { return false }
        let since = time - start
        return since >= disturbance.after && since < disturbance.after + disturbance.length
    }

    private mutating func noise(_ amplitude: Double) -> Double {
        Double.random(in: -amplitude...amplitude, using: &random)
    }

    private mutating func drive(_ status: ProcedureStatus, _ active: Set<Kind>) {
        var target = status.targetSpeed?.value ?? 0
        if active.contains(.tooSlow) { target *= 0.8 }
        if active.contains(.rollersTurn) { target = 5 }
        let engineTarget = (status.targetEngineSpeed?.value ?? 800) * (active.contains(.tooSlow) ? 0.7 : 1)
        idling += max(-80, min(80, engineTarget - idling))
        let step = max(-0.4, min(0.4, target - speed))
        speed += step
        force += (brake - force) * 0.4
    }

    private mutating func read(_ status: ProcedureStatus, _ active: Set<Kind>, at now: LaneInstant) {
        var shownSpeed = max(0, speed + (status.targetSpeed == nil ? 0 : noise(0.2)))
        var shownForce = force * (1 + noise(0.01))
        var air = (temperature: 22.0, humidity: 48.0, pressure: 101.2)
        var ambientHC = 2.0
        var residual = 3.0
        var share = 1.0
        var oil = 88.0
        var rpm = status.targetSpeed == nil ? idling + noise(20) : 1200 + 30 * speed
        var conditions: Set<InstrumentCondition> = time < zeroingUntil ? [.zeroing, .busy] : [.pumpOn]
        var faults: Set<InstrumentRole> = []
        for kind in active {
            switch kind {
            case .speed(let offset): shownSpeed += offset
            case .speedSwing(let swing): shownSpeed += Int(time) % 2 == 0 ? swing / 2 : -swing / 2
            case .force(let offset): shownForce *= 1 + offset
            case .dilution(let factor): share = factor
            case .stall: rpm = 0
            case .lowFlow: conditions.insert(.lowFlow)
            case .fault(let role): faults.insert(role)
            case .airTemperature(let value): air.temperature = value
            case .ambientHydrocarbons(let value): ambientHC = value
            case .residualHydrocarbons(let value): residual = value
            case .coldEngine: oil = 40
            case .engineSpeed(let offset): rpm += offset
            case .analyzerStays(let condition): conditions.insert(condition)
            case .zeroFails: if time >= zeroingUntil, zeroingUntil > 0 { conditions.insert(.zeroFailed) }
            case .lost, .stuck, .event, .rollersTurn, .noProbe, .tooSlow, .noAnswer: break
            }
        }
        let gas = sampled(status, ambientHC: ambientHC, residual: residual, share: share)
        let values: [(ChannelID, Double)] = [
            (.rollerSpeed, shownSpeed), (.rollerForce, shownForce), (.brakeDuty, brake > 0 ? 20 : 0),
            (.engineSpeed, rpm), (.airTemperature, air.temperature), (.relativeHumidity, air.humidity),
            (.airPressure, air.pressure), (.oilTemperature, oil), (.carbonMonoxide, gas.co),
            (.hydrocarbons, gas.hc), (.nitricOxide, gas.no), (.carbonDioxide, gas.co2),
            (.oxygen, probeIn ? 0.5 : 20.9), (.lambda, 1.0),
        ]
        for (channel, value) in values {
            let isGas = channel.role == .gasAnalyzer
            if isGas, tick % 5 != 0 { continue }
            if active.contains(.stuck(channel)) || active.contains(.lost(channel.role)) { continue }
            assembler.take(TimedReading(channel, value, at: now))
        }
        if !active.contains(.lost(.gasAnalyzer)) {
            if faults.contains(.gasAnalyzer) { conditions.insert(.fault) }
            assembler.take(conditions, of: .gasAnalyzer, at: now)
        }
        for role in faults where role != .gasAnalyzer { assembler.take([.fault], of: role, at: now) }
    }

    private mutating func sampled(
        _ status: ProcedureStatus, ambientHC: Double, residual: Double, share: Double
    ) -> Exhaust {
        let air = Exhaust(co: 0, hc: ambientHC, no: 0, co2: 0.04)
        if !probeIn || time - probeSince < 5 {
            guard sampling == .sampleProbe else { return air }
            return Exhaust(co: 0, hc: ambientHC + residual, no: 1, co2: 0.04)
        }
        let engine = status.mode.flatMap { exhaust[$0] } ?? exhaust[""] ?? .clean
        return Exhaust(
            co: max(0, engine.co * share * (1 + noise(0.03))), hc: max(0, engine.hc * share * (1 + noise(0.03))),
            no: max(0, engine.no * share * (1 + noise(0.03))), co2: engine.co2 * share + noise(0.05))
    }
}

/// The whole of one test on a synthetic lane.
public struct SyntheticRun: Sendable {
    /// Every frame the procedure saw.
    public var frames: [Frame] = []
    /// Every directive it gave, in order.
    public var directives: [Directive] = []
    /// The stages and modes it went through, in order.
    public var stages: [String] = []

    /// A run of nothing yet.
    init() {}

    /// Runs a procedure to its end, or for at most `maximumSeconds` of lane time.
    public init(_ procedure: inout some Procedure, on lane: inout SyntheticLane, maximumSeconds: Int = 4000) {
        while procedure.outcome == nil, frames.count < maximumSeconds * 10 {
            let frame = lane.next(procedure.status)
            let given = procedure.advance(frame)
            lane.perform(given)
            frames.append(frame)
            directives += given
            let stage = [procedure.status.mode, procedure.status.stage.rawValue].compactMap { $0 }.joined(
                separator: "/")
            if stages.last != stage { stages.append(stage) }
        }
    }
}
