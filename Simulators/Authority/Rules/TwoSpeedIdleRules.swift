extension RecordedMethod {
    /// Two-speed idle (双怠速法), GB 18285-2018 Annex A.
    static let twoSpeedIdle = RecordedMethod(
        name: "two-speed-idle", editions: ["GB18285-2018-TSI"],
        members: [
            ("order.limitSet", .text), ("order.vehicle.fuel", sparkIgnition), ("order.vehicle.ratedSpeed", .decimal),
            ("order.vehicle.tailPipes", .integer(atLeast: 1)), tabledItems,
            (
                "result.means",
                .list(
                    atLeast: 0,
                    of: [
                        ("fuel", sparkIgnition), ("speed", .oneOf(["high-idle", "idle"])),
                        ("pipe", .integer(atLeast: 1)), ("co", .decimal), ("hc", .decimal), ("lambda", .decimal),
                        ("rpm", .decimal),
                    ])
            ),
            seconds([
                ("t", .decimal), ("phase", .oneOf(IdleRun.phases)), ("pt", .integer(atLeast: 0)),
                ("fuel", sparkIgnition), ("pipe", .integer(atLeast: 1)),
            ]),
        ],
        decimals: ["rpm", "co", "co2", "hc", "no", "o2", "lambda", "lambdac", "oil", "ta", "rh", "pb"],
        mandatory: ["rpm", "co", "co2", "hc", "o2", "lambdac"],
        decides: { ["high-idle", "idle"].contains($0.text("phase")) },
        rows: { record in
            let fuels = record.idleFuels
            return fuels.flatMap { fuel in
                ["high-idle", "idle"].flatMap { speed in
                    idleRows(fuels.count > 1 ? "\(fuel).\(speed)" : speed, speed, fuel, record)
                }
            }
        },
        rules: Rule.tabled + [Rule.numbered, Rule.ordered, Rule.whole] + Rule.idle)

    /// Limits a and b (双怠速法排放限值). From memory, M-H; not compared with the printed standard.
    private static func idleRows(_ part: String, _ speed: String, _ fuel: String, _ record: TestRecord) -> [ItemRow] {
        let isHigh = speed == "high-idle"
        func number(_ text: String) -> WrittenDecimal? { WrittenDecimal(text) }
        var rows = [
            ItemRow(
                "\(part).co", "CO", "%", places: 2, a: number(isHigh ? "0.3" : "0.6"),
                b: number(isHigh ? "0.3" : "0.4")),
            // Its limit is only recommended for natural gas.
            ItemRow(
                "\(part).hc", "HC", "ppm", places: 0, a: number(isHigh ? "50" : "80"), b: number(isHigh ? "30" : "40"),
                isOptional: fuel == "natural-gas"),
        ]
        if isHigh {
            // 1.00 ± 0.05, or the range that the maker states.
            let maker = record.payload.at("order.vehicle.lambdaRange")?.elements?.map {
                $0.text.flatMap(WrittenDecimal.init)
            }
            let range = maker ?? [number("0.95"), number("1.05")]
            let bounds = ItemRow.Bounds(least: range.first ?? nil, greatest: range.last ?? nil)
            rows.append(
                ItemRow("\(part).lambda", "LAMBDA", "1", places: 2, columns: ["a": bounds, "b": bounds]))
        }
        return rows
    }
}

/// The seconds of one measurement at one speed.
struct IdleRun: Sendable {
    /// 70 % of rated speed 30 s, high idle 15 s and 30 s, idle 15 s and 30 s.
    static let phases = ["conditioning", "high-idle-settle", "high-idle", "idle-settle", "idle"]

    let fuel: String
    let pipe: Int
    let speed: String
    /// The seconds that were averaged: the last ones of this measurement that were counted from 1.
    let seconds: ArraySlice<Second>
    /// How long the engine had settled before them.
    let settled: Int

