import Foundation

/// Prints findings as a table for people.
enum Table {
    private static let header = ["", "ours", "reference", "ratio", "samples", "required", ""]

    static func print(_ findings: Findings) {
        let rows = [header] + findings.lines.map(row)
        let widths = header.indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
        for row in rows {
            let cells = zip(row, widths).enumerated().map { index, cell in
                // Names stand left, figures right.
                let padding = String(repeating: " ", count: cell.1 - cell.0.count)
                return index == 0 ? cell.0 + padding : padding + cell.0
            }
            Swift.print(cells.joined(separator: "  "))
        }
        for note in findings.notes { Swift.print("  \(note)") }
    }

    private static func row(_ line: Line) -> [String] {
        let required =
            switch line.requirement {
            case .none: "–"
            case .ratio(let most): "ratio ≤ \(figure(most))"
            case .below(let limit): "< \(figure(limit)) \(line.unit)"
            }
        let count = line.ours.values.count
        return [
            line.name, "\(figure(line.ours.median)) \(line.unit)",
            line.reference.map { "\(figure($0.median)) \(line.unit)" } ?? "–", line.ratio.map(figure) ?? "–",
            line.reference.map { "\(count)+\($0.values.count)" } ?? "\(count)", required,
            line.isWithin.map { $0 ? "within" : "OVER" } ?? "",
        ]
    }

    /// Three significant digits or so, without exponents.
    private static func figure(_ value: Double) -> String {
        let places = abs(value) >= 100 ? 0 : abs(value) >= 10 ? 1 : abs(value) >= 0.1 ? 2 : 4
        return String(format: "%.\(places)f", value)
    }
}
