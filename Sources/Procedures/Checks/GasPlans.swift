import Messages
import Metrology
import Standards

/// What the plans for gas analyzer and NOx bench have in common.
struct GasBench: Sendable {
    let role: InstrumentRole
    let rules: GasCheckRules
    let comparison: Comparison

    init(_ basis: CheckBasis) {
        role = basis.order.kind.role ?? .gasAnalyzer
        rules = basis.requirements.gas
        comparison = basis.comparison
    }

    /// A directive for whichever of the two it is.
    func act(_ action: AnalyzerAction) -> Directive { role == .noxAnalyzer ? .bench(action) : .analyzer(action) }

    /// The instrument sets its zero.
    var zeroing: CheckStage {
        CheckStage(
            name: "zeroing", kind: .zero, instruction: Message(.checkGasZero), directives: [act(.zero)],
            task: .action(role, .zeroing))
    }

    /// A person connects a bottle.
    func connect(_ gas: ReferenceGas, _ name: String, _ action: AnalyzerAction) -> CheckStage {
        CheckStage(
            name: "\(name).connect", kind: .connect,
            instruction: Message(.checkGasConnect, ["number": .text(gas.number), "point": .text(name)]),
            directives: [act(action)], task: .confirm)
    }

    /// The readings of a gas come to rest.
    func read(_ channels: [CheckReading], _ name: String, _ directives: [Directive] = []) -> CheckStage {
        CheckStage(
            name: name, kind: .measure, instruction: Message(.checkGasRead), directives: directives,
            task: .read(channels, settle: rules.settle))
    }

    /// The analyzer's channels for which a bottle holds nothing.
    func strangers(to gas: ReferenceGas) -> [ChannelID] {
        let gases: [ChannelID] = GasCheckRules.checked + [.nitrogenDioxide, .oxygen]
        return ChannelID.allCases.filter { gases.contains($0) && gas.components[$0] == nil }
    }

    /// A gas is at rest if it stays within a share of its tolerance.
    func reading(_ channel: ChannelID, near reference: Double, isOptional: Bool = false) -> CheckReading {
        let tolerance = rules.tolerance(of: channel, at: reference)
        let width = max(
            tolerance?.absolute?.value ?? 0, (tolerance?.relative?.value ?? 0) / 100 * abs(reference))
        return CheckReading(
            channel: channel, steady: width * rules.steadyShare.value / 100, isOptional: isOptional)
    }

    /// Compares a reading with the tolerance of its range; above every range nothing passes.
    func item(
        _ channel: ChannelID, at point: String, measured: Double?, reference: Double
    ) throws(MetrologyError) -> CheckItem {
        let tolerance = rules.tolerance(of: channel, at: reference)
        return try CheckItem(
            channel, at: point, measured: measured, reference: reference, absolute: tolerance?.absolute,
            relative: tolerance?.relative, comparison: comparison)
    }
}

/// The analyzer's factor from propane to hexane (丙烷正己烷当量系数 PEF): its own, the plate's, or both in agreement.
struct PropaneEquivalence: Sendable {
    let factor: RoundedDecimal
    let reported: RoundedDecimal?
    let plate: RoundedDecimal?

    init?(_ basis: inout CheckBasis) {
        reported = basis.order.reportedEquivalence
        plate = basis.order.propaneEquivalence
        guard let factor = basis.need(reported ?? plate, "propane-equivalence") else { return nil }
        self.factor = factor
    }

    func judge(_ rules: GasCheckRules, _ comparison: Comparison) throws(MetrologyError) -> [CheckItem] {
        var items = [
            try CheckItem(
                "pef", at: "analyzer", unit: "1", measured: factor.value, places: 3,
                bound: .between(rules.equivalenceMinimum, rules.equivalenceMaximum), comparison: comparison)
        ]
        if let reported, let plate {
            items.append(
                try CheckItem(
                    "pef", at: "plate", unit: "1", measured: reported.value, reference: plate.value, places: 3,
                    absolute: rules.equivalenceDifference, relative: nil, comparison: comparison))
        }
        return items
    }
}

/// Single-point and five-point check of an exhaust gas analyzer (单点检查, 五点检查).
struct GasPointPlan: CheckPlan {
    let stages: [CheckStage]
    private let bench: GasBench
    private let equivalence: PropaneEquivalence
    private let points: [(name: String, gas: ReferenceGas)]
    private let zero: ReferenceGas?

    init?(_ basis: inout CheckBasis, points wanted: [GasPoint]) {
        let bench = GasBench(basis)
        self.bench = bench
        let equivalence = PropaneEquivalence(&basis)
        zero = basis.order.references.gases[.zero]
        points = wanted.compactMap { point in
            basis.bottle(point).map { (point.rawValue, $0) }
        }
        guard let equivalence, points.count == wanted.count else { return nil }
        self.equivalence = equivalence
        let factor = equivalence.factor.value

        var stages: [CheckStage] = []
        if let zero { stages.append(bench.connect(zero, "zero", .zeroGas)) }
        stages.append(bench.zeroing)
        var atZero = GasCheckRules.checked.map { gas in
            CheckReading(channel: gas, steady: bench.rules.zeroMaximum[gas]?.value ?? 0)
        }
        if zero?.components[.oxygen] != nil || zero == nil {
            atZero.append(
                CheckReading(channel: .oxygen, steady: bench.rules.oxygenTolerance.value))
        }
        stages.append(bench.read(atZero, "zero", [bench.act(zero == nil ? .sampleAmbient : .zeroGas)]))
        for (name, gas) in points {
            stages.append(bench.connect(gas, name, .checkGas))
            let certified = ChannelID.allCases.compactMap { channel in
                gas.components[channel].map {
                    bench.reading(channel, near: $0.value.value * (channel == .hydrocarbons ? factor : 1))
                }
            }
            let others = bench.strangers(to: gas).map { channel in
                CheckReading(channel: channel, steady: .infinity, isOptional: true)
            }
            stages.append(bench.read(certified + others, name))
        }
        self.stages = stages
    }

