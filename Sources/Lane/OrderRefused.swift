public import Messages

/// Why an order of the authority was not taken.
public enum OrderRefused: MessageError, Equatable {
    /// The lane knows no key of the authority.
    case noAuthority
    /// It does not verify.
    case invalid(Message)
    /// It is not newer than the last one.
    case repeated(number: Int, last: Int)

    /// What to tell the person.
    public var message: Message {
        switch self {
        case .noAuthority: Message(.orderNoAuthority)
        case .invalid(let detail): Message(.orderInvalid, ["detail": .message(detail)])
        case .repeated(let number, let last):
            Message(.orderRepeated, ["number": .integer(number), "last": .integer(last)])
        }
    }
}
