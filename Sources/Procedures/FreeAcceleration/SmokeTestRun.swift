import Messages
import Metrology
import Standards

/// The course of a free acceleration test: pre-test, purges, probe, accelerations until their peaks are accepted.
///
/// Engine speed and smoke are followed frame by frame. Of the smoke it takes the light absorption coefficient that the
/// opacimeter shows after its own response time, and of each acceleration the greatest value: the opacimeter's own peak
/// memory where it has one that was seen cleared before the acceleration, because it knows every sample; otherwise the
/// greatest of the readings, of which ten a second miss at most one percent of a peak that has been through a response
/// of one second. If both are there they must agree.
struct SmokeTestRun: Sendable {
    let test: FreeAccelerationTest
    private(set) var outcome: FreeAccelerationOutcome?
    private(set) var status = ProcedureStatus(stage: .warmUp)

    private var collector: SecondCollector
    private var watch: TestWatch
    private var preTest: SmokePreTest
    private var reader: SmokeReader
    private var idle: IdleStay
    private var run: AccelerationRun?
    private var accelerations: [SmokeAcceleration] = []
    private var seconds: [SmokeSecond] = []
    private var remarks: Set<TestRemark> = []
    private var hasBegun = false
    private var stageBegan = LaneInstant.zero
    private var topSpeed: Double?
    private var isProbeIn = false
    // What the opacimeter's peak memory was told, and has shown since.
    private var clearedAt: LaneInstant?
    private var greatestSinceCleared: Double?
    private var memorySinceCleared: Double?
    private var isMemoryUsable = false
    private var greatestOfSecond: Double?
    private var lastSmoke: Double?
    private var lastSpeed: Double?
    private var lastPeak: Double?

    init(_ test: FreeAccelerationTest, freshness: [InstrumentRole: LaneSpan], roles: Set<InstrumentRole>) {
        self.test = test
        let air: [ChannelID] =
            test.rules.preTest.air == .required ? [.airTemperature, .relativeHumidity, .airPressure] : []
        collector = SecondCollector(rule: test.rules.secondTakes)
        watch = TestWatch(
            test.rules.watch, sampling: nil, freshness: freshness.filter { roles.contains($0.key) },
            needed: [.engineSpeed, .lightAbsorption] + air)
        preTest = SmokePreTest(test)
        reader = SmokeReader(test.rules.peak)
        idle = IdleStay(test)
    }

    mutating func advance(_ frame: Frame) -> [Directive] {
        guard outcome == nil else { return [] }
        var directives: [Directive] = []
        if !hasBegun {
            hasBegun = true
            directives += [.unload, .prompt(Message(.smokeWarmUp))]
            show(.warmUp, Message(.smokeWarmUp), then: Message(.smokeZero))
        }
        if let reason = watch.immediate(frame.events) { return directives + abort(reason, at: frame.time) }
        let stageBefore = (status.stage, status.mode)
        // A second that a later frame closes was over before it; one that this frame completes holds it.
        let complete = collector.take(frame)
        let isOver = { (second: SecondImage) in Int64(second.number) * 1_000_000_000 < frame.time.nanoseconds }
        for second in complete where isOver(second) && outcome == nil { directives += close(second, at: frame.time) }
        if outcome == nil { directives += step(frame) }
        for second in complete where !isOver(second) && outcome == nil { directives += close(second, at: frame.time) }
        if stageBefore != (status.stage, status.mode) { stageBegan = frame.time }
        status.stageTime = frame.time - stageBegan
        return directives
    }

    mutating func interrupt() -> [Directive] {
        outcome == nil ? abort(.interrupted, at: LaneInstant.zero + .seconds(Double(seconds.last?.second ?? 0))) : []
    }

    // MARK: Seconds

