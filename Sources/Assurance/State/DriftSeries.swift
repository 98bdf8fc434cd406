public import Evidence
public import Metrology
public import Standards

/// How one judged value of an instrument moved from check to check (漂移).
public struct DriftSeries: Hashable, Sendable {
    /// One check's value.
    public struct Point: Hashable, Sendable {
        /// When.
        public let at: Timestamp
        /// The error, or the value where there is no reference, as it was sealed.
        public let value: RoundedDecimal
        /// The least that passes; nil where there is no lower end.
        public let low: RoundedDecimal?
        /// The greatest that passes; nil where there is no upper end.
        public let high: RoundedDecimal?
        /// Whether it was within.
        public let passes: Bool
        /// The record's number.
        public let counter: Int
    }

    /// The kind of check.
    public let kind: CheckKind
    /// What was judged.
    public let item: String
    /// The unit of values and tolerance.
    public let unit: String
    /// The points, oldest first; at least one.
    public let points: [Point]
}

extension CheckHistory {
    /// The series of everything that was judged, in the order in which it first appeared.
    public func drift(of results: [CheckResult]) -> [DriftSeries] {
        struct Key: Hashable {
            let kind: CheckKind
            let item: String
            let unit: String
        }
        var order: [Key] = []
        var points: [Key: [DriftSeries.Point]] = [:]
        for result in results {
            for item in result.items {
                guard let value = item.judged else { continue }
                let key = Key(kind: result.kind, item: item.id, unit: item.unit)
                if points[key] == nil { order.append(key) }
                points[key, default: []].append(
                    DriftSeries.Point(
                        at: result.ended, value: value, low: item.low, high: item.high, passes: item.passes,
                        counter: result.counter))
            }
        }
        return order.map { DriftSeries(kind: $0.kind, item: $0.item, unit: $0.unit, points: points[$0] ?? []) }
    }
}