    func judge(_ findings: CheckFindings) throws(MetrologyError) -> CheckJudgement {
        var judgement = CheckJudgement()
        judgement.items = try equivalence.judge(bench.rules, bench.comparison)
        if equivalence.reported == nil { judgement.remarks.insert(.propaneEquivalenceFromPlate) }
        for gas in GasCheckRules.checked {
            judgement.items.append(
                try CheckItem(
                    gas, at: "zero", measured: findings.mean(gas, at: "zero"), reference: 0,
                    absolute: bench.rules.zeroMaximum[gas], comparison: bench.comparison))
        }
        let oxygen = zero.map { $0.components[.oxygen]?.value } ?? bench.rules.oxygenNominal.decimal
        if let oxygen {
            judgement.items.append(
                try CheckItem(
                    .oxygen, at: "zero", measured: findings.mean(.oxygen, at: "zero"), reference: oxygen.value,
                    absolute: bench.rules.oxygenTolerance, comparison: bench.comparison))
        }
        for (name, gas) in points {
            for channel in ChannelID.allCases {
                guard let certified = gas.components[channel] else { continue }
                let factor = channel == .hydrocarbons ? equivalence.factor.value : 1
                judgement.items.append(
                    try bench.item(
                        channel, at: name, measured: findings.mean(channel, at: name),
                        reference: certified.value.value * factor))
            }
        }
        try noteInterference(findings, &judgement)
        judgement.parameters = [.propaneEquivalence(equivalence.factor)]
        return judgement
    }

    /// Notes what channels read of bottles that hold nothing for them (干扰说明); no verdict rests on it.
    private func noteInterference(
        _ findings: CheckFindings, _ judgement: inout CheckJudgement
    ) throws(MetrologyError) {
        for (name, gas) in points {
            for channel in bench.strangers(to: gas) {
                guard let found = findings.mean(channel, at: name) else { continue }
                judgement.items.append(
                    try CheckItem(
                        noting: "\(channel.rawValue)-interference", at: name, unit: channel.unit.symbol,
                        measured: found, places: channel.checkPlaces))
                let atZero =
                    channel == .oxygen
                    ? bench.rules.oxygenTolerance
                    : bench.rules.zeroMaximum[channel] ?? bench.rules.tolerance(of: channel, at: 0)?.absolute
                if let atZero, !abs(found).isAtMost(atZero) { judgement.remarks.insert(.interference) }
            }
        }
    }
}

/// Adjustment of an exhaust gas analyzer to the bottle of high concentration (校准).
struct GasSpanPlan: CheckPlan {
    let stages: [CheckStage]
    private let bench: GasBench
    private let equivalence: PropaneEquivalence
    private let gas: ReferenceGas

    init?(_ basis: inout CheckBasis) {
        let bench = GasBench(basis)
        self.bench = bench
        let equivalence = PropaneEquivalence(&basis)
        guard let gas = basis.bottle(.high), let equivalence else { return nil }
        self.gas = gas
        self.equivalence = equivalence
        let factor = equivalence.factor.value
        let readings = ChannelID.allCases.compactMap { channel in
            gas.components[channel].map {
                bench.reading(channel, near: $0.value.value * (channel == .hydrocarbons ? factor : 1))
            }
        }
        stages = [
            bench.zeroing, bench.connect(gas, "high", .checkGas), bench.read(readings, "before"),
            CheckStage(
                name: "adjust", kind: .connect, instruction: Message(.checkGasAdjust, ["number": .text(gas.number)]),
                task: .confirm),
            bench.read(readings, "after", [.span(gas.components.mapValues { $0.value.value })]),
        ]
    }

    func judge(_ findings: CheckFindings) throws(MetrologyError) -> CheckJudgement {
        var judgement = CheckJudgement()
        judgement.items = try equivalence.judge(bench.rules, bench.comparison)
        for channel in ChannelID.allCases {
            guard let certified = gas.components[channel] else { continue }
            let reference = certified.value.value * (channel == .hydrocarbons ? equivalence.factor.value : 1)
            let after = findings.mean(channel, at: "after")
            judgement.items.append(try bench.item(channel, at: "after", measured: after, reference: reference))
            guard let before = findings.mean(channel, at: "before"), let after else { continue }
            let places = channel.checkPlaces
            judgement.parameters.append(
                .adjustment(
                    channel, certified: try RoundedDecimal(reference, places: places),
                    before: try RoundedDecimal(before, places: places),
                    after: try RoundedDecimal(after, places: places)))
        }
        return judgement
    }
}

extension CheckBasis {
    /// The bottle of a point, if it is there and holds about what the point is for.
    mutating func bottle(_ point: GasPoint) -> ReferenceGas? {
        guard let gas = need(order.references.gases[point], "bottle.\(point.rawValue)") else { return nil }
        let rules = requirements.gas
        for (channel, nominal) in (rules.nominal[point] ?? [:]).sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
            let member = "bottle.\(point.rawValue).\(channel.rawValue)"
            guard let found = need(gas.components[channel], member) else { continue }
            expect(
                found.value, member, number: gas.number, near: nominal.value,
                within: nominal.value * rules.nominalDeviation.value / 100, unit: nominal.unit)
        }
        return gas
    }
}