    private mutating func close(_ second: SecondImage, at time: LaneInstant) -> [Directive] {
        let opacity = reader.opacity(of: second)
        var values = second.values
        values[.lightAbsorption] = reader.absorption(of: second)
        values[.opacity] = opacity
        let whole = SecondImage(number: second.number, values: values, states: second.states, lost: second.lost)
        let isUnderWay = status.mode != nil
        if let reason = watch.take(whole, TestWatch.Scope(runs: isUnderWay)) { return abort(reason, at: time) }
        guard !isUnderWay else {
            note(whole)
            return []
        }
        switch preTest.take(whole, opacity: opacity) {
        case .goesOn(let directives):
            switch preTest.stage {
            case .zero: show(.zero, Message(.smokeZero), then: Message(.smokeFullScale))
            case .fullScale: show(.fullScale, Message(.smokeFullScale), then: idleWords)
            default: break
            }
            return directives
        case .ready:
            return goToIdle(at: time, isProbeIn: test.rules.acceptance.purges == 0)
        case .aborted(let reason):
            return abort(reason, at: time)
        }
    }

    private mutating func note(_ second: SecondImage) {
        seconds.append(
            SmokeSecond(
                second: second.number, stage: status.stage,
                acceleration: isProbeIn ? accelerations.count { !$0.isPurge } + (run == nil ? 0 : 1) : 0,
                values: second.values, greatest: greatestOfSecond))
        greatestOfSecond = nil
    }

    // MARK: Frames

    private mutating func step(_ frame: Frame) -> [Directive] {
        guard status.mode != nil else { return [] }
        let image = reader.read(frame)
        lastSpeed = image.speed?.value ?? lastSpeed
        lastSmoke = image.smoke?.value ?? lastSmoke
        followMemory(image)
        defer { showReadings() }
        switch status.stage {
        case .probe: return awaitProbe(frame)
        case .idle: return stayAtIdle(image)
        default: return accelerate(image)
        }
    }

    /// What the opacimeter's memory holds since it was told to forget.
    private mutating func followMemory(_ image: SmokeImage) {
        guard let clearedAt else { return }
        if let smoke = image.smoke, smoke.at > clearedAt {
            greatestSinceCleared = max(greatestSinceCleared ?? smoke.value, smoke.value)
        }
        if let memory = image.memory, memory.at > clearedAt { memorySinceCleared = memory.value }
    }

    private mutating func awaitProbe(_ frame: Frame) -> [Directive] {
        if frame.events.contains(.probeInserted) { return goToIdle(at: frame.time, isProbeIn: true) }
        let isTimeUp = frame.time - stageBegan >= .seconds(Double(test.rules.preTest.probeLimit))
        return isTimeUp ? abort(.precondition(.probeCheck), at: frame.time) : []
    }

    private mutating func stayAtIdle(_ image: SmokeImage) -> [Directive] {
        var directives: [Directive] = []
        if let speed = image.speed, idle.take(speed) {
            directives.append(.prompt(Message(.smokeRepeat, ["reason": .message(Message(.accelerationTooEarly))])))
        }
        if let idleSpeed = idle.speed, idle.isOver { return directives + cue(idleSpeed, at: image.time) }
        let isTimeUp = image.time - stageBegan >= test.rules.times.idleLimit
        return isTimeUp ? directives + abort(.timeLimit(.idle), at: image.time) : directives
    }

    private mutating func accelerate(_ image: SmokeImage) -> [Directive] {
        guard var run else { return [] }
        let step = run.take(image)
        self.run = run
        if isProbeIn, let smoke = image.smoke, smoke.at > run.cuedAt {
            greatestOfSecond = max(greatestOfSecond ?? smoke.value, smoke.value)
        }
        switch step {
        case .faulty(let fault): return end(run, fault, at: image.time)
        case .complete: return end(run, nil, at: image.time)
        case .goesOn: break
        }
        switch run.phase {
        case .cue, .rise: break
        case .hold: show(.hold, Message(.smokeHold), then: Message(.smokeRelease))
        case .release, .tail:
            if status.stage != .release {
                show(.release, Message(.smokeRelease), then: idleWords)
                status.pedal = .released
                status.targetEngineSpeed = nil
                return [.prompt(Message(.smokeRelease))]
            }
        }
        return []
    }

    // MARK: From stage to stage

