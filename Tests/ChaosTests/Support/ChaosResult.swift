import SimulatedInstruments

/// What a run came to.
struct ChaosResult: Sendable {
    /// How it ended: passed, failed, aborted or refused, and why.
    var outcome = ""
    var code = ""
    /// The kinds of faults that happened.
    var faults: Set<String> = []
    /// What must not be.
    var violations: [String] = []
    var ticks = 0
    var framesTaken = 0
    var readings = 0
    var staleReadings = 0
    var unseenDamage = 0
    /// The dynamometer could be unloaded only when its cable was in again.
    var unloadedLater = false
    /// Lane time, s.
    var duration = 0.0
}

/// What occurred in many runs: faults × outcomes.
struct ChaosTable: CustomStringConvertible {
    private var rows: [String: [String: Int]] = [:]
    private var codes: [String: Int] = [:]
    private var sums = ChaosResult()
    private var runs = 0
    private var later = 0

    private static let columns = ["passed", "failed", "aborted", "not begun"]

    mutating func add(_ result: ChaosResult) {
        runs += 1
        for fault in result.faults.isEmpty ? ["none"] : result.faults {
            rows[fault, default: [:]][result.outcome, default: 0] += 1
        }
        rows["all runs", default: [:]][result.outcome, default: 0] += 1
        if !result.code.isEmpty { codes[result.code, default: 0] += 1 }
        sums.ticks += result.ticks
        sums.framesTaken += result.framesTaken
        sums.readings += result.readings
        sums.staleReadings += result.staleReadings
        sums.unseenDamage += result.unseenDamage
        sums.duration += result.duration
        if result.unloadedLater { later += 1 }
    }

    /// How often a kind of fault or a kind of outcome occurred.
    func count(fault: String = "all runs", outcome: String) -> Int { rows[fault]?[outcome] ?? 0 }

    var description: String {
        func cell(_ text: String, _ width: Int) -> String {
            text + String(repeating: " ", count: max(1, width - text.count))
        }
        var lines = [cell("fault", 20) + Self.columns.map { cell($0, 10) }.joined()]
        for (fault, counts) in rows.sorted(by: { $0.key < $1.key }) {
            lines.append(cell(fault, 20) + Self.columns.map { cell("\(counts[$0] ?? 0)", 10) }.joined())
        }
        lines.append(
            "reasons: " + codes.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", "))
        lines.append(
            "\(runs) runs, \(Int(sums.duration)) s of lane time, \(sums.ticks) ticks, \(sums.framesTaken) frames taken, "
                + "\(sums.unseenDamage) of them damaged where no check byte shows it, \(sums.readings) readings, "
                + "\(sums.staleReadings) of them marked stale, \(later) dynamometers unloaded when the cable was back")
        return lines.joined(separator: "\n")
    }
}
