public import Metrology
public import Procedures
import Standards

/// Simulated instruments under check, made of numbers: it answers a check's directives and instructions with frames.
///
/// Rollers slow down by their own physics, in steps of two milliseconds; gases come through a line with a delay
/// and an analyzer with a time constant. Faults are set here and nowhere else.
public struct CheckBench {
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
    private var rollers = CheckRollers()
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
            case .unload: rollers.unload()
            case .load(let power): rollers.load(power, at: time)
            case .motor(let speed): rollers.motor = speed.value
            case .motorOff: rollers.motor = nil
            case .analyzer(let action), .bench(let action): analyze(action)
            case .opacimeter(.zero): begin(.zeroing, 5)
            case .span(let fractions): if !faults.ignoresSpan { adjust(fractions) }
            case .liftDown: rollers.isLiftUp = false
            case .liftUp: if faults.liftIsFree || rollers.speed < 1 { rollers.isLiftUp = true }
            case .hold(let speed): rollers.held = speed.value
            case .brake, .opacimeter, .flowMeter, .prompt: break
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
        if order.kind.role == .dynamometer { rollers.turn(from: time, for: span, of: self) }
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

    // MARK: Gas and smoke

    private mutating func breathe() {
        while let first = pending.first, first.at <= time {
            arrived = first.gas
            pending.removeFirst()
        }
        for channel in ChannelID.allCases where [.gasAnalyzer, .noxAnalyzer].contains(channel.role) {
            let constant = (timeConstant[channel] ?? 0.5) * faults.slowness
            let target = arrived[channel] ?? 0
            gas[channel] = target + ((gas[channel] ?? 0) - target) * decay(span / constant)
        }
        for (channel, curve) in curves {
            let knots = supplied == Self.air ? curve.going : curve.coming
            let (from, to) = (supply.from[channel] ?? 0, supplied[channel] ?? 0)
            gas[channel] = from + ResponseCurve.share(knots, after: time - supply.at) * (to - from)
        }
        let keep = decay(span / (smokeConstant * faults.slowness))
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
            let force = order.kind == .dynamometerForce ? weighed : rollers.force
            return [(.rollerSpeed, rollers.speed), (.rollerForce, force)]
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
