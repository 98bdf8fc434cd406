/// Something to tell a person: a stable code with its arguments, in no language yet.
///
/// Modules throw, record and send messages; only the outermost ones (Lane, Console, the command line) turn them
/// into text through a ``Catalogue``. A log, a record or a test can therefore rely on the code for years while the
/// wording improves.
public struct Message: Hashable, Sendable, CustomStringConvertible {
    /// What is being told.
    public let code: MessageCode

    /// The values that fill the placeholders of the catalogue's text, by placeholder name.
    public let arguments: [String: MessageArgument]

    /// Creates a message from its code and the values of its placeholders.
    public init(_ code: MessageCode, _ arguments: [String: MessageArgument] = [:]) {
        self.code = code
        self.arguments = arguments
    }

    /// The code and the arguments in name order, for logs and test failures; not for operators.
    public var description: String {
        let rendered = arguments.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
        return rendered.isEmpty ? code.rawValue : "\(code.rawValue) \(rendered.joined(separator: " "))"
    }
}

/// A value in a message, typed so that each language formats it its own way.
public enum MessageArgument: Hashable, Sendable, CustomStringConvertible {
    /// A name, a path, a unit, or words that came from elsewhere and stay as they are.
    case text(String)
    /// A count or an identifier.
    case integer(Int)
    /// A measured or legal value, already rounded, with its digits as they are to be shown.
    case decimal(String)
    /// Bytes from a wire, shown in hexadecimal.
    case bytes([UInt8])
    /// Another message, rendered in the same language.
    indirect case message(Message)

    /// The value without any language, as logs show it.
    public var description: String {
        switch self {
        case .text(let text): text
        case .integer(let number): String(number)
        case .decimal(let digits): digits
        case .bytes(let bytes): hexadecimal(bytes)
        case .message(let message): message.description
        }
    }
}

extension MessageArgument: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByStringInterpolation {
    /// A text argument.
    public init(stringLiteral value: String) { self = .text(value) }
    /// An integer argument.
    public init(integerLiteral value: Int) { self = .integer(value) }
}

/// An error that carries what to tell the person in front of the lane.
public protocol MessageError: Error, CustomStringConvertible {
    /// What went wrong, where, and what to do about it.
    var message: Message { get }
}

extension MessageError {
    /// The message's code and arguments.
    public var description: String { message.description }
}

/// Bytes as the manuals print them: upper-case pairs with spaces between.
public func hexadecimal(_ bytes: some Sequence<UInt8>) -> String {
    let digits = Array("0123456789ABCDEF".utf8)
    var text: [UInt8] = []
    for byte in bytes {
        if !text.isEmpty { text.append(0x20) }
        text.append(digits[Int(byte >> 4)])
        text.append(digits[Int(byte & 0x0F)])
    }
    return String(decoding: text, as: UTF8.self)
}
