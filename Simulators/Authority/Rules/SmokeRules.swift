import Foundation

extension RecordedMethod {
    /// Free acceleration (自由加速法), GB 3847-2018 Annex A.
    static let freeAcceleration = smoke(
        "free-acceleration", editions: ["GB3847-2018-free-acceleration"], needsAir: true, order: [])

    /// Free acceleration of non-road machinery (非道路移动机械), GB 36886-2018, and of vehicles at the roadside.
    static let nonRoad = smoke(
        "non-road", editions: ["GB36886-2018-non-road", "GB3847-2018-roadside"], needsAir: false,
        order: [("order.vehicle.ratedPower", .decimal)])

    private static func smoke(
        _ name: String, editions: [String], needsAir: Bool, order: [(path: String, form: Form)]
    ) -> RecordedMethod {
        RecordedMethod(
            name: name, editions: editions, needsAir: needsAir,
            members: [
                ("order.limitSet", .text), ("order.vehicle.fuel", .exactly("diesel")), tabledItems,
                (
                    "result.accelerations",
                    .list(
                        atLeast: 0,
                        of: [
                            ("n", .integer(atLeast: 1)), ("kind", .oneOf(["purge", "measured"])), ("valid", .present),
                            ("threshold", .decimal), ("topSpeed", .decimal),
                        ])
                ),
                seconds([("t", .decimal), ("stage", .text), ("acc", .integer(atLeast: 0))]),
            ] + order,
            decimals: ["rpm", "k", "N", "kMax", "oil", "coolant", "ta", "rh", "pb"],
            mandatory: ["rpm", "k"] + (needsAir ? ["ta", "rh", "pb"] : []),
            // Stages in which smoke is read.
            decides: { ($0.integer("acc") ?? 0) > 0 && $0.values["kMax"] != nil },
            rows: { [ItemRow("k", "K", "1/m", places: 2, columns: columns($0))] },
            rules: Rule.tabled + [Rule.numbered, Rule.ordered, Rule.whole] + Rule.accelerations)
    }

    /// Limits of k in 1/m. GB 3847-2018: a and b (M-H); GB 36886-2018: classes I to III by rated power (M-M). Not
    /// compared with the printed standards.
    private static func columns(_ record: TestRecord) -> [String: ItemRow.Bounds] {
        let packs = (record.payload.at("packs")?.elements ?? []).compactMap { $0.at("id")?.text }
        let power = record.decimal("order.vehicle.ratedPower")?.value ?? 0
        let limits =
            packs.contains("GB36886-2018-non-road-limits")
            ? [
                "class-1": power < 19 ? "3.00" : power < 37 ? "2.00" : "1.61",
                "class-2": power < 19 ? "2.00" : power < 37 ? "1.00" : "0.80", "class-3": power < 37 ? "0.80" : "0.50",
            ] : ["a": "1.2", "b": "0.7"]
        return limits.mapValues { ItemRow.Bounds(greatest: WrittenDecimal($0)) }
    }
}

/// One press of the pedal as the record lists it.
private struct Acceleration: Sendable {
    let path: String
    let number: Int?
    let isPurge: Bool
    let isValid: Bool
    private let json: JSON

    init(_ json: JSON, index: Int) {
        self.json = json
        path = "result.accelerations[\(index)]"
        number = json.at("n")?.integer
        isPurge = json.at("kind")?.text == "purge"
        isValid = json.at("valid")?.truth == true
    }

    func decimal(_ member: String) -> WrittenDecimal? { json.at(member)?.text.flatMap(WrittenDecimal.init) }

    /// The peak at twelve digits, and where the record has none, as rounded.
    var peak: Interval? {
        json.at("peakFull")?.text.flatMap(Double.init).map { Interval(exactly: $0) } ?? json.interval("peak")
    }
}

extension TestRecord {
    fileprivate var accelerations: [Acceleration] {
        (payload.at("result.accelerations")?.elements ?? []).enumerated().map { Acceleration($1, index: $0) }
    }
}

