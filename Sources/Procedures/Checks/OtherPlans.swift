import Messages
import Metrology
import Standards

/// Readings of an instrument against those of another one, point by point (比对): flow meter, tachometer, weather
/// station, oil thermometer.
struct ComparisonPlan: CheckPlan {
    /// What is compared at a point.
    struct Value: Sendable {
        var channel: ChannelID
        var reference: RoundedDecimal
        var steady: Double
        var absolute: PackValue?
        var relative: PackValue?
    }

    /// Values that have to be within a range besides.
    struct Range: Sendable {
        var channel: ChannelID
        var bound: Bound
        var steady: Double
    }

    let stages: [CheckStage]
    private let points: [(name: String, values: [Value], ranges: [Range])]
    private let comparison: Comparison

    init(
        _ basis: CheckBasis, points: [(name: String, words: Message, values: [Value], ranges: [Range])],
        opening: [Directive] = []
    ) {
        comparison = basis.comparison
        self.points = points.map { ($0.name, $0.values, $0.ranges) }
        stages = points.enumerated().flatMap { index, point in
            [
                CheckStage(
                    name: "\(point.name).set", kind: .connect, instruction: point.words,
                    directives: index == 0 ? opening : [], task: .confirm),
                CheckStage(
                    name: point.name, kind: .measure, instruction: Message(.checkOtherRead),
                    task: .read(
                        point.values.map { CheckReading(channel: $0.channel, steady: $0.steady) }
                            + point.ranges.map { CheckReading(channel: $0.channel, steady: $0.steady) },
                        settle: .zero)),
            ]
        }
    }

    func judge(_ findings: CheckFindings) throws(MetrologyError) -> CheckJudgement {
        var judgement = CheckJudgement()
        for (name, values, ranges) in points {
            for value in values {
                judgement.items.append(
                    try CheckItem(
                        value.channel, at: name, measured: findings.mean(value.channel, at: name),
                        reference: value.reference.value, absolute: value.absolute, relative: value.relative,
                        comparison: comparison))
            }
            for range in ranges {
                judgement.items.append(
                    try CheckItem(
                        range.channel.rawValue, at: name, unit: range.channel.unit.symbol,
                        measured: findings.mean(range.channel, at: name), places: range.channel.checkPlaces,
                        bound: range.bound, comparison: comparison))
            }
        }
        return judgement
    }
}

extension ComparisonPlan {
    /// High and low flow, O2 of the room's air, temperature and pressure (流量检查).
    static func flowMeter(_ basis: inout CheckBasis) -> ComparisonPlan? {
        let rules = basis.requirements.others
        let readings = basis.order.references.readings
        let points = ["high", "low"].enumerated().compactMap { index, name in
            let given = index < readings.count ? readings[index] : nil
            return basis.need(given?.values[.exhaustFlow], "reference.\(name).exhaust-flow").map { flow in
                var values = [
                    Value(
                        channel: .exhaustFlow, reference: flow, steady: rules.flowSteady.value,
                        relative: rules.flowRelative)
                ]
                if let temperature = given?.values[.flowTemperature] {
                    values.append(
                        Value(
                            channel: .flowTemperature, reference: temperature, steady: rules.flowTemperature.value,
                            absolute: rules.flowTemperature))
                }
                if let pressure = given?.values[.flowPressure] {
                    values.append(
                        Value(
                            channel: .flowPressure, reference: pressure, steady: rules.flowPressure.value,
                            absolute: rules.flowPressure))
                }
                let width = rules.flowOxygenMaximum.value - rules.flowOxygenMinimum.value
                return (
                    name: name, words: Message(.checkFlowSet, ["flow": .decimal(flow.description)]), values: values,
                    ranges: [
                        Range(
                            channel: .dilutedOxygen,
                            bound: .between(rules.flowOxygenMinimum, rules.flowOxygenMaximum), steady: width / 2)
                    ]
                )
            }
        }
        guard points.count == 2 else { return nil }
        return ComparisonPlan(basis, points: points, opening: [.flowMeter(.start)])
    }

