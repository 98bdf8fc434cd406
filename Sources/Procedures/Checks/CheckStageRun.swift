import Metrology
import Standards

/// One step of a check under way.
struct CheckStageRun: Sendable {
    /// What a frame led to.
    enum Step {
        /// Nothing yet; the lane is to do this.
        case goesOn([Directive])
        /// The step is over.
        case done
        /// It cannot be carried out.
        case aborted(AbortReason)
    }

    let stage: CheckStage
    let began: LaneInstant
    /// How long it is still going to take at least, or may take at most; nil where neither is known.
    private(set) var countdown: LaneSpan?
    /// How near the readings are to rest, 0…1; nil where none are waited for.
    private(set) var stability: Double?

    private let rules: GeneralCheckRules
    private var series: [ChannelID: TimeSeries] = [:]
    private var sawCondition = false
    private var loads = 0
    private var loaded: [LaneInstant] = []

    init(_ stage: CheckStage, began: LaneInstant, rules: GeneralCheckRules) {
        self.stage = stage
        self.began = began
        self.rules = rules
    }

    /// Takes a frame in; what the step brings to light goes into the findings once it is over.
    mutating func take(_ frame: Frame, _ findings: inout CheckFindings) -> Step {
        let step = advance(frame, &findings)
        if case .done = step {
            findings.began[stage.name] = began
            if case .read = stage.task { return step }
            if !series.isEmpty { findings.series[stage.name] = series }
            if !loaded.isEmpty { findings.loaded[stage.name] = loaded }
        }
        return step
    }

    private mutating func advance(_ frame: Frame, _ findings: inout CheckFindings) -> Step {
        let elapsed = frame.time - began
        switch stage.task {
        case .confirm:
            if frame.events.contains(.confirmed) { return .done }
            return wait(elapsed, rules.confirmLimit)
        case .enter(let entries):
            for event in frame.events {
                switch event {
                case .entered(let values) where ReferenceEntry.problems(in: values, for: entries).isEmpty:
                    findings.entered[stage.name] = values
                    return .done
                case .confirmed where entries.allSatisfy(\.mayBeLeftOut): return .done
                default: continue
                }
            }
            return wait(elapsed, rules.confirmLimit)
        case .answer:
            // The first answer counts.
            if let answer = frame.events.first(where: { $0 == .confirmed || $0 == .denied }) {
                findings.answered[stage.name] = answer == .confirmed
                return .done
            }
            return wait(elapsed, rules.confirmLimit)
        case .action(let role, let condition):
            return action(role, condition, frame, &findings)
        case .read(let readings, let settle):
            return read(readings, settle, frame, &findings)
        case .reach(let speed):
            guard let found = frame[.rollerSpeed].valid, found >= speed else { return wait(elapsed, rules.motorLimit) }
            return .done
        case .coast(let task):
            return coast(task, frame)
        case .record(let channels, let span, let band):
            for channel in channels { gather(channel, frame) }
            if let band, let speed = frame[.rollerSpeed].valid, !band.contains(speed) { return .aborted(.controlLost) }
            countdown = span - elapsed
            return elapsed >= span ? .done : .goesOn([])
        case .notice(let role, let condition, let isWanted, let span):
            let state = frame.states[role].flatMap { $0.acquiredAt > began ? $0 : nil }
            if let state, state.conditions.contains(condition) == isWanted {
                findings.noticed[stage.name] = elapsed.seconds
                return .done
            }
            countdown = span - elapsed
            return elapsed > span ? .done : .goesOn([])
        }
    }

    // MARK: Tasks

    private mutating func wait(_ elapsed: LaneSpan, _ limit: LaneSpan) -> Step {
        countdown = limit - elapsed
        return elapsed >= limit ? .aborted(.timeLimit(stage.kind)) : .goesOn([])
    }

