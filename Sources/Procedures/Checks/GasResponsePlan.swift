import Messages
import Metrology
import Standards

/// How soon an analyzer follows a gas that comes and goes (响应时间), and the delay of this lane's sample line (气路延迟).
///
/// The operator opens and closes the bottle at the probe's end and confirms at the same moment; readings count with
/// the times at which they were acquired, and levels between two readings by proportion.
struct GasResponsePlan: CheckPlan {
    let stages: [CheckStage]
    private let bench: GasBench
    private let channels: [ChannelID]

    init?(_ basis: inout CheckBasis) {
        let bench = GasBench(basis)
        self.bench = bench
        let point: GasPoint = bench.role == .noxAnalyzer ? .low : .high
        guard let gas = basis.need(basis.order.references.gases[point], "bottle.\(point.rawValue)") else { return nil }
        let channels = bench.role == .noxAnalyzer ? gas.benchChannels : gas.analyzerChannels
        self.channels = channels
        let readings = channels.map { channel in
            bench.reading(
                channel, near: gas.certified(of: channel)?.value ?? bench.rules.oxygenNominal.value,
                // Which of its channels a NOx bench has depends on its model.
                isOptional: bench.role == .noxAnalyzer)
        }
        func record(_ name: String) -> CheckStage {
            CheckStage(
                name: name, kind: .measure, instruction: Message(.checkGasRecord), directives: [],
                task: .record(channels, bench.rules.responseLimit, band: nil))
        }
        stages = [
            bench.zeroing, bench.read(readings, "before", [bench.act(.sampleProbe)]),
            CheckStage(
                name: "open", kind: .connect,
                instruction: Message(.checkGasOpen, ["number": .text(gas.number)]), task: .confirm),
            record("rise"), bench.read(readings, "during"),
            CheckStage(name: "close", kind: .connect, instruction: Message(.checkGasClose), task: .confirm),
            record("fall"), bench.read(readings, "after"),
        ]
    }

    func judge(_ findings: CheckFindings) throws(MetrologyError) -> CheckJudgement {
        var judgement = CheckJudgement()
        for channel in channels {
            guard let limits = bench.rules.response(of: channel),
                let before = findings.mean(channel, at: "before"),
                let during = findings.mean(channel, at: "during"), let after = findings.mean(channel, at: "after")
            else { continue }
            func time(_ share: Double, _ name: String, _ start: Double, _ end: Double) -> Double? {
                guard let began = findings.began[name], start != end else { return nil }
                return findings.series[name]?[channel]?.crossing(
                    of: start + share / 100 * (end - start), rising: end > start, since: began)
            }
            let arrival = time(bench.rules.responseArrival.value, "rise", before, during)
            let departure = time(bench.rules.responseArrival.value, "fall", during, after)
            if let arrival {
                judgement.parameters.append(.transportDelay(channel, .seconds(try arrival.toMilliseconds())))
            }
            // The first readings of the gas itself mark its arrival: five per cent of the step.
            let first: (Double?, Double?) =
                switch bench.rules.responseCountsFrom {
                case .supply: (0, 0)
                case .arrival: (time(5, "rise", before, during), time(5, "fall", during, after))
                }
            for (name, share, limit) in [("t90", 90.0, limits.t90), ("t95", 95, limits.t95)] {
                let found = time(share, "rise", before, during)
                judgement.items.append(try item(name, channel, found, since: first.0, limit))
            }
            for (name, share, limit) in [("t10", 90.0, limits.t10), ("t5", 95, limits.t5)] {
                let found = time(share, "fall", during, after)
                judgement.items.append(try item(name, channel, found, since: first.1, limit))
            }
            let gap = max(
                findings.series["rise"]?[channel]?.longestGap ?? .zero,
                findings.series["fall"]?[channel]?.longestGap ?? .zero)
            if gap.seconds > limits.t90.value / 3 { judgement.remarks.insert(.coarseTimes) }
            if departure == nil { judgement.remarks.insert(.unsteady) }
        }
        return judgement
    }

    private func item(
        _ name: String, _ channel: ChannelID, _ time: Double?, since start: Double?, _ limit: PackValue
    ) throws(MetrologyError) -> CheckItem {
        let span: Double? = if let time, let start { time - start } else { nil }
        return try CheckItem(
            name, at: channel.rawValue, unit: "s", measured: span, places: 2, bound: .atMost(limit),
            comparison: bench.comparison)
    }
}

extension Double {
    /// Rounded to whole milliseconds.
    fileprivate func toMilliseconds() throws(MetrologyError) -> Double { try RoundedDecimal(self, places: 3).value }
}

extension ReferenceGas {
    /// The channels of an exhaust gas analyzer that answer to the bottle; oxygen is driven out by every bottle.
    var analyzerChannels: [ChannelID] {
        ChannelID.allCases.filter { $0.role == .gasAnalyzer && (components[$0] != nil || $0 == .oxygen) }
    }

    /// The channels of a NOx bench that answer to the bottle.
    var benchChannels: [ChannelID] {
        ChannelID.allCases.filter { $0.role == .noxAnalyzer && certified(of: $0) != nil }
    }

    /// What a channel of either bench should read; NOx is NO where the bottle holds nothing else.
    func certified(of channel: ChannelID) -> RoundedDecimal? {
        let gas: ChannelID =
            switch channel {
            case .benchNitricOxide, .nitrogenOxides: .nitricOxide
            case .benchCarbonDioxide: .carbonDioxide
            default: channel
            }
        return components[gas]?.value
    }
}
