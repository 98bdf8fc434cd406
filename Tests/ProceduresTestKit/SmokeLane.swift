public import Metrology
public import Procedures
import Standards

/// A diesel engine, its driver and an opacimeter made of numbers: it answers a free acceleration's directives and
/// status with frames, ten a second, and samples its smoke a hundred times a second.
public struct SmokeLane {
    /// The engine and its smoke.
    public struct Engine: Hashable, Sendable {
        /// Idle speed, r/min.
        public var idle = 750.0
        /// Speed at which the governor cuts off, r/min.
        public var governed = 2600.0
        /// From idle to governed speed at full pedal, s.
        public var rise = 1.2
        /// From governed speed to idle, s.
        public var fall = 2.0
        /// Smoke at idle, 1/m.
        public var idleSmoke = 0.05
        /// Smoke while the engine accelerates, 1/m, one for each acceleration with the probe in; the last one goes on.
        public var puffs = [0.6]

        /// A clean engine.
        public init() {}
    }

    /// What the driver does wrong with one press of the pedal.
    public enum Error: String, CaseIterable, Hashable, Sendable {
        /// Presses slowly.
        case slow
        /// Presses half.
        case half
        /// Lets go before the governed speed.
        case short
        /// Lets go too soon at the governed speed.
        case early
        /// Holds on and on.
        case long
        /// Does not press.
        case absent
        /// Presses before the word.
        case eager
    }

    /// Something that goes wrong with the lane.
    public struct Disturbance: Hashable, Sendable {
        /// What happens.
        public var kind: Kind
        /// When it begins: seconds after the stage it waits for began first.
        public var after: Double
        /// How long it lasts, seconds.
        public var length: Double
        /// The stage it waits for; nil for the test's beginning.
        public var stage: StageKind?
        /// The part of the test that it waits for, `purge` or `test`; nil for any.
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
        /// The engine stands.
        case stall
        /// An instrument is lost.
        case lost(InstrumentRole)
        /// A channel keeps its last reading.
        case stuck(ChannelID)
        /// An instrument reports a fault.
        case fault(InstrumentRole)
        /// A person, or the lane.
        case event(FrameEvent)
        /// The room's air: temperature, °C.
        case airTemperature(Double)
        /// The engine is cold.
        case coldEngine
        /// Nobody inserts the probe.
        case noProbe
        /// The opacimeter keeps a condition.
        case opacimeterStays(InstrumentCondition)
        /// The zero fails.
        case zeroFails
        /// The opacimeter reads this much too high, % opacity, until the probe is in.
        case offset(Double)
        /// The full scale is not reached.
        case noFullScale
        /// The opacimeter's readings drift up by this much each second, 1/m.
        case drift(Double)
        /// A reading on the wire is this much too high, 1/m.
        case wireSpike(Double)
        /// The peak memory is this much too high, 1/m.
        case memorySpike(Double)
        /// The peak memory does not forget.
        case memoryStays
        /// The engine idles unsteadily.
        case hunting
    }

    /// What the opacimeter can do.
    public struct Opacimeter: Hashable, Sendable {
        /// Whether it has a peak memory.
        public var hasMemory = true
        /// Whether it tells k; otherwise its opacity only.
        public var tellsAbsorption = true
        /// Whether its readings show the full scale while it checks itself.
        public var showsFullScale = true
        /// Whether it has a response of about a second of its own.
        public var isFiltered = true

        /// An opacimeter with everything.
        public init() {}
    }

    /// The engine.
    public var engine: Engine
    /// What the driver does wrong, by the number of the press from 0, purges included.
    public var errors: [Int: Error]
    /// What happens besides.
    public var disturbances: [Disturbance]
    /// The opacimeter.
    public var opacimeter = Opacimeter()
    /// Whether there is a weather station.
    public var hasWeatherStation = true

    private var random: SeededGenerator
    private var assembler: FrameAssembler
    private var tick = 0
    private var speed: Double
    private var pedal = 0.0
    private var press = -1
    private var puff = -1
    private var wantedSince: Double?
    private var releasedSince = 0.0
    private var idleSince = 0.0
    private var stageBefore: StageKind?
    private var lags = (0.0, 0.0)
    private var memory = 0.0
    private var drifted = 0.0
    private var isProbeIn = false
    private var zeroingUntil = -1.0
    private var fullScaleUntil = -1.0
    private var began: [String: Double] = [:]
    private var fired: Set<Int> = []

