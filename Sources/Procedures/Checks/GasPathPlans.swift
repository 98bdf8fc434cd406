import Messages
import Metrology
import Standards

/// The sample path lets no air in (泄漏检查): the instrument checks itself with its probe shut, told by the lane or, where
/// its protocol has no word for it, by the technician at its panel, who says how it ended.
struct LeakPlan: CheckPlan {
    let stages: [CheckStage]
    private let bench: GasBench
    private let isByHand: Bool

    init(_ basis: CheckBasis) {
        let bench = GasBench(basis)
        self.bench = bench
        isByHand = basis.order.leakCheckByHand
        stages = [
            CheckStage(name: "cap", kind: .connect, instruction: Message(.checkLeakCap), task: .confirm),
            isByHand
                ? CheckStage(name: "leak", kind: .connect, instruction: Message(.checkLeakByHand), task: .answer)
                : CheckStage(
                    name: "leak", kind: .act, instruction: Message(.checkLeakWait), directives: [bench.act(.leakCheck)],
                    task: .action(bench.role, .leakChecking)),
            CheckStage(name: "uncap", kind: .connect, instruction: Message(.checkLeakOpen), task: .confirm),
        ]
    }

    func judge(_ findings: CheckFindings) throws(MetrologyError) -> CheckJudgement {
        // Whoever says that the check was passed says that there is no leak.
        let leaks =
            isByHand
            ? !(findings.answered["leak"] ?? false) : findings.conditions["leak"]?.contains(.leak) ?? true
        return CheckJudgement(
            items: [try CheckItem("leak", at: "path", found: leaks, wanted: false)],
            remarks: isByHand ? [.observedByPerson] : [])
    }
}

/// A closed sample line is noticed, and an open one is not taken for closed (低流量检查).
struct LowFlowPlan: CheckPlan {
    let stages: [CheckStage]
    private let bench: GasBench

    init(_ basis: CheckBasis) {
        let bench = GasBench(basis)
        self.bench = bench
        let limit = LaneSpan.seconds(bench.rules.lowFlowLimit.value)
        func notice(_ name: String, _ isWanted: Bool, _ directives: [Directive]) -> CheckStage {
            CheckStage(
                name: name, kind: .measure, instruction: Message(.checkFlowWait), directives: directives,
                task: .notice(bench.role, .lowFlow, isWanted: isWanted, limit))
        }
        stages = [
            notice("before", false, [bench.act(.sampleProbe)]),
            CheckStage(name: "block", kind: .connect, instruction: Message(.checkFlowBlock), task: .confirm),
            notice("closed", true, []),
            CheckStage(name: "free", kind: .connect, instruction: Message(.checkFlowFree), task: .confirm),
            notice("open", false, []),
        ]
    }

    func judge(_ findings: CheckFindings) throws(MetrologyError) -> CheckJudgement {
        var judgement = CheckJudgement()
        for name in ["before", "closed", "open"] {
            judgement.items.append(
                try CheckItem(
                    "time", at: name, unit: "s", measured: findings.noticed[name], places: 1,
                    bound: .atMost(bench.rules.lowFlowLimit), comparison: bench.comparison))
        }
        return judgement
    }
}

/// Room air, its oxygen, and HC left in the sample line (环境空气, 背景与残留).
struct GasBackgroundPlan: CheckPlan {
    let stages: [CheckStage]
    private let bench: GasBench

    init(_ basis: CheckBasis) {
        let bench = GasBench(basis)
        self.bench = bench
        let rules = bench.rules
        var ambient = Self.gases.map { CheckReading(channel: $0, steady: rules.ambientMaximum[$0]?.value ?? 0) }
        ambient.append(CheckReading(channel: .oxygen, steady: rules.oxygenTolerance.value))
        stages = [
            bench.zeroing, bench.read(ambient, "ambient", [.analyzer(.sampleAmbient)]),
            bench.read(
                [CheckReading(channel: .hydrocarbons, steady: rules.residualMaximum.value)], "line",
                [.analyzer(.sampleProbe)]),
        ]
    }

    private static let gases: [ChannelID] = [.hydrocarbons, .carbonMonoxide, .nitricOxide]

    func judge(_ findings: CheckFindings) throws(MetrologyError) -> CheckJudgement {
        var judgement = CheckJudgement()
        for gas in Self.gases {
            guard let limit = bench.rules.ambientMaximum[gas] else { continue }
            judgement.items.append(
                try CheckItem(
                    gas.rawValue, at: "ambient", unit: gas.unit.symbol, measured: findings.mean(gas, at: "ambient"),
                    places: gas.checkPlaces, bound: .atMost(limit), comparison: bench.comparison))
        }
        judgement.items.append(
            try CheckItem(
                .oxygen, at: "ambient", measured: findings.mean(.oxygen, at: "ambient"),
                reference: bench.rules.oxygenNominal.value, absolute: bench.rules.oxygenTolerance,
                comparison: bench.comparison))
        var residue: Double?
        if let line = findings.mean(.hydrocarbons, at: "line"),
            let ambient = findings.mean(.hydrocarbons, at: "ambient")
        {
            residue = line - ambient
        }
        judgement.items.append(
            try CheckItem(
                "hc-residue", at: "line", unit: "ppm", measured: residue, places: 1,
                bound: .atMost(bench.rules.residualMaximum), comparison: bench.comparison))
        return judgement
    }
}

