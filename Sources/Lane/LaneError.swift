public import Messages

/// Why a lane as a whole cannot be opened.
public enum LaneError: MessageError, Equatable {
    /// The process that keeps watch over the dynamometer could not be started.
    case noGuard

    /// What to tell the operator.
    public var message: Message {
        switch self {
        case .noGuard: Message(.laneNoGuard)
        }
    }
}
