public import Metrology
public import Procedures
import Standards

/// Simulated instruments under check, made of numbers: it answers a check's directives and instructions with frames.
///
/// Rollers slow down by their own physics, in steps of two milliseconds; gases come through a line with a delay
/// and an analyzer with a time constant. Faults are set here and nowhere else.
public struct CheckBench {
    /// What is wrong with the instruments; all of it right to begin with.
    public struct Faults: Sendable {
        /// What a channel reads: value times gain plus offset.
        public var gain: [ChannelID: Double] = [:]
        /// In the channel's unit.
        public var offset: [ChannelID: Double] = [:]
        /// In the channel's unit per hour since the last zero.
        public var drift: [ChannelID: Double] = [:]
        /// Readings swing by this much around their value.
        public var swing: [ChannelID: Double] = [:]
        /// The sample path has a leak.
        public var leaks = false
        /// The instrument does not notice a closed line.
        public var ignoresLowFlow = false
        /// The line is closed from the start.
        public var isBlocked = false
        /// HC that comes off the line, ppm.
        public var residue = 0.0
        /// Times as slow as a good analyzer.
        public var slowness = 1.0
        /// The share of NO2 that the converter turns into NO.
        public var converter = 0.97
        /// Bearing drag at the rollers' surface, N.
        public var drag = 0.0
        /// What the inertia really is, as a share of what the lane believes.
        public var inertia = 1.0
        /// The share of the real force that the load cell shows.
        public var cell = 1.0
        /// Force that stays when weights are taken off, N.
        public var hysteresis = 0.0
        /// How much force, N, or opacity, %, bends in the middle of its range.
        public var bend = 0.0
        /// Times as slow as a good brake.
        public var brakeSlowness = 1.0
        /// Overshoot of the brake, share of the step.
        public var overshoot = 0.0
        /// The lift rises while the rollers turn.
        public var liftIsFree = false
        /// The motor turns the rollers while the lift is up.
        public var motorIsFree = false
        /// How much a lift that touches the rollers slows them down, m/s².
        public var liftBrake = 3.0
        /// The motor does not turn.
        public var motorFails = false
        /// The adjustment is not carried out.
        public var ignoresSpan = false
        /// An action is not shown in the state.
        public var ignoresActions = false
        /// The instrument is lost from this time on, s.
        public var lostAfter = Double.infinity
        /// A channel has no readings from this time on, s.
        public var silentAfter: [ChannelID: Double] = [:]
        /// The instrument shows this condition.
        public var condition: InstrumentCondition?
        /// Nobody confirms.
        public var nobodyThere = false
        /// An event at a time, s.
        public var event: (at: Double, FrameEvent)?

        /// No faults.
        public init() {}
    }

    /// What is wrong.
    public var faults: Faults
    /// Bottles by number, filters and weights, as the order names them.
    public let references: CheckReferences
    /// Inertia that the lane believes, kg.
    public var inertia = 907.2
    /// Parasitic loss without fault.
    public var loss = ParasiticLoss(quadratic: 0.0002, linear: 0.012, constant: 0.1)
    /// The analyzer's true factor from propane to hexane.
    public var equivalence = 0.505
    /// From the probe to the analyzer, s.
    public var delay = 3.0
    /// Time constant of the analyzer, s, without fault.
    public var timeConstant: [ChannelID: Double] = [:]
    /// How channels follow a bottle, in place of delay and time constant; none to begin with.
    public var curves: [ChannelID: ResponseCurve] = [:]
    /// Time constant of the brake, s, without fault.
    public var brakeConstant = 0.06
    /// What reference instruments show, by the step at which a person reads and enters it.
    public var standards: [String: [ChannelID: RoundedDecimal]] = [:]
    /// What a person answers to a step's question.
    public var answer = FrameEvent.confirmed
    /// Time constant of each of the two low passes of the opacimeter, s.
    public var smokeConstant = 0.298

    private let order: CheckOrder
    private var assembler: FrameAssembler
    private var tick = 0
    private let span: Double
    private var speed = 0.0
    private var brakePower = 0.0
    private var setPower = 0.0
    private var stepFrom = 0.0
    private var stepTime = 0.0
    private var isLoaded = false
    private var motor: Double?
    private var isLiftUp = false
    private var supplied: [ChannelID: Double] = [:]
    private var pending: [(at: Double, gas: [ChannelID: Double])] = []
    private var supply: (at: Double, from: [ChannelID: Double]) = (0, [:])
    private var arrived: [ChannelID: Double] = [:]
    private var gas: [ChannelID: Double] = [:]
    private var action: (condition: InstrumentCondition, until: Double)?
    private var lastZero = 0.0
    private var spanned: [ChannelID: Double] = [:]
    private var isShut = false
    private var isPumping = false
    private var opacity = 0.0
    private var smoke = (0.0, 0.0)
    private var weight = 0.0
    private var highest = 0.0
    private var shown: [ChannelID: Double] = [:]
    private var flow: [ChannelID: Double] = [:]
    private var confirmed: String?

