/// A value that a judged record must report, and the limits that it may be compared with.
struct ItemRow: Sendable {
    /// What is compared with: a least and a greatest value.
    struct Bounds: Equatable, Sendable {
        let least: WrittenDecimal?
        let greatest: WrittenDecimal?

        init(least: WrittenDecimal? = nil, greatest: WrittenDecimal? = nil) {
            (self.least, self.greatest) = (least, greatest)
        }

        /// The bounds for a person.
        var text: String {
            [least.map { "at least \(rounded($0.value))" }, greatest.map { "at most \(rounded($0.value))" }]
                .compactMap { $0 }.joined(separator: " and ")
        }
    }

    /// The name of the item.
    let id: String
    /// The symbol in its member `pollutant`.
    let symbol: String
    let unit: String
    /// The decimal places that it is reported with.
    let places: Int
    /// Whether it may be left out, since its limit is only recommended.
    var isOptional = false
    /// The bounds in each column of limits, such as a and b.
    let columns: [String: Bounds]

    /// A row whose limit is the greatest value that passes, in columns a and b.
    init(
        _ id: String, _ symbol: String, _ unit: String, places: Int, a: WrittenDecimal?, b: WrittenDecimal?,
        isOptional: Bool = false
    ) {
        self.init(
            id, symbol, unit, places: places, columns: ["a": Bounds(greatest: a), "b": Bounds(greatest: b)],
            isOptional: isOptional)
    }

    /// A row with any columns.
    init(
        _ id: String, _ symbol: String, _ unit: String, places: Int, columns: [String: Bounds], isOptional: Bool = false
    ) {
        (self.id, self.symbol, self.unit, self.places) = (id, symbol, unit, places)
        (self.columns, self.isOptional) = (columns, isOptional)
    }

    /// The columns that an item's limits are from; none for any other numbers.
    func columns(of item: Item) -> Set<String> {
        let found = Bounds(least: item.least, greatest: item.limit)
        return Set(columns.filter { $0.value == found }.keys)
    }
}

/// The reported values of a method with a table of rows, their limits and the verdict.
extension Rule {
    static let tabled: [Rule] = [
        Rule("packs.edition") { record in
            guard let editions = record.method?.editions, !editions.isEmpty else { return [] }
            return (record.payload.at("packs")?.elements ?? []).enumerated().compactMap { index, pack in
                // What is checked before the tailpipe is the same for every method.
                guard pack.at("kind")?.text != "vehicle-checks" else { return nil }
                guard let id = pack.at("id")?.text, !editions.contains(where: id.hasPrefix) else { return nil }
                let problem = "this method is judged here by \(editions.joined(separator: " or ")) only"
                return Violation("packs[\(index)].id", problem)
            }
        },
        Rule("items.complete") { record in
            guard record.isJudged, let method = record.method else { return [] }
            return method.rows(record).compactMap { row in
                let count = record.items.count { $0.id == row.id }
                guard count != 1, !(count == 0 && row.isOptional) else { return nil }
                return Violation("result.items", "has \(count) values of \(row.id) instead of one")
            }
        },
        Rule("item.id") { record in
            guard let rows = record.method?.rows(record), !rows.isEmpty else { return [] }
            return record.items.compactMap { item in
                guard let id = item.id, !rows.contains(where: { $0.id == id }) else { return nil }
                return Violation(item.path + ".id", "must be one of \(rows.map(\.id).joined(separator: ", "))")
            }
        },
        each("item.symbol") { item, row, record in
            let symbol = record.member("pollutant", of: item)?.text
            guard let symbol, symbol != row.symbol else { return nil }
            return Violation(item.path + ".pollutant", "must be \(row.symbol)")
        },
        each("item.unit") { item, row, record in
            guard record.member("unit", of: item)?.text != row.unit else { return nil }
            return Violation(item.path + ".unit", "\(row.id) is reported in \(row.unit)")
        },
        each("item.decimals") { item, row, _ in
            guard let value = item.value, value.places != row.places else { return nil }
            return Violation(item.path + ".value", "\(row.id) is reported with \(row.places) decimals")
        },
        each("item.full") { item, _, _ in
            guard let value = item.value, let full = item.full, !Interval(exactly: full).explains(value) else {
                return nil
            }
            return Violation(item.path + ".value", "is not what \(rounded(full)) is rounded to")
        },
        each("item.limit") { item, row, _ in
            guard row.columns(of: item).isEmpty else { return nil }
            let known = row.columns.sorted { $0.key < $1.key }.map { "\($0.value.text) (\($0.key))" }
            return Violation(item.path + ".limit", "the standard has \(known.joined(separator: ", "))")
        },
        each("item.column") { item, row, record in
            // A vehicle is judged by the column of limits that its order names, never by some of another.
            let columns = row.columns(of: item)
            guard let ordered = record.payload.at("order.limitSet")?.text, !columns.isEmpty,
                !columns.contains(ordered)
            else { return nil }
            return Violation(item.path + ".limit", "is not that of \(ordered), which the order names")
        },
        each("item.verdict") { item, _, _ in
            guard let value = item.value, let verdict = item.verdict else { return nil }
            let expected = item.passes(value.value) ? "passed" : "failed"
            // Where the standard is silent, GB/T 8170-2008 (4.3) compares the full value: both are taken.
            let byFull = item.full.map { item.passes($0) ? "passed" : "failed" }
            guard verdict != expected, verdict != byFull else { return nil }
            return Violation(item.path + ".verdict", "the value and the limit give \(expected)")
        },
        Rule("verdict.items") { record in
            guard record.isJudged, let verdict = record.verdict else { return [] }
            let verdicts = record.items.compactMap(\.verdict)
            let expected = verdicts.allSatisfy { $0 == "passed" } ? "passed" : "failed"
            guard !verdicts.isEmpty, verdict != expected else { return [] }
            return [Violation("result.verdict", "the values give \(expected)")]
        },
    ]

