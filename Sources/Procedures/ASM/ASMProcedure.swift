import Messages
public import Metrology
public import Standards

/// The steady-state loaded test ASM (稳态工况法), GB 18285-2018 Annex B.
///
/// The pre-test is followed by ASM5025 and, unless that one decides, by ASM2540. A mode passes by the fast check or by
/// a moving ten-second mean, fails at once by a mean far above a limit, and otherwise when its time is up; leaving the
/// speed or torque band for too long restarts its timer. All numbers come from the packs.
public struct ASMProcedure: TestProcedure {
    /// The name of this algorithm in records; a change of behaviour gets a new one.
    public static let algorithm = "asm/1"

    /// The instruments of ASM.
    public static let roles: Set<InstrumentRole> = [.gasAnalyzer, .dynamometer, .tachometer, .weatherStation]

    /// What the record of a second under the timer must hold.
    private static let needed: [ChannelID] = [
        .rollerSpeed, .rollerForce, .engineSpeed, .carbonMonoxide, .carbonDioxide, .hydrocarbons, .nitricOxide, .oxygen,
        .airTemperature, .relativeHumidity, .airPressure,
    ]

    /// What the test is carried out with.
    public let test: ASMTest

    /// The outcome, once the test is over.
    public private(set) var outcome: ASMOutcome?

    /// What the driver's aid shows.
    public private(set) var status = ProcedureStatus(stage: .warmUp)

    private var collector: SecondCollector
    private var correction: ASMCorrection
    private var watch: TestWatch
    private var preTest: GasPreTest
    private var run: ASMModeRun?
    private var results: [ASMModeResult] = []
    private var seconds: [ASMSecond] = []
    private var remarks: Set<TestRemark> = []
    private var hasBegun = false
    private var stageBegan = LaneInstant.zero

    /// Begins a test.
    public init(_ test: ASMTest) {
        self.test = test
        collector = SecondCollector(rule: test.requirements.decisions.secondTakes)
        correction = ASMCorrection(test)
        watch = TestWatch(
            test.requirements.watch, sampling: test.requirements.sampling, freshness: test.requirements.freshness,
            needed: Self.needed)
        preTest = GasPreTest(test.requirements.preTest, oilTemperatureReadable: test.oilTemperatureReadable)
    }

    /// Prepares the test that an order asks for.
    public init(
        _ order: TestOrder, limits: ASMLimits, requirements: ASMRequirements, lane: LaneParameters
    ) throws(OrderProblems) {
        self.init(try ASMTest(order, limits: limits, requirements: requirements, lane: lane))
    }

    /// How old a reading of each instrument may be.
    public var freshness: [InstrumentRole: LaneSpan] { test.requirements.freshness }

    /// Takes the next frame; see ``Procedure/advance(_:)``.
    public mutating func advance(_ frame: Frame) -> [Directive] {
        guard outcome == nil else { return [] }
        var directives: [Directive] = []
        if !hasBegun {
            hasBegun = true
            directives += [.unload] + preTest.opening
        }
        if run == nil { preTest.watch(frame) }
        let stageBefore = (status.stage, status.mode)
        if let reason = watch.immediate(frame.events) {
            directives += abort(reason)
        } else {
            for second in collector.take(frame) where outcome == nil {
                directives += advance(second)
            }
        }
        if stageBefore != (status.stage, status.mode) { stageBegan = frame.time }
        status.stageTime = frame.time - stageBegan
        return directives
    }

    /// Ends the test from outside: the program that ran it is gone, and its frames are all there is.
    ///
    /// - Returns: what the lane is to do; empty if the test was already over.
    public mutating func interrupt() -> [Directive] { outcome == nil ? abort(.interrupted) : [] }

    // MARK: Seconds

    private mutating func advance(_ second: SecondImage) -> [Directive] {
        if let reason = watch.take(second, scope) { return abort(reason) }
        guard run == nil else { return drive(second) }
        switch preTest.take(second) {
        case .goesOn(let directives):
            show(preTest.stage, progress: Self.progress(preTest.stage))
            status.probeWanted = preTest.stage == .probe
            return directives
        case .ready:
            return begin(.asm5025)
        case .aborted(let reason):
            return abort(reason)
        }
    }

    private var scope: TestWatch.Scope {
        let drives = [.accelerate, .stabilise, .measure].contains(status.stage)
        return TestWatch.Scope(
            samples: drives || [.background, .probe].contains(status.stage), runs: drives,
            probed: drives && status.stage != .accelerate)
    }

    private mutating func begin(_ mode: ASMMode) -> [Directive] {
        let run = ASMModeRun(mode: mode, test: test)
        self.run = run
        status.mode = mode.rawValue
        status.targetSpeed = run.load.speed
        status.speedTolerance = Speed(test.requirements.bands.speed.value)
        status.counters = BandCounters()
        show(.accelerate, progress: Self.progress(mode, second: 0, of: 1))
        return [.prompt(Message(.promptAccelerate, ["speed": .decimal(speedText(run))]))]
    }

