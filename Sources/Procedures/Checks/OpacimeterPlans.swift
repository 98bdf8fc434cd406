import Messages
import Metrology
import Standards

/// Zero, full scale, neutral filters, their linearity, and k against N (示值误差, 线性).
struct OpacimeterFiltersPlan: CheckPlan {
    let stages: [CheckStage]
    private let rules: OpacimeterCheckRules
    private let comparison: Comparison
    private let filters: [(name: String, filter: ReferenceFilter)]
    private let length: Length

    init?(_ basis: inout CheckBasis) {
        rules = basis.requirements.opacimeter
        comparison = basis.comparison
        length = Length((basis.order.effectiveLength ?? rules.length.decimal).value)
        let given = basis.order.references.filters
        filters = rules.filters.enumerated().compactMap { [rules] index, point in
            let member = "filter.\(point.decimal)"
            guard let filter = basis.need(index < given.count ? given[index] : nil, member) else { return nil }
            basis.expect(
                filter.opacity.value, member, number: filter.number, near: point.value,
                within: rules.filterDeviation.value, unit: "%")
            return ("filter-\(point.decimal)", filter)
        }
        guard filters.count == rules.filters.count else { return nil }

        let readings = [
            CheckReading(channel: .opacity, steady: rules.steady.value),
            // k grows without bound towards full scale; it is looked at with the filters only.
            CheckReading(channel: .lightAbsorption, steady: .infinity, isOptional: true),
        ]
        var stages = [
            CheckStage(
                name: "clear", kind: .connect, instruction: Message(.checkSmokeClear), task: .confirm),
            CheckStage(
                name: "zeroing", kind: .zero, instruction: Message(.checkSmokeZero), directives: [.opacimeter(.zero)],
                task: .action(.opacimeter, .zeroing)),
            CheckStage(
                name: "zero", kind: .measure, instruction: Message(.checkSmokeRead),
                task: .read([readings[0]], settle: rules.settle)),
            CheckStage(name: "cover", kind: .connect, instruction: Message(.checkSmokeCover), task: .confirm),
            CheckStage(
                name: "full", kind: .measure, instruction: Message(.checkSmokeRead),
                task: .read([readings[0]], settle: rules.settle)),
        ]
        for (name, filter) in filters {
            stages += [
                CheckStage(
                    name: "\(name).insert", kind: .connect,
                    instruction: Message(
                        .checkSmokeFilter,
                        ["number": .text(filter.number), "opacity": .decimal(filter.opacity.value.description)]),
                    task: .confirm),
                CheckStage(
                    name: name, kind: .measure, instruction: Message(.checkSmokeRead),
                    task: .read(readings, settle: rules.settle)),
            ]
        }
        self.stages = stages
    }

    func judge(_ findings: CheckFindings) throws(MetrologyError) -> CheckJudgement {
        var judgement = CheckJudgement()
        let zero = findings.mean(.opacity, at: "zero")
        let full = findings.mean(.opacity, at: "full")
        judgement.items = [
            try item("zero", zero, 0, rules.zeroTolerance), try item("full", full, 100, rules.fullTolerance),
        ]
        for (name, filter) in filters {
            let found = findings.mean(.opacity, at: name)
            let certified = filter.opacity.value.value
            judgement.items.append(try item(name, found, certified, rules.filterTolerance))
            if let zero, let full {
                judgement.items.append(
                    try CheckItem(
                        "linearity", at: name, unit: "%", measured: found,
                        reference: zero + (full - zero) * certified / 100, places: 2,
                        absolute: rules.linearityTolerance, relative: nil, comparison: comparison))
            }
            guard let absorption = findings.mean(.lightAbsorption, at: name) else {
                judgement.remarks.insert(.absorptionNotRead)
                continue
            }
            guard let found, found < 100 else { continue }
            judgement.items.append(
                try CheckItem(
                    .lightAbsorption, at: name, measured: absorption,
                    reference: try SmokeOpacity.absorption(of: Percentage(found), over: length).value,
                    absolute: rules.absorptionTolerance, comparison: comparison))
        }
        return judgement
    }