    init(_ speed: String, fuel: String, pipe: Int, in record: TestRecord) {
        (self.fuel, self.pipe, self.speed) = (fuel, pipe, speed)
        let all = record.seconds
        func isOwn(_ second: Second) -> Bool { second.text("fuel") == fuel && second.integer("pipe") == pipe }
        let last = all.lastIndex { isOwn($0) && $0.text("phase") == speed }
        var first = last
        while let index = first, index > 0, isOwn(all[index - 1]), all[index - 1].text("phase") == speed {
            first = index - 1
        }
        seconds = first.flatMap { first in last.map { all[first...$0] } } ?? []
        let before = first.flatMap { $0 > 0 ? all[$0 - 1] : nil }
        settled = before?.text("phase") == "\(speed)-settle" ? before?.integer("pt") ?? 0 : 0
    }

    /// The mean of a member; nil if a second lacks it.
    func mean(_ member: String) -> Interval? {
        let values = seconds.compactMap { $0.interval(member) }
        return values.count == seconds.count ? values.mean : nil
    }
}

extension TestRecord {
    /// What the vehicle burns, the second fuel of a bi-fuel vehicle too.
    fileprivate var idleFuels: [String] {
        ["fuel", "secondFuel"].compactMap { payload.at("order.vehicle.\($0)")?.text }
    }

    fileprivate var idleRuns: [IdleRun] {
        let pipes = max(1, min(8, payload.at("order.vehicle.tailPipes")?.integer ?? 1))
        return idleFuels.flatMap { fuel in
            ["high-idle", "idle"].flatMap { speed in
                (1...pipes).map { IdleRun(speed, fuel: fuel, pipe: $0, in: self) }
            }
        }
    }

    /// High idle: the maker's speed, or 2500 r/min of a light and 1800 r/min of a heavy vehicle, above 3500 kg.
    fileprivate var highIdle: Double {
        if let stated = decimal("order.vehicle.highIdleSpeed") { return stated.value }
        return (decimal("order.vehicle.grossMass")?.value ?? 0) > 3500 ? 1800 : 2500
    }
}

extension Rule {
    /// Phases, engine speed, lambda and means of two-speed idle.
    fileprivate static let idle = [
        judged("idle.duration") { record in
            var violations: [Violation] = []
            for run in record.idleRuns {
                let name = "\(run.speed) on \(run.fuel), tail pipe \(run.pipe)"
                let timer = run.seconds.map { $0.integer("pt") }
                if timer != (1...30).map({ $0 }) {
                    let path = run.seconds.first?.path ?? "result.seconds"
                    violations.append(Violation(path, "\(name) has not thirty seconds counted from 1"))
                } else if run.settled < 15 {
                    let path = run.seconds.first?.path ?? "result.seconds"
                    violations.append(Violation(path, "\(name) was measured without 15 s before it"))
                }
            }
            for fuel in record.idleFuels where !record.isConditioned(on: fuel) {
                violations.append(
                    Violation("result.seconds", "the engine was not held at 70 % of rated speed for 30 s on \(fuel)"))
            }
            return violations
        },
        judged("idle.speed") { record in
            record.idleRuns.flatMap { run in
                // One second outside is the driver's foot, two are another speed.
                zip(run.seconds, run.seconds.dropFirst()).compactMap { before, second -> Violation? in
                    guard record.isOutside(before, of: run), record.isOutside(second, of: run) else { return nil }
                    return Violation(second.path + ".rpm", "the engine was not at \(run.speed)")
                }
            }
        },
        judged("idle.carbon") { record in
            record.idleRuns.flatMap { run in
                run.seconds.compactMap { second -> Violation? in
                    guard let co = second.interval("co"), let co2 = second.interval("co2"), (co + co2).high < 6.0
                    else { return nil }
                    return Violation(second.path + ".co2", "CO and CO2 below 6.0 % void a test")
                }
            }
        },
        judged("idle.lambda") { record in
            record.idleRuns.flatMap { run in
                run.seconds.compactMap { second -> Violation? in
                    guard let written = second.values["lambdac"], let expected = lambda(second, run.fuel),
                        !expected.explains(written)
                    else { return nil }
                    return Violation(second.path + ".lambdac", "the gases give \(expected.text)")
                }
            }
        },
        judged("means.complete") { record in
            let found = (record.payload.at("result.means")?.elements ?? []).map {
                [$0.at("fuel")?.text, $0.at("speed")?.text, $0.at("pipe")?.integer.map(String.init)]
            }
            return record.idleRuns.compactMap { run in
                let count = found.count { $0 == [run.fuel, run.speed, String(run.pipe)] }
                guard count != 1 else { return nil }
                let name = "\(run.speed) on \(run.fuel), tail pipe \(run.pipe)"
                return Violation("result.means", "has \(count) means of \(name) instead of one")
            }
        },
        judged("means.seconds") { record in
            let means = record.payload.at("result.means")?.elements ?? []
            return means.enumerated().flatMap { index, mean -> [Violation] in
                guard let fuel = mean.at("fuel")?.text, let speed = mean.at("speed")?.text,
                    let pipe = mean.at("pipe")?.integer
                else { return [] }
                let run = IdleRun(speed, fuel: fuel, pipe: pipe, in: record)
                return [("co", "co"), ("hc", "hc"), ("lambda", "lambdac"), ("rpm", "rpm")].compactMap {
                    name, member -> Violation? in
                    guard let written = mean.at(name)?.text.flatMap(WrittenDecimal.init),
                        let expected = run.mean(member), !expected.explains(written)
                    else { return nil }
                    return Violation("result.means[\(index)].\(name)", "the seconds give \(expected.text)")
                }
            }
        },
        judged("item.mean") { record in
            let means = record.payload.at("result.means")?.elements ?? []
            let several = record.idleFuels.count > 1
            return record.idleFuels.flatMap { fuel in
                ["high-idle", "idle"].flatMap { speed in
                    let pipes = means.filter { $0.at("fuel")?.text == fuel && $0.at("speed")?.text == speed }
                    return ["co", "hc", "lambda"].compactMap { name -> Violation? in
                        // The mean of the tail pipes.
                        guard let mean = pipes.compactMap({ $0.interval(name) }).mean else { return nil }
                        let id = several ? "\(fuel).\(speed).\(name)" : "\(speed).\(name)"
                        return record.compare(id, with: [mean], "the mean of the seconds")
                    }
                }
            }
        },
    ]