    /// Only what the instrument said after it was told is about this action.
    private mutating func action(
        _ role: InstrumentRole, _ condition: InstrumentCondition, _ frame: Frame, _ findings: inout CheckFindings
    ) -> Step {
        if let state = frame.states[role], state.acquiredAt > began {
            if state.conditions.contains(condition) {
                sawCondition = true
            } else if sawCondition, !state.conditions.contains(.busy) {
                findings.conditions[stage.name] = state.conditions
                return .done
            }
        }
        let elapsed = frame.time - began
        if !sawCondition, elapsed >= rules.answerLimit { return .aborted(.deviceFault(role)) }
        return wait(elapsed, rules.actionLimit)
    }

    private mutating func read(
        _ readings: [CheckReading], _ settle: LaneSpan, _ frame: Frame, _ findings: inout CheckFindings
    ) -> Step {
        let (start, window) = (began + settle, rules.window)
        let windowStart = max(start, frame.time - window)
        for reading in readings {
            gather(reading.channel, frame, since: start)
            series[reading.channel]?.removeAll(before: windowStart)
        }
        let elapsed = frame.time - start
        countdown = max(LaneSpan.zero, window - elapsed)
        let there = readings.filter { !(series[$0.channel]?.points.isEmpty ?? true) }
        let missing = readings.first { reading in
            !reading.isOptional && !there.contains { $0.channel == reading.channel }
        }
        // Nearness of the worst: 1 as soon as it stays within what counts as rest.
        let nearness = there.map { reading in
            let spread = series[reading.channel]?.spread ?? .infinity
            return spread <= reading.steady ? 1 : reading.steady / spread
        }
        stability = missing == nil ? min(nearness.min() ?? 0, max(0, elapsed.seconds / window.seconds)) : 0
        let isAtRest = missing == nil && elapsed >= window && nearness.allSatisfy { $0 == 1 }
        let isTimeUp = elapsed >= rules.readingLimit
        guard isAtRest || isTimeUp else { return .goesOn([]) }
        if let missing { return .aborted(.staleData(missing.channel)) }
        guard !there.isEmpty else {
            return readings.first.map { .aborted(.staleData($0.channel)) } ?? .done
        }
        for reading in there {
            guard let values = series[reading.channel] else { continue }
            findings.means[stage.name, default: [:]][reading.channel] = values.mean(since: windowStart)
            if let spread = values.spread, spread > reading.steady {
                findings.unsteady.append((stage.name, reading.channel, spread, reading.steady))
            }
        }
        return .done
    }

    private mutating func coast(_ task: CoastTask, _ frame: Frame) -> Step {
        gather(.rollerSpeed, frame)
        gather(.rollerForce, frame)
        let elapsed = frame.time - began
        guard let last = series[.rollerSpeed]?.points.last else {
            return elapsed > rules.lostLimit ? .aborted(.staleData(.rollerSpeed)) : .goesOn([])
        }
        if frame.time - last.time > rules.lostLimit { return .aborted(.staleData(.rollerSpeed)) }
        var directives: [Directive] = []
        while loads < task.loads.count, last.value <= task.loads[loads].below.value {
            directives = [.load(task.loads[loads].power)]
            loaded.append(frame.time)
            loads += 1
        }
        if let to = task.to {
            if last.value < to.value { return .done }
        } else if loads == task.loads.count, let since = loaded.last, frame.time - since >= task.after {
            return .done
        }
        countdown = nil
        return elapsed >= rules.coastLimit ? .aborted(.timeLimit(.coast)) : .goesOn(directives)
    }

    // MARK: Readings

    private mutating func gather(_ channel: ChannelID, _ frame: Frame, since start: LaneInstant? = nil) {
        guard let sample = frame.samples[channel], sample.validity == .valid, let value = sample.value,
            sample.acquiredAt >= start ?? began
        else { return }
        series[channel, default: TimeSeries()].append(value, at: sample.acquiredAt)
    }

    /// What is read at the moment, for the screen.
    var channels: [ChannelID] {
        switch stage.task {
        case .read(let readings, _): readings.map(\.channel)
        case .record(let channels, _, _): channels
        case .reach, .coast: [.rollerSpeed, .rollerForce]
        case .enter(let entries): entries.map(\.channel)
        case .confirm, .answer, .action, .notice: []
        }
    }
}
