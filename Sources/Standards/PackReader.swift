import Documents
import Messages
import Metrology

/// Reads what all packs have in common: their identity, their sources, and values with source and grade.
struct PackReader {
    let identity: PackIdentity
    private let sources: Set<String>

    /// Reads the head of a pack; nil after the problems were noted.
    ///
    /// - Parameter expected: the method that it belongs to; nil for a pack of no single method, which names none.
    init?(_ reader: MappingReader, kind: PackKind, method expected: TestMethod?) {
        let id = reader.text("id")
        let found: PackKind? = reader.choice("kind")
        let method: TestMethod? = expected == nil ? nil : reader.choice("method")
        let standard = reader.text("standard")
        let title = reader.mapping("title") { title -> Bool? in
            let texts = Language.allCases.map { title.text($0.rawValue) }
            return texts.contains { $0 == nil } ? nil : true
        }
        let effective = reader.mapping("effective") { period -> (String, String?)? in
            let from = period.date("from")
            let until = period.optional("until", period.date)
            return from.map { ($0, until) }
        }
        let sources = reader.mapping("sources") { list -> Set<String>? in
            let texts = list.keys.map { list.text($0) }
            return texts.contains { $0 == nil } ? nil : Set(list.keys)
        }
        guard let id, let found, let standard, title != nil, let effective, let sources,
            (method == nil) == (expected == nil)
        else { return nil }
        if found != kind {
            reader.report(
                Message(
                    .documentUnknownValue,
                    ["key": "kind", "found": .text(found.rawValue), "expected": .text(kind.rawValue)]), at: "kind")
            return nil
        }
        if let method, method != expected {
            reader.report(
                Message(
                    .documentUnknownValue,
                    ["key": "method", "found": .text(method.rawValue), "expected": .text(expected?.rawValue ?? "")]),
                at: "method")
            return nil
        }
        identity = PackIdentity(
            id: id, kind: found, method: method, standard: standard, effectiveFrom: effective.0,
            effectiveUntil: effective.1)
        self.sources = sources
    }

    /// The value under a key, which must be in `unit` and within `range`, and name a source of the pack.
    func value(
        _ key: String, _ unit: String, in range: ClosedRange<Double> = 0...1e6, whole: Bool = false,
        of group: MappingReader
    ) -> PackValue? {
        group.mapping(key) { entry in
            // A value out of range is one problem, not two: its digits are read only if the number was good.
            let text = entry.number("value", in: range).flatMap { _ in entry.decimal("value") }
            let found = entry.text("unit")
            let origin = origin(of: entry)
            guard let text, let found, let origin else { return nil }
            guard let decimal = RoundedDecimal(text), !whole || decimal.value == decimal.value.rounded() else {
                entry.report(
                    Message(
                        .documentWrongType,
                        ["key": "value", "found": .text(text), "expected": .message(Message(.expectedInteger))]),
                    at: "value")
                return nil
            }
            guard found == unit else {
                entry.report(
                    Message(
                        .documentUnknownValue, ["key": "unit", "found": .text(found), "expected": .text(unit)]),
                    at: "unit")
                return nil
            }
            return PackValue(
                decimal: decimal, unit: unit, source: origin.source, grade: origin.grade, note: origin.note)
        }
    }

    /// The rule under a key, one of the cases of an enumeration, with a source of the pack.
    func rule<Choice: RawRepresentable & CaseIterable>(
        _ key: String, _ type: Choice.Type = Choice.self, of group: MappingReader
    ) -> Choice? where Choice.RawValue == String {
        group.mapping(key) { entry in
            let choice: Choice? = entry.choice("value")
            let origin = origin(of: entry)
            return origin == nil ? nil : choice
        }
    }

    /// A table under a key: `rows`, each seen by `read`, with one source for all of them.
    func table<Row>(_ key: String, of group: MappingReader, _ read: (MappingReader) -> Row?) -> [Row]? {
        group.mapping(key) { entry in
            let rows = entry.mappings("rows", read)
            return origin(of: entry) == nil ? nil : rows
        }
    }

    /// A table under a key, whose rows hold values; one source stands for all of them.
    func valueTable<Row>(_ key: String, of group: MappingReader, _ read: (PackRow) -> Row?) -> [Row]? {
        group.mapping(key) { entry in
            guard let origin = origin(of: entry) else { return nil }
            let rows = entry.mappings("rows") { read(PackRow($0, origin)) }
            if let rows, rows.isEmpty {
                entry.report(
                    Message(.documentMissingKey, ["key": "rows", "expected": .message(Message(.expectedSequence))]))
                return nil
            }
            return rows
        }
    }

    /// Where an entry comes from: its source, which the pack lists, its grade and its note.
    func origin(of entry: MappingReader) -> (source: String, grade: String, note: String?)? {
        let source = entry.text("source")
        let grade = entry.text("grade")
        let note = entry.optional("note", entry.text)
        guard let source, let grade else { return nil }
        guard sources.contains(source) else {
            entry.report(
                Message(
                    .documentUnknownValue,
                    [
                        "key": "source", "found": .text(source),
                        "expected": .text(sources.sorted().joined(separator: ", ")),
                    ]), at: "source")
            return nil
        }
        return (source, grade, note)
    }
}
