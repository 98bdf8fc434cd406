public import Documents

/// A pack as a table of its values, for people who read, compare and check them.
public struct PackSheet: Hashable, Sendable {
    /// One value with where it comes from.
    public struct Row: Hashable, Sendable {
        /// Where it stands, such as `bands.speed`.
        public let path: String
        /// The value as written; of a table or a line with several members, all of them.
        public let value: String
        /// The unit; nil where it has none.
        public let unit: String?
        /// The key of its source.
        public let source: String
        /// How sure it is.
        public let grade: String
        /// What other sources say, or how it is meant.
        public let note: String?
    }

    /// What became of a value from one pack to another.
    public enum Change: Hashable, Sendable {
        /// Only the first pack has it.
        case removed(Row)
        /// Only the second one has it.
        case added(Row)
        /// Both have it, but not alike.
        case changed(Row, Row)
    }

    /// The values in the order of the pack.
    public let rows: [Row]
    /// The sources by their keys, in the order of the pack.
    public let sources: [DocumentEntry]
    /// Id, kind, method, standard and the days on which it applies, as far as the pack states them.
    public let head: [DocumentEntry]

    /// Lists the values of a pack, whatever it is for.
    public init(_ document: Document) {
        let tree = document.tree
        var rows: [Row] = []
        Self.collect(tree, "", &rows)
        self.rows = rows
        sources = tree["sources"].flatMap { if case .mapping(let entries) = $0 { entries } else { nil } } ?? []
        head = ["id", "kind", "method", "standard", "title", "effective"].compactMap { key in
            tree[key].map { DocumentEntry(key: key, value: $0) }
        }
    }

    /// What differs in another pack, in the order of this one, then of the other.
    public func changes(to other: PackSheet) -> [Change] {
        let theirs = Dictionary(other.rows.map { ($0.path, $0) }) { first, _ in first }
        let own = Set(rows.map(\.path))
        let kept = rows.compactMap { row -> Change? in
            guard let now = theirs[row.path] else { return .removed(row) }
            return now == row ? nil : .changed(row, now)
        }
        return kept + other.rows.filter { !own.contains($0.path) }.map { .added($0) }
    }

    /// A value is whatever names its source and its grade.
    private static func collect(_ tree: DocumentTree, _ path: String, _ rows: inout [Row]) {
        func below(_ key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }
        switch tree {
        case .scalar: break
        case .sequence(let elements):
            for (index, element) in elements.enumerated() {
                collect(element, "\(path)[\(element["id"]?.text ?? String(index))]", &rows)
            }
        case .mapping(let entries):
            guard let source = tree["source"]?.text, let grade = tree["grade"]?.text else {
                for entry in entries { collect(entry.value, below(entry.key), &rows) }
                return
            }
            let described = ["source", "grade", "note", "unit", "id"]
            let parts = entries.filter { !described.contains($0.key) }
            let isPlain = parts.count == 1 && parts[0].key == "value"
            let value = parts.map { isPlain ? $0.value.shown : "\($0.key): \($0.value.shown)" }.joined(separator: ", ")
            rows.append(
                Row(
                    path: path, value: value, unit: tree["unit"]?.text, source: source, grade: grade,
                    note: tree["note"]?.text))
        }
    }
}

extension DocumentTree {
    /// The value on one line.
    public var shown: String {
        switch self {
        case .scalar(let text): text
        case .sequence(let elements): "[\(elements.map(\.shown).joined(separator: ", "))]"
        case .mapping(let entries): "{\(entries.map { "\($0.key): \($0.value.shown)" }.joined(separator: ", "))}"
        }
    }
}
