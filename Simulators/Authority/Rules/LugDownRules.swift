import Foundation

extension RecordedMethod {
    /// Lug-down (加载减速法), GB 3847-2018 Annex B.
    static let lugDown = RecordedMethod(
        name: "lug-down", editions: ["GB3847-2018"],
        members: [
            ("order.limitSet", .text), ("order.vehicle.fuel", .exactly("diesel")),
            ("order.vehicle.ratedPower", .decimal),
            ("order.vehicle.ratedSpeed", .decimal), ("order.vehicle.grossMass", .decimal),
            ("order.vehicle.aspiration", .oneOf(["natural", "turbocharged"])), tabledItems,
            ("result.engine", .object), ("result.scan", .present),
            (
                "result.points",
                .list(
                    atLeast: 0,
                    of: [
                        ("point", .oneOf(["p100", "p80"])), ("target", .decimal), ("speed", .decimal),
                        ("rpm", .decimal), ("power", .decimal), ("correctedPower", .decimal), ("k", .decimal),
                    ])
            ),
            seconds([("t", .decimal), ("stage", .text)]),
        ],
        decimals: [
            "set", "speed", "force", "rpm", "power", "brake", "loss", "pcf", "pc", "k", "op", "nox", "no", "no2",
            "co2", "kh", "noxc", "oil", "coolant", "ta", "rh", "pb",
        ],
        mandatory: ["speed", "force", "rpm", "power", "pcf", "pc", "k", "nox", "ta", "rh", "pb"],
        decides: { $0.text("stage") == "measure" },
        rows: rows,
        rules: Rule.tabled + [Rule.numbered, Rule.ordered, Rule.whole] + Rule.wheelPower + [Rule.moist] + Rule.scan
            + Rule.points)

    /// Limits a and b (加载减速法排放限值). From memory, M-H; not compared with the printed standard.
    private static func rows(_ record: TestRecord) -> [ItemRow] {
        let allowance = record.altitudeAllowance
        func smoke(_ text: String) -> WrittenDecimal? { WrittenDecimal(text).map { $0 + allowance } }
        // At least 40 % of the rated power; limit b of NOx was tightened in July 2020.
        let least = record.decimal("order.vehicle.ratedPower").map { WrittenDecimal(40, percentOf: $0) }
        let isOld = (record.payload.at("time.started")?.text ?? "9999") < "2020-07-01"
        let ratio = ItemRow.Bounds(least: WrittenDecimal("90"), greatest: WrittenDecimal("110"))
        return [
            ItemRow(
                "scan.power", "POWER", "kW", places: 1,
                columns: ["a": ItemRow.Bounds(least: least), "b": ItemRow.Bounds(least: least)]),
            ItemRow("scan.engine-speed", "ENGINE-SPEED", "%", places: 1, columns: ["a": ratio, "b": ratio]),
            ItemRow("p100.k", "K", "1/m", places: 2, a: smoke("1.2"), b: smoke("0.7")),
            ItemRow("p80.k", "K", "1/m", places: 2, a: smoke("1.2"), b: smoke("0.7")),
            ItemRow(
                "p80.nox", "NOX", "ppm", places: 0, a: WrittenDecimal("1500"),
                b: WrittenDecimal(isOld ? "1200" : "900")),
        ]
    }
}

extension TestRecord {
    /// 0.25 1/m for each whole 1000 m above 1500 m, at most 0.75, where the lane is granted it.
    fileprivate var altitudeAllowance: WrittenDecimal {
        let altitude = decimal("laneParameters.altitude")?.value ?? 0
        let steps = min(3, max(0, ((altitude - 1500) / 1000).rounded(.down)))
        return WrittenDecimal(units: Int64(steps) * 25, places: 2)
    }

    /// The seconds whose mean a point is: the last nine that were measured at it.
    fileprivate func measured(at point: String) -> ArraySlice<Second> {
        seconds.filter { $0.text("stage") == "measure" && $0.text("point") == point }.suffix(9)
    }
}

