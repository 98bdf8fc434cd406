import Messages
public import Metrology
public import Standards

/// A check as a sequence of steps, which a plan lists and judges (引导式检查).
public struct GuidedCheck: CheckProcedure {
    /// The kind of check.
    public let kind: CheckKind
    /// How old a reading of each instrument that the check uses may be.
    public let freshness: [InstrumentRole: LaneSpan]
    /// How often the lane should take a frame.
    public let tick: LaneSpan

    /// The outcome, once the check is over.
    public private(set) var outcome: CheckOutcome?
    /// What the technician's screen shows.
    public private(set) var status = ProcedureStatus(stage: .connect)

    /// The names of its steps, in order.
    public var steps: [String] { plan.stages.map(\.name) }

    private let plan: any CheckPlan
    private let rules: GeneralCheckRules
    private let references: [String]
    private var findings = CheckFindings()
    private var index = -1
    private var run: CheckStageRun?
    private var seen: [InstrumentRole: LaneInstant] = [:]

    init(_ kind: CheckKind, plan: any CheckPlan, requirements: CheckRequirements, references: [String]) {
        self.kind = kind
        self.plan = plan
        self.references = references
        rules = requirements.general
        freshness = requirements.freshness.filter { kind.roles.contains($0.key) }
        tick = kind.isQuick ? requirements.general.quickTick : requirements.general.tick
    }

    /// Takes the next frame; see ``Procedure/advance(_:)``.
    public mutating func advance(_ frame: Frame) -> [Directive] {
        guard outcome == nil else { return [] }
        if let reason = AbortReason(ending: frame.events) ?? broken(frame) { return finish(.aborted(reason)) }
        guard index >= 0 else { return opening + enter(0, frame) }
        guard var run else { return [] }
        let step = run.take(frame, &findings)
        self.run = run
        switch step {
        case .goesOn(let directives):
            show(frame)
            return directives
        case .done: return enter(index + 1, frame)
        case .aborted(let reason): return finish(.aborted(reason))
        }
    }

    /// Ends the check from outside: the program that ran it is gone, and its frames are all there is.
    public mutating func interrupt() -> [Directive] { outcome == nil ? finish(.aborted(.interrupted)) : [] }

    // MARK: Steps

    private mutating func enter(_ next: Int, _ frame: Frame) -> [Directive] {
        index = next
        guard plan.stages.indices.contains(next) else { return judge() }
        let stage = plan.stages[next]
        let isNew = status.instruction != stage.instruction
        run = CheckStageRun(stage, began: frame.time, rules: rules)
        status.stage = stage.kind
        status.mode = stage.name
        status.instruction = stage.instruction
        status.following = plan.stages[(next + 1)...].first { $0.instruction != stage.instruction }?.instruction
        status.progress = Double(next) / Double(plan.stages.count)
        status.targetSpeed = if case .reach(let speed) = stage.task { speed } else { nil }
        status.entries = if case .enter(let entries) = stage.task { entries } else { [] }
        status.isQuestion = if case .answer = stage.task { true } else { false }
        show(frame)
        return stage.directives + (isNew ? [.prompt(stage.instruction)] : [])
    }

    /// An instrument that is lost for too long, or says that it is defective.
    private mutating func broken(_ frame: Frame) -> AbortReason? {
        for role in kind.roles.sorted(by: { $0.rawValue < $1.rawValue }) {
            if !frame.lost.contains(role) || seen[role] == nil { seen[role] = frame.time }
            if let last = seen[role], frame.time - last > rules.lostLimit { return .deviceLost(role) }
            if frame.states[role]?.conditions.contains(.fault) ?? false { return .deviceFault(role) }
        }
        return nil
    }

    private mutating func show(_ frame: Frame) {
        guard let run else { return }
        status.stageTime = frame.time - run.began
        status.readings = run.channels.compactMap { channel in
            guard let sample = frame.samples[channel], sample.validity == .valid, let value = sample.value else {
                return nil
            }
            return StatusReading(channel.rawValue, value, channel.unit.symbol, places: channel.checkPlaces)
        }
        if let stability = run.stability {
            status.readings.append(StatusReading("stability", 100 * stability, "%", places: 0))
        }
        if let countdown = run.countdown {
            status.readings.append(StatusReading("countdown", max(0, countdown.seconds), "s", places: 0))
        }
    }

    // MARK: Ends

    private mutating func judge() -> [Directive] {
        do throws(MetrologyError) {
            var judgement = try plan.judge(findings)
            for (name, channel, spread, steady) in findings.unsteady {
                judgement.remarks.insert(.unsteady)
                judgement.items.append(try CheckItem.unsteady(channel, at: name, spread: spread, steady: steady))
            }
            let passes = !judgement.items.isEmpty && judgement.items.allSatisfy(\.passes)
            return finish(passes ? .passed : .failed, judgement)
        } catch {
            // A value that no report can hold is not one that an instrument in order gives.
            return finish(.aborted(kind.role.map(AbortReason.deviceFault) ?? .interrupted))
        }
    }

    private mutating func finish(_ verdict: Verdict, _ judgement: CheckJudgement = CheckJudgement()) -> [Directive] {
        outcome = CheckOutcome(
            kind: kind, verdict: verdict, items: judgement.items,
            parameters: verdict == .passed ? judgement.parameters : [], references: references,
            remarks: CheckRemark.allCases.filter(judgement.remarks.contains))
        run = nil
        status.stage = .finished
        status.mode = nil
        status.following = nil
        status.targetSpeed = nil
        status.entries = []
        status.isQuestion = false
        status.readings = []
        status.progress = 1
        let words =
            switch verdict {
            case .passed: Message(.checkPassed, ["check": .message(kind.message)])
            case .failed: Message(.checkFailed, ["check": .message(kind.message)])
            case .aborted(let reason):
                Message(
                    .checkAborted, ["check": .message(kind.message), "reason": .message(reason.message)])
            }
        status.instruction = words
        return closing + [.prompt(words)]
    }

    private var opening: [Directive] { kind.role == .dynamometer ? [.motorOff, .unload] : [] }

    private var closing: [Directive] {
        switch kind.role {
        case .dynamometer: [.motorOff, .unload]
        case .gasAnalyzer where kind != .oilTemperature: [.analyzer(.stop)]
        case .noxAnalyzer: [.bench(.stop)]
        case .flowMeter: [.flowMeter(.stop)]
        default: []
        }
    }
}

extension CheckKind {
    /// Whether frames have to come more quickly than ten a second.
    fileprivate var isQuick: Bool {
        [.loadResponse, .variableCoastDown, .opacimeterResponse].contains(self)
    }
}
