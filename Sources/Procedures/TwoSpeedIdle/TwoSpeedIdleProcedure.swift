import Messages
public import Metrology
public import Standards

/// The two-speed idle test (双怠速法), GB 18285-2018 Annex A.
///
/// After the pre-test the engine is conditioned at a share of its rated speed; then CO, HC and lambda are averaged at
/// high idle and CO and HC at idle, for one tail pipe after the other. A bi-fuel vehicle goes through all of it twice,
/// once on each fuel; it passes if it passes on both. Leaving a speed's band begins its settling again.
public struct TwoSpeedIdleProcedure: TestProcedure {
    /// The name of this algorithm in records; a change of behaviour gets a new one.
    public static let algorithm = "two-speed-idle/1"

    /// The instruments of two-speed idle.
    public static let roles: Set<InstrumentRole> = [.gasAnalyzer, .tachometer, .weatherStation]

    /// What a measured second must hold.
    static let needed: [ChannelID] = [
        .engineSpeed, .carbonMonoxide, .carbonDioxide, .hydrocarbons, .oxygen, .airTemperature, .relativeHumidity,
        .airPressure,
    ]

    /// What the test is carried out with.
    public let test: TwoSpeedIdleTest

    /// The outcome, once the test is over.
    public private(set) var outcome: TwoSpeedIdleOutcome?

    /// What the driver's aid shows.
    public private(set) var status = ProcedureStatus(stage: .warmUp)

    private var collector: SecondCollector
    private var watch: TestWatch
    private var preTest: GasPreTest
    private var run: IdlePhaseRun?
    private var pending: [Step]
    private var waitsForFuel: Fuel?
    private var fuelWait = 0
    private var means: [IdleMean] = []
    private var seconds: [IdleSecond] = []
    private var restarts = 0
    private var hasBegun = false
    private var stageBegan = LaneInstant.zero

    /// What is still to be done, in order.
    private enum Step: Hashable, Sendable {
        case change(Fuel)
        case stay(IdleSpeed?, Fuel, pipe: Int)
    }

    /// Prepares the test that an order asks for.
    public init(
        _ order: TestOrder, limits: TwoSpeedIdleLimits, requirements: TwoSpeedIdleRequirements, lane: LaneParameters
    ) throws(OrderProblems) {
        self.init(try TwoSpeedIdleTest(order, limits: limits, requirements: requirements))
    }

    /// Begins a test.
    public init(_ test: TwoSpeedIdleTest) {
        self.test = test
        let requirements = test.requirements
        collector = SecondCollector(rule: requirements.decisions.secondTakes)
        watch = TestWatch(
            requirements.watch, sampling: requirements.sampling, freshness: requirements.freshness,
            needed: Self.needed)
        preTest = GasPreTest(
            requirements.preTest, oilTemperatureReadable: test.oilTemperatureReadable, probes: false)
        pending = test.fuels.enumerated().flatMap { index, fuel -> [Step] in
            let change: [Step] = index == 0 ? [] : [.change(fuel)]
            let stays = IdleSpeed.allCases.flatMap { speed in
                (1...max(1, test.tailPipes)).map { Step.stay(speed, fuel, pipe: $0) }
            }
            return change + [.stay(nil, fuel, pipe: 1)] + stays
        }
        status.instruction = Message(.promptWarmUp)
    }

    /// How old a reading of each instrument may be.
    public var freshness: [InstrumentRole: LaneSpan] { test.requirements.freshness }

    /// Takes the next frame; see ``Procedure/advance(_:)``.
    public mutating func advance(_ frame: Frame) -> [Directive] {
        guard outcome == nil else { return [] }
        var directives: [Directive] = []
        if !hasBegun {
            hasBegun = true
            directives += preTest.opening
        }
        let before = (status.stage, status.mode)
        if let reason = watch.immediate(frame.events) {
            directives += abort(reason)
        } else {
            if waitsForFuel != nil, frame.events.contains(.confirmed) {
                waitsForFuel = nil
                directives += proceed()
            }
            for second in collector.take(frame) where outcome == nil { directives += advance(second) }
        }
        if before != (status.stage, status.mode) { stageBegan = frame.time }
        status.stageTime = frame.time - stageBegan
        for case .prompt(let words) in directives { status.instruction = words }
        return directives
    }

