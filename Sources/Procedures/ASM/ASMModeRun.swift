import Metrology
import Standards

/// One mode of ASM: to speed and load, through the stabilisation, and the timed measurement with its restarts.
struct ASMModeRun {
    /// What a second led to.
    enum Step {
        /// Nothing yet.
        case goesOn
        /// The timer was restarted.
        case restarted
        /// The mode is over.
        case decided(ASMDecision)
        /// There is no verdict from this mode.
        case aborted(AbortReason)
    }

    let mode: ASMMode
    let load: ASMLoad
    private(set) var stage = StageKind.accelerate
    private(set) var counters = BandCounters()
    /// Second of the timer; 0 before it runs.
    private(set) var modeSecond = 0
    private(set) var restarts = 0
    /// The items of the newest complete window whose speeds are close enough.
    private(set) var items: [JudgedItem] = []
    /// Whether the brake has been given its force.
    private(set) var isLoaded = false
    /// Seconds since the timer first started.
    private(set) var totalSeconds = 0

    private let requirements: ASMRequirements
    private let judgement: ASMJudgement
    private var secondsToStart = 0
    private var settled = 0
    private var timerHasRun = false
    private var window: [ASMWindowSecond?] = []

    init(mode: ASMMode, test: ASMTest) {
        self.mode = mode
        load = test.load(mode)
        requirements = test.requirements
        judgement = ASMJudgement(
            mode: mode, limits: test.limits[mode] ?? [:], requirements: test.requirements)
    }

    /// Whether the vehicle has come so near to the mode's speed that the brake is to be loaded.
    func wantsLoad(at speed: Double?) -> Bool {
        guard !isLoaded, let speed else { return false }
        return speed >= load.speed.value - requirements.bands.speed.value
    }

    mutating func setLoaded() { isLoaded = true }

    /// Takes one second in.
    ///
    /// - Parameters:
    ///   - speed: roller speed, km/h; nil if there was no valid one.
    ///   - force: brake force, N; nil if there was no valid one.
    ///   - corrected: corrected concentrations; empty if they could not be formed.
    ///   - isComplete: whether the second has every value that its record holds.
    mutating func take(
        speed: Double?, force: Double?, corrected: [Pollutant: Double], isComplete: Bool
    ) -> Step {
        if timerHasRun { totalSeconds += 1 }
        let inSpeedBand = speed.map(isInSpeedBand) ?? false
        let inTorqueBand = isLoaded && (force.map(isInTorqueBand) ?? false)
        if stage == .measure {
            return measure(
                inSpeedBand, inTorqueBand, ASMWindowSecond(speed: speed, corrected: corrected), isComplete)
        }
        return approach(inSpeedBand && inTorqueBand)
    }

    // MARK: To speed and load

    private mutating func approach(_ inBand: Bool) -> Step {
        secondsToStart += 1
        settled = inBand ? settled + 1 : 0
        stage = settled > 0 ? .stabilise : .accelerate
        if timerHasRun, totalSeconds >= requirements.times.totalMaximum { return timeIsUp() }
        if settled >= requirements.times.stabilisation {
            startTimer()
            return .goesOn
        }
        return secondsToStart >= requirements.times.accelerationLimit ? .aborted(.timeLimit(.accelerate)) : .goesOn
    }

    private mutating func startTimer() {
        stage = .measure
        timerHasRun = true
        modeSecond = 0
        counters = BandCounters()
        window.removeAll(keepingCapacity: true)
    }

    // MARK: Under the timer

    private mutating func measure(
        _ inSpeedBand: Bool, _ inTorqueBand: Bool, _ second: ASMWindowSecond?, _ isComplete: Bool
    ) -> Step {
        modeSecond += 1
        count(inSpeedBand, inTorqueBand)
        let isUnusable = !isComplete && requirements.decisions.incompleteSecond == .restarts
        if isUnusable || isBandLimitReached {
            restart()
            return totalSeconds >= requirements.times.totalMaximum ? timeIsUp() : .restarted
        }
        if window.count == requirements.times.window { window.removeFirst() }
        window.append(second)

        if let decision = decide() { return .decided(decision) }
        let isOver =
            modeSecond >= requirements.times.modeMaximum || totalSeconds >= requirements.times.totalMaximum
        return isOver ? timeIsUp() : .goesOn
    }

