import Evidence
import Metrology
import Standards

/// A picture of how judged values moved from check to check, each against its tolerance (漂移图), as SVG 1.1.
///
/// The same series give the same bytes.
public struct DriftPlot: Sendable {
    private let title: String
    private let series: [DriftSeries]

    private static let width = 720.0
    private static let panel = 150.0
    private static let margin = (left: 90.0, right: 20.0, top: 30.0, bottom: 28.0)

    /// A plot with a panel for each series.
    public init(title: String, series: [DriftSeries]) {
        self.title = title
        self.series = series
    }

    /// The picture.
    public var svg: String {
        let height = Self.margin.top + Double(max(1, series.count)) * (Self.panel + Self.margin.bottom) + 10
        var lines = [
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"\(number(Self.width))\" height=\"\(number(height))\" "
                + "viewBox=\"0 0 \(number(Self.width)) \(number(height))\" font-family=\"sans-serif\" font-size=\"12\">",
            "<title>\(escaped(title))</title>",
            "<rect width=\"100%\" height=\"100%\" fill=\"white\"/>",
            "<text x=\"\(number(Self.margin.left))\" y=\"18\" font-size=\"14\">\(escaped(title))</text>",
        ]
        for (index, one) in series.enumerated() {
            lines += panel(one, top: Self.margin.top + Double(index) * (Self.panel + Self.margin.bottom))
        }
        return (lines + ["</svg>", ""]).joined(separator: "\n")
    }

    private func panel(_ series: DriftSeries, top: Double) -> [String] {
        guard let first = series.points.first, let last = series.points.last else { return [] }
        let values = series.points.flatMap { [$0.value, $0.low, $0.high] }.compactMap { $0?.value }
        let (least, most) = (values.min() ?? 0, values.max() ?? 1)
        let room = most > least ? (most - least) * 0.1 : max(abs(most) * 0.1, 1)
        let (low, high) = (least - room, most + room)
        let left = Self.margin.left
        let right = Self.width - Self.margin.right
        let span = Double(last.at.seconds - first.at.seconds)
        func x(_ point: DriftSeries.Point) -> Double {
            // A single check stands in the middle.
            span == 0 ? (left + right) / 2 : left + (right - left) * Double(point.at.seconds - first.at.seconds) / span
        }
        func y(_ value: Double) -> Double { top + Self.panel * (high - value) / (high - low) }
        let name = "\(series.kind.rawValue) \(series.item) (\(series.unit))"
        var lines = [
            "<rect x=\"\(number(left))\" y=\"\(number(top))\" width=\"\(number(right - left))\" "
                + "height=\"\(number(Self.panel))\" fill=\"none\" stroke=\"#888\"/>",
            "<text x=\"\(number(left + 4))\" y=\"\(number(top + 14))\">\(escaped(name))</text>",
        ]
        for bound in [\DriftSeries.Point.low, \.high] {
            let path = series.points.compactMap { point in
                point[keyPath: bound].map { "\(number(x(point))),\(number(y($0.value)))" }
            }
            guard let newest = series.points.compactMap({ $0[keyPath: bound] }).last else { continue }
            if path.count > 1 {
                lines.append(
                    "<polyline class=\"tolerance\" points=\"\(path.joined(separator: " "))\" fill=\"none\" "
                        + "stroke=\"#c33\" stroke-dasharray=\"4 3\"/>")
            } else {
                lines.append(
                    "<line class=\"tolerance\" x1=\"\(number(left))\" x2=\"\(number(right))\" "
                        + "y1=\"\(number(y(newest.value)))\" y2=\"\(number(y(newest.value)))\" stroke=\"#c33\" "
                        + "stroke-dasharray=\"4 3\"/>")
            }
            lines.append(
                "<text x=\"\(number(left - 6))\" y=\"\(number(y(newest.value) + 4))\" text-anchor=\"end\" "
                    + "fill=\"#c33\">\(newest)</text>")
        }
        let path = series.points.map { "\(number(x($0))),\(number(y($0.value.value)))" }.joined(separator: " ")
        lines.append("<polyline class=\"values\" points=\"\(path)\" fill=\"none\" stroke=\"#357\"/>")
        for point in series.points {
            lines.append(
                "<circle cx=\"\(number(x(point)))\" cy=\"\(number(y(point.value.value)))\" r=\"3\" "
                    + "fill=\"\(point.passes ? "#357" : "#c33")\"><title>\(point.at.text) \(point.value)</title></circle>"
            )
        }
        for (point, anchor) in span == 0 ? [(first, "middle")] : [(first, "start"), (last, "end")] {
            let day = String(point.at.text.prefix(10))
            lines.append(
                "<text x=\"\(number(x(point)))\" y=\"\(number(top + Self.panel + 14))\" "
                    + "text-anchor=\"\(anchor)\">\(day)</text>")
        }
        return lines
    }

    /// A coordinate to a tenth of a pixel.
    private func number(_ value: Double) -> String {
        (try? RoundedDecimal(value, places: 1))?.description ?? "0"
    }

    private func escaped(_ text: String) -> String {
        text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing("\"", with: "&quot;")
    }
}
