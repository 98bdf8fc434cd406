import Documents
public import Messages
public import Metrology

/// A number of an assurance pack, with where it comes from and how sure that is.
public struct RuleValue: Hashable, Sendable {
    /// The digits as written.
    public let decimal: RoundedDecimal
    /// The unit's symbol.
    public let unit: String
    /// The key of the source in the pack's list of sources.
    public let source: String
    /// How sure the value is, such as `M-H`.
    public let grade: String
    /// What other sources say, or how the value is meant.
    public let note: String?

    /// The value for formulas.
    public var value: Double { decimal.value }

    /// The value as a whole number; packs are checked to hold one where this is used.
    public var count: Int { Int(decimal.value) }
}

/// A text of a pack in every language of the lane.
public struct LocalText: Hashable, Sendable {
    private let texts: [Language: String]

    /// Creates a text; one that is the same in every language, if only one is given.
    public init(_ texts: [Language: String]) { self.texts = texts }

    /// The text in a language.
    public subscript(_ language: Language) -> String { texts[language] ?? "" }
}

/// Reads what an assurance pack's entries have in common.
struct RuleReader {
    let sources: Set<String>

    /// The value under a key, in `unit` and within `range`.
    func value(
        _ key: String, _ unit: String, in range: ClosedRange<Double>, whole: Bool = false, of group: MappingReader
    ) -> RuleValue? {
        group.mapping(key) { entry in
            let text = entry.number("value", in: range).flatMap { _ in entry.decimal("value") }
            let found = entry.text("unit")
            let source = entry.text("source")
            let grade = entry.text("grade")
            let note = entry.optional("note", entry.text)
            guard let text, let found, let source, let grade else { return nil }
            let decimal = RoundedDecimal(text)
            guard let decimal, !whole || decimal.value == decimal.value.rounded() else {
                entry.report(
                    Message(
                        .documentWrongType,
                        ["key": "value", "found": .text(text), "expected": .message(Message(.expectedInteger))]),
                    at: "value")
                return nil
            }
            guard isKnown("unit", found, [unit], entry), isKnown("source", source, sources, entry) else { return nil }
            return RuleValue(decimal: decimal, unit: unit, source: source, grade: grade, note: note)
        }
    }

    /// The text under a key in every language.
    static func text(_ key: String, of group: MappingReader) -> LocalText? {
        group.mapping(key) { entry in
            var texts: [Language: String] = [:]
            for language in Language.allCases { texts[language] = entry.text(language.rawValue) }
            return texts.count == Language.allCases.count ? LocalText(texts) : nil
        }
    }

    /// Names of an enumeration's cases under a key, each known.
    static func choices<Choice: RawRepresentable & CaseIterable>(
        _ key: String, _ type: Choice.Type = Choice.self, of group: MappingReader
    ) -> [Choice]? where Choice.RawValue == String {
        guard let names = group.texts(key) else { return nil }
        var choices: [Choice] = []
        for name in names {
            guard let choice = Choice(rawValue: name) else {
                let known = Choice.allCases.map(\.rawValue).joined(separator: ", ")
                group.report(
                    Message(
                        .documentUnknownValue, ["key": .text(key), "found": .text(name), "expected": .text(known)]),
                    at: key)
                return nil
            }
            choices.append(choice)
        }
        return choices
    }

    private func isKnown(_ key: String, _ found: String, _ known: Set<String>, _ entry: MappingReader) -> Bool {
        if known.contains(found) { return true }
        entry.report(
            Message(
                .documentUnknownValue,
                [
                    "key": .text(key), "found": .text(found),
                    "expected": .text(known.sorted().joined(separator: ", ")),
                ]), at: key)
        return false
    }
}
