import Messages
import Metrology
import Standards

/// Coast-down under constant power (加载滑行): the time that the rollers take, ACDT, against the computed one, CCDT.
struct CoastDownPlan: CheckPlan {
    let stages: [CheckStage]
    private let rules: DynamometerCheckRules
    private let comparison: Comparison
    private let runs: [(name: String, power: PackValue, intervals: [DynamometerCheckRules.Interval])]
    private let inertia: Mass
    private let loss: ParasiticLoss

    init?(_ basis: inout CheckBasis) {
        rules = basis.requirements.dynamometer
        comparison = basis.comparison
        loss = basis.lane.parasiticLoss
        // One run for each power: its intervals overlap, and every speed is passed once.
        var runs: [(name: String, power: PackValue, intervals: [DynamometerCheckRules.Interval])] = []
        for row in rules.coastDown[basis.order.dynamometer] ?? [] {
            if let index = runs.firstIndex(where: { $0.power.decimal == row.power.decimal }) {
                runs[index].intervals.append(row.interval)
            } else {
                runs.append(("\(row.power.decimal)-kW", row.power, [row.interval]))
            }
        }
        self.runs = runs
        guard let inertia = basis.need(basis.lane.baseInertia, "lane.base-inertia"), !runs.isEmpty else { return nil }
        self.inertia = inertia
        stages =
            [RollerStages.clear]
            + runs.flatMap { [rules] run in
                let start = (run.intervals.map(\.from.value).max() ?? 0) + rules.startMargin.value
                let end = run.intervals.map(\.to.value).min() ?? 0
                return [
                    RollerStages.turn(run.name, to: Speed(start)),
                    RollerStages.coast(run.name, CoastTask(to: Speed(end)), [.load(Power(run.power.value))]),
                ]
            }
    }

    func judge(_ findings: CheckFindings) throws(MetrologyError) -> CheckJudgement {
        var judgement = CheckJudgement()
        for run in runs {
            for interval in run.intervals {
                let (from, to) = (Speed(interval.from.value), Speed(interval.to.value))
                let point = "\(run.name).\(interval.name)"
                let computed = CoastDown.time(
                    inertia: inertia, from: from, to: to,
                    power: Power(run.power.value) + loss.power(at: interval.middle))
                judgement.items.append(
                    try CheckItem(
                        "time", at: point, unit: "s",
                        measured: findings.time(from: from, to: to, in: run.name)?.value,
                        reference: computed?.value ?? 0, places: 3, absolute: nil,
                        relative: rules.coastDownTolerance, comparison: comparison))
            }
            let held = power(of: run.name, findings)
            judgement.items.append(
                try CheckItem(
                    "power", at: run.name, unit: "kW", measured: held, reference: run.power.value, places: 3,
                    absolute: rules.powerAbsolute, relative: rules.powerRelative, comparison: comparison))
            if judgement.items.last?.passes == false { judgement.remarks.insert(.powerNotHeld) }
        }
        return judgement
    }

    /// The mean of force times speed, once the brake has had time to take the load.
    private func power(of name: String, _ findings: CheckFindings) -> Double? {
        guard let began = findings.began[name], let forces = findings.series[name]?[.rollerForce]?.points,
            let speeds = findings.series[name]?[.rollerSpeed]?.points
        else { return nil }
        let since = began + rules.powerSettle
        var powers: [Double] = []
        var index = 0
        for force in forces where force.time >= since {
            while index < speeds.count, speeds[index].time < force.time { index += 1 }
            guard index < speeds.count, speeds[index].time == force.time else { continue }
            powers.append((Force(force.value) * Speed(speeds[index].value)).value)
        }
        return arithmeticMean(powers)
    }
}

/// Coast-down under a power that changes with speed (变载荷加载滑行).
struct VariableCoastDownPlan: CheckPlan {
    let stages: [CheckStage]
    private let rules: DynamometerCheckRules
    private let comparison: Comparison
    private let inertia: Mass

    init?(_ basis: inout CheckBasis) {
        rules = basis.requirements.dynamometer
        comparison = basis.comparison
        let bands = rules.variableBands
        let inertia = basis.need(basis.lane.baseInertia, "lane.base-inertia")
        guard let inertia, let first = bands.first, let last = bands.last else { return nil }
        self.inertia = inertia
        // The rollers take their own part of the total power.
        let loads = bands.map { [loss = basis.lane.parasiticLoss] band in
            (
                below: Speed(band.interval.from.value),
                power: Power(max(0, band.power.value - loss.power(at: band.interval.middle).value))
            )
        }
        stages = [
            RollerStages.clear,
            RollerStages.turn("variable", to: Speed(first.interval.from.value + rules.startMargin.value)),
            RollerStages.coast("variable", CoastTask(to: Speed(last.interval.to.value), loads: loads), [.unload]),
        ]
    }

    func judge(_ findings: CheckFindings) throws(MetrologyError) -> CheckJudgement {
        var judgement = CheckJudgement()
        for window in rules.variableWindows {
            let bands = rules.variableBands.filter {
                $0.interval.from.decimal <= window.interval.from.decimal
                    && $0.interval.to.decimal >= window.interval.to.decimal
            }
            let nominal = bands.compactMap {
                CoastDown.time(
                    inertia: inertia, from: Speed($0.interval.from.value), to: Speed($0.interval.to.value),
                    power: Power($0.power.value))?.value
            }
            let found = findings.time(
                from: Speed(window.interval.from.value), to: Speed(window.interval.to.value), in: "variable")
            judgement.items.append(
                try CheckItem(
                    "time", at: window.interval.name, unit: "s", measured: found?.value,
                    reference: nominal.reduce(0, +), places: 3, absolute: nil, relative: window.tolerance,
                    comparison: comparison))
        }
        return judgement
    }
}