    /// Engine speeds of a generator (转速检查).
    static func tachometer(_ basis: CheckBasis) -> ComparisonPlan {
        let rules = basis.requirements.others
        return ComparisonPlan(
            basis,
            points: rules.tachometerPoints.map { point in
                (
                    "\(point.decimal)", Message(.checkTachometerSet, ["speed": .decimal("\(point.decimal)")]),
                    [
                        Value(
                            channel: .engineSpeed, reference: point.decimal, steady: rules.tachometerSteady.value,
                            relative: rules.tachometerRelative)
                    ], []
                )
            })
    }

    /// Temperature, humidity and pressure of the room (环境参数检查).
    static func weatherStation(_ basis: inout CheckBasis) -> ComparisonPlan? {
        let rules = basis.requirements.others
        let channels: [ChannelID] = [.airTemperature, .relativeHumidity, .airPressure]
        let values = channels.compactMap { channel -> Value? in
            let given = basis.order.references.readings.first?.values[channel]
            guard let reference = basis.need(given, "reference.\(channel.rawValue)"),
                let tolerance = rules.weather[channel]
            else { return nil }
            return Value(
                channel: channel, reference: reference, steady: tolerance.value, absolute: tolerance)
        }
        guard values.count == channels.count else { return nil }
        return ComparisonPlan(basis, points: [("room", Message(.checkWeatherSet), values, [])])
    }

    /// Oil temperature in a bath (油温检查).
    static func oilTemperature(_ basis: inout CheckBasis) -> ComparisonPlan? {
        let tolerance = basis.requirements.others.oilTemperature
        let given = basis.order.references.readings.first?.values[.oilTemperature]
        guard let reference = basis.need(given, "reference.oil-temperature") else { return nil }
        let value = Value(
            channel: .oilTemperature, reference: reference, steady: tolerance.value, absolute: tolerance)
        return ComparisonPlan(
            basis,
            points: [("bath", Message(.checkOilSet, ["temperature": .decimal(reference.description)]), [value], [])])
    }
}

/// The OBD adapter's own state, and what it reads of a vehicle where there is one (OBD诊断仪自检).
struct OBDPlan: CheckPlan {
    let stages: [CheckStage]
    private let isConnected: Bool
    private static let channels: [ChannelID] = [.obdEngineSpeed, .coolantTemperature, .vehicleSpeed]

    init(_ basis: CheckBasis) {
        isConnected = basis.order.vehicleConnected
        stages = [
            CheckStage(
                name: "watch", kind: .measure, instruction: Message(.checkOBDWait),
                task: .record(Self.channels, basis.requirements.others.obdTime, floor: nil))
        ]
    }

    func judge(_ findings: CheckFindings) throws(MetrologyError) -> CheckJudgement {
        // A lost or defective adapter has ended the check before.
        var judgement = CheckJudgement(items: [try CheckItem("link", at: "adapter", found: true, wanted: true)])
        if isConnected {
            for channel in Self.channels {
                let found = !(findings.series["watch"]?[channel]?.points.isEmpty ?? true)
                judgement.items.append(try CheckItem(channel.rawValue, at: "vehicle", found: found, wanted: true))
            }
        } else {
            judgement.remarks.insert(.vehicleNotConnected)
        }
        return judgement
    }
}

/// The lane's clock against the authority's (时钟校准): the middle of several exchanges of time.
struct ClockPlan: CheckPlan {
    let stages: [CheckStage] = []
    private let rules: OtherCheckRules
    private let comparison: Comparison
    private let offsets: [Double]

    init?(_ basis: inout CheckBasis) {
        rules = basis.requirements.others
        comparison = basis.comparison
        offsets = basis.order.clockOffsets.sorted()
        guard basis.need(offsets.count >= rules.clockExchanges.count ? offsets : nil, "clock-offsets") != nil else {
            return nil
        }
    }

    func judge(_ findings: CheckFindings) throws(MetrologyError) -> CheckJudgement {
        let middle = offsets.count / 2
        let median =
            offsets.count.isMultiple(of: 2) ? (offsets[middle - 1] + offsets[middle]) / 2 : offsets[middle]
        return CheckJudgement(items: [
            try CheckItem(
                "offset", at: "clock", unit: "s", measured: median, reference: 0, places: 3,
                absolute: rules.clockTolerance, relative: nil, comparison: comparison)
        ])
    }
}
