extension RecordedMethod {
    /// The simple transient method (简易瞬态工况法, VMAS), GB 18285-2018 Annex D.
    static let transient = RecordedMethod(
        name: "vmas", editions: ["GB18285-2018-VMAS"],
        members: [
            ("order.limitSet", .text), ("order.vehicle.fuel", sparkIgnition), ("order.vehicle.curbMass", .decimal),
            tabledItems,
            ("result.distance", .decimal), ("result.masses", .object),
            (
                "result.readings",
                .list(
                    atLeast: 0,
                    of: [
                        ("densityTemperature", .decimal), ("noxBasis", .oneOf(["no", "no2"])),
                        ("dilutionFactor", .oneOf(["applied", "left-out"])),
                    ])
            ),
            seconds([("op", .integer(atLeast: 1)), ("phase", .integer(atLeast: 1))]),
        ],
        decimals: [
            "target", "speed", "force", "rpm", "co", "co2", "hc", "no", "o2", "lambda", "o2d", "flow", "ft", "fp",
            "oil", "ta", "rh", "pb", "fd", "fs", "fe", "ihp", "plhp", "power", "o2a", "std", "dr", "exh", "df", "kh",
            "coc", "hcc", "noc", "mco", "mhc", "mnox", "mco2",
        ],
        mandatory: [
            "target", "speed", "force", "rpm", "co", "co2", "hc", "no", "o2", "o2d", "o2a", "flow", "ft", "fp", "ta",
            "rh", "pb", "std", "dr", "exh", "df", "kh", "coc", "hcc", "noc", "mco", "mhc", "mnox",
        ],
        decides: { _ in true },
        rows: { record in
            let isGas = record.payload.at("order.vehicle.fuel")?.text == "natural-gas"
            // From memory, M-H; not compared with the printed standard. HC is only recommended for natural gas.
            return [
                ("co", "8.0", "5.0", false), ("hc", "1.6", "1.0", isGas), ("nox", "1.3", "0.7", false),
            ].map { name, a, b, isOptional in
                ItemRow(
                    name, name.uppercased(), "g/km", places: 2, a: WrittenDecimal(a), b: WrittenDecimal(b),
                    isOptional: isOptional)
            }
        },
        rules: Rule.tabled + [Rule.numbered, Rule.whole] + Rule.cycle + [Rule.diluted, Rule.moist, Rule.corrected]
            + Rule.flows + Rule.masses)
}

/// The urban cycle of ECE R83: second and km/h, linear between; operations end at the knots, phases as in the interface
/// of Jinhua.
private let knots: [(second: Double, speed: Double, phase: Int)] = [
    (11, 0, 1), (15, 15, 2), (23, 15, 3), (25, 10, 4), (28, 0, 4), (49, 0, 5), (54, 15, 6), (56, 15, 6), (61, 32, 6),
    (85, 32, 7), (93, 10, 8), (96, 0, 8), (117, 0, 9), (122, 15, 10), (124, 15, 10), (133, 35, 10), (135, 35, 10),
    (143, 50, 10), (155, 50, 11), (163, 35, 12), (176, 35, 13), (178, 32, 14), (185, 10, 14), (188, 0, 14),
    (195, 0, 15),
]

/// The operation of a second, from 0, and the speed at its end.
private func trace(at second: Int) -> (operation: Int, speed: Double)? {
    let time = Double(second)
    guard let index = knots.firstIndex(where: { time <= $0.second }) else { return nil }
    let to = knots[index]
    let from = index > 0 ? knots[index - 1] : (second: 0, speed: 0, phase: 1)
    return (index, from.speed + (to.speed - from.speed) * (time - from.second) / (to.second - from.second))
}

extension Rule {
    /// The 195 seconds of the cycle, how well they were followed, and the way.
    fileprivate static let cycle = [
        judged("cycle.seconds") { record in
            guard record.seconds.count != 195 else { return [] }
            return [Violation("result.seconds", "has \(record.seconds.count) seconds; the cycle has 195")]
        },
        Rule("cycle.operation") { record in
            record.seconds.compactMap { second in
                guard let number = second.number, let expected = trace(at: number) else { return nil }
                let phase = knots[expected.operation].phase
                if second.integer("op") == expected.operation + 1, second.integer("phase") == phase { return nil }
                return Violation(second.path, "is of operation \(expected.operation + 1) in phase \(phase)")
            }
        },
        Rule("cycle.target") { record in
            record.seconds.compactMap { second in
                guard let number = second.number, let expected = trace(at: number)?.speed,
                    let written = second.values["target"], !Interval(exactly: expected).explains(written)
                else { return nil }
                return Violation(second.path + ".target", "the cycle has \(rounded(expected))")
            }
        },
        judged("cycle.speed") { record in
            // More than two seconds in a row beyond 2 km/h stop a test.
            var outside = 0
            return record.seconds.compactMap { second in
                guard let speed = second.interval("speed"), let target = second.interval("target") else { return nil }
                let isOutside = speed.low > target.high + 2 || speed.high < target.low - 2
                outside = isOutside ? outside + 1 : 0
                guard outside == 3 else { return nil }
                return Violation(second.path + ".speed", "is the third second in a row beyond 2 km/h of the cycle")
            }
        },
        judged("distance.sum") { record in
            let speeds = record.seconds.compactMap { $0.interval("speed") }
            guard let written = record.decimal("result.distance"), speeds.count == record.seconds.count,
                let sum = speeds.mean.map({ $0 * (Double(speeds.count) / 3600) }), !sum.explains(written)
            else { return [] }
            return [Violation("result.distance", "the speeds give \(sum.text) km")]
        },
        judged("distance.range") { record in
            guard let distance = record.payload.interval("result.distance"),
                distance.high < 1.013 - 0.2 || distance.low > 1.013 + 0.2
            else { return [] }
            return [Violation("result.distance", "more than 0.2 km from 1.013 km voids the test")]
        },
    ]

