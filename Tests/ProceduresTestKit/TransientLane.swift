public import Metrology
public import Procedures
import Standards

/// A lane made of numbers for tests that follow a speed trace: a driver who does what the driver's aid shows, a vehicle,
/// rollers, an exhaust that reaches analyzer and flow meter late, and whatever disturbs them.
public struct TransientLane {
    /// Something that goes wrong.
    public struct Disturbance: Hashable, Sendable {
        /// What happens.
        public var kind: Kind
        /// When it begins: seconds after the stage it waits for began.
        public var after: Double
        /// How long it lasts, seconds.
        public var length: Double
        /// The stage it waits for; nil for the test's beginning.
        public var stage: StageKind?

        /// Creates a disturbance.
        public init(_ kind: Kind, after: Double = 0, length: Double = .infinity, stage: StageKind? = nil) {
            self.kind = kind
            self.after = after
            self.length = length
            self.stage = stage
        }
    }

    /// What can happen.
    public enum Kind: Hashable, Sendable {
        /// Speed off the trace by this many km/h.
        case speed(Double)
        /// Speed off the trace by this many km/h for two of every three seconds.
        case pulses(Double)
        /// The driver is late by this many tenths of a second.
        case lateDriver(Int)
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
        /// A person does something.
        case event(FrameEvent)
        /// The room's air: temperature and relative humidity.
        case air(Double, Double)
        /// HC in the room's air.
        case ambientHydrocarbons(Double)
        /// HC left in the line.
        case residualHydrocarbons(Double)
        /// The oil never gets warm.
        case coldEngine
        /// The rollers turn before the test.
        case rollersTurn
        /// The probe stays in the room, or falls out.
        case noProbe
        /// An instrument stays in a condition.
        case stays(InstrumentCondition, InstrumentRole)
        /// The zero fails.
        case zeroFails
        /// The flow meter's O2 is off by this.
        case flowMeterOxygen(Double)
        /// The fan draws this share of what it should.
        case weakFan(Double)
        /// No fuel and so nothing but air on the overrun, to the last trace of CO2 if asked.
        case overrun(withoutCarbon: Bool)
        /// A channel drifts by this much a second.
        case drift(ChannelID, Double)
        /// A channel reads this.
        case spike(ChannelID, Double)
        /// Every third tick is missed.
        case missedTicks
    }

    /// Raw exhaust under load: CO %, HC ppm, NO ppm.
    public var exhaust: SyntheticLane.Exhaust
    /// What happens besides.
    public var disturbances: [Disturbance]
    /// From the tail pipe to the analyzer's reading, in ticks.
    public var gasDelay = 45
    /// From the tail pipe to the flow meter's reading, in ticks.
    public var flowDelay = 10
    /// The flow meter's stream at its own conditions, m³/min.
    public var stream = 7.5
    /// The O2 of the room's air.
    public var ambientOxygen = 20.8
    /// How much of the noise there is; 0 for none.
    public var noiseScale = 1.0

    /// What leaves the tail pipe.
    public struct TailPipe: Hashable, Sendable {
        /// CO, CO2 and O2, %.
        public var co = 0.0, co2 = 0.0, o2 = 0.0
        /// HC and NO, ppm.
        public var hc = 0.0, no = 0.0
        /// At 20 °C and 101.325 kPa, L/s.
        public var flow = 0.0
    }

    private var random: SeededGenerator
    private var assembler: FrameAssembler
    private var tick = 0
    private var speed = 0.0
    private var acceleration = 0.0
    private var brake = 0.0
    private var force = 0.0
    private var hasProbe = false
    private var probeSince = 0
    private var zeroingUntil = -1.0
    private var sampling = AnalyzerAction.stop
    private var fanSince: Int?
    private var targets: [Double] = []
    private var left: [TailPipe] = []
    private var began: [StageKind: Double] = [:]
    private var fired: Set<Int> = []