    private mutating func drive(_ second: SecondImage) -> [Directive] {
        guard var run else { return [] }
        var directives: [Directive] = []
        if run.wantsLoad(at: second[.rollerSpeed]) {
            run.setLoaded()
            status.brakeForce = run.load.brakeForce
            directives.append(.brake(run.load.brakeForce))
        }
        let stage = run.stage
        let corrected = correction.correct(second)
        if corrected.factors.map({ $0.dilution < 1 }) ?? false { remarks.insert(.dilutionFactorBelowOne) }
        // Let go of the stored one, or its window would be copied for every second.
        self.run = nil
        let step = run.take(
            speed: second[.rollerSpeed], force: second[.rollerForce], corrected: corrected.values,
            isComplete: !corrected.values.isEmpty && Self.needed.allSatisfy { second[$0] != nil })
        self.run = run
        note(second, stage, run, corrected)

        switch step {
        case .goesOn:
            break
        case .restarted:
            directives.append(.prompt(Message(.promptRestarted, ["speed": .decimal(speedText(run))])))
        case .aborted(let reason):
            return directives + abort(reason)
        case .decided(let decision):
            results.append(result(of: run, decision))
            directives += conclude(run, decision)
        }
        return directives
    }

    /// What follows from a mode's end.
    private mutating func conclude(_ run: ASMModeRun, _ decision: ASMDecision) -> [Directive] {
        switch decision {
        case .fast, .rolling: return finish(.passed)
        case .gross: return finish(.failed)
        case .exhausted where run.mode == .asm5025:
            var directives = begin(.asm2540)
            // The vehicle is on load and stays on load; only the force changes.
            if let force = self.run?.load.brakeForce {
                self.run?.setLoaded()
                status.brakeForce = force
                directives.insert(.brake(force), at: 0)
            }
            return directives
        case .exhausted: return finish(.failed)
        case .interrupted: return []
        }
    }

    // MARK: Ends

    private mutating func abort(_ reason: AbortReason) -> [Directive] {
        if let run { results.append(result(of: run, .interrupted)) }
        return finish(.aborted(reason))
    }

    private mutating func finish(_ verdict: Verdict) -> [Directive] {
        outcome = ASMOutcome(
            verdict: verdict, modes: results, preTest: preTest.result, seconds: seconds,
            remarks: TestRemark.allCases.filter { remarks.union(preTest.remarks).contains($0) })
        run = nil
        status.brakeForce = nil
        status.targetSpeed = nil
        status.probeWanted = false
        show(.finished, progress: 1)
        let words =
            if case .aborted(let reason) = verdict {
                Message(.promptAborted, ["reason": .message(reason.message)])
            } else {
                Message(.promptFinished)
            }
        return [.unload, .analyzer(.stop), .prompt(words)]
    }

    private func result(of run: ASMModeRun, _ decision: ASMDecision) -> ASMModeResult {
        ASMModeResult(
            mode: run.mode, decision: decision, items: run.items, load: run.load, modeSeconds: run.modeSecond,
            totalSeconds: run.totalSeconds, restarts: run.restarts)
    }

    // MARK: Record and display

    private mutating func note(
        _ second: SecondImage, _ stage: StageKind, _ run: ASMModeRun, _ corrected: ASMCorrection.Result
    ) {
        let power: Power?
        if let speed = second[.rollerSpeed], let force = second[.rollerForce] {
            power = Force(force) * Speed(speed) + test.parasiticLoss.power(at: Speed(speed))
        } else {
            power = nil
        }
        seconds.append(
            ASMSecond(
                second: second.number, stage: stage, mode: run.mode, modeSecond: stage == .measure ? run.modeSecond : 0,
                values: second.values, totalPower: power, factors: corrected.factors, corrected: corrected.values,
                counters: run.counters))
        status.corrected = Dictionary(uniqueKeysWithValues: corrected.values.map { ($0.key.rawValue, $0.value) })
        status.factors = corrected.factors
        status.counters = run.counters
        show(
            run.stage,
            progress: Self.progress(run.mode, second: run.modeSecond, of: test.requirements.times.modeMaximum))
    }

    private mutating func show(_ stage: StageKind, progress: Double) {
        status.stage = stage
        // A restart takes the mode back, not the bar.
        status.progress = max(status.progress, progress)
    }

    private func speedText(_ run: ASMModeRun) -> String {
        test.requirements.load.speed[run.mode]?.decimal.description ?? ""
    }

    /// Shares of the longest way a test can take: a third for the pre-test, a third for each mode.
    private static func progress(_ mode: ASMMode, second: Int, of all: Int) -> Double {
        (1 + (mode == .asm5025 ? 0 : 1) + Double(second) / Double(all)) / 3
    }

    private static func progress(_ stage: StageKind) -> Double {
        let order: [StageKind] = [.warmUp, .zero, .ambient, .background, .rest, .probe]
        return Double(order.firstIndex(of: stage) ?? order.count) / Double(order.count) / 3
    }
}
