import Documents
import Messages
import Metrology

/// A row of a table of values, which all have the table's source.
struct PackRow {
    let reader: MappingReader
    private let origin: (source: String, grade: String, note: String?)

    init(_ reader: MappingReader, _ origin: (source: String, grade: String, note: String?)) {
        self.reader = reader
        self.origin = origin
    }

    /// The value under a key, whose unit is the table's and not written out in every row.
    func value(_ key: String, _ unit: String, in range: ClosedRange<Double> = 0...1e6) -> PackValue? {
        guard reader.number(key, in: range) != nil, let text = reader.decimal(key) else { return nil }
        guard let decimal = RoundedDecimal(text) else {
            reader.report(
                Message(
                    .documentWrongType,
                    ["key": .text(key), "found": .text(text), "expected": .message(Message(.expectedNumber))]),
                at: key)
            return nil
        }
        return PackValue(
            decimal: decimal, unit: unit, source: origin.source, grade: origin.grade, note: origin.note)
    }

    /// The value under a key that may be missing.
    func optional(_ key: String, _ unit: String, in range: ClosedRange<Double> = 0...1e6) -> PackValue? {
        reader.optional(key) { value($0, unit, in: range) }
    }
}
