public import Messages

/// Why a lane as a whole cannot be opened.
public enum LaneError: MessageError, Equatable {
    /// The process that keeps watch over the dynamometer could not be started.
    case noGuard
    /// The lane's records do not fit those that the authority has: the data directory was put back to an earlier state,
    /// or another one is in its place.
    case chainRefused(Message)
    /// A check was asked for on a lane that has no section on assurance.
    case checkWithoutAssurance

    /// What to tell the operator.
    public var message: Message {
        switch self {
        case .noGuard: Message(.laneNoGuard)
        case .chainRefused(let reason): Message(.laneChainRefused, ["reason": .message(reason)])
        case .checkWithoutAssurance: Message(.checkUnassured)
        }
    }
}