/// Zero and bottles of a NOx bench: NO with CO2, and NO2 where there is a bottle of it.
struct NOxPlan: CheckPlan {
    let stages: [CheckStage]
    private let bench: GasBench
    private let gas: ReferenceGas
    private let dioxide: ReferenceGas?

    init?(_ basis: inout CheckBasis) {
        let bench = GasBench(basis)
        self.bench = bench
        guard let gas = basis.need(basis.order.references.gases[.low], "bottle.low"),
            basis.need(gas.components[.nitricOxide], "bottle.low.no") != nil
        else { return nil }
        self.gas = gas
        dioxide = basis.order.references.gases[.nitrogenDioxide]
        var stages = [
            bench.zeroing,
            bench.read(
                gas.benchChannels.map {
                    CheckReading(
                        channel: $0, steady: bench.rules.tolerance(of: $0, at: 0)?.absolute?.value ?? 0,
                        isOptional: true)
                }, "zero", [.bench(.sampleAmbient)]),
            bench.connect(gas, "low", .checkGas),
            bench.read(
                gas.benchChannels.map {
                    bench.reading($0, near: gas.certified(of: $0)?.value ?? 0, isOptional: true)
                }, "low"),
        ]
        if let dioxide, let value = dioxide.components[.nitrogenDioxide]?.value.value {
            stages += [
                bench.connect(dioxide, "no2", .checkGas),
                bench.read([bench.reading(.nitrogenDioxide, near: value)], "no2"),
            ]
        }
        self.stages = stages
    }

    func judge(_ findings: CheckFindings) throws(MetrologyError) -> CheckJudgement {
        var judgement = CheckJudgement()
        // Benches read NOx, or NO behind their converter, or both; some read CO2 besides. One without either is not in
        // order.
        let read = gas.benchChannels.filter { findings.mean($0, at: "low") != nil }
        let isOxideRead = read.contains(.nitrogenOxides) || read.contains(.benchNitricOxide)
        for channel in isOxideRead ? read : read + [.nitrogenOxides] {
            judgement.items.append(
                try bench.item(channel, at: "zero", measured: findings.mean(channel, at: "zero"), reference: 0))
            judgement.items.append(
                try bench.item(
                    channel, at: "low", measured: findings.mean(channel, at: "low"),
                    reference: gas.certified(of: channel)?.value ?? 0))
        }
        if let value = dioxide?.components[.nitrogenDioxide]?.value.value {
            judgement.items.append(
                try bench.item(
                    .nitrogenDioxide, at: "no2", measured: findings.mean(.nitrogenDioxide, at: "no2"),
                    reference: value))
        }
        return judgement
    }
}

/// The share of NO2 that the converter turns into NO (转化效率).
struct ConverterPlan: CheckPlan {
    let stages: [CheckStage]
    private let bench: GasBench
    private let dioxide: Double
    private let oxide: Double

    init?(_ basis: inout CheckBasis) {
        let bench = GasBench(basis)
        self.bench = bench
        let gas = basis.need(basis.order.references.gases[.nitrogenDioxide], "bottle.no2")
        guard let gas, let value = basis.need(gas.components[.nitrogenDioxide], "bottle.no2.nitrogen-dioxide") else {
            return nil
        }
        dioxide = value.value.value
        oxide = gas.components[.nitricOxide]?.value.value ?? 0
        let channels: [ChannelID] = [.nitrogenOxides, .benchNitricOxide]
        let readings = channels.map { bench.reading($0, near: value.value.value, isOptional: true) }
        stages = [bench.zeroing, bench.connect(gas, "no2", .checkGas), bench.read(readings, "no2")]
    }

    func judge(_ findings: CheckFindings) throws(MetrologyError) -> CheckJudgement {
        // A bench that reads one oxide alone has its cell behind the converter.
        let found = findings.mean(.nitrogenOxides, at: "no2") ?? findings.mean(.benchNitricOxide, at: "no2")
        let share = found.map { 100 * ($0 - oxide) / dioxide }
        return CheckJudgement(items: [
            try CheckItem(
                "efficiency", at: "converter", unit: "%", measured: share, places: 1,
                bound: .atLeast(bench.rules.converterMinimum), comparison: bench.comparison)
        ])
    }
}
