import Evidence
import Foundation
import Lane
import Messages
import Metrology
import Procedures
import Standards

/// What a finished check tells: each item with its tolerance, and what became of its record.
struct CheckReport {
    let kind: Message
    let outcome: CheckOutcome
    /// What the technician should know of the reference materials.
    let warnings: [Message]
    /// Whether the person has seen it already.
    var isShown = false
    private let record: TestReport

    /// The report of a check; nil if it was none.
    init?(_ record: TestReport, warnings: [Message]) {
        guard let outcome = record.result.outcome as? CheckOutcome else { return nil }
        kind = outcome.kind.message
        self.outcome = outcome
        self.warnings = warnings
        self.record = record
    }

    /// The object that `--json` prints.
    var json: JSONValue {
        var members = record.members(items: outcome.items.map { JSONValue($0.report) })
        members["check"] = .string(outcome.kind.rawValue)
        members["parameters"] = .array(outcome.parameters.map { JSONValue($0.report) })
        members["references"] = .array(outcome.references.map(JSONValue.string))
        members["remarks"] = .array(outcome.remarks.map { .string($0.rawValue) })
        members["warnings"] = .array(warnings.map { .string(Catalogue(.english).text($0)) })
        return .object(members)
    }

    /// The lines for a person.
    func lines(_ catalogue: Catalogue, _ style: Style) -> [String] {
        var lines = [""]
        switch outcome.verdict {
        case .passed: lines.append(style.good(catalogue.text(Message(.checkReportPassed, ["kind": .message(kind)]))))
        case .failed: lines.append(style.bad(catalogue.text(Message(.checkReportFailed, ["kind": .message(kind)]))))
        case .aborted(let reason):
            lines.append(
                style.bad(
                    catalogue.text(
                        Message(
                            .checkReportAborted, ["kind": .message(kind), "reason": .message(reason.message)]))))
            if let diagnosis = record.result.diagnosis { lines.append("  " + catalogue.text(diagnosis)) }
        }
        lines += warnings.map { "! " + catalogue.text($0) }
        return lines + table(catalogue, style) + record.recordLines(catalogue, style)
    }

    private func table(_ catalogue: Catalogue, _ style: Style) -> [String] {
        guard !outcome.items.isEmpty else { return [] }
        func text(_ code: MessageCode) -> String { catalogue.text(Message(code)) }
        var table = Table([
            text(.qaHeadItem), text(.checkHeadReference), text(.checkHeadMeasured), text(.checkHeadError),
            text(.qaHeadTolerance), "", text(.qaHeadResult),
        ])
        for item in outcome.items {
            let unit = item.unit == "1" ? "" : " \(item.unit)"
            table.add([
                item.id, item.reference.map { "\($0)\(unit)" } ?? "–", item.measured.map { "\($0)\(unit)" } ?? "–",
                item.error?.description ?? "–", item.tolerance.text, item.bar,
                text(item.passes ? .reportItemPassed : .reportItemFailed),
            ])
        }
        return table.lines.enumerated().map { index, line in
            index == 0 ? style.strong(line) : outcome.items[index - 1].passes ? line : style.bad(line)
        }
    }
}

extension CheckItem {
    /// Where the error lies within its tolerance, from one end in brackets to the other; empty for what has none.
    fileprivate var bar: String {
        guard case .within(let absolute, let relative) = tolerance, let error, let reference else { return "" }
        let width = max(absolute?.value ?? 0, (relative?.value ?? 0) / 100 * abs(reference.value))
        guard width > 0 else { return "" }
        let (reach, cells) = (1.5, 13)
        var row = [Character](repeating: " ", count: cells)
        func cell(_ share: Double) -> Int {
            Int(((max(-reach, min(reach, share)) + reach) / (2 * reach) * Double(cells - 1)).rounded())
        }
        row[cell(-1)] = "["
        row[cell(1)] = "]"
        row[cell(0)] = "·"
        row[cell(error.value / width)] = "●"
        return String(row)
    }
}