    private func item(
        _ name: String, _ found: Double?, _ reference: Double, _ tolerance: PackValue
    ) throws(MetrologyError) -> CheckItem {
        try CheckItem(
            .opacity, at: name, measured: found, reference: reference, absolute: tolerance, comparison: comparison)
    }
}

/// How far zero drifts in half an hour of clean air (零点漂移).
struct OpacimeterDriftPlan: CheckPlan {
    let stages: [CheckStage]
    private let rules: OpacimeterCheckRules
    private let comparison: Comparison

    init(_ basis: CheckBasis) {
        rules = basis.requirements.opacimeter
        comparison = basis.comparison
        stages = [
            CheckStage(name: "clear", kind: .connect, instruction: Message(.checkSmokeClear), task: .confirm),
            CheckStage(
                name: "zeroing", kind: .zero, instruction: Message(.checkSmokeZero), directives: [.opacimeter(.zero)],
                task: .action(.opacimeter, .zeroing)),
            CheckStage(
                name: "zero", kind: .measure, instruction: Message(.checkSmokeRead),
                task: .read([CheckReading(channel: .opacity, steady: rules.steady.value)], settle: rules.settle)),
            CheckStage(
                name: "drift", kind: .measure, instruction: Message(.checkSmokeDrift),
                task: .record([.opacity], rules.driftTime, band: nil)),
        ]
    }

    func judge(_ findings: CheckFindings) throws(MetrologyError) -> CheckJudgement {
        var drift: Double?
        let points = findings.series["drift"]?[.opacity]?.points.map(\.value) ?? []
        if let zero = findings.mean(.opacity, at: "zero"), let least = points.min(), let greatest = points.max() {
            drift = max(greatest - zero, zero - least)
        }
        return CheckJudgement(items: [
            try CheckItem(
                "drift", at: "zero", unit: "%", measured: drift, places: 2, bound: .atMost(rules.driftMaximum),
                comparison: comparison)
        ])
    }
}

/// From 10 to 90 % of full scale when the light is shut off (响应时间).
struct OpacimeterResponsePlan: CheckPlan {
    let stages: [CheckStage]
    private let rules: OpacimeterCheckRules
    private let comparison: Comparison

    init(_ basis: CheckBasis) {
        rules = basis.requirements.opacimeter
        comparison = basis.comparison
        let reading = CheckReading(channel: .opacity, steady: rules.steady.value)
        stages = [
            CheckStage(name: "clear", kind: .connect, instruction: Message(.checkSmokeClear), task: .confirm),
            CheckStage(
                name: "zero", kind: .measure, instruction: Message(.checkSmokeRead),
                task: .read([reading], settle: rules.settle)),
            CheckStage(name: "shut", kind: .connect, instruction: Message(.checkSmokeShut), task: .confirm),
            CheckStage(
                name: "rise", kind: .measure, instruction: Message(.checkSmokeRead),
                task: .record([.opacity], rules.responseLimit, band: nil)),
            CheckStage(
                name: "full", kind: .measure, instruction: Message(.checkSmokeRead),
                task: .read([reading], settle: rules.settle)),
        ]
    }

    func judge(_ findings: CheckFindings) throws(MetrologyError) -> CheckJudgement {
        var judgement = CheckJudgement()
        var time: Double?
        if let zero = findings.mean(.opacity, at: "zero"), let full = findings.mean(.opacity, at: "full"),
            let rise = findings.series["rise"]?[.opacity], let began = findings.began["rise"], full > zero
        {
            let tenth = rise.crossing(of: zero + 0.1 * (full - zero), rising: true, since: began)
            let nineTenths = rise.crossing(of: zero + 0.9 * (full - zero), rising: true, since: began)
            if let tenth, let nineTenths { time = nineTenths - tenth }
            if rise.longestGap.seconds > rules.responseMaximum.value / 3 { judgement.remarks.insert(.coarseTimes) }
        }
        judgement.items = [
            try CheckItem(
                "response", at: "rise", unit: "s", measured: time, places: 3,
                bound: .between(rules.responseMinimum, rules.responseMaximum), comparison: comparison)
        ]
        return judgement
    }
}