    private mutating func goToIdle(at time: LaneInstant, isProbeIn: Bool) -> [Directive] {
        if isProbeIn, !self.isProbeIn, status.stage != .probe {
            status.mode = Part.measured.rawValue
            status.probeWanted = true
            show(.probe, Message(.smokeInsertProbe), then: idleWords)
            stageBegan = time
            return [.prompt(Message(.smokeInsertProbe))]
        }
        self.isProbeIn = isProbeIn
        status.mode = (isProbeIn ? Part.measured : Part.purge).rawValue
        status.pedal = .released
        status.gear = 0
        status.targetEngineSpeed = nil
        idle = IdleStay(test)
        stageBegan = time
        show(.idle, idleWords, then: pressWords)
        guard isProbeIn, test.rules.peak.source == .instrument else { return [.prompt(idleWords)] }
        (clearedAt, greatestSinceCleared, memorySinceCleared) = (time, nil, nil)
        return [.opacimeter(.clearPeak), .prompt(idleWords)]
    }

    private mutating func cue(_ idleSpeed: Double, at time: LaneInstant) -> [Directive] {
        let threshold = test.threshold(top: isProbeIn ? topSpeed : nil)
        isMemoryUsable = isMemoryCleared
        run = AccelerationRun(
            idleSpeed: idleSpeed, threshold: threshold, isPurge: !isProbeIn, rules: test.rules, at: time)
        status.pedal = .full
        status.targetEngineSpeed = EngineSpeed(threshold)
        show(.accelerate, pressWords, then: Message(.smokeHold))
        return [.prompt(pressWords)]
    }

    /// A memory that is above all readings since it was told to forget still holds an older peak.
    private var isMemoryCleared: Bool {
        guard let memory = memorySinceCleared, let greatest = greatestSinceCleared else { return false }
        return (memory - greatest).isAtMost(test.rules.peak.cleared)
    }

    private mutating func end(_ run: AccelerationRun, _ found: AccelerationFault?, at time: LaneInstant) -> [Directive]
    {
        self.run = nil
        let acceleration = judge(run, found, at: time)
        accelerations.append(acceleration)
        if let fault = acceleration.fault {
            let invalid = accelerations.count { $0.isPurge == acceleration.isPurge && $0.fault != nil }
            guard invalid < test.rules.acceptance.mostInvalid else { return abort(.attempts, at: time) }
            return [.prompt(Message(.smokeRepeat, ["reason": .message(fault.message)]))]
                + goToIdle(at: time, isProbeIn: isProbeIn)
        }
        guard isProbeIn else {
            topSpeed = max(topSpeed ?? 0, acceleration.topSpeed)
            let isPurged = accelerations.count { $0.fault == nil } >= test.rules.acceptance.purges
            return goToIdle(at: time, isProbeIn: isPurged)
        }
        lastPeak = acceleration.peak
        return decide(at: time)
    }

    private func judge(_ run: AccelerationRun, _ found: AccelerationFault?, at time: LaneInstant) -> SmokeAcceleration {
        let memory = isProbeIn && isMemoryUsable ? run.memory : nil
        var fault = found
        var peak = run.peakOfReadings
        if fault == nil, isProbeIn {
            if let memory, let readings = peak {
                peak = memory
                if !isAgreed(memory, readings) { fault = .peaksDiffer }
            }
            if peak == nil { fault = .smokeNotRead }
        }
        let counts = fault == nil && isProbeIn
        let value = counts ? peak.flatMap(inUnitOfLimit) : nil
        // What cannot be stated in the unit of the limit does not count.
        if counts, value == nil { fault = .smokeNotRead }
        return SmokeAcceleration(
            number: accelerations.count { $0.isPurge == !isProbeIn } + 1, isPurge: !isProbeIn, fault: fault,
            cuedAt: run.cuedAt, endedAt: time, idleSpeed: run.idleSpeed, threshold: run.threshold,
            topSpeed: run.topSpeed, rise: run.rise, hold: run.hold, peak: value == nil ? nil : peak, judged: value,
            peakOfReadings: isProbeIn ? run.peakOfReadings : nil, memory: memory)
    }

    private func isAgreed(_ memory: Double, _ readings: Double) -> Bool {
        let difference = abs(memory - readings)
        return difference.isAtMost(test.rules.peak.agreement)
            || (memory > 0 && (difference / memory * 100).isAtMost(test.rules.peak.agreementShare))
    }

