extension Rule {
    /// The reported values of the steady-state method, their limits and the verdict.
    static let steadyStateResults = [
        Rule("items.complete") { record in
            // A mode is judged by all three pollutants, each once.
            guard record.isJudged else { return [] }
            return record.modes.flatMap { mode in
                Pollutant.allCases.compactMap { pollutant -> Violation? in
                    let count = record.items.count { $0.mode == mode && $0.pollutant == pollutant }
                    guard count != 1 else { return nil }
                    let problem = "\(mode.rawValue) has \(count) values of \(pollutant.rawValue) instead of one"
                    return Violation("result.items", problem)
                }
            }
        },
        Rule("item.id") { record in
            record.items.compactMap { item in
                guard let id = item.id, let mode = item.mode, let pollutant = item.pollutant,
                    id != "\(mode.rawValue).\(pollutant.rawMember)"
                else { return nil }
                return Violation(item.path + ".id", "must be \(mode.rawValue).\(pollutant.rawMember)")
            }
        },
        Rule("item.unit") { record in
            record.items.enumerated().compactMap { index, item in
                let unit = record.payload.at("result.items")?.elements?[index].at("unit")?.text
                guard let unit, let pollutant = item.pollutant, unit != pollutant.unit else { return nil }
                return Violation(item.path + ".unit", "\(pollutant.rawValue) is reported in \(pollutant.unit)")
            }
        },
        Rule("item.decimals") { record in
            record.items.compactMap { item in
                guard let value = item.value, let pollutant = item.pollutant, value.places != pollutant.places else {
                    return nil
                }
                let problem = "\(pollutant.rawValue) is reported with \(pollutant.places) decimals"
                return Violation(item.path + ".value", problem)
            }
        },
        Rule("item.limit") { record in
            guard !record.isJudgedBy2005 else { return [] }
            return record.items.compactMap { item in
                guard let limit = item.limit, let mode = item.mode, let pollutant = item.pollutant,
                    let row = LimitRow.of(mode, pollutant), row.columns(of: limit).isEmpty
                else { return nil }
                return Violation(item.path + ".limit", "GB 18285-2018 has \(row.a) (limit a) and \(row.b) (limit b)")
            }
        },
        Rule("item.column") { record in
            // A vehicle is judged by limit a or by limit b, never by some of each.
            guard !record.isJudgedBy2005 else { return [] }
            let columns = record.items.compactMap { item -> Set<String>? in
                guard let limit = item.limit, let mode = item.mode, let pollutant = item.pollutant else { return nil }
                return LimitRow.of(mode, pollutant)?.columns(of: limit)
            }.filter { !$0.isEmpty }
            guard let first = columns.first, columns.dropFirst().reduce(first, { $0.intersection($1) }).isEmpty else {
                return []
            }
            return [Violation("result.items", "limits a and b are mixed")]
        },
        Rule("item.verdict") { record in
            record.items.compactMap { item in
                guard let value = item.value, let limit = item.limit, let verdict = item.verdict else { return nil }
                let expected = value <= limit ? "passed" : "failed"
                guard verdict != expected, !isFailedByFullValue(item, in: record) else { return nil }
                return Violation(item.path + ".verdict", "the value and the limit give \(expected)")
            }
        },
        Rule("verdict.items") { record in
            guard record.isJudged, let verdict = record.verdict, let mode = record.decidingMode else { return [] }
            let verdicts = record.items.filter { $0.mode == mode }.compactMap(\.verdict)
            let expected = verdicts.allSatisfy { $0 == "passed" } ? "passed" : "failed"
            guard !verdicts.isEmpty, verdict != expected else { return [] }
            return [Violation("result.verdict", "the values of \(mode.rawValue) give \(expected)")]
        },
        Rule("verdict.mode") { record in
            // After ASM5025 a vehicle fails without ASM2540 only by more than five times a limit.
            guard !record.isJudgedBy2005, record.verdict == "failed", record.decidingMode == .asm5025 else { return [] }
            let isGross = record.items.contains { item in
                guard let value = item.value, let limit = item.limit else { return false }
                // In full it may have been above what it is rounded to.
                return value.value >= 5 * limit.value - 1e-9
            }
            return isGross ? [] : [Violation("result.verdict", "failed without ASM2540, and no value above 500 %")]
        },
    ]

    /// Whether a value that equals its limit as reported can have been above it in full: where the standard is silent,
    /// GB/T 8170-2008 (4.3) compares the full value.
    private static func isFailedByFullValue(_ item: Item, in record: TestRecord) -> Bool {
        guard item.verdict == "failed", let value = item.value, let limit = item.limit, value == limit,
            let mode = item.mode, let pollutant = item.pollutant
        else { return false }
        return record.windows(of: mode).compactMap { $0.mean(of: pollutant) }.contains { $0.high > limit.value }
    }
}