    /// Room air.
    public static let air: [ChannelID: Double] = [
        .oxygen: 20.8, .carbonDioxide: 0.04, .carbonMonoxide: 0, .hydrocarbons: 0, .nitricOxide: 0,
    ]

    /// Creates a bench for the check of an order.
    public init(_ order: CheckOrder, freshness: [InstrumentRole: LaneSpan], tick: LaneSpan, faults: Faults = Faults()) {
        self.order = order
        references = order.references
        self.faults = faults
        span = tick.seconds
        assembler = FrameAssembler(freshness: freshness, origin: .zero)
        supplied = Self.air
        arrived = Self.air
        gas = Self.air
    }

    private var time: Double { Double(tick) * span }

    /// Carries out what the check asked for.
    public mutating func perform(_ directives: [Directive]) {
        for directive in directives {
            switch directive {
            case .unload: (setPower, brakePower, isLoaded) = (0, 0, false)
            case .load(let power):
                (stepFrom, stepTime, setPower, isLoaded) = (brakePower, time, power.value, true)
            case .motor(let speed): motor = speed.value
            case .motorOff: motor = nil
            case .analyzer(let action), .bench(let action): analyze(action)
            case .opacimeter(.zero): begin(.zeroing, 5)
            case .span(let fractions): if !faults.ignoresSpan { adjust(fractions) }
            case .liftDown: isLiftUp = false
            case .liftUp: if faults.liftIsFree || speed < 1 { isLiftUp = true }
            case .brake, .hold, .opacimeter, .flowMeter, .prompt: break
            }
        }
    }

    private mutating func analyze(_ action: AnalyzerAction) {
        isPumping = action != .stop
        switch action {
        case .zero: begin(.zeroing, 25)
        case .leakCheck: begin(.leakChecking, 20)
        case .sampleAmbient: supply(Self.air)
        case .sampleProbe:
            if supplied[.oxygen] == nil { break }
            var line = Self.air
            line[.hydrocarbons] = faults.residue
            supply(line)
        case .zeroGas, .checkGas, .stop, .purge: break
        }
    }

    private mutating func begin(_ condition: InstrumentCondition, _ seconds: Double) {
        if !faults.ignoresActions { action = (condition, time + seconds) }
    }

    /// The analyzer takes what it reads now for the bottle's fractions.
    private mutating func adjust(_ fractions: [ChannelID: Double]) {
        for (channel, fraction) in fractions {
            let wanted = fraction * (channel == .hydrocarbons ? equivalence : 1)
            let before = faults.offset[channel] ?? 0
            guard let now = shown[channel], now != before else { continue }
            spanned[channel] = (spanned[channel] ?? 1) * (wanted - before) / (now - before)
        }
    }

    /// What a bottle holds, as the instruments would read it if they were perfect.
    private func content(_ bottle: ReferenceGas) -> [ChannelID: Double] {
        var found = bottle.components.mapValues { $0.value.value }
        if let propane = found[.hydrocarbons] { found[.hydrocarbons] = propane * equivalence }
        let oxide = found[.nitricOxide] ?? 0
        found[.benchNitricOxide] = oxide
        found[.nitrogenOxides] = oxide + faults.converter * (found[.nitrogenDioxide] ?? 0)
        found[.benchCarbonDioxide] = found[.carbonDioxide] ?? 0
        return found
    }

    private mutating func supply(_ gas: [ChannelID: Double]) {
        supplied = gas
        supply = (time, self.gas)
        pending.append((time + delay, gas))
    }

    /// The next frame, for what the check shows now.
    public mutating func next(_ status: ProcedureStatus) -> Frame {
        obey(status)
        turn()
        breathe()
        read(LaneInstant(nanoseconds: Int64(tick) * Int64(span * 1e9)))
        defer { tick += 1 }
        return assembler.frame(
            tick: tick, due: LaneInstant(nanoseconds: Int64(tick) * Int64(span * 1e9)), lateness: .zero)
    }

    // MARK: The technician

