import Evidence
import Messages

/// Messages are kept by code and arguments, so that they can be shown in any language later.
extension Message {
    /// The message as JSON.
    var json: JSONValue {
        var arguments = JSONObject()
        for (name, argument) in self.arguments { arguments[name] = argument.json }
        return ["code": .string(code.rawValue), "arguments": .object(arguments)]
    }

    /// The message as the journal keeps it.
    var stored: [UInt8] {
        // Only an argument beyond 2^53 has no canonical form; then the code alone must do.
        (try? json.canonicalBytes()) ?? Array(#"{"arguments":{},"code":"\#(code.rawValue)"}"#.utf8)
    }

    /// Reads a message as the journal keeps it; one that this version does not know is shown as it is.
    init(stored bytes: [UInt8]) {
        let unreadable = Message(.journalRefused, ["detail": .text(String(decoding: bytes, as: UTF8.self))])
        self = (try? JSONValue(parsing: bytes)).flatMap { Message(json: $0) } ?? unreadable
    }

    private init?(json: JSONValue) {
        guard let code = json["code"]?.text.flatMap({ MessageCode(rawValue: $0) }),
            let members = json["arguments"]?.members
        else { return nil }
        var arguments: [String: MessageArgument] = [:]
        for member in members.all {
            guard let argument = Message.argument(member.value) else { return nil }
            arguments[member.name] = argument
        }
        self.init(code, arguments)
    }

    private static func argument(_ value: JSONValue) -> MessageArgument? {
        guard let member = value.members?.all.first else { return nil }
        return switch (member.name, member.value) {
        case ("text", .string(let text)): .text(text)
        case ("integer", .integer(let number)): .integer(Int(number))
        case ("decimal", .string(let digits)): .decimal(digits)
        case ("bytes", .array(let elements)):
            .bytes(elements.compactMap { $0.wholeNumber.flatMap(UInt8.init(exactly:)) })
        case ("message", let json): Message(json: json).map { .message($0) }
        default: nil
        }
    }
}

extension MessageArgument {
    fileprivate var json: JSONValue {
        switch self {
        case .text(let text): ["text": .string(text)]
        case .integer(let number): ["integer": .integer(Int64(number))]
        case .decimal(let digits): ["decimal": .string(digits)]
        case .bytes(let bytes): ["bytes": .array(bytes.map { .integer(Int64($0)) })]
        case .message(let message): ["message": message.json]
        }
    }
}
