import Documents
import Metrology

/// Reads the values of one group of a pack into properties that are all needed.
///
/// A value that cannot be read is noted as a problem and stands in as zero, so that the reading goes on and every
/// problem is found; the group is then not complete, and what was read of it is thrown away.
final class PackGroup {
    private(set) var isComplete = true
    private let group: MappingReader
    private let pack: PackReader

    init(_ group: MappingReader, _ pack: PackReader) {
        self.group = group
        self.pack = pack
    }

    /// The value under a key.
    func value(_ key: String, _ unit: String, in range: ClosedRange<Double> = 0...1e6, whole: Bool = false) -> PackValue
    {
        pack.value(key, unit, in: range, whole: whole, of: group) ?? missing(unit)
    }

    /// A span of seconds above zero.
    func span(_ key: String) -> LaneSpan { .seconds(value(key, "s", in: 0.001...1e6).value) }

    /// The rows of a table; empty only if it could not be read.
    func table<Row>(_ key: String, _ read: (PackRow) -> Row?) -> [Row] {
        if let rows = pack.valueTable(key, of: group, read) { return rows }
        isComplete = false
        return []
    }

    /// The rule under a key; `fallback` stands in for one that cannot be read.
    func rule<Choice: RawRepresentable & CaseIterable>(_ key: String, else fallback: Choice) -> Choice
    where Choice.RawValue == String {
        if let choice: Choice = pack.rule(key, of: group) { return choice }
        isComplete = false
        return fallback
    }

    private func missing(_ unit: String) -> PackValue {
        isComplete = false
        return PackValue(decimal: .zero, unit: unit, source: "", grade: "", note: nil)
    }
}
