import Documents
import Messages
public import Metrology

/// What a chassis dynamometer has to pass (底盘测功机检查).
public struct DynamometerCheckRules: Sendable {
    /// Two speeds between which the rollers coast down (滑行速度区间).
    public struct Interval: Hashable, Sendable {
        /// The upper speed, km/h.
        public let from: PackValue
        /// The lower speed, km/h.
        public let to: PackValue

        /// The interval as reports name it, such as `50-30`.
        public var name: String { "\(from.decimal)-\(to.decimal)" }
        /// The speed in the middle, for which the loss is stated (名义速度).
        public var middle: Speed { Speed((from.value + to.value) / 2) }
    }

    /// A coast-down under a power.
    public struct LoadedInterval: Sendable {
        /// The power that the brake takes (指示功率 IHP), kW.
        public let power: PackValue
        /// The speeds.
        public let interval: Interval
    }

    /// A total power from a speed down to the next.
    public struct Band: Sendable {
        /// Total power at the rollers' surface, kW.
        public let power: PackValue
        /// The speeds.
        public let interval: Interval
    }

    /// A part of the variable coast-down with its tolerance.
    public struct Window: Sendable {
        /// The speeds.
        public let interval: Interval
        /// %.
        public let tolerance: PackValue
    }

    /// A step of the brake's power at a speed.
    public struct Step: Sendable {
        /// km/h.
        public let speed: PackValue
        /// kW.
        public let before: PackValue
        /// kW.
        public let after: PackValue

        /// The step as reports name it, such as `16-4-7`.
        public var name: String { "\(speed.decimal)-\(before.decimal)-\(after.decimal)" }
    }

    /// Speed at which the rollers are warmed up, km/h.
    public let warmUpSpeed: PackValue
    /// How long, s.
    public let warmUpTime: PackValue
    /// How far above its first speed a coast-down begins, km/h.
    public let startMargin: PackValue
    /// Base inertia by class, kg.
    public let inertia: [DynamometerClass: PackValue]
    /// How far off it may be, kg.
    public let inertiaTolerance: PackValue
    /// Between which speeds it is found.
    public let inertiaInterval: Interval
    /// The greater of the two powers, kW.
    public let inertiaHighPower: PackValue
    /// The smaller.
    public let inertiaLowPower: PackValue
    /// The greatest parasitic loss, kW.
    public let lossMaximum: PackValue
    /// Intervals of the free coast-down.
    public let loss: [DynamometerClass: [Interval]]
    /// How far a coast-down time may be from the computed one, %.
    public let coastDownTolerance: PackValue
    /// How far the power may be from what is set, kW…
    public let powerAbsolute: PackValue
    /// …or %.
    public let powerRelative: PackValue
    /// After loading, before the power counts.
    public let powerSettle: LaneSpan
    /// Intervals and powers of the coast-down.
    public let coastDown: [DynamometerClass: [LoadedInterval]]
    /// The variable load, from the highest speed down, without gaps.
    public let variableBands: [Band]
    /// What is timed of it.
    public let variableWindows: [Window]
    /// How far a force may be off, N…
    public let forceAbsolute: PackValue
    /// …or %.
    public let forceRelative: PackValue
    /// How many weights are needed.
    public let forcePoints: PackValue
    /// How far off the straight line, % of the greatest weight.
    public let forceLinearity: PackValue
    /// Between going up and down, N.
    public let forceReturn: PackValue
    /// Force at rest stays within this, N.
    public let forceSteady: PackValue
    /// How far a speed may be off, km/h.
    public let speedTolerance: PackValue
    /// Speed at rest stays within this, km/h.
    public let speedSteady: PackValue
    /// Speeds that are compared, km/h.
    public let speeds: [PackValue]
    /// Longest time to 90 % of a step, s.
    public let riseMaximum: PackValue
    /// Longest time until the power stays in its band, s.
    public let settleMaximum: PackValue
    /// The band, % of the power after the step.
    public let settleBand: PackValue
    /// How long it has to stay there, s.
    public let settleHold: PackValue
    /// Greatest overshoot, % of the step.
    public let overshootMaximum: PackValue
    /// Speed to which the motor turns the rollers before a step, km/h.
    public let stepStart: PackValue
    /// Speed from which the power before the step is on, km/h.
    public let stepLoad: PackValue
    /// How long is recorded after a step.
    public let stepTime: LaneSpan
    /// The steps.
    public let steps: [Step]
    /// Speed at which the lift is told to rise, km/h.
    public let interlockSpeed: PackValue
    /// How long the rollers are watched then.
    public let interlockTime: LaneSpan
    /// How much they may slow down meanwhile, m/s².
    public let interlockDeceleration: PackValue
    /// Below it the rollers stand, km/h.
    public let standstill: PackValue
    /// How long the lift takes to move.
    public let liftTime: LaneSpan

