public import Messages

/// Why bytes are not JSON, or a value has no canonical form.
public struct JSONError: MessageError, Equatable {
    /// What is wrong.
    public enum Kind: String, CaseIterable, Sendable {
        /// A byte that cannot stand here.
        case unexpectedByte
        /// The text ends within a value.
        case unexpectedEnd
        /// Something follows the value.
        case trailingBytes
        /// A text that is not UTF-8.
        case invalidUTF8
        /// A control character that is not escaped.
        case controlCharacter
        /// A backslash with something else than JSON's escapes.
        case invalidEscape
        /// Half of a surrogate pair.
        case loneSurrogate
        /// A number that is not spelt as JSON spells numbers.
        case invalidNumber
        /// A number that no finite double holds, or a whole number beyond 2^53.
        case numberTooLarge
        /// A name that stands twice in one object.
        case repeatedName
        /// More levels than ``JSONValue/maximumDepth``.
        case tooDeep
    }

    /// What is wrong.
    public let kind: Kind

    /// The offset of the byte, from 0; nil for a value that is to be written.
    public let offset: Int?

    /// The name that stands twice.
    public let name: String?

    init(_ kind: Kind, at offset: Int? = nil, name: String? = nil) {
        self.kind = kind
        self.offset = offset
        self.name = name
    }

    /// What to tell a person: what is wrong with which byte.
    public var message: Message {
        var arguments: [String: MessageArgument] = ["offset": offset.map { .integer($0) } ?? "–"]
        if let name { arguments["name"] = .text(name) }
        return Message(code, arguments)
    }

    private var code: MessageCode {
        switch kind {
        case .unexpectedByte: .jsonUnexpectedByte
        case .unexpectedEnd: .jsonUnexpectedEnd
        case .trailingBytes: .jsonTrailingBytes
        case .invalidUTF8: .jsonInvalidUTF8
        case .controlCharacter: .jsonControlCharacter
        case .invalidEscape: .jsonInvalidEscape
        case .loneSurrogate: .jsonLoneSurrogate
        case .invalidNumber: .jsonInvalidNumber
        case .numberTooLarge: .jsonNumberTooLarge
        case .repeatedName: .jsonRepeatedName
        case .tooDeep: .jsonTooDeep
        }
    }
}
