import Messages
import Metrology
import Standards

/// Steps that the plans for the dynamometer have in common; no vehicle stands on the rollers.
enum RollerStages {
    /// A person makes sure that nothing is on the rollers and nobody near.
    static let clear = CheckStage(
        name: "clear", kind: .connect, instruction: Message(.checkRollersClear), directives: [.liftDown],
        task: .confirm)

    /// The motor turns the rollers up to a speed; the brake is off.
    static func turn(_ name: String, to speed: Speed) -> CheckStage {
        CheckStage(
            name: "\(name).turn", kind: .accelerate,
            instruction: Message(.checkRollersTurn, ["speed": .decimal(text(speed.value))]),
            directives: [.unload, .motor(speed)], task: .reach(speed))
    }

    /// The rollers slow down by themselves or under the brake.
    static func coast(_ name: String, _ task: CoastTask, _ directives: [Directive] = []) -> CheckStage {
        CheckStage(
            name: name, kind: .coast, instruction: Message(.checkRollersCoast),
            directives: [.motorOff] + directives, task: .coast(task))
    }

    static func text(_ value: Double) -> String { (try? RoundedDecimal(value, places: 1))?.description ?? "\(value)" }
}

/// Turning the rollers until their bearings are warm (预热).
///
/// Most motors know one speed only, which may be more than twice what warming up takes: the brake holds the rollers at
/// the pack's speed against the motor, and a speed that leaves it by more than the pack's margin ends the check.
struct WarmUpPlan: CheckPlan {
    let stages: [CheckStage]
    private let rules: DynamometerCheckRules
    private let comparison: Comparison

    init(_ basis: CheckBasis) {
        rules = basis.requirements.dynamometer
        comparison = basis.comparison
        let speed = Speed(rules.warmUpSpeed.value)
        let slack = rules.startMargin.value
        stages = [
            RollerStages.clear, RollerStages.turn("warm", to: speed),
            // What the rollers run past the speed before the brake has them is no part of what is judged.
            CheckStage(
                name: "warm.hold", kind: .warmUp, instruction: Message(.checkRollersWarm),
                directives: [.hold(speed)],
                task: .read([CheckReading(channel: .rollerSpeed, steady: slack)], settle: .zero)),
            CheckStage(
                name: "warm", kind: .warmUp, instruction: Message(.checkRollersWarm),
                task: .record(
                    [.rollerSpeed], .seconds(rules.warmUpTime.value),
                    band: Speed(speed.value - slack)...Speed(speed.value + slack))),
        ]
    }

    func judge(_ findings: CheckFindings) throws(MetrologyError) -> CheckJudgement {
        var time: Double?
        if let began = findings.began["warm"], let last = findings.series["warm"]?[.rollerSpeed]?.points.last {
            time = (last.time - began).seconds
        }
        return CheckJudgement(items: [
            try CheckItem(
                "time", at: "warm", unit: "s", measured: time, places: 0, bound: .atLeast(rules.warmUpTime),
                comparison: comparison)
        ])
    }
}

/// Free coast-down: what the rollers take at each speed, and the curve through it (附加损失).
struct ParasiticLossPlan: CheckPlan {
    let stages: [CheckStage]
    private let rules: DynamometerCheckRules
    private let comparison: Comparison
    private let intervals: [DynamometerCheckRules.Interval]
    private let inertia: Mass

    init?(_ basis: inout CheckBasis) {
        rules = basis.requirements.dynamometer
        comparison = basis.comparison
        intervals = rules.loss[basis.order.dynamometer] ?? []
        let inertia = basis.need(basis.lane.baseInertia, "lane.base-inertia")
        let highest = basis.need(intervals.map(\.from.value).max(), "loss")
        guard let inertia, let highest, let lowest = intervals.map(\.to.value).min() else { return nil }
        self.inertia = inertia
        stages = [
            RollerStages.clear, RollerStages.turn("coast", to: Speed(highest + rules.startMargin.value)),
            RollerStages.coast("coast", CoastTask(to: Speed(lowest)), [.unload]),
        ]
    }

    func judge(_ findings: CheckFindings) throws(MetrologyError) -> CheckJudgement {
        var judgement = CheckJudgement()
        var points: [(speed: Speed, power: Power)] = []
        for interval in intervals {
            let (from, to) = (Speed(interval.from.value), Speed(interval.to.value))
            let loss = findings.time(from: from, to: to, in: "coast").flatMap {
                CoastDown.power(inertia: inertia, from: from, to: to, time: $0)
            }
            if let loss { points.append((interval.middle, loss)) }
            judgement.items.append(
                try CheckItem(
                    "loss", at: interval.name, unit: "kW", measured: loss?.value, places: 3,
                    bound: .atMost(rules.lossMaximum), comparison: comparison))
        }
        if points.count == intervals.count, let curve = ParasiticLoss(fitting: points) {
            judgement.parameters = [.parasiticLoss(curve)]
        }
        return judgement
    }
}

/// Inertia of the rollers from coast-downs under two powers (基本惯量).
struct BaseInertiaPlan: CheckPlan {
    let stages: [CheckStage]
    private let rules: DynamometerCheckRules
    private let comparison: Comparison
    private let nominal: PackValue

    init?(_ basis: inout CheckBasis) {
        rules = basis.requirements.dynamometer
        comparison = basis.comparison
        guard let nominal = basis.need(rules.inertia[basis.order.dynamometer], "inertia") else { return nil }
        self.nominal = nominal
        let start = Speed(rules.inertiaInterval.from.value + rules.startMargin.value)
        let end = Speed(rules.inertiaInterval.to.value)
        stages =
            [RollerStages.clear]
            + [("high", rules.inertiaHighPower), ("low", rules.inertiaLowPower)].flatMap { name, power in
                [
                    RollerStages.turn(name, to: start),
                    RollerStages.coast(name, CoastTask(to: end), [.load(Power(power.value))]),
                ]
            }
    }

    func judge(_ findings: CheckFindings) throws(MetrologyError) -> CheckJudgement {
        let (from, to) = (Speed(rules.inertiaInterval.from.value), Speed(rules.inertiaInterval.to.value))
        var found: Mass?
        if let high = findings.time(from: from, to: to, in: "high"),
            let low = findings.time(from: from, to: to, in: "low")
        {
            found = CoastDown.inertia(
                from: from, to: to, greater: (Power(rules.inertiaHighPower.value), high),
                smaller: (Power(rules.inertiaLowPower.value), low))
        }
        var judgement = CheckJudgement()
        judgement.items = [
            try CheckItem(
                "inertia", at: rules.inertiaInterval.name, unit: "kg", measured: found?.value,
                reference: nominal.value, places: 1, absolute: rules.inertiaTolerance, relative: nil,
                comparison: comparison)
        ]
        if let found { judgement.parameters = [.baseInertia(Mass(try RoundedDecimal(found.value, places: 1).value))] }
        return judgement
    }
}