    init?(_ read: PackGroup) {
        warmUpSpeed = read.value("warm-up-speed", "km/h", in: 1...200)
        warmUpTime = read.value("warm-up-time", "s", in: 1...36_000)
        startMargin = read.value("start-margin", "km/h", in: 0...50)
        inertia = [
            .light: read.value("inertia-light", "kg", in: 1...20_000),
            .heavy: read.value("inertia-heavy", "kg", in: 1...20_000),
        ]
        inertiaTolerance = read.value("inertia-tolerance", "kg")
        inertiaInterval = Interval(
            from: read.value("inertia-from", "km/h", in: 1...200), to: read.value("inertia-to", "km/h", in: 1...200))
        inertiaHighPower = read.value("inertia-high-power", "kW", in: 0.1...300)
        inertiaLowPower = read.value("inertia-low-power", "kW", in: 0.1...300)
        lossMaximum = read.value("loss-maximum", "kW")
        loss = Self.grouped(read.table("loss") { row in Self.classed(row) { row.interval } })
        coastDownTolerance = read.value("coast-down-tolerance", "%", in: 0...100)
        powerAbsolute = read.value("power-tolerance-absolute", "kW")
        powerRelative = read.value("power-tolerance-relative", "%")
        powerSettle = read.span("power-settle")
        coastDown = Self.grouped(
            read.table("coast-down") { row in
                Self.classed(row) {
                    let power = row.value("power", "kW", in: 0.1...300)
                    return row.interval.flatMap { interval in
                        power.map { LoadedInterval(power: $0, interval: interval) }
                    }
                }
            })
        variableBands = read.table("variable-bands") { row in
            let power = row.value("power", "kW", in: 0.1...300)
            return row.interval.flatMap { interval in power.map { Band(power: $0, interval: interval) } }
        }
        variableWindows = read.table("variable-windows") { row in
            let tolerance = row.value("tolerance", "%", in: 0...100)
            return row.interval.flatMap { interval in
                tolerance.map { Window(interval: interval, tolerance: $0) }
            }
        }
        forceAbsolute = read.value("force-absolute", "N")
        forceRelative = read.value("force-relative", "%")
        forcePoints = read.value("force-points", "1", in: 2...20, whole: true)
        forceLinearity = read.value("force-linearity", "%")
        forceReturn = read.value("force-return", "N")
        forceSteady = read.value("force-steady", "N", in: 0.1...1000)
        speedTolerance = read.value("speed-tolerance", "km/h")
        speedSteady = read.value("speed-steady", "km/h", in: 0.01...10)
        speeds = read.table("speeds") { $0.value("speed", "km/h", in: 1...200) }
        riseMaximum = read.value("rise-maximum", "s")
        settleMaximum = read.value("settle-maximum", "s")
        settleBand = read.value("settle-band", "%", in: 0.1...100)
        settleHold = read.value("settle-hold", "s")
        overshootMaximum = read.value("overshoot-maximum", "%")
        stepStart = read.value("step-start", "km/h", in: 1...200)
        stepLoad = read.value("step-load", "km/h", in: 1...200)
        stepTime = read.span("step-time")
        interlockSpeed = read.value("interlock-speed", "km/h", in: 2...60)
        interlockTime = read.span("interlock-time")
        interlockDeceleration = read.value("interlock-deceleration-maximum", "m/s²")
        standstill = read.value("interlock-standstill", "km/h", in: 0...5)
        liftTime = read.span("lift-time")
        steps = read.table("steps") { row in
            let speed = row.value("speed", "km/h", in: 1...200)
            let before = row.value("before", "kW", in: 0.1...300)
            let after = row.value("after", "kW", in: 0.1...300)
            guard let speed, let before, let after else { return nil }
            return Step(speed: speed, before: before, after: after)
        }
        guard read.isComplete else { return nil }
    }

    private static func classed<Value>(_ row: PackRow, _ read: () -> Value?) -> (DynamometerClass, Value)? {
        let found: DynamometerClass? = row.reader.choice("class")
        let value = read()
        return found.flatMap { found in value.map { (found, $0) } }
    }

    private static func grouped<Value>(_ rows: [(DynamometerClass, Value)]) -> [DynamometerClass: [Value]] {
        Dictionary(grouping: rows, by: \.0).mapValues { $0.map(\.1) }
    }
}

extension PackRow {
    /// The two speeds of a row, the upper one first.
    fileprivate var interval: DynamometerCheckRules.Interval? {
        let from = value("from", "km/h", in: 1...250)
        let to = value("to", "km/h", in: 1...250)
        guard let from, let to else { return nil }
        guard to.decimal < from.decimal else {
            reader.report(
                Message(
                    .documentOutOfRange,
                    [
                        "key": "to", "found": .decimal(to.decimal.description),
                        "expected": .message(
                            Message(.expectedRange, ["low": "1", "high": .decimal(from.decimal.description)])),
                    ]), at: "to")
            return nil
        }
        return DynamometerCheckRules.Interval(from: from, to: to)
    }
}