    /// Creates a lane; the seed fixes all noise.
    public init(
        seed: UInt64, freshness: [InstrumentRole: LaneSpan], engine: Engine = Engine(), errors: [Int: Error] = [:],
        disturbances: [Disturbance] = []
    ) {
        random = SeededGenerator(seed: seed)
        assembler = FrameAssembler(freshness: freshness, origin: .zero)
        self.engine = engine
        self.errors = errors
        self.disturbances = disturbances
        speed = engine.idle
    }

    /// Carries out what the procedure asked for.
    public mutating func perform(_ directives: [Directive]) {
        for case .opacimeter(let action) in directives {
            switch action {
            case .zero: zeroingUntil = time + 5
            case .fullScale: fullScaleUntil = time + 8
            case .clearPeak: if !isActive(.memoryStays) { memory = 0 }
            }
        }
    }

    /// The next frame, for what the procedure shows now.
    public mutating func next(_ status: ProcedureStatus) -> Frame {
        let due = LaneInstant(nanoseconds: Int64(tick) * 100_000_000)
        let key = "\(status.stage.rawValue)/\(status.mode ?? "")"
        for name in [key, "\(status.stage.rawValue)/", "/"] where began[name] == nil { began[name] = time }
        if status.stage != stageBefore { (stageBefore, idleSince) = (status.stage, time) }
        let active = Set(disturbances.filter(isActive).map(\.kind))
        follow(status)
        for _ in 0..<10 { move(active) }
        read(active, at: due)
        for (index, disturbance) in disturbances.enumerated() {
            guard case .event(let event) = disturbance.kind, isActive(disturbance), fired.insert(index).inserted
            else { continue }
            assembler.take(event)
        }
        if status.probeWanted, status.stage == .probe, !isProbeIn, !active.contains(.noProbe), time - idleSince > 2 {
            isProbeIn = true
            assembler.take(.probeInserted)
        }
        for role in InstrumentRole.allCases { assembler.setLost(active.contains(.lost(role)), role) }
        defer { tick += 1 }
        return assembler.frame(tick: tick, due: due, lateness: .zero)
    }

    private var time: Double { Double(tick) / 10 }

    private func isActive(_ kind: Kind) -> Bool { disturbances.contains { $0.kind == kind && isActive($0) } }

    private func isActive(_ disturbance: Disturbance) -> Bool {
        let key = disturbance.stage.map { "\($0.rawValue)/\(disturbance.mode ?? "")" } ?? "/"
        guard let start = began[key] else { return false }
        let since = time - start
        return since >= disturbance.after && since < disturbance.after + disturbance.length
    }

    private mutating func noise(_ amplitude: Double) -> Double {
        Double.random(in: -amplitude...amplitude, using: &random)
    }

    // MARK: Driver

    /// The driver sees the status and acts on it after a moment.
    private mutating func follow(_ status: ProcedureStatus) {
        let reaction = 0.3
        if status.pedal == .full {
            if wantedSince == nil {
                wantedSince = time
                press += 1
                if isProbeIn { puff += 1 }
            }
        } else {
            if wantedSince != nil { releasedSince = time }
            wantedSince = nil
        }
        guard let wantedSince else {
            let isLong = press >= 0 && errors[press] == .long && time - releasedSince < 12 && pedal > 0
            // The press to come is the one that is pressed too early.
            let isEager = status.stage == .idle && errors[press + 1] == .eager
            let eagerness = time - idleSince
            if isEager, eagerness > 7, eagerness < 8 {
                pedal = 1
            } else if time - releasedSince > reaction, !isLong {
                pedal = 0
            }
            return
        }
        let since = time - wantedSince - reaction
        guard since > 0 else { return }
        switch errors[press] {
        case nil, .long, .eager: pedal = 1
        case .slow: pedal = min(1, since / 6)
        case .half: pedal = 0.5
        case .short: pedal = since < 0.6 ? 1 : 0
        case .early: pedal = since < engine.rise + 0.9 ? 1 : 0
        case .absent: pedal = 0
        }
    }