    /// Ends the test from outside; see ``TestProcedure/interrupt()``.
    public mutating func interrupt() -> [Directive] { outcome == nil ? abort(.interrupted) : [] }

    // MARK: Seconds

    private mutating func advance(_ second: SecondImage) -> [Directive] {
        if let reason = watch.take(second, scope) { return abort(reason) }
        if waitsForFuel != nil {
            fuelWait += 1
            return fuelWait >= test.requirements.times.fuelChangeLimit ? abort(.timeLimit(.fuelChange)) : []
        }
        if run != nil { return hold(second) }
        switch preTest.take(second) {
        case .goesOn(let directives):
            show(preTest.stage)
            return directives
        case .ready: return proceed()
        case .aborted(let reason): return abort(reason)
        }
    }

    private var scope: TestWatch.Scope {
        TestWatch.Scope(
            samples: run != nil || status.stage == .background, runs: run != nil,
            probed: run?.phase.measures ?? false)
    }

    /// Goes on with what is next.
    private mutating func proceed() -> [Directive] {
        guard !pending.isEmpty else { return judge() }
        switch pending.removeFirst() {
        case .change(let fuel):
            run = nil
            waitsForFuel = fuel
            fuelWait = 0
            status.mode = nil
            status.targetEngineSpeed = nil
            status.probeWanted = false
            show(.fuelChange)
            return [.prompt(Message(.idleChangeFuel, ["fuel": .text(fuel.rawValue)]))]
        case .stay(let speed, let fuel, let pipe):
            run = IdlePhaseRun(speed, fuel: fuel, pipe: pipe, test: test)
            return [.prompt(ask())]
        }
    }

    /// Shows what the driver must do in the present stay, and says it.
    private mutating func ask() -> Message {
        guard let run else { return Message(.promptFinished) }
        let wasInserted = status.probeWanted
        status.targetEngineSpeed = run.target
        status.engineSpeedTolerance = run.target == nil ? nil : EngineSpeed(run.band.value)
        status.pedal = run.target == nil ? .released : nil
        status.mode = run.phase.speed?.rawValue
        status.probeWanted = run.phase.speed != nil
        status.following = following
        show(run.stage)
        let arguments: [String: MessageArgument] = [
            "speed": .text((run.target.flatMap { try? RoundedDecimal($0.value, places: 0) })?.description ?? ""),
            "band": .text(run.band.decimal.description), "pipe": .integer(run.pipe),
        ]
        switch run.phase.speed {
        case nil: return Message(.idleCondition, arguments)
        case .high: return Message(wasInserted && run.pipe == 1 ? .idleHold : .idleHoldAndProbe, arguments)
        case .low: return Message(run.pipe == 1 ? .idleRelease : .idleReleaseAndProbe, arguments)
        }
    }

    private var following: Message? {
        switch pending.first {
        case .change(let fuel): Message(.idleChangeFuel, ["fuel": .text(fuel.rawValue)])
        case .stay(.low, _, _): Message(.idleRelease, ["pipe": .integer(1), "speed": "", "band": ""])
        case .stay(.high, _, let pipe):
            Message(
                .idleHoldAndProbe,
                [
                    "pipe": .integer(pipe), "band": .text(test.requirements.speeds.highIdleBand.decimal.description),
                    "speed": .text((try? RoundedDecimal(test.highIdleSpeed.value, places: 0))?.description ?? ""),
                ])
        case .stay(nil, _, _), nil: nil
        }
    }

    private mutating func hold(_ second: SecondImage) -> [Directive] {
        guard var run else { return [] }
        let lambda = lambda(second, run.fuel)
        let (phase, phaseSecond) = (run.phase, run.phaseSecond + 1)
        self.run = nil
        let step = run.take(second, lambda: lambda)
        self.run = run
        seconds.append(
            IdleSecond(
                second: second.number, phase: phase, phaseSecond: phaseSecond, fuel: run.fuel, pipe: run.pipe,
                values: second.values, lambda: lambda))
        display(second, lambda)
        switch step {
        case .goesOn:
            show(run.stage)
            return []
        case .restarted:
            restarts += 1
            return [.prompt(ask())]
        case .aborted(let reason): return abort(reason)
        case .done(let mean):
            if let mean { means.append(mean) }
            return proceed()
        }
    }

