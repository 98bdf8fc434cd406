import CCatalogues
import Yams

/// A language the lane speaks.
public enum Language: String, CaseIterable, Sendable {
    /// Simplified Chinese (简体中文).
    case chinese = "zh-CN"
    /// English.
    case english = "en"

    /// The language that a `LANG`-like value asks for: Chinese for `zh…`, English for any other, nil for none.
    ///
    /// `C`, `POSIX` and an empty value ask for nothing.
    public init?(environmentValue: String?) {
        guard let value = environmentValue, !value.isEmpty, !value.hasPrefix("C"), value != "POSIX" else { return nil }
        self = value.hasPrefix("zh") ? .chinese : .english
    }
}

/// The texts of every ``MessageCode`` in one language.
///
/// A text holds placeholders in braces, `{port}`; a message's argument of that name takes its place. A placeholder
/// without an argument stays visible, so that a forgotten argument is seen rather than hidden.
public struct Catalogue: Sendable {
    /// The language of the texts.
    public let language: Language

    private let texts: [String: String]

    /// The catalogue that is built into the program.
    public init(_ language: Language) {
        self.language = language
        texts =
            switch language {
            case .chinese: Self.chineseTexts
            case .english: Self.englishTexts
            }
    }

    // Each is read once, when it is first asked for: that takes some milliseconds.
    private static let chineseTexts = texts(catalogue_chinese)
    private static let englishTexts = texts(catalogue_english)

    private static func texts(_ embedded: (UnsafeMutablePointer<Int>) -> UnsafePointer<UInt8>?) -> [String: String] {
        var length = 0
        let bytes = UnsafeBufferPointer(start: embedded(&length), count: length)
        // A test proves that both embedded catalogues are mappings of text to text.
        return (try? Yams.load(yaml: String(decoding: bytes, as: UTF8.self)) as? [String: String]) ?? [:]
    }

    /// The codes that have a text here, known or not.
    public var keys: Set<String> { Set(texts.keys) }

    /// The text of a code before its placeholders are filled.
    public func template(_ code: MessageCode) -> String? { texts[code.rawValue] }

    /// The message in this catalogue's language.
    public func text(_ message: Message) -> String {
        guard let template = texts[message.code.rawValue] else { return message.description }
        var result = ""
        var rest = Substring(template)
        while let open = rest.firstIndex(of: "{"), let close = rest[open...].firstIndex(of: "}") {
            let name = String(rest[rest.index(after: open)..<close])
            result += rest[..<open]
            result += message.arguments[name].map(text(of:)) ?? "{\(name)}"
            rest = rest[rest.index(after: close)...]
        }
        return result + rest
    }

    /// A problem in this catalogue's language, led by its location and followed by its stable code.
    public func text(_ problem: Problem) -> String {
        "\(problem.location): \(text(problem.message)) [\(problem.message.code.rawValue)]"
    }

    /// The placeholders of a text.
    public static func placeholders(of template: String) -> Set<String> {
        var names: Set<String> = []
        var rest = Substring(template)
        while let open = rest.firstIndex(of: "{"), let close = rest[open...].firstIndex(of: "}") {
            names.insert(String(rest[rest.index(after: open)..<close]))
            rest = rest[rest.index(after: close)...]
        }
        return names
    }

    private func text(of argument: MessageArgument) -> String {
        switch argument {
        case .message(let message): text(message)
        case .text, .integer, .decimal, .bytes: argument.description
        }
    }
}
