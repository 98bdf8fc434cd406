import Metrology
import Standards

/// One stay at idle before an acceleration: how long the engine has been steady below the idle speed's upper end.
struct IdleStay {
    private let maximum: Double
    private let spread: Double
    private let wait: LaneSpan
    private let longestGap: LaneSpan
    private var began: LaneInstant?
    private var last: LaneInstant?
    private var least = 0.0
    private var greatest = 0.0
    private var sum = 0.0
    private var count = 0

    init(_ test: FreeAccelerationTest) {
        maximum = test.idleMaximum
        spread = test.rules.engine.idleSpread.value
        wait = test.rules.times.idleWait
        longestGap = test.rules.peak.speedGap
    }

    /// Mean speed of the stay, r/min; nil if the engine is not at idle.
    var speed: Double? { count > 0 ? sum / Double(count) : nil }

    /// Whether the engine has been at idle for as long as it must.
    var isOver: Bool {
        guard let began, let last else { return false }
        return last - began >= wait
    }

    /// Seconds still to wait.
    var remaining: Double {
        guard let began, let last else { return wait.seconds }
        return max(0, (wait - (last - began)).seconds)
    }

    /// Takes a reading in.
    ///
    /// - Returns: whether it ended a stay by an acceleration that nobody asked for; an engine that is still settling,
    ///   in the first half of the wait, is not reproached.
    mutating func take(_ reading: SmokeImage.Value) -> Bool {
        if let last, reading.at - last > longestGap { reset() }
        let (low, high) = count > 0 ? (min(least, reading.value), max(greatest, reading.value)) : (0, 0)
        let isSteady = count == 0 || high - low <= spread
        let isIdle = reading.value > 0 && reading.value <= maximum
        if isSteady, isIdle {
            add(reading)
            return false
        }
        let wasLong = began.map { ((last ?? $0) - $0).nanoseconds * 2 >= wait.nanoseconds } ?? false
        let isEarly = count > 0 && wasLong && reading.value > greatest
        reset()
        if isIdle { add(reading) }
        return isEarly
    }

    private mutating func add(_ reading: SmokeImage.Value) {
        if count == 0 {
            began = reading.at
            (least, greatest) = (reading.value, reading.value)
        }
        last = reading.at
        least = min(least, reading.value)
        greatest = max(greatest, reading.value)
        sum += reading.value
        count += 1
    }

    private mutating func reset() {
        (began, last, sum, count) = (nil, nil, 0, 0)
    }
}