    private func lambda(_ second: SecondImage, _ fuel: Fuel) -> Double? {
        guard let formula = test.requirements.lambda[fuel], let co = second[.carbonMonoxide],
            let co2 = second[.carbonDioxide], let o2 = second[.oxygen], let hc = second[.hydrocarbons]
        else { return nil }
        // A second without exhaust has no lambda; its absence begins the phase again.
        return try? formula.lambda(
            carbonMonoxide: Percentage(co), carbonDioxide: Percentage(co2), oxygen: Percentage(o2),
            hydrocarbons: Concentration(hc), nitricOxide: Concentration(max(0, second[.nitricOxide] ?? 0)))
    }

    // MARK: Ends

    private mutating func judge() -> [Directive] {
        var items: [JudgedItem] = []
        do {
            for fuel in test.fuels {
                for speed in IdleSpeed.allCases { items += try self.items(speed, fuel) }
            }
        } catch {
            // A mean that cannot be reported was no measurement.
            return abort(.staleData(.carbonMonoxide))
        }
        return finish(items.allSatisfy(\.passes) ? .passed : .failed, items)
    }

    private func items(_ speed: IdleSpeed, _ fuel: Fuel) throws(MetrologyError) -> [JudgedItem] {
        let found = means.filter { $0.speed == speed && $0.fuel == fuel }
        let part = test.fuels.count > 1 ? "\(fuel.rawValue).\(speed.rawValue)" : speed.rawValue
        let places = test.requirements.places
        var items: [JudgedItem] = []
        for (quantity, bound) in test.bounds(speed, fuel) {
            let values: [Double]
            let digits: Int
            switch quantity {
            case .carbonMonoxide: (values, digits) = (found.map(\.carbonMonoxide), places.carbonMonoxide)
            case .hydrocarbons: (values, digits) = (found.map(\.hydrocarbons), places.hydrocarbons)
            case .lambda:
                let isComputed = test.requirements.decisions.lambdaFrom == .gases
                (values, digits) = (found.compactMap { isComputed ? $0.lambda : $0.analyzerLambda }, places.lambda)
            }
            // The mean of the tail pipes.
            guard values.count == test.tailPipes, let value = arithmeticMean(values) else { throw .notFinite }
            items.append(
                try JudgedItem(
                    quantity.rawValue, of: part, value: value, places: digits, bound: bound,
                    comparison: test.requirements.decisions.comparison))
        }
        return items
    }

    private mutating func abort(_ reason: AbortReason) -> [Directive] { finish(.aborted(reason), []) }

    private mutating func finish(_ verdict: Verdict, _ items: [JudgedItem]) -> [Directive] {
        outcome = TwoSpeedIdleOutcome(
            verdict: verdict, items: items, means: means, preTest: preTest.result, seconds: seconds,
            restarts: restarts, remarks: TestRemark.allCases.filter(preTest.remarks.contains))
        run = nil
        status.targetEngineSpeed = nil
        status.engineSpeedTolerance = nil
        status.pedal = .released
        status.probeWanted = false
        status.following = nil
        show(.finished)
        let words =
            verdict.abortReason.map { Message(.promptAborted, ["reason": .message($0.message)]) }
            ?? Message(.promptFinished)
        status.instruction = words
        return [.analyzer(.stop), .prompt(words)]
    }

    // MARK: Display

    private mutating func display(_ second: SecondImage, _ lambda: Double?) {
        status.readings = []
        if let lambda { status.readings.append(StatusReading("λ", lambda, "", places: 3)) }
        if let oil = second[.oilTemperature] { status.readings.append(StatusReading("oil", oil, "°C", places: 0)) }
    }

    private mutating func show(_ stage: StageKind) {
        status.stage = stage
        let all = Double(test.fuels.count * (1 + 2 * test.tailPipes))
        let left = Double(pending.count) + (run == nil && stage != .finished ? 1 : 0)
        let done = stage == .finished ? 1 : max(0, 0.2 + 0.8 * (all - left - 1) / all)
        if run != nil || stage == .finished { status.progress = max(status.progress, min(1, done)) }
    }
}