    private mutating func count(_ inSpeedBand: Bool, _ inTorqueBand: Bool) {
        counters.speedContinuous = inSpeedBand ? 0 : counters.speedContinuous + 1
        counters.speedCumulative += inSpeedBand ? 0 : 1
        counters.torqueContinuous = inTorqueBand ? 0 : counters.torqueContinuous + 1
        counters.torqueCumulative += inTorqueBand ? 0 : 1
    }

    private var isBandLimitReached: Bool {
        let bands = requirements.bands
        func reached(_ seconds: Int, _ limit: Int) -> Bool {
            bands.limitReached == .at ? seconds >= limit : seconds > limit
        }
        return reached(counters.speedContinuous, bands.continuous)
            || reached(counters.torqueContinuous, bands.continuous)
            || reached(counters.speedCumulative, bands.cumulative)
            || reached(counters.torqueCumulative, bands.cumulative)
    }

    private mutating func restart() {
        restarts += 1
        stage = .accelerate
        secondsToStart = 0
        settled = 0
        modeSecond = 0
        window.removeAll(keepingCapacity: true)
        // Samples before a restart are dropped, the result they led to included.
        items = []
    }

    private mutating func decide() -> ASMDecision? {
        let times = requirements.times
        guard modeSecond >= times.fastTo, window.count == times.window else { return nil }
        let seconds = window.compactMap { $0 }
        guard seconds.count == window.count, let means = means(seconds) else { return nil }
        guard let judged = try? judgement.items(means) else { return nil }

        if modeSecond == times.fastTo {
            guard judgement.allWithin(judged, share: requirements.decisions.fastShare) else { return nil }
            items = judged
            return .fast
        }
        guard isSteady(seconds) else { return nil }
        items = judged
        if judged.allSatisfy(\.passes) { return .rolling }
        return judgement.anyAbove(judged, share: requirements.decisions.grossShare) ? .gross : nil
    }

    private func means(_ seconds: [ASMWindowSecond]) -> [Pollutant: Double]? {
        var means: [Pollutant: Double] = [:]
        for pollutant in Pollutant.allCases {
            means[pollutant] = arithmeticMean(seconds.compactMap { $0.corrected[pollutant] })
        }
        return means.count == Pollutant.allCases.count ? means : nil
    }

    /// Whether all speeds of a window are close to its first one.
    private func isSteady(_ seconds: [ASMWindowSecond]) -> Bool {
        guard let first = seconds.first?.speed else { return false }
        // Taking a value at twelve digits keeps the order of values: if the greatest is below the limit, all are.
        let greatest = seconds.map { abs($0.speed - first) }.max() ?? 0
        return greatest.isBelow(requirements.decisions.speedChange)
    }

    /// The mode's time is up: without a window that could be judged there is no verdict.
    private func timeIsUp() -> Step {
        items.isEmpty ? .aborted(.timeLimit(.measure)) : .decided(.exhausted)
    }

    private func isInSpeedBand(_ speed: Double) -> Bool {
        abs(speed - load.speed.value).isAtMost(requirements.bands.speed)
    }

    private func isInTorqueBand(_ force: Double) -> Bool {
        let extra = requirements.bands.torqueOf == .total ? load.parasiticForce.value : 0
        let set = load.brakeForce.value + extra
        return abs((force + extra) / set * 100 - 100).isAtMost(requirements.bands.torque)
    }
}

/// One second of a window: only seconds with every value the verdict needs.
struct ASMWindowSecond {
    let speed: Double
    let corrected: [Pollutant: Double]

    init?(speed: Double?, corrected: [Pollutant: Double]) {
        guard let speed, corrected.count == Pollutant.allCases.count else { return nil }
        self.speed = speed
        self.corrected = corrected
    }
}