    // MARK: Engine and smoke, a hundredth of a second

    private mutating func move(_ active: Set<Kind>) {
        let span = engine.governed - engine.idle
        let target = active.contains(.stall) ? 0 : engine.idle + pedal * span
        let before = speed
        speed += max(-span / engine.fall / 100, min(span / engine.rise / 100, target - speed))
        let load = max(0, (speed - before) * 100 * engine.rise / span)
        let puff = engine.puffs.isEmpty ? 0 : engine.puffs[max(0, min(self.puff, engine.puffs.count - 1))]
        let raw = isProbeIn ? engine.idleSmoke + puff * min(1, load) : 0
        if case .drift(let rate)? = active.first(where: { if case .drift = $0 { true } else { false } }) {
            drifted += rate / 100
        }
        // Two lags of 0.25 s make a response of about 0.9 s.
        let share = opacimeter.isFiltered ? 0.01 / 0.25 : 1
        lags.0 += (raw - lags.0) * share
        lags.1 += (lags.0 - lags.1) * share
        memory = max(memory, lags.1 + drifted)
    }

    // MARK: Instruments

    private mutating func read(_ active: Set<Kind>, at now: LaneInstant) {
        var air = 22.0
        var oil = 88.0
        var wire = lags.1 + drifted
        var shownMemory = memory
        var offset = 0.0
        var conditions: Set<InstrumentCondition> = time < zeroingUntil ? [.zeroing] : []
        if time < fullScaleUntil { conditions.insert(.busy) }
        var shownSpeed = max(0, speed + (speed > 0 ? noise(8) : 0))
        for kind in active {
            switch kind {
            case .airTemperature(let value): air = value
            case .coldEngine: oil = 40
            case .opacimeterStays(let condition): conditions.insert(condition)
            case .zeroFails: if time >= zeroingUntil, zeroingUntil > 0 { conditions.insert(.zeroFailed) }
            case .offset(let value): if !isProbeIn { offset = value }
            case .wireSpike(let value): wire += value
            case .memorySpike(let value): shownMemory += value
            case .fault(.opacimeter): conditions.insert(.fault)
            case .hunting: shownSpeed += Int(time) % 2 == 0 ? 200 : 0
            default: break
            }
        }
        var opacity = (try? SmokeOpacity.opacity(of: LightAbsorption(wire), over: Length(0.43)).value) ?? 0
        opacity += offset
        let isDark = time < fullScaleUntil - 2 && opacimeter.showsFullScale
        if isDark { opacity = active.contains(.noFullScale) ? 90 : 99.8 }
        wire = (try? SmokeOpacity.absorption(of: Percentage(opacity), over: Length(0.43)).value) ?? wire

        // Instruments tell two or three digits.
        var values: [(ChannelID, Double)] = [
            (.engineSpeed, shownSpeed.rounded()), (.opacity, (opacity * 10).rounded() / 10),
            (.opacimeterOilTemperature, oil),
        ]
        if opacimeter.tellsAbsorption { values.append((.lightAbsorption, (wire * 100).rounded() / 100)) }
        if opacimeter.hasMemory { values.append((.peakLightAbsorption, (shownMemory * 100).rounded() / 100)) }
        if hasWeatherStation {
            values += [(.airTemperature, air), (.relativeHumidity, 48), (.airPressure, 101.2)]
        }
        for (channel, value) in values
        where !active.contains(.stuck(channel)) && !active.contains(.lost(channel.role)) {
            assembler.take(TimedReading(channel, value, at: now))
        }
        if !active.contains(.lost(.opacimeter)) { assembler.take(conditions, of: .opacimeter, at: now) }
        for role in [InstrumentRole.tachometer, .weatherStation] where active.contains(.fault(role)) {
            assembler.take([.fault], of: role, at: now)
        }
    }
}

extension SyntheticRun {
    /// Runs a smoke procedure to its end, or for at most `maximumSeconds` of lane time.
    public init(_ procedure: inout some Procedure, on lane: inout SmokeLane, maximumSeconds: Int = 4000) {
        self.init()
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