    /// A rule on records with a verdict.
    static func judged(_ name: String, _ violations: @escaping @Sendable (TestRecord) -> [Violation]) -> Rule {
        Rule(name) { record in record.isJudged ? violations(record) : [] }
    }

    /// Lambda after Brettschneider, for all that the gases can have been; whether the standard's formula has the term
    /// of NO is not known, so that it is allowed with and without.
    private static func lambda(_ second: Second, _ fuel: String) -> Interval? {
        let ratios = ["gasoline": (1.7261, 0.0176), "lpg": (2.525, 0), "natural-gas": (4.0, 0)]
        guard let (hydrogen, oxygen) = ratios[fuel], let co = second.interval("co"), let co2 = second.interval("co2"),
            let o2 = second.interval("o2"), let hc = second.interval("hc"), co2.low > 0
        else { return nil }
        let no = Interval(0, max(0, second.interval("no")?.high ?? 0) / 10_000)
        return Interval.corners([co, co2, o2, hc, no]) { gas in
            let (co, co2, o2, hc, no) = (max(0, gas[0]), gas[1], max(0, gas[2]), max(0, gas[3]), gas[4])
            let water = hydrogen / 4 * 3.5 / (3.5 + co / co2) - oxygen / 2
            return (co2 + co / 2 + o2 + no / 2 + water * (co2 + co))
                / ((1 + hydrogen / 4 - oxygen / 2) * (co2 + co + 0.0006 * hc))
        }
    }
}

extension TestRecord {
    fileprivate func isConditioned(on fuel: String) -> Bool {
        seconds.contains {
            $0.text("fuel") == fuel && $0.text("phase") == "conditioning" && ($0.integer("pt") ?? 0) >= 30
        }
    }

    /// High idle has a band of 200 r/min; an engine that idles is below it.
    fileprivate func isOutside(_ second: Second, of run: IdleRun) -> Bool {
        guard let speed = second.interval("rpm") else { return false }
        return run.speed == "idle"
            ? speed.low > highIdle - 200 : speed.low > highIdle + 200 || speed.high < highIdle - 200
    }
}