extension Rule {
    /// The power of the wheels, and in standard air.
    fileprivate static let wheelPower = [
        follows("seconds.brake", "brake", "force and speed give") { second in
            guard let force = second.interval("force"), let speed = second.interval("speed") else { return nil }
            return force * speed * (1 / 3600)
        },
        Rule("seconds.loss") { record in
            guard let terms = record.lossTerms else { return [] }
            return record.seconds.compactMap { second in
                guard let written = second.values["loss"], let speed = second.interval("speed") else { return nil }
                let loss = Interval.corners([speed]) { (terms[0] * $0[0] + terms[1]) * $0[0] + terms[2] }
                return loss.explains(written) ? nil : Violation(second.path + ".loss", "the lane loses \(loss.text)")
            }
        },
        Rule("seconds.power") { record in
            let inertia = record.payload.at("laneParameters.baseInertia")?.text.flatMap(Double.init) ?? 0
            return record.seconds.enumerated().compactMap { index, second in
                guard let written = second.values["power"], let brake = second.interval("brake"),
                    let loss = second.interval("loss"), !(brake + loss).explains(written)
                else { return nil }
                // Whether what the slowing rollers give back is taken off is open: both are allowed.
                if index > 0, let speed = second.interval("speed"),
                    let before = record.seconds[index - 1].interval("speed")
                {
                    let given = Interval.corners([speed, before]) { inertia * $0[0] * ($0[0] - $0[1]) / 12_960 }
                    if (brake + loss + given).explains(written) { return nil }
                }
                return Violation(second.path + ".power", "brake and rollers take \((brake + loss).text) kW")
            }
        },
        Rule("seconds.power-factor") { record in
            guard let breathing = record.payload.at("order.vehicle.aspiration")?.text else { return [] }
            return record.seconds.compactMap { second in
                guard let written = second.values["pcf"], let air = second.interval("ta"),
                    let pressure = second.interval("pb")
                else { return nil }
                let isNatural = breathing == "natural"
                let factor = Interval.corners([air, pressure]) {
                    // fa to the power of 1.2, at 99 kPa and 298 K.
                    pow(
                        pow(99 / $0[1], isNatural ? 1 : 0.7) * pow(($0[0] + 273) / 298, isNatural ? 0.7 : 1.5), 1.2)
                }
                return factor.explains(written) ? nil : Violation(second.path + ".pcf", "the air gives \(factor.text)")
            }
        },
        follows("seconds.corrected-power", "pc", "power and factor give") { second in
            guard let power = second.interval("power"), let factor = second.interval("pcf") else { return nil }
            return power * factor
        },
        follows("seconds.corrected-nox", "noxc", "NOx and humidity give") { second in
            guard let nox = second.interval("nox"), let humidity = second.interval("kh") else { return nil }
            return nox * humidity
        },
    ]

    /// The scan: its greatest power is MaxHP, its speed VelMaxHP.
    fileprivate static let scan = [
        judged("scan.maximum") { record in
            guard let scan = record.payload.at("result.scan"), let time = scan.at("t")?.integer,
                let power = scan.at("maxHP")?.text.flatMap(WrittenDecimal.init)
            else { return [Violation("result.scan", "is missing in a test with a verdict")] }
            let seconds = record.seconds.filter { $0.text("stage") == "scan" }
            guard let greatest = seconds.compactMap({ $0.values["power"] }).max(),
                let second = seconds.first(where: { $0.time?.value == Double(time) })
            else { return [Violation("result.scan.t", "is no second of the scan")] }
            if greatest != power { return [Violation("result.scan.maxHP", "the scan has \(rounded(greatest.value))")] }
            return [
                ("maxHP", "power"), ("factor", "pcf"), ("correctedMaxHP", "pc"), ("velMaxHP", "speed"), ("rpm", "rpm"),
            ]
            .compactMap { name, member -> Violation? in
                guard let stated = scan.at(name)?.text.flatMap(WrittenDecimal.init),
                    let value = second.values[member], stated != value
                else { return nil }
                return Violation("result.scan.\(name)", "the second has \(rounded(value.value))")
            }
        },
        judged("scan.ratio") { record in
            guard let rpm = record.payload.interval("result.scan.rpm"),
                let rated = record.decimal("order.vehicle.ratedSpeed"), rated.units > 0,
                let written = record.decimal("result.scan.rpmRatio")
            else { return [] }
            let ratio = rpm * (100 / rated.value)
            return ratio.explains(written) ? [] : [Violation("result.scan.rpmRatio", "it is \(ratio.text) %")]
        },
        judged("item.scan") { record in
            let power = record.payload.interval("result.scan.correctedMaxHP")
            let ratio = record.payload.interval("result.scan.rpmRatio")
            return [
                power.flatMap { record.compare("scan.power", with: [$0], "the corrected power of the scan") },
                ratio.flatMap { record.compare("scan.engine-speed", with: [$0], "the ratio of the scan") },
            ].compactMap { $0 }
        },
    ]