    /// Creates a lane; the seed fixes all noise.
    public init(
        seed: UInt64, freshness: [InstrumentRole: LaneSpan], exhaust: SyntheticLane.Exhaust = .clean,
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
            case .flowMeter(.start): fanSince = tick
            case .flowMeter(.stop): fanSince = nil
            default: break
            }
        }
    }

    /// The next frame, for what the procedure shows now.
    public mutating func next(_ status: ProcedureStatus) -> Frame {
        if began[status.stage] == nil { began[status.stage] = time }
        let active = Set(disturbances.indices.filter { isActive(disturbances[$0]) }.map { disturbances[$0].kind })
        if active.contains(.missedTicks), tick % 3 == 2 { step(status, active) }
        step(status, active)
        for (index, disturbance) in disturbances.enumerated() {
            guard case .event(let event) = disturbance.kind, isActive(disturbance), fired.insert(index).inserted
            else { continue }
            assembler.take(event)
        }
        for role in InstrumentRole.allCases { assembler.setLost(active.contains(.lost(role)), role) }
        let now = tick - 1
        return assembler.frame(tick: now, due: instant(now), lateness: .zero)
    }

    // MARK: One tenth of a second

    private var time: Double { Double(tick) / 10 }

    private func instant(_ tick: Int) -> LaneInstant { LaneInstant(nanoseconds: Int64(tick) * 100_000_000) }

    private func isActive(_ disturbance: Disturbance) -> Bool {
        let start = disturbance.stage.map { began[$0] } ?? 0
        guard let start else { return false }
        let since = time - start
        return since >= disturbance.after && since < disturbance.after + disturbance.length
    }

    private mutating func noise(_ amplitude: Double) -> Double {
        Double.random(in: -1...1, using: &random) * amplitude * noiseScale
    }

    private mutating func step(_ status: ProcedureStatus, _ active: Set<Kind>) {
        drive(status, active)
        exhaust(status, active)
        read(status, active, at: instant(tick))
        tick += 1
    }

    private mutating func drive(_ status: ProcedureStatus, _ active: Set<Kind>) {
        var target = status.targetSpeed?.value ?? 0
        // What was shown is a tick old; the trace says where it goes.
        if let next = status.trace.first { target += (next.value - target) / 10 }
        targets.append(target)
        for case .lateDriver(let tenths) in active { target = targets[max(0, targets.count - 1 - tenths)] }
        let before = speed
        speed += (target - speed) * 0.6
        acceleration = (speed - before) / 3.6 * 10
        force += (brake - force) * 0.4
        if status.probeWanted, !hasProbe, !active.contains(.noProbe) {
            (hasProbe, probeSince) = (true, tick)
            assembler.take(.probeInserted)
        }
        if active.contains(.noProbe) { hasProbe = false }
    }

    /// What leaves the tail pipe now.
    private mutating func exhaust(_ status: ProcedureStatus, _ active: Set<Kind>) {
        var pipe = TailPipe()
        pipe.flow = 3 + 0.16 * speed + 0.35 * max(0, acceleration) * speed
        let load = 0.6 + 0.4 * min(1, pipe.flow / 15)
        pipe.co = exhaust.co * load * (1 + noise(0.03))
        pipe.hc = exhaust.hc * (1 + noise(0.03))
        pipe.no = exhaust.no * load * (1 + noise(0.03))
        pipe.co2 = exhaust.co2 + noise(0.05)
        pipe.o2 = 0.4 + noise(0.02)
        for case .overrun(let withoutCarbon) in active where acceleration < -0.4 {
            pipe = TailPipe(
                co: 0, co2: withoutCarbon ? 0 : 0.2, o2: ambientOxygen - 0.2, hc: 5, no: 2, flow: pipe.flow)
        }
        left.append(pipe)
    }

    // MARK: Instruments

    private mutating func read(_ status: ProcedureStatus, _ active: Set<Kind>, at now: LaneInstant) {
        var shown = max(0, speed + (speed > 1 ? noise(0.15) : 0))
        var air = (temperature: 22.0, humidity: 48.0)
        var oil = 88.0
        var rpm = 800 + 38 * speed
        var conditions: [InstrumentRole: Set<InstrumentCondition>] = [
            .gasAnalyzer: time < zeroingUntil ? [.zeroing, .busy] : [.pumpOn], .flowMeter: [],
        ]
        for kind in active {
            switch kind {
            case .speed(let offset): shown += offset
            case .pulses(let offset): shown += Int(time) % 3 == 0 ? 0 : offset
            case .stall: rpm = 0
            case .lowFlow: conditions[.gasAnalyzer, default: []].insert(.lowFlow)
            case .fault(let role): conditions[role, default: []].insert(.fault)
            case .stays(let condition, let role): conditions[role, default: []].insert(condition)
            case .air(let temperature, let humidity): air = (temperature, humidity)
            case .coldEngine: oil = 40
            case .rollersTurn: shown = max(shown, 5)
            case .zeroFails where time >= zeroingUntil && zeroingUntil > 0:
                conditions[.gasAnalyzer, default: []].insert(.zeroFailed)
            default: break
            }
        }
        var values: [(ChannelID, Double)] = [
            (.rollerSpeed, max(0, shown)), (.rollerForce, force * (1 + noise(0.01))),
            (.engineSpeed, rpm + noise(20)), (.airTemperature, air.temperature),
            (.relativeHumidity, air.humidity), (.airPressure, 101.2),
        ]
        if tick % 5 == 0 {
            values += sampled(active)
            values += [(.oilTemperature, oil), (.lambda, 1.0)]
            values += streamed(active)
        }
        for (channel, value) in values {
            if active.contains(.stuck(channel)) || active.contains(.lost(channel.role)) { continue }
            assembler.take(TimedReading(channel, disturbed(channel, value, active), at: now))
        }
        for (role, conditions) in conditions where !active.contains(.lost(role)) {
            assembler.take(conditions, of: role, at: now)
        }
    }

    private func disturbed(_ channel: ChannelID, _ value: Double, _ active: Set<Kind>) -> Double {
        var value = value
        for kind in active {
            switch kind {
            case .drift(channel, let rate): value += rate * time
            case .spike(channel, let reading): value = reading
            default: break
            }
        }
        return value
    }

    private mutating func sampled(_ active: Set<Kind>) -> [(ChannelID, Double)] {
        var (ambient, residual) = (2.0, 3.0)
        for kind in active {
            switch kind {
            case .ambientHydrocarbons(let value): ambient = value
            case .residualHydrocarbons(let value): residual = value
            default: break
            }
        }
        let from = tick - gasDelay
        var pipe = TailPipe(co: 0, co2: 0.04, o2: ambientOxygen, hc: ambient, no: 0, flow: 0)
        if hasProbe, from >= probeSince {
            pipe = left[from]
        } else if sampling == .sampleProbe {
            pipe.hc += residual
        }
        return [
            (.carbonMonoxide, pipe.co), (.carbonDioxide, pipe.co2), (.hydrocarbons, pipe.hc), (.nitricOxide, pipe.no),
            (.oxygen, pipe.o2),
        ]
    }

    private mutating func streamed(_ active: Set<Kind>) -> [(ChannelID, Double)] {
        var flow = fanSince == nil ? 0 : stream
        var offset = 0.0
        for kind in active {
            switch kind {
            case .weakFan(let share): flow *= share
            case .flowMeterOxygen(let value): offset = value
            default: break
            }
        }
        let (temperature, pressure) = (26.0, 100.8)
        let standard = flow * 1000 / 60 * pressure / 101.325 * 293.15 / (temperature + 273.15)
        var oxygen = ambientOxygen
        let from = tick - flowDelay
        if hasProbe, from >= probeSince, standard > 0 {
            oxygen -= min(1, left[from].flow / standard) * (ambientOxygen - left[from].o2)
        }
        return [
            (.exhaustFlow, flow * (1 + noise(0.003))), (.dilutedOxygen, oxygen + offset + noise(0.01)),
            (.flowTemperature, temperature), (.flowPressure, pressure),
        ]
    }
}
