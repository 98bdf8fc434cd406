import Documents

/// What the values that several control units give for one question make together.
///
/// Every emission-related control unit of a vehicle answers a functional request (SAE J1979, ISO 15031-5): the lamp is
/// commanded on if one of them says so, and a monitor is complete only where none says that it is not.
enum Combination: String, CaseIterable, Sendable {
    /// The greatest of the numbers.
    case greatest
    /// The sum of the numbers.
    case sum
    /// Every bit that is set in one of the whole numbers.
    case bits
    /// The one value that all give; absent if they differ.
    case same
    /// All texts, one after the other.
    case list

    /// Reads the word of a field, which must fit the field's type.
    init?(_ reader: MappingReader, _ key: String, _ encoding: Encoding?) {
        guard let combination: Combination = reader.choice(key) else { return nil }
        let known = Self.allCases.filter { $0 == .same || encoding == nil || ($0 == .list) == encoding?.isText }
        guard known.contains(combination) else {
            reader.reportUnknown(key, found: combination.rawValue, known: known.map(\.rawValue))
            return nil
        }
        self = combination
    }

    /// What the numbers make; nil if nothing.
    func number(_ values: [Double]) -> Double? {
        switch self {
        case .greatest: return values.max()
        case .sum: return values.isEmpty ? nil : values.reduce(0, +)
        case .bits:
            let patterns = values.compactMap { Int(exactly: $0) }
            return patterns.isEmpty || patterns.count < values.count ? nil : Double(patterns.reduce(0, |))
        case .same: return Set(values).count == 1 ? values.first : nil
        case .list: return nil
        }
    }

    /// What the texts make; nil if nothing.
    func text(_ values: [String], _ encoding: Encoding) -> String? {
        switch self {
        case .list: values.filter { !$0.isEmpty }.joined(separator: encoding == .dtc ? " " : ", ")
        case .same: Set(values).count == 1 ? values.first : nil
        default: nil
        }
    }
}
