import Messages
import Metrology
import Standards

/// Force with weights on the calibration arm, up and down, with linearity and return (扭力检查).
struct ForcePlan: CheckPlan {
    let stages: [CheckStage]
    private let rules: DynamometerCheckRules
    private let comparison: Comparison
    private let weights: [ReferenceWeight]

    init?(_ basis: inout CheckBasis) {
        rules = basis.requirements.dynamometer
        comparison = basis.comparison
        weights = basis.order.references.weights.sorted { $0.force.value.value < $1.force.value.value }
        for number in weights.count..<max(weights.count, rules.forcePoints.count) {
            _ = basis.need(ReferenceWeight?.none, "weight.\(number + 1)")
        }
        guard weights.count >= rules.forcePoints.count else { return nil }

        let reading = CheckReading(channel: .rollerForce, steady: rules.forceSteady.value)
        func read(_ name: String, _ weight: ReferenceWeight?) -> [CheckStage] {
            let words =
                weight.map {
                    Message(
                        .checkForceHang,
                        ["number": .text($0.number), "force": .decimal($0.force.value.description)])
                } ?? Message(.checkForceEmpty)
            return [
                CheckStage(name: "\(name).hang", kind: .connect, instruction: words, task: .confirm),
                CheckStage(
                    name: name, kind: .measure, instruction: Message(.checkForceRead),
                    task: .read([reading], settle: .zero)),
            ]
        }
        var stages = [RollerStages.clear] + read("empty", nil)
        for (number, weight) in weights.enumerated() { stages += read("up-\(number + 1)", weight) }
        for (number, weight) in weights.enumerated().dropLast().reversed() {
            stages += read("down-\(number + 1)", weight)
        }
        self.stages = stages + read("return", nil)
    }

    func judge(_ findings: CheckFindings) throws(MetrologyError) -> CheckJudgement {
        var judgement = CheckJudgement()
        func found(_ name: String) -> Double? { findings.mean(.rollerForce, at: name) }
        func force(_ name: String, _ reference: Double) throws(MetrologyError) -> CheckItem {
            try CheckItem(
                .rollerForce, at: name, measured: found(name), reference: reference, absolute: rules.forceAbsolute,
                relative: rules.forceRelative, comparison: comparison)
        }
        judgement.items.append(try force("empty", 0))
        let greatest = weights.last?.force.value.value ?? 0
        for (number, weight) in weights.enumerated() {
            let (up, down) = ("up-\(number + 1)", "down-\(number + 1)")
            let reference = weight.force.value.value
            judgement.items.append(try force(up, reference))
            if let empty = found("empty"), let full = found("up-\(weights.count)"), let here = found(up),
                number + 1 < weights.count
            {
                let straight = empty + (full - empty) * reference / greatest
                judgement.items.append(
                    try CheckItem(
                        "linearity", at: up, unit: "%", measured: 100 * abs(here - straight) / greatest, places: 2,
                        bound: .atMost(rules.forceLinearity), comparison: comparison))
            }
            guard number + 1 < weights.count else { continue }
            judgement.items.append(try force(down, reference))
            if let above = found(up), let below = found(down) {
                judgement.items.append(
                    try CheckItem(
                        "return", at: down, unit: "N", measured: below, reference: above, places: 1,
                        absolute: rules.forceReturn, relative: nil, comparison: comparison))
            }
        }
        if let empty = found("empty"), let after = found("return") {
            judgement.items.append(
                try CheckItem(
                    "return", at: "empty", unit: "N", measured: after, reference: empty, places: 1,
                    absolute: rules.forceReturn, relative: nil, comparison: comparison))
        }
        return judgement
    }
}

/// Speed of the rollers against another instrument (速度检查): the operator confirms when that one shows the speed.
struct SpeedPlan: CheckPlan {
    let stages: [CheckStage]
    private let rules: DynamometerCheckRules
    private let comparison: Comparison
    private let points: [(speed: PackValue, reference: ComparisonReference)]

    init(_ basis: inout CheckBasis) {
        rules = basis.requirements.dynamometer
        comparison = basis.comparison
        basis.expectReadings(atMost: rules.speeds.count)
        var points: [(speed: PackValue, reference: ComparisonReference)] = []
        for (index, speed) in rules.speeds.enumerated() {
            let entry = basis.entry(.rollerSpeed, near: speed)
            let references = basis.references([entry], reading: index, of: "reference.\(speed.decimal)")
            if let reference = references[.rollerSpeed] { points.append((speed, reference)) }
        }
        self.points = points
        stages =
            [RollerStages.clear]
            + points.flatMap { [rules] speed, reference in
                let name = "\(speed.decimal)"
                let task: CheckTask = if case .entered(let entry) = reference { .enter([entry]) } else { .confirm }
                return [
                    CheckStage(
                        name: "\(name).set", kind: .connect,
                        instruction: Message(.checkSpeedSet, ["speed": .decimal(name)]),
                        // Most motors know one speed only: the brake holds the rollers at a lower one.
                        directives: [.motor(Speed(speed.value)), .hold(Speed(speed.value))], task: task),
                    CheckStage(
                        name: name, kind: .measure, instruction: Message(.checkSpeedRead),
                        task: .read(
                            [CheckReading(channel: .rollerSpeed, steady: rules.speedSteady.value)], settle: .zero)),
                ]
            }
    }

    func judge(_ findings: CheckFindings) throws(MetrologyError) -> CheckJudgement {
        var judgement = CheckJudgement()
        for (speed, reference) in points {
            let name = "\(speed.decimal)"
            let shown = reference.value(.rollerSpeed, at: "\(name).set", findings) ?? speed.decimal
            judgement.items.append(
                try CheckItem(
                    .rollerSpeed, at: name, measured: findings.mean(.rollerSpeed, at: name),
                    reference: shown.value, absolute: rules.speedTolerance, comparison: comparison))
        }
        return judgement
    }
}