    /// Does what the step asks for and confirms it, once.
    private mutating func obey(_ status: ProcedureStatus) {
        if let event = faults.event, event.at >= time, event.at < time + span { assembler.take(event.1) }
        guard status.stage == .connect, let name = status.mode, confirmed != name, !faults.nobodyThere,
            status.stageTime.seconds > 2
        else { return }
        confirmed = name
        let point = name.split(separator: ".").first.map(String.init) ?? name
        switch status.mode {
        case "cap", "block": isShut = true
        case "uncap", "free": isShut = false
        case "cover", "shut": opacity = 100
        case "clear": opacity = 0
        case "open": supply(content(references.gases[order.kind == .noxResponse ? .low : .high] ?? Self.none))
        case "close": supply(Self.air)
        default: prepare(point)
        }
        if let shown = standards[name] {
            for (channel, value) in shown { flow[channel] = value.value }
            assembler.take(.entered(shown))
        } else {
            assembler.take(status.isQuestion ? answer : .confirmed)
        }
    }

    private static let none = ReferenceGas(number: "", components: [:])

    private mutating func prepare(_ point: String) {
        if let gas = GasPoint(rawValue: point).flatMap({ references.gases[$0] }) { supply(content(gas)) }
        if let filter = references.filters.first(where: { "filter-\(Int($0.opacity.value.value.rounded()))" == point })
        {
            opacity = filter.opacity.value.value
        }
        let weights = references.weights.sorted { $0.force.value.value < $1.force.value.value }
        if let number = point.split(separator: "-").last.flatMap({ Int($0) }), order.kind == .dynamometerForce {
            weight = weights[number - 1].force.value.value
        } else if ["empty", "return"].contains(point) {
            weight = 0
        }
        highest = max(highest, weight)
        switch order.kind {
        case .tachometer: flow[.engineSpeed] = Double(point)
        case .flowMeter:
            let reading = references.readings.dropFirst(point == "high" ? 0 : 1).first
            for (channel, value) in reading?.values ?? [:] { flow[channel] = value.value }
            flow[.dilutedOxygen] = 20.8
        case .weatherStation, .oilTemperature:
            for (channel, value) in references.readings[0].values { flow[channel] = value.value }
        default: break
        }
    }

    // MARK: Rollers

    private mutating func turn() {
        guard order.kind.role == .dynamometer else { return }
        let step = 0.002
        let constant = brakeConstant * faults.brakeSlowness
        for index in 0..<Int((span / step).rounded()) {
            // The middle of the step stands for it.
            let now = time + (Double(index) + 0.5) * step
            if isLoaded {
                // A first-order brake; an overshooting one swings past and comes back.
                let since = max(0, now - stepTime)
                let swing = since > constant ? faults.overshoot * Self.decay((since - constant) / (2 * constant)) : 0
                brakePower = stepFrom + (setPower - stepFrom) * (1 - Self.decay(since / constant) + swing)
            }
            if isLiftUp, speed > 0, !(motor != nil && faults.motorIsFree) {
                speed = max(0, speed - 3.6 * faults.liftBrake * step)
                continue
            }
            if let motor, !faults.motorFails, !isLiftUp || faults.motorIsFree {
                let missing = motor - speed
                speed = abs(missing) < 0.02 ? motor : speed + min(max(missing, -1), 1) * step * 8
                continue
            }
            guard speed > 0 else { continue }
            let velocity = speed / 3.6
            // The controller holds the power that its load cell shows.
            let brake = brakePower / faults.cell
            let power = brake + loss.power(at: Speed(speed)).value + faults.drag * velocity / 1000
            let square = velocity * velocity - 2000 * power * step / (inertia * faults.inertia)
            speed = 3.6 * max(0, square).squareRoot()
        }
    }

    /// e to the minus x, near enough for a bench and the same everywhere.
    static func decay(_ x: Double) -> Double {
        guard x < 40 else { return 0 }
        var (term, sum) = (1.0, 1.0)
        let reduced = x / 32
        for index in 1..<12 {
            term *= -reduced / Double(index)
            sum += term
        }
        var power = sum
        for _ in 0..<5 { power *= power }
        return power
    }

    // MARK: Gas and smoke

    private mutating func breathe() {
        while let first = pending.first, first.at <= time {
            arrived = first.gas
            pending.removeFirst()
        }
        for channel in ChannelID.allCases where [.gasAnalyzer, .noxAnalyzer].contains(channel.role) {
            let constant = (timeConstant[channel] ?? 0.5) * faults.slowness
            let target = arrived[channel] ?? 0
            gas[channel] = target + ((gas[channel] ?? 0) - target) * Self.decay(span / constant)
        }
        for (channel, curve) in curves {
            let knots = supplied == Self.air ? curve.going : curve.coming
            let (from, to) = (supply.from[channel] ?? 0, supplied[channel] ?? 0)
            gas[channel] = from + ResponseCurve.share(knots, after: time - supply.at) * (to - from)
        }
        let keep = Self.decay(span / (smokeConstant * faults.slowness))
        smoke.0 = opacity + (smoke.0 - opacity) * keep
        smoke.1 = smoke.0 + (smoke.1 - smoke.0) * keep
    }

