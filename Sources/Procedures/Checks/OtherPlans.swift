import Messages
import Metrology
import Standards

/// Readings of an instrument against those of another one, point by point (比对): flow meter, tachometer, weather
/// station, oil thermometer.
struct ComparisonPlan: CheckPlan {
    /// What is compared at a point.
    struct Value: Sendable {
        var channel: ChannelID
        var reference: ComparisonReference
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
            let entries = point.values.compactMap { if case .entered(let entry) = $0.reference { entry } else { nil } }
            return [
                CheckStage(
                    name: Self.setting(point.name), kind: .connect, instruction: point.words,
                    directives: index == 0 ? opening : [], task: entries.isEmpty ? .confirm : .enter(entries)),
                CheckStage(
                    name: point.name, kind: .measure, instruction: Message(.checkOtherRead),
                    task: .read(
                        point.values.map {
                            CheckReading(
                                channel: $0.channel, steady: $0.steady, isOptional: $0.reference.mayBeLeftOut)
                        }
                            + point.ranges.map { CheckReading(channel: $0.channel, steady: $0.steady) },
                        settle: .zero)),
            ]
        }
    }

    /// The step at which a person sets a point up.
    private static func setting(_ point: String) -> String { "\(point).set" }

    func judge(_ findings: CheckFindings) throws(MetrologyError) -> CheckJudgement {
        var judgement = CheckJudgement()
        for (name, values, ranges) in points {
            for value in values {
                let reference = value.reference.value(value.channel, at: Self.setting(name), findings)
                guard let reference else { continue }
                judgement.items.append(
                    try CheckItem(
                        value.channel, at: name, measured: findings.mean(value.channel, at: name),
                        reference: reference.value, absolute: value.absolute, relative: value.relative,
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
        let width = rules.flowOxygenMaximum.value - rules.flowOxygenMinimum.value
        let air = Range(
            channel: .dilutedOxygen, bound: .between(rules.flowOxygenMinimum, rules.flowOxygenMaximum),
            steady: width / 2)
        let asked: [(name: String, words: MessageCode)] = [("high", .checkFlowEnterHigh), ("low", .checkFlowEnterLow)]
        basis.expectReadings(atMost: asked.count)
        var points: [(name: String, words: Message, values: [Value], ranges: [Range])] = []
        for (index, point) in asked.enumerated() {
            let entries = [
                basis.entry(.exhaustFlow), basis.entry(.flowTemperature, isOptional: true),
                basis.entry(.flowPressure, isOptional: true),
            ]
            let references = basis.references(entries, reading: index, of: "reference.\(point.name)")
            guard let flow = references[.exhaustFlow] else { continue }
            var values = [
                Value(
                    channel: .exhaustFlow, reference: flow, steady: rules.flowSteady.value,
                    relative: rules.flowRelative)
            ]
            for (channel, tolerance) in [
                (ChannelID.flowTemperature, rules.flowTemperature), (.flowPressure, rules.flowPressure),
            ] {
                guard let reference = references[channel] else { continue }
                values.append(
                    Value(channel: channel, reference: reference, steady: tolerance.value, absolute: tolerance))
            }
            let words =
                if case .given(let value) = flow {
                    Message(.checkFlowSet, ["flow": .decimal(value.description)])
                } else {
                    Message(point.words)
                }
            points.append((point.name, words, values, [air]))
        }
        guard points.count == asked.count else { return nil }
        return ComparisonPlan(basis, points: points, opening: [.flowMeter(.start)])
    }

    /// Engine speeds of a generator (转速检查).
    static func tachometer(_ basis: inout CheckBasis) -> ComparisonPlan {
        let rules = basis.requirements.others
        basis.expectReadings(atMost: rules.tachometerPoints.count)
        var points: [(name: String, words: Message, values: [Value], ranges: [Range])] = []
        for (index, point) in rules.tachometerPoints.enumerated() {
            let name = "\(point.decimal)"
            let entry = basis.entry(.engineSpeed, near: point)
            let references = basis.references([entry], reading: index, of: "reference.\(name)")
            guard let reference = references[.engineSpeed] else { continue }
            let value = Value(
                channel: .engineSpeed, reference: reference, steady: rules.tachometerSteady.value,
                relative: rules.tachometerRelative)
            points.append((name, Message(.checkTachometerSet, ["speed": .decimal(name)]), [value], []))
        }
        return ComparisonPlan(basis, points: points)
    }

    /// Temperature, humidity and pressure of the room (环境参数检查).
    static func weatherStation(_ basis: inout CheckBasis) -> ComparisonPlan? {
        let rules = basis.requirements.others
        let channels: [ChannelID] = [.airTemperature, .relativeHumidity, .airPressure]
        basis.expectReadings(atMost: 1)
        let entries = channels.map { basis.entry($0) }
        let references = basis.references(entries, reading: 0, of: "reference")
        let values = channels.compactMap { channel -> Value? in
            guard let reference = references[channel], let tolerance = rules.weather[channel] else { return nil }
            return Value(channel: channel, reference: reference, steady: tolerance.value, absolute: tolerance)
        }
        guard values.count == channels.count else { return nil }
        let words = Message(references.isEntered ? .checkWeatherEnter : .checkWeatherSet)
        return ComparisonPlan(basis, points: [("room", words, values, [])])
    }

    /// Oil temperature in a bath (油温检查).
    static func oilTemperature(_ basis: inout CheckBasis) -> ComparisonPlan? {
        let rules = basis.requirements.others
        basis.expectReadings(atMost: 1)
        let entry = basis.entry(.oilTemperature)
        let references = basis.references([entry], reading: 0, of: "reference")
        guard let reference = references[.oilTemperature] else { return nil }
        let value = Value(
            channel: .oilTemperature, reference: reference, steady: rules.oilTemperature.value,
            absolute: rules.oilTemperature)
        let words =
            if case .given(let value) = reference {
                Message(.checkOilSet, ["temperature": .decimal(value.description)])
            } else {
                Message(.checkOilEnter)
            }
        return ComparisonPlan(basis, points: [("bath", words, [value], [])])
    }
}

extension [ChannelID: ComparisonReference] {
    /// Whether a person enters them.
    fileprivate var isEntered: Bool {
        values.contains { if case .entered = $0 { true } else { false } }
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
                task: .record(Self.channels, basis.requirements.others.obdTime, band: nil))
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
