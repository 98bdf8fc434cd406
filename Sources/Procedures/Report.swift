public import Metrology

/// What a record states about an outcome, as a tree of texts, decimals and counts.
///
/// The procedure that reached the outcome also says how it is written, number by number, rounded once; the record
/// holds the same tree as JSON. The same frames therefore give the same bytes on any machine.
public indirect enum Report: Hashable, Sendable {
    /// Not measured, or not applicable.
    case absent
    /// A word or code.
    case text(String)
    /// A whole number that counts something.
    case count(Int)
    /// Yes or no.
    case flag(Bool)
    /// A rounded value, written with all its digits.
    case decimal(RoundedDecimal)
    /// A value at twelve significant digits.
    case significant(SignificantDecimal)
    /// Several, in order.
    case list([Report])
    /// Named parts.
    case members([String: Report])

    /// A number rounded to decimal places; absent where there is none.
    ///
    /// - Throws: ``MetrologyError`` for a number that cannot be reported.
    public static func number(_ value: Double?, _ places: Int) throws(MetrologyError) -> Report {
        guard let value else { return .absent }
        return .decimal(try RoundedDecimal(value, places: places))
    }

    /// A text; absent where there is none.
    public static func optional(_ text: String?) -> Report { text.map(Report.text) ?? .absent }
}

extension Report: ExpressibleByStringLiteral, ExpressibleByDictionaryLiteral {
    /// A text.
    public init(stringLiteral value: String) { self = .text(value) }

    /// Named parts.
    public init(dictionaryLiteral elements: (String, Report)...) {
        self = .members(Dictionary(elements, uniquingKeysWith: { _, last in last }))
    }
}