extension Rule {
    /// Purges, accelerations, their course and their peaks.
    fileprivate static let accelerations = [
        judged("smoke.purges") { record in
            let count = record.accelerations.count { $0.isPurge && $0.isValid }
            guard count < 3 else { return [] }
            return [Violation("result.accelerations", "the exhaust was blown free \(count) times instead of three")]
        },
        judged("smoke.count") { record in
            let count = record.accelerations.count { !$0.isPurge && $0.isValid }
            guard count != 3 else { return [] }
            return [Violation("result.accelerations", "has \(count) measured accelerations instead of three")]
        },
        judged("smoke.course") { record in
            record.accelerations.filter(\.isValid).flatMap { acceleration -> [Violation] in
                var problems: [Violation] = []
                let governed = record.decimal("result.governedSpeed")?.value ?? 0
                if let threshold = acceleration.decimal("threshold"), let top = acceleration.decimal("topSpeed") {
                    // An automatic is held at two thirds of its governed speed; nothing less counts.
                    if threshold.value + 1 < governed * 2 / 3 {
                        problems.append(
                            Violation(acceleration.path + ".threshold", "is below 2/3 of \(governed) r/min"))
                    }
                    if top < threshold {
                        problems.append(Violation(acceleration.path + ".topSpeed", "never reached the governed speed"))
                    }
                }
                guard !acceleration.isPurge else { return problems }
                if acceleration.decimal("rise").map({ $0.value > 3 }) ?? true {
                    problems.append(Violation(acceleration.path + ".rise", "the governed speed was not reached in 3 s"))
                }
                if acceleration.decimal("hold").map({ $0.value < 2 }) ?? true {
                    problems.append(Violation(acceleration.path + ".hold", "the governed speed was not held for 2 s"))
                }
                return problems
            }
        },
        judged("smoke.peak") { record in
            record.accelerations.filter { !$0.isPurge && $0.isValid }.compactMap { acceleration in
                let known = ["peakMemory", "peakReadings"].compactMap(acceleration.decimal)
                guard let peak = acceleration.decimal("peak") else {
                    return Violation(acceleration.path + ".peak", "is missing in a valid acceleration")
                }
                if known.contains(peak), acceleration.peak?.explains(peak) == true { return nil }
                return Violation(acceleration.path + ".peak", "is neither the memory's nor the greatest reading")
            }
        },
        judged("smoke.readings") { record in
            record.accelerations.filter { !$0.isPurge && $0.isValid }.compactMap { acceleration in
                guard let written = acceleration.decimal("peakReadings") else { return nil }
                let readings = record.seconds.filter { $0.integer("acc") == acceleration.number }
                    .compactMap { $0.values["kMax"] }
                guard let greatest = readings.max() else {
                    return Violation(acceleration.path + ".n", "no second of it was recorded")
                }
                guard !Interval(greatest).explains(written) else { return nil }
                return Violation(acceleration.path + ".peakReadings", "the seconds have \(rounded(greatest.value))")
            }
        },
        Rule("seconds.opacity") { record in
            // k = −ln(1 − N/100)/0.430 m; opacimeters round both by themselves.
            record.seconds.compactMap { second in
                guard let k = second.values["k"], let opacity = second.values["N"], opacity.value < 99 else {
                    return nil
                }
                let expected = -log(1 - max(0, opacity.value) / 100) / 0.43
                guard abs(k.value - expected) > max(0.05, 0.05 * expected) else { return nil }
                return Violation(second.path + ".k", "the opacity gives \(rounded(expected))")
            }
        },
        judged("item.mean") { record in
            let peaks = record.accelerations.filter { !$0.isPurge && $0.isValid }.suffix(3).compactMap(\.peak)
            return [peaks.mean.flatMap { record.compare("k", with: [$0], "the mean of the peaks") }].compactMap { $0 }
        },
    ]
}
