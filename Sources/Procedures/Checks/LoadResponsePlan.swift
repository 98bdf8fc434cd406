import Metrology
import Standards

/// How quickly the brake follows a step of power (加载响应): rise, settling and overshoot.
///
/// They are found on the power, force times speed, which the step makes constant while the rollers slow down; at the
/// moment of the step this is the same as N's F90 on the force.
struct LoadResponsePlan: CheckPlan {
    let stages: [CheckStage]
    private let rules: DynamometerCheckRules
    private let comparison: Comparison

    init(_ basis: CheckBasis) {
        rules = basis.requirements.dynamometer
        comparison = basis.comparison
        stages =
            [RollerStages.clear]
            + rules.steps.flatMap { [rules] step in
                [
                    RollerStages.turn(step.name, to: Speed(rules.stepStart.value)),
                    RollerStages.coast(
                        step.name,
                        CoastTask(
                            loads: [
                                (Speed(rules.stepLoad.value), Power(step.before.value)),
                                (Speed(step.speed.value), Power(step.after.value)),
                            ], after: rules.stepTime), [.unload]),
                ]
            }
    }

    func judge(_ findings: CheckFindings) throws(MetrologyError) -> CheckJudgement {
        var judgement = CheckJudgement()
        for step in rules.steps {
            let response = response(to: step, findings)
            func item(
                _ quantity: String, _ unit: String, _ measured: Double?, _ limit: PackValue, _ places: Int
            ) throws(MetrologyError) -> CheckItem {
                try CheckItem(
                    quantity, at: step.name, unit: unit, measured: measured, places: places, bound: .atMost(limit),
                    comparison: comparison)
            }
            judgement.items.append(try item("rise", "s", response?.rise, rules.riseMaximum, 3))
            judgement.items.append(try item("settling", "s", response?.settling, rules.settleMaximum, 3))
            judgement.items.append(try item("overshoot", "%", response?.overshoot, rules.overshootMaximum, 1))
            if let gap = response?.gap, gap > rules.riseMaximum.value / 3 { judgement.remarks.insert(.coarseTimes) }
        }
        return judgement
    }

    private func response(
        to step: DynamometerCheckRules.Step, _ findings: CheckFindings
    ) -> (rise: Double?, settling: Double?, overshoot: Double, gap: Double)? {
        guard let began = findings.loaded[step.name]?.last, let all = findings.series[step.name],
            let forces = all[.rollerForce]?.points, let speeds = all[.rollerSpeed]?.points
        else { return nil }
        var series = TimeSeries()
        var index = 0
        // The reading before the step belongs to it: it is what the rise begins at.
        let first = forces.lastIndex { $0.time <= began } ?? forces.startIndex
        for force in forces[first...] {
            while index < speeds.count, speeds[index].time < force.time { index += 1 }
            guard index < speeds.count, speeds[index].time == force.time else { continue }
            series.append((Force(force.value) * Speed(speeds[index].value)).value, at: force.time)
        }
        let (before, after) = (step.before.value, step.after.value)
        let rise = series.crossing(of: before + 0.9 * (after - before), rising: after > before, since: began)
        let extremes = series.points.map { (after > before ? 1 : -1) * ($0.value - after) }
        let overshoot = 100 * max(0, extremes.max() ?? 0) / abs(after - before)
        return (rise, settling(series, after, began), overshoot, series.longestGap.seconds)
    }

    /// When the power first enters its band and stays there for the pack's time, seconds after the step.
    private func settling(_ series: TimeSeries, _ power: Double, _ began: LaneInstant) -> Double? {
        let width = power * rules.settleBand.value / 100
        var since: LaneInstant?
        for point in series.points {
            guard abs(point.value - power) <= width else {
                since = nil
                continue
            }
            let entered = since ?? point.time
            since = entered
            if (point.time - entered).seconds >= rules.settleHold.value { return (entered - began).seconds }
        }
        return nil
    }
}
