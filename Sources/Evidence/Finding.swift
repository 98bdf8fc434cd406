public import Messages

/// One thing wrong with a piece of evidence, and where.
public struct Finding: MessageError, Hashable {
    /// Where it stands, such as `envelope.signatures[0].sig`, `payload.counter` or `attachment frames.jsonl`.
    public let place: String

    /// What is wrong. Its code is stable.
    public let message: Message

    /// Creates a finding.
    public init(_ message: Message, at place: String) {
        self.place = place
        self.message = message
    }

    init(_ code: MessageCode, _ arguments: [String: MessageArgument] = [:], at place: String) {
        self.init(Message(code, arguments), at: place)
    }

    /// The same finding with a place that says of which record it is.
    func within(_ container: String) -> Finding { Finding(message, at: "\(container) \(place)") }

    /// Place and code, for logs.
    public var description: String { "\(place): \(message)" }
}
