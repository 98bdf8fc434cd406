import Messages
public import Metrology
public import Standards

/// The simple transient test VMAS (简易瞬态工况法), GB 18285-2018 Annex D.
///
/// After the checks of flow meter and analyzer the engine idles, then the vehicle follows one urban cycle while the brake
/// imitates road and inertia. Gas and flow are read until those of the last second have arrived; the mass of each gas in
/// each second follows from its concentration and the exhaust's share of the flow meter's stream. Speed out of the
/// band for too long, or a way that does not fit, leaves the test without a verdict. All numbers come from the packs.
public struct VMASProcedure: TestProcedure {
    /// The name of this algorithm in records; a change of behaviour gets a new one.
    public static let algorithm = "vmas/1"

    /// The instruments of the simple transient method.
    public static let roles: Set<InstrumentRole> = [
        .gasAnalyzer, .dynamometer, .tachometer, .weatherStation, .flowMeter,
    ]

    /// What the record of a second must hold; a value that a mass is formed of must be there in every single one.
    private static let needed: [ChannelID] = VMASMassFormation.needed + [.rollerForce, .engineSpeed]

    /// What the test is carried out with.
    public let test: VMASTest

    /// The outcome, once the test is over.
    public private(set) var outcome: VMASOutcome?

    /// What the driver's aid shows.
    public private(set) var status = ProcedureStatus(stage: .flowMeter)

    /// The parts of the test.
    private enum Part {
        case flowMeter
        case preTest
        case idle(seconds: Int)
        case cycle
    }

    private var collector: SecondCollector
    private var watch: TestWatch
    private var flowMeter: FlowMeterCheck
    private var preTest: GasPreTest
    private var part = Part.flowMeter
    /// The cycle once it has begun; changed where it lies, since it is far too large to be copied for every frame.
    private var run: VMASRun?
    private var lowFlowSeconds = 0
    private var hasBegun = false
    private var stageBegan = LaneInstant.zero
    private let cues: VMASCues

    /// Begins a test.
    public init(_ test: VMASTest) {
        self.test = test
        let requirements = test.requirements
        collector = SecondCollector(rule: requirements.secondTakes)
        watch = TestWatch(
            requirements.watch, sampling: requirements.sampling, freshness: requirements.freshness,
            needed: Self.needed)
        flowMeter = FlowMeterCheck(requirements)
        preTest = GasPreTest(requirements.preTest, oilTemperatureReadable: test.oilTemperatureReadable)
        cues = VMASCues(cycle: requirements.cycle, isAutomatic: test.isAutomatic)
        status.instruction = cues.instruction(.flowMeter)
        status.following = cues.following(.flowMeter)
    }

    /// Prepares the test that an order asks for.
    public init(
        _ order: TestOrder, limits: VMASLimits, requirements: VMASRequirements, lane: LaneParameters
    ) throws(OrderProblems) {
        self.init(try VMASTest(order, limits: limits, requirements: requirements, lane: lane))
    }

    /// How old a reading of each instrument may be.
    public var freshness: [InstrumentRole: LaneSpan] { test.requirements.freshness }

    /// Takes the next frame; see ``Procedure/advance(_:)``.
    public mutating func advance(_ frame: Frame) -> [Directive] {
        guard outcome == nil else { return [] }
        var directives: [Directive] = []
        if !hasBegun {
            hasBegun = true
            directives += [.unload, .flowMeter(.start)] + [status.instruction.map(Directive.prompt)].compactMap { $0 }
        }
        let before = (stage: status.stage, instruction: status.instruction)
        if case .preTest = part { preTest.watch(frame) }
        if let reason = watch.immediate(frame.events) {
            directives += abort(reason)
        } else {
            directives += load(frame)
            for second in collector.take(frame) where outcome == nil { directives += advance(second) }
            if outcome == nil { directives += receive(frame) }
        }
        if before.stage != status.stage { stageBegan = frame.time }
        status.stageTime = frame.time - stageBegan
        if outcome == nil, status.instruction != before.instruction, let instruction = status.instruction {
            directives.append(.prompt(instruction))
        }
        return directives
    }

    /// Ends the test from outside: the program that ran it is gone, and its frames are all there is.
    ///
    /// - Returns: what the lane is to do; empty if the test was already over.
    public mutating func interrupt() -> [Directive] { outcome == nil ? abort(.interrupted) : [] }

    // MARK: Seconds