    private func inUnitOfLimit(_ absorption: Double) -> Double? {
        guard let length = test.limit.length else { return absorption }
        return try? SmokeOpacity.opacity(of: LightAbsorption(absorption), over: Length(length.value)).value
    }

    private mutating func decide(at time: LaneInstant) -> [Directive] {
        let peaks = accelerations.compactMap(\.judged)
        switch test.rules.acceptance.decide(peaks, isWithin: { item($0)?.passes ?? false }) {
        case .goesOn:
            return goToIdle(at: time, isProbeIn: true)
        case .notRepeatable:
            return abort(.notRepeatable, at: time)
        case .result(let mean):
            guard let item = item(mean) else { return abort(.staleData(.lightAbsorption), at: time) }
            return finish(item.passes ? .passed : .failed, [item], at: time)
        }
    }

    private func item(_ value: Double) -> JudgedItem? {
        try? JudgedItem(
            test.limit.quantity.rawValue, value: value, places: test.rules.places, bound: .atMost(test.limit.maximum),
            comparison: test.rules.comparison)
    }

    // MARK: Ends

    private mutating func abort(_ reason: AbortReason, at time: LaneInstant) -> [Directive] {
        finish(.aborted(reason), [], at: time)
    }

    private mutating func finish(_ verdict: Verdict, _ items: [JudgedItem], at time: LaneInstant) -> [Directive] {
        let judged = accelerations.filter { $0.judged != nil }
        if test.rules.peak.source == .instrument, judged.contains(where: { $0.memory == nil }) {
            remarks.insert(.peakFromReadings)
        }
        outcome = FreeAccelerationOutcome(
            verdict: verdict, items: items, limit: test.limit, accelerations: accelerations, preTest: preTest.result,
            governedSpeed: test.governedSpeed ?? topSpeed, seconds: seconds,
            remarks: TestRemark.allCases.filter { remarks.union(preTest.remarks).contains($0) })
        run = nil
        status.probeWanted = false
        status.pedal = .released
        status.targetEngineSpeed = nil
        let words =
            if case .aborted(let reason) = verdict {
                Message(.smokeAborted, ["reason": .message(reason.message)])
            } else {
                Message(.smokeFinished)
            }
        show(.finished, words, then: nil)
        return [.unload, .prompt(words)]
    }

    // MARK: Display

    /// The two parts of the test, as the status names them.
    private enum Part: String {
        case purge
        case measured = "test"
    }

    private var idleWords: Message {
        Message(.smokeIdle, ["seconds": .decimal(Self.text(test.rules.times.idleWait.seconds))])
    }

    private var pressWords: Message {
        Message(.smokePress, ["seconds": .decimal(test.rules.times.pedal.decimal.description)])
    }

    private mutating func show(_ stage: StageKind, _ instruction: Message, then following: Message?) {
        status.stage = stage
        status.instruction = instruction
        status.following = following
        status.progress = stage == .finished ? 1 : max(status.progress, progress(stage))
    }

    private mutating func showReadings() {
        status.readings = [
            lastSmoke.map { StatusReading("k", $0, PerMetre.symbol, places: 2) },
            lastSpeed.map { StatusReading("n", $0, RevolutionsPerMinute.symbol, places: 0) },
            lastPeak.map { StatusReading("k max", $0, PerMetre.symbol, places: 2) },
            status.stage == .idle ? StatusReading("t", idle.remaining, Seconds.symbol, places: 0) : nil,
        ].compactMap { $0 }
    }

    /// Counts the pre-test, the purges and the accelerations that the test needs at least as equal steps.
    private func progress(_ stage: StageKind) -> Double {
        let rules = test.rules.acceptance
        let valid = accelerations.count { $0.fault == nil }
        let all = Double(2 + rules.purges + rules.fewest)
        switch stage {
        case .warmUp: return 0
        case .zero: return 0.5 / all
        case .fullScale: return 1 / all
        default: return min(0.99, Double(2 + valid) / all)
        }
    }

    private static func text(_ seconds: Double) -> String {
        (try? RoundedDecimal(seconds, places: 0))?.description ?? ""
    }
}