    /// The points at 100 % and 80 % of VelMaxHP: nine seconds within 2 km/h, and their means.
    fileprivate static let points = [
        judged("points.complete") { record in
            let found = (record.payload.at("result.points")?.elements ?? []).map { $0.at("point")?.text }
            return found == ["p100", "p80"] ? [] : [Violation("result.points", "must be p100 and p80")]
        },
        point("points.target") { point, name, path, record in
            guard let speed = record.payload.interval("result.scan.velMaxHP"),
                let written = point.at("target")?.text.flatMap(WrittenDecimal.init)
            else { return [] }
            let target = speed * (name == "p100" ? 1 : 0.8)
            return target.explains(written) ? [] : [Violation(path + ".target", "VelMaxHP gives \(target.text)")]
        },
        point("points.seconds") { point, name, path, record in
            let seconds = record.measured(at: name)
            guard seconds.count == 9 else {
                return [Violation(path, "has \(seconds.count) measured seconds instead of nine")]
            }
            guard let target = point.interval("target") else { return [] }
            return seconds.compactMap { second in
                guard let speed = second.interval("speed"), speed.low > target.high + 2 || speed.high < target.low - 2
                else { return nil }
                return Violation(second.path + ".speed", "is more than 2 km/h from the point")
            }
        },
        point("points.means") { point, name, path, record in
            [
                ("speed", "speed"), ("rpm", "rpm"), ("power", "power"), ("correctedPower", "pc"), ("k", "k"),
                ("nox", "nox"), ("noxCorrected", "noxc"),
            ].compactMap { member, source -> Violation? in
                let values = record.measured(at: name).compactMap { $0.interval(source) }
                guard let written = point.at(member)?.text.flatMap(WrittenDecimal.init), values.count == 9,
                    let mean = values.mean, !mean.explains(written)
                else { return nil }
                return Violation("\(path).\(member)", "the seconds give \(mean.text)")
            }
        },
        point("item.point") { point, name, _, record in
            // Whether NOx is corrected for humidity is open: both are allowed.
            let nox = ["nox", "noxCorrected"].compactMap { point.interval($0) }
            return [
                record.compare("\(name).k", with: [point.interval("k")].compactMap { $0 }, "the mean of the point"),
                record.compare("\(name).nox", with: nox, "the mean of the point"),
            ].compactMap { $0 }
        },
    ]

    private static func point(
        _ name: String, _ violations: @escaping @Sendable (JSON, String, String, TestRecord) -> [Violation]
    ) -> Rule {
        judged(name) { record in
            (record.payload.at("result.points")?.elements ?? []).enumerated().flatMap { index, point in
                point.at("point")?.text.map { violations(point, $0, "result.points[\(index)]", record) } ?? []
            }
        }
    }
}

extension TestRecord {
    /// Quadratic, linear and constant term of what the rollers take, kW.
    fileprivate var lossTerms: [Double]? {
        let terms = ["quadratic", "linear", "constant"].compactMap {
            payload.at("laneParameters.parasiticLoss.\($0)")?.text.flatMap(Double.init)
        }
        return terms.count == 3 ? terms : nil
    }
}