    private mutating func advance(_ second: SecondImage) -> [Directive] {
        if let reason = watch.take(second, scope) { return abort(reason) }
        switch part {
        case .flowMeter:
            switch flowMeter.take(second) {
            case .goesOn: return []
            case .aborted(let reason): return abort(reason)
            case .ready:
                part = .preTest
                show(preTest.stage)
                return []
            }
        case .preTest: return prepare(second)
        case .idle(let seconds): return idle(second, seconds)
        case .cycle: return follow(second)
        }
    }

    private var scope: TestWatch.Scope {
        let runs = [.stabilise, .measure, .trailing].contains(status.stage)
        return TestWatch.Scope(
            samples: runs || [.background, .probe].contains(status.stage), runs: runs, probed: runs,
            mayStop: test.isHybrid)
    }

    private mutating func prepare(_ second: SecondImage) -> [Directive] {
        switch preTest.take(second) {
        case .goesOn(let directives):
            show(preTest.stage)
            status.probeWanted = preTest.stage == .probe
            // The driver's aid of this method has words of its own.
            return directives.filter { if case .prompt = $0 { false } else { true } }
        case .aborted(let reason):
            return abort(reason)
        case .ready:
            part = .idle(seconds: 0)
            show(.stabilise)
            status.probeWanted = true
            return []
        }
    }

    private mutating func idle(_ second: SecondImage, _ before: Int) -> [Directive] {
        if let reason = watchFlow(second) { return abort(reason) }
        let seconds = before + 1
        part = .idle(seconds: seconds)
        if seconds >= test.requirements.cycle.idleBefore {
            // The flow meter's O2 has been checked; the analyzer's is there where the pack wants it.
            let oxygen =
                test.requirements.mass.ambientOxygenFrom == .flowMeter
                ? flowMeter.result.oxygen?.value : preTest.result.ambientOxygen
            guard let oxygen else { return abort(.staleData(.oxygen)) }
            let origin = LaneInstant.zero + .seconds(Double(second.number))
            run = VMASRun(test, origin: origin, firstSecond: second.number, ambientOxygen: oxygen)
            part = .cycle
            status.targetSpeed = Speed(0)
            status.speedTolerance = Speed(test.requirements.bands.speed.value)
        }
        return []
    }

    private mutating func follow(_ second: SecondImage) -> [Directive] {
        if let reason = watchFlow(second) { return abort(reason) }
        let wasDriving = run?.isDriving ?? false
        let reason = run?.drive(second)
        status.counters = run?.counters ?? BandCounters()
        if let reason { return abort(reason) }
        guard wasDriving, run?.isDriving == false else { return [] }
        status.targetSpeed = Speed(0)
        status.brakeForce = nil
        return [.unload]
    }

    private mutating func watchFlow(_ second: SecondImage) -> AbortReason? {
        guard let flow = second.standardFlow(test.requirements.mass.standard) else { return nil }
        let rules = test.requirements.flowMeter
        lowFlowSeconds = flow.value.isBelow(rules.flowMinimum) ? lowFlowSeconds + 1 : 0
        return lowFlowSeconds >= rules.flowLowSeconds ? .exhaustFlow : nil
    }

    // MARK: Frames of the cycle

    private mutating func load(_ frame: Frame) -> [Directive] {
        guard case .cycle = part else { return [] }
        let directive = run?.load(frame)
        status.brakeForce = run?.brakeForce
        return [directive].compactMap { $0 }
    }

    private mutating func receive(_ frame: Frame) -> [Directive] {
        guard case .cycle = part else {
            if case .idle = part { showIdle(frame) }
            return []
        }
        let before = run?.seconds.count
        if let reason = run?.take(frame) { return abort(reason) }
        showCycle(frame.time)
        if run?.seconds.count != before { showNewest() }
        return run?.isComplete ?? false ? conclude() : []
    }

    private mutating func conclude() -> [Directive] {
        guard let run else { return [] }
        let judgement = VMASJudgement(test: test)
        guard judgement.isAcceptable(distance: run.distance) else { return abort(.distance) }
        // A mass that cannot be written down has no verdict; a flow meter gone mad would give one.
        guard let results = try? judgement.results(run.seconds, distance: run.distance), let own = results.first else {
            return abort(.deviceFault(.flowMeter))
        }
        return finish(own.passes ? .passed : .failed, results)
    }

    // MARK: Ends

    private mutating func abort(_ reason: AbortReason) -> [Directive] { finish(.aborted(reason), []) }

