import Metrology
import Standards

/// One acceleration, from the word to press the pedal until its smoke has passed.
struct AccelerationRun {
    /// Where the acceleration is.
    enum Phase {
        /// The driver has been told to press the pedal.
        case cue
        /// On the way to the governed speed.
        case rise
        /// At the governed speed, not yet long enough.
        case hold
        /// Long enough: the pedal may be released.
        case release
        /// Below the governed speed again, with smoke still on its way.
        case tail
    }

    /// What a frame led to.
    enum Step {
        case goesOn
        case faulty(AccelerationFault)
        case complete
    }

    private(set) var phase = Phase.cue
    private(set) var topSpeed: Double
    private(set) var rise: LaneSpan?
    private(set) var hold: LaneSpan?
    /// The greatest reading of the smoke.
    private(set) var peakOfReadings: Double?
    /// The opacimeter's peak memory after the engine left its governed speed.
    private(set) var memory: Double?

    let cuedAt: LaneInstant
    let idleSpeed: Double
    let threshold: Double
    private let isPurge: Bool
    private let rules: FreeAccelerationRules
    private var lastSpeedAt: LaneInstant
    private var lastSmokeAt: LaneInstant
    private var idleAt: LaneInstant
    private var reachedAt: LaneInstant?
    private var leftAt: LaneInstant?

    init(idleSpeed: Double, threshold: Double, isPurge: Bool, rules: FreeAccelerationRules, at time: LaneInstant) {
        self.idleSpeed = idleSpeed
        self.threshold = threshold
        self.isPurge = isPurge
        self.rules = rules
        cuedAt = time
        topSpeed = idleSpeed
        lastSpeedAt = time
        lastSmokeAt = time
        idleAt = time
    }

    mutating func take(_ image: SmokeImage) -> Step {
        if let smoke = image.smoke, smoke.at > cuedAt {
            if smoke.at - lastSmokeAt > rules.peak.smokeGap, !isPurge { return .faulty(.smokeNotRead) }
            lastSmokeAt = smoke.at
            peakOfReadings = max(peakOfReadings ?? smoke.value, smoke.value)
        }
        if let memory = image.memory, let leftAt, memory.at > leftAt { self.memory = memory.value }
        if let speed = image.speed, speed.at > cuedAt {
            if speed.at - lastSpeedAt > rules.peak.speedGap { return .faulty(.speedNotRead) }
            lastSpeedAt = speed.at
            if let fault = follow(speed) { return .faulty(fault) }
        }
        return overdue(image.time)
    }

    private mutating func follow(_ speed: SmokeImage.Value) -> AccelerationFault? {
        topSpeed = max(topSpeed, speed.value)
        let isReached = speed.value >= threshold
        let isAtIdle = speed.value <= idleSpeed + rules.engine.onset.value
        switch phase {
        case .cue, .rise:
            if isAtIdle {
                // The pedal is pressed after the last reading at idle: the rise is rather overstated.
                idleAt = speed.at
                return phase == .rise ? .speedNotReached : nil
            }
            phase = .rise
            guard isReached else { return nil }
            rise = speed.at - idleAt
            guard speed.at - idleAt <= rules.times.riseMaximum else { return .tooSlow }
            reachedAt = speed.at
            phase = .hold
            return stay(speed.at)
        case .hold, .release:
            guard !isReached else { return stay(speed.at) }
            if phase == .hold { return .releasedEarly }
            leftAt = speed.at
            phase = .tail
            return nil
        case .tail:
            return nil
        }
    }

    private mutating func stay(_ time: LaneInstant) -> AccelerationFault? {
        guard let reachedAt else { return nil }
        hold = time - reachedAt
        if time - reachedAt > rules.times.holdMaximum { return .heldTooLong }
        if time - reachedAt >= rules.times.holdMinimum { phase = .release }
        return nil
    }

    /// What the passing of time alone leads to.
    private func overdue(_ time: LaneInstant) -> Step {
        if !isPurge, time - lastSmokeAt > rules.peak.smokeGap { return .faulty(.smokeNotRead) }
        if time - lastSpeedAt > rules.peak.speedGap { return .faulty(.speedNotRead) }
        switch phase {
        case .cue: return time - cuedAt > rules.times.cueLimit ? .faulty(.notStarted) : .goesOn
        case .rise: return time - idleAt > rules.times.riseMaximum ? .faulty(.tooSlow) : .goesOn
        case .hold, .release: return .goesOn
        case .tail:
            guard let leftAt, time - leftAt >= rules.times.tail(isPurge: isPurge) else { return .goesOn }
            return .complete
        }
    }
}

extension FreeAccelerationRules.Times {
    /// A purge has no smoke to wait for.
    fileprivate func tail(isPurge: Bool) -> LaneSpan { isPurge ? .zero : peakTail }
}
