public import Metrology
public import Standards

/// One point: to its speed, into the band, and the mean of some seconds, begun anew when they are not whole.
struct LugDownPointRun {
    /// What a second led to.
    enum Step {
        case goesOn
        case restarted
        case done(LugDownPointResult)
        case aborted(AbortReason)
    }

    let point: LugDownRequirements.Point
    let target: Speed
    /// The speed that the brake is to hold now.
    private(set) var setSpeed: Speed
    private(set) var stage = StageKind.stabilise
    private(set) var restarts = 0
    private(set) var seconds = 0
    /// Seconds of values so far.
    var measured: Int { values.count }

    private let times: LugDownRequirements.PointTimes
    private let needsHumidityFactor: Bool
    private var settled = 0
    private var values: [LugDownValues] = []

    init(_ point: LugDownRequirements.Point, _ test: LugDownTest, peak: LugDownPeak, from setSpeed: Speed) {
        self.point = point
        self.setSpeed = setSpeed
        times = test.requirements.pointTimes
        needsHumidityFactor = test.requirements.decisions.noxHumidity == .on
        target = Speed(peak.speed.value * point.share.value / 100)
        moveSetSpeed()
    }

    /// Takes one second in.
    ///
    /// - Parameter isComplete: whether it has every value that its record holds.
    mutating func take(_ second: LugDownValues, isComplete: Bool) -> Step {
        seconds += 1
        let inBand =
            setSpeed == target && (second.speed.map { abs($0 - target.value).isAtMost(times.speedBand) } ?? false)
        moveSetSpeed()
        if stage == .measure {
            guard inBand, isComplete, isUsable(second) else { return restart() }
            values.append(second)
            if values.count == times.mean, let result { return .done(result) }
        } else {
            settled = inBand ? settled + 1 : 0
            if settled >= times.settle { stage = .measure }
        }
        return isTimeUp ? .aborted(.timeLimit(stage)) : .goesOn
    }

    private var isTimeUp: Bool { seconds >= times.limit }

    private mutating func moveSetSpeed() {
        let rate = times.speedRate.value
        let way = target.value - setSpeed.value
        setSpeed = abs(way) <= rate ? target : Speed(setSpeed.value + (way > 0 ? rate : -rate))
    }

    private mutating func restart() -> Step {
        restarts += 1
        stage = .stabilise
        settled = 0
        values.removeAll(keepingCapacity: true)
        return isTimeUp ? .aborted(.timeLimit(.measure)) : .restarted
    }

    private func isUsable(_ second: LugDownValues) -> Bool {
        let hasNOx = second.nox != nil && (!needsHumidityFactor || second.humidityFactor != nil)
        return second.correctedPower != nil && second.k != nil && second.engineSpeed != nil
            && (point.judges == .k || hasNOx)
    }

    private var result: LugDownPointResult? {
        // Seconds were only taken with these values.
        func mean(_ value: (LugDownValues) -> Double?) -> Double? {
            let column = values.compactMap(value)
            return column.count == values.count ? arithmeticMean(column) : nil
        }
        guard let speed = mean(\.speed), let engineSpeed = mean(\.engineSpeed), let power = mean(\.power),
            let corrected = mean(\.correctedPower), let k = mean(\.k)
        else { return nil }
        return LugDownPointResult(
            point: point.point, target: target, speed: Speed(speed), engineSpeed: EngineSpeed(engineSpeed),
            power: Power(power), correctedPower: Power(corrected), k: LightAbsorption(k),
            nox: mean(\.nox).map { Concentration($0) }, correctedNOx: mean(\.correctedNOx).map { Concentration($0) },
            seconds: seconds, restarts: restarts)
    }
}

/// What one point came to: means of its seconds.
public struct LugDownPointResult: Hashable, Sendable {
    /// Which point.
    public let point: LugDownPoint
    /// The roller speed that was to be held.
    public let target: Speed
    /// The roller speed that was.
    public let speed: Speed
    /// Engine speed.
    public let engineSpeed: EngineSpeed
    /// Power of the wheels.
    public let power: Power
    /// That in standard air.
    public let correctedPower: Power
    /// Light absorption coefficient.
    public let k: LightAbsorption
    /// NOx as read; nil where a second had none.
    public let nox: Concentration?
    /// NOx corrected for humidity; nil where a second had no factor.
    public let correctedNOx: Concentration?
    /// Seconds from the point's beginning to its end.
    public let seconds: Int
    /// How often its values were begun anew.
    public let restarts: Int
}