    private mutating func finish(_ verdict: Verdict, _ results: [VMASReadingResult]) -> [Directive] {
        var remarks = preTest.remarks.union(run?.remarks ?? [])
        if test.load.inertia < test.baseInertia { remarks.insert(.inertiaBelowRollers) }
        if Set(results.map(\.passes)).count > 1 { remarks.insert(.verdictDependsOnReading) }
        let seconds = run?.seconds ?? []
        outcome = VMASOutcome(
            verdict: verdict, readings: results, distance: run?.distance ?? 0,
            masses: seconds.reduce(VMASMasses()) { $0 + $1.masses }, load: test.load,
            analyzerDelay: test.analyzerDelay, flowMeterDelay: test.flowMeterDelay, flowMeter: flowMeter.result,
            preTest: preTest.result, seconds: seconds, remarks: TestRemark.allCases.filter(remarks.contains))
        let words =
            if case .aborted(let reason) = verdict {
                Message(.vmasAborted, ["reason": .message(reason.message)])
            } else {
                cues.instruction(.finished)
            }
        show(.finished)
        status.instruction = words
        status.brakeForce = nil
        status.targetSpeed = nil
        status.speedTolerance = nil
        status.gear = nil
        status.trace = []
        status.probeWanted = false
        return [.unload, .analyzer(.stop), .flowMeter(.stop), .prompt(words)]
    }

    // MARK: Display

    private mutating func show(_ stage: StageKind) {
        status.stage = stage
        status.instruction = cues.instruction(stage)
        status.following = cues.following(stage)
        let order: [StageKind] = [.flowMeter, .warmUp, .zero, .ambient, .background, .rest, .probe, .stabilise]
        let share = Double(order.firstIndex(of: stage) ?? order.count) / Double(order.count)
        status.progress = stage == .finished ? 1 : share / 2
    }

    private mutating func showIdle(_ frame: Frame) {
        guard case .idle(let seconds) = part else { return }
        status.targetSpeed = Speed(0)
        status.speedTolerance = Speed(test.requirements.bands.speed.value)
        status.gear = cues.gear(operation: 0)
        showTrace(from: Double(seconds - test.requirements.cycle.idleBefore))
    }

    private mutating func showCycle(_ now: LaneInstant) {
        guard let elapsed = run?.elapsed(at: now), let isDriving = run?.isDriving else { return }
        let cycle = test.requirements.cycle
        guard isDriving else {
            show(.trailing)
            status.gear = cues.gear(operation: cycle.operations.count - 1)
            status.trace = []
            status.progress = 1
            return
        }
        let operation = cycle.operation(at: elapsed)
        status.stage = .measure
        status.instruction = cues.instruction(operation: operation)
        status.following = cues.instruction(operation: operation + 1) ?? cues.instruction(.trailing)
        status.gear = cues.gear(operation: operation)
        status.targetSpeed = cycle.trace.speed(at: elapsed)
        status.progress = 0.5 + elapsed / Double(cycle.seconds) / 2
        showTrace(from: elapsed)
    }

    private mutating func showTrace(from elapsed: Double) {
        let cycle = test.requirements.cycle
        status.trace = (1...cycle.lookAhead).map { cycle.trace.speed(at: elapsed + Double($0)) }
    }

    private mutating func showNewest() {
        guard let second = run?.seconds.last, let masses = run?.masses, let distance = run?.distance else { return }
        let basis = second.basis
        status.factors = CorrectionFactors(dilution: basis.dilutionFactor, humidity: basis.humidityFactor)
        status.corrected = [
            Pollutant.carbonMonoxide.rawValue: basis.carbonMonoxide.value * basis.dilutionFactor,
            Pollutant.hydrocarbons.rawValue: basis.hydrocarbons.value * basis.dilutionFactor,
            Pollutant.nitricOxide.rawValue: basis.nitricOxide.value * basis.dilutionFactor * basis.humidityFactor,
        ]
        status.readings = [
            StatusReading("Q", basis.exhaustFlow.value, LitresPerSecond.symbol, places: 1),
            StatusReading("DR", basis.share, Dimensionless.symbol, places: 3),
            StatusReading("CO", masses.carbonMonoxide, "g", places: 2),
            StatusReading("HC", masses.hydrocarbons, "g", places: 2),
            StatusReading("NOx", masses.nitrogenOxides, "g", places: 2),
            StatusReading("s", distance, "km", places: 3),
        ]
    }
}
