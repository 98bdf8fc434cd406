extension Rule {
    /// The run of a mode's timer in the steady-state method, and the means of its last ten seconds.
    static let steadyStateSeconds = [
        Rule("seconds.run") { record in
            // A window across a gap of the mode's timer is none.
            guard record.isJudged else { return [] }
            return record.modes.flatMap { mode in
                record.run(of: mode).enumerated().compactMap { index, second -> Violation? in
                    guard second.modeTime != index + 1 else { return nil }
                    return Violation(second.path + ".mt", "the timer of \(mode.rawValue) must show \(index + 1)")
                }
            }
        },
        Rule("item.mean") { record in
            guard record.isJudged else { return [] }
            return record.items.compactMap { item in
                guard let value = item.value, let mode = item.mode, let pollutant = item.pollutant else { return nil }
                let path = item.path + ".value"
                let windows = record.windows(of: mode)
                guard !windows.isEmpty else {
                    return Violation(path, "\(mode.rawValue) has no ten seconds; the result is a mean of ten")
                }
                let means = windows.compactMap { $0.mean(of: pollutant)?.middle }
                guard let last = means.first, !means.contains(where: { abs(value.value - $0) <= value.unit + 1e-9 })
                else { return nil }
                return Violation(path, "the mean of the last ten corrected values is \(rounded(last))")
            }
        },
    ]
}