    /// From the flow meter's stream to the exhaust.
    fileprivate static let flows = [
        follows("seconds.flow", "std", "the flow meter gives") { second in
            // m³/min to L/s, from what it measured to 101.325 kPa and 20 °C.
            guard let flow = second.interval("flow"), let temperature = second.interval("ft"),
                let pressure = second.interval("fp")
            else { return nil }
            return Interval.corners([flow, temperature, pressure]) {
                max(0, $0[0]) * 1000 / 60 * ($0[2] / 101.325) * (293.15 / ($0[1] + 273.15))
            }
        },
        Rule("seconds.share") { record in
            record.seconds.enumerated().compactMap { index, second in
                guard let ambient = second.interval("o2a"), let diluted = second.interval("o2d"),
                    let raw = second.interval("o2"), let written = second.values["dr"]
                else { return nil }
                let path = second.path + ".dr"
                guard second.truth("drh") != true else {
                    // Exhaust like air, as without fuel on the overrun, cannot be told from air.
                    let before = index > 0 ? record.seconds[index - 1].values["dr"] : nil
                    guard ambient.low - raw.high < 2, before == nil || before == written else {
                        return Violation(path, "may be held only while the exhaust is like air")
                    }
                    return nil
                }
                let share = Interval.corners([ambient, diluted, raw]) {
                    min(1, max(0, ($0[0] - $0[1]) / max($0[0] - $0[2], 1e-9)))
                }
                return share.explains(written) ? nil : Violation(path, "the oxygen gives \(share.text)")
            }
        },
        follows("seconds.exhaust", "exh", "stream and share give") { second in
            guard let flow = second.interval("std"), let share = second.interval("dr") else { return nil }
            return flow * share
        },
    ]

    /// From the exhaust to grams for each kilometre, by the reading of the standard that the record names first.
    fileprivate static let masses =
        Gas.judged.map { gas in
            Rule("seconds.mass.\(gas.name)") { record in
                guard let reading = record.payload.at("result.readings")?.elements?.first else { return [] }
                return record.seconds.compactMap { second in
                    guard let written = second.values["m\(gas.name)"], let mass = gas.mass(second, reading),
                        !mass.explains(written)
                    else { return nil }
                    return Violation("\(second.path).m\(gas.name)", "the exhaust gives \(mass.text) g")
                }
            }
        } + [
            judged("masses.sum") { record in
                Gas.judged.compactMap { gas in
                    guard let written = record.decimal("result.masses.\(gas.name)"),
                        let sum = record.sum(of: "m\(gas.name)"), !sum.explains(written)
                    else { return nil }
                    return Violation("result.masses.\(gas.name)", "the seconds give \(sum.text) g")
                }
            },
            judged("item.mass") { record in
                guard let distance = record.payload.interval("result.distance"), distance.low > 0 else { return [] }
                return Gas.judged.compactMap { gas in
                    guard let sum = record.sum(of: "m\(gas.name)") else { return nil }
                    return record.compare(gas.name, with: [sum / distance], "the mass for each kilometre")
                }
            },
        ]

    /// A rule on a member of a second that follows from others.
    static func follows(
        _ name: String, _ member: String, _ meaning: String, from expected: @escaping @Sendable (Second) -> Interval?
    ) -> Rule {
        Rule(name) { record in
            record.seconds.compactMap { second in
                guard let written = second.values[member], let interval = expected(second),
                    !interval.explains(written)
                else { return nil }
                return Violation("\(second.path).\(member)", "\(meaning) \(interval.text)")
            }
        }
    }
}

/// A gas whose mass is judged.
private struct Gas: Sendable {
    static let judged = [
        Gas(name: "co", raw: "co", corrected: "coc", scale: 1e-2),
        Gas(name: "hc", raw: "hc", corrected: "hcc", scale: 1e-6),
        Gas(name: "nox", raw: "no", corrected: "noc", scale: 1e-6),
    ]

    let name: String
    let raw: String
    let corrected: String
    /// From the unit of the concentration to a share of the volume.
    let scale: Double

    /// The mass of a second in g: litres of exhaust times share of the volume times density.
    func mass(_ second: Second, _ reading: JSON) -> Interval? {
        guard let temperature = reading.at("densityTemperature")?.text.flatMap(Double.init),
            let exhaust = second.interval("exh")
        else { return nil }
        let isCorrected = reading.at("dilutionFactor")?.text == "applied"
        guard var gas = second.interval(isCorrected ? corrected : raw) else { return nil }
        // A gas that reads below zero is a zero point that has drifted.
        gas = Interval(max(0, gas.low), max(0, gas.high))
        if !isCorrected, name == "nox" {
            guard let humidity = second.interval("kh") else { return nil }
            gas = gas * humidity
        }
        // An ideal gas: 22.414 L/mol at 0 °C and 101.325 kPa.
        let density = molarMass(reading) / 22.414 * 273.15 / (273.15 + temperature)
        return exhaust * gas * (scale * density)
    }

    /// g/mol; HC counts as n-hexane, NOx as NO or as NO2.
    private func molarMass(_ reading: JSON) -> Double {
        switch name {
        case "co": 28.010
        case "hc": 86.178
        default: reading.at("noxBasis")?.text == "no" ? 30.006 : 46.005
        }
    }
}

extension TestRecord {
    /// The sum of a member over all seconds; nil if one lacks it.
    fileprivate func sum(of member: String) -> Interval? {
        let values = seconds.compactMap { $0.interval(member) }
        guard values.count == seconds.count else { return nil }
        return values.mean.map { $0 * Double(values.count) }
    }
}