    /// A rule on each item that has a row.
    static func each(
        _ name: String, _ violation: @escaping @Sendable (Item, ItemRow, TestRecord) -> Violation?
    ) -> Rule {
        Rule(name) { record in record.rowsOfItems.compactMap { violation($0, $1, record) } }
    }
}

extension TestRecord {
    /// The items that have a row, with it.
    var rowsOfItems: [(Item, ItemRow)] {
        let rows = method?.rows(self) ?? []
        return items.compactMap { item in rows.first { $0.id == item.id }.map { (item, $0) } }
    }

    /// A member of an item that only few rules look at.
    func member(_ name: String, of item: Item) -> JSON? {
        let index = items.firstIndex { $0.path == item.path }
        return index.flatMap { payload.at("result.items")?.elements?[$0].at(name) }
    }

    /// A decimal of the payload.
    func decimal(_ path: String) -> WrittenDecimal? { payload.at(path)?.text.flatMap(WrittenDecimal.init) }

    /// The item of a name.
    func item(_ id: String) -> Item? { items.first { $0.id == id } }

    /// A violation if an item's value is not one of those that follow from the record.
    func compare(_ id: String, with expected: [Interval], _ meaning: String) -> Rule.Violation? {
        guard let item = item(id), let value = item.value, !expected.isEmpty,
            !expected.contains(where: { $0.explains(value) })
        else { return nil }
        return Rule.Violation(item.path + ".value", "\(meaning) is \(expected[0].text)")
    }
}

extension Item {
    /// Whether a value is within the item's own limits; what differs in the twelfth digit only is equal.
    func passes(_ value: Double) -> Bool {
        let noise = 1e-11 * max(1, abs(value))
        return (limit.map { value <= $0.value + noise } ?? true) && (least.map { value >= $0.value - noise } ?? true)
    }
}

extension JSON {
    /// The interval that a decimal member can have been rounded from.
    func interval(_ member: String) -> Interval? {
        at(member)?.text.flatMap(WrittenDecimal.init).map { Interval($0) }
    }
}

extension Sequence<Interval> {
    /// All means of one value of each interval; nil for none.
    var mean: Interval? {
        let all = Array(self)
        guard let first = all.first else { return nil }
        return all.dropFirst().reduce(first, +) * (1 / Double(all.count))
    }
}