    // MARK: Readings

    private mutating func read(_ now: LaneInstant) {
        guard let role = order.kind.role else { return }
        var conditions: Set<InstrumentCondition> = isPumping ? [.pumpOn] : []
        if let action {
            if time < action.until {
                conditions.formUnion([action.condition, .busy])
            } else {
                if action.condition == .zeroing { lastZero = time }
                if action.condition == .leakChecking, faults.leaks { faults.condition = .leak }
                self.action = nil
            }
        }
        if isShut || faults.isBlocked, isPumping, !faults.ignoresLowFlow { conditions.insert(.lowFlow) }
        if let condition = faults.condition { conditions.insert(condition) }
        let isLost = time >= faults.lostAfter
        assembler.setLost(isLost, role)
        guard !isLost else { return }
        assembler.take(conditions, of: role, at: now)
        for (channel, value) in values(role) {
            if time >= faults.silentAfter[channel] ?? .infinity { continue }
            let drift = (faults.drift[channel] ?? 0) * (time - lastZero) / 3600
            let swing = (faults.swing[channel] ?? 0) * (tick % 20 < 10 ? 0.5 : -0.5)
            let reading =
                value * (faults.gain[channel] ?? 1) * (spanned[channel] ?? 1) + (faults.offset[channel] ?? 0) + drift
                + swing
            shown[channel] = reading
            assembler.take(TimedReading(channel, reading, at: now))
        }
    }

    private func values(_ role: InstrumentRole) -> [(ChannelID, Double)] {
        switch role {
        case .gasAnalyzer where order.kind == .oilTemperature:
            return [(.oilTemperature, flow[.oilTemperature] ?? 20)]
        case .gasAnalyzer, .noxAnalyzer:
            return ChannelID.allCases.filter { $0.role == role && gas[$0] != nil && $0.unit.symbol != "°C" }
                .filter { Self.gases.contains($0) }.map { ($0, gas[$0] ?? 0) }
        case .opacimeter:
            // k is what the instrument makes of the N that it shows.
            let share = smoke.1 / 100
            let bent = smoke.1 + 4 * faults.bend * share * (1 - share)
            let reads = bent * (faults.gain[.opacity] ?? 1) + (faults.offset[.opacity] ?? 0)
            return [(.opacity, bent), (.lightAbsorption, Self.absorption(reads))]
        case .dynamometer:
            let force = order.kind == .dynamometerForce ? weighed : rollerForce
            return [(.rollerSpeed, speed), (.rollerForce, force)]
        case .obdAdapter:
            return order.vehicleConnected
                ? [(.obdEngineSpeed, 800), (.coolantTemperature, 85), (.vehicleSpeed, 0)] : []
        default: return flow.map { ($0.key, $0.value) }.sorted { $0.0.rawValue < $1.0.rawValue }
        }
    }

    private static let gases: [ChannelID] = [
        .carbonMonoxide, .carbonDioxide, .hydrocarbons, .nitricOxide, .oxygen, .nitrogenOxides, .benchNitricOxide,
        .benchCarbonDioxide, .nitrogenDioxide,
    ]

    private var rollerForce: Double { speed > 0.1 ? brakePower * 3600 / speed : 0 }

    private var weighed: Double {
        let greatest = references.weights.map(\.force.value.value).max() ?? 1
        let share = weight / greatest
        let stays = weight < highest ? faults.hysteresis : 0
        return weight * faults.cell + 4 * faults.bend * share * (1 - share) + stays
    }

    /// k of an opacity over 0.430 m.
    private static func absorption(_ opacity: Double) -> Double {
        guard let found = try? SmokeOpacity.absorption(of: Percentage(min(opacity, 99.9)), over: Length(0.43)) else {
            return 0
        }
        return found.value
    }
}

/// The whole of one check on a bench.
public struct CheckRun {
    /// Every frame that the check saw.
    public var frames: [Frame] = []
    /// Every directive that it gave.
    public var directives: [Directive] = []
    /// The statuses at the beginning of each step.
    public var statuses: [ProcedureStatus] = []

    /// Runs a check to its end, or for at most `maximumSeconds` of lane time.
    public init(_ check: inout some CheckProcedure, on bench: inout CheckBench, maximumSeconds: Double = 8000) {
        let limit = Int(maximumSeconds / check.tick.seconds)
        while check.outcome == nil, frames.count < limit {
            let frame = bench.next(check.status)
            let given = check.advance(frame)
            bench.perform(given)
            frames.append(frame)
            directives += given
            if statuses.last?.mode != check.status.mode { statuses.append(check.status) }
        }
    }
}
