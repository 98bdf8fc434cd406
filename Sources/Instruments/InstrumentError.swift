public import Messages

/// Why an instrument could not be reached or did not do what it was told, with what was on the wire.
public struct InstrumentError: MessageError, Hashable {
    /// What went wrong.
    public enum Reason: Hashable, Sendable {
        /// There is no such port.
        case portNotFound
        /// Another program has claimed the port.
        case portBusy
        /// The port may not be opened by this user.
        case portDenied
        /// The operating system refused to open or set up the port.
        case portFailed(detail: String)
        /// The port is a pseudo-terminal (伪终端), which a station build does not open.
        case pseudoTerminalRefused
        /// The port is a network connection to this computer itself, which a station build does not open.
        case ownComputerRefused
        /// The port went away while it was open.
        case hungUp
        /// No reply, or only a part of one, in time.
        case noReply(milliseconds: Int)
        /// A whole reply whose check bytes disagree, or that belongs to something else.
        case damagedReply
        /// A negative answer.
        case refused
        /// The instrument is occupied and answers later.
        case busy
        /// The instrument has nothing to answer.
        case unavailable
        /// Another instrument than the profile describes answers.
        case wrongInstrument(found: String)
        /// The instrument did not come to an end with what it was told.
        case notDone(milliseconds: Int)
        /// A stream without a readable frame.
        case streamSilent(milliseconds: Int)
        /// The stream did not show the mode that the action should have led to.
        case notConfirmed(milliseconds: Int)
        /// The profile has no such action.
        case unsupportedAction
        /// The action's parameter is not finite or outside the profile's range.
        case parameterOutOfRange(String)
        /// The instrument was never connected, or was closed.
        case notConnected
    }

    /// What went wrong.
    public let reason: Reason
    /// The instrument's profile.
    public let device: String
    /// The port as the lane file names it.
    public let port: String
    /// The command or action that was under way; nil if none was.
    public let command: String?
    /// What was expected, as bytes with `··` for any byte, or as the names that would have been right.
    public let expected: String?
    /// The bytes that arrived.
    public let received: [UInt8]

    init(
        _ reason: Reason, device: String, port: String, command: String? = nil, expected: String? = nil,
        received: [UInt8] = []
    ) {
        self.reason = reason
        self.device = device
        self.port = port
        self.command = command
        self.expected = expected
        self.received = received
    }

    /// What to tell the operator.
    public var message: Message {
        var arguments: [String: MessageArgument] = ["device": .text(device)]
        let port = MessageArgument.text(port)
        let command = MessageArgument.text(command ?? "–")
        let expected = MessageArgument.text(expected ?? "–")
        let received: MessageArgument = received.isEmpty ? "–" : .bytes(received)
        let code: MessageCode
        switch reason {
        case .portNotFound: (code, arguments["port"]) = (.instrumentPortNotFound, port)
        case .portBusy: (code, arguments["port"]) = (.instrumentPortBusy, port)
        case .portDenied:
            code = .instrumentPortDenied
            arguments.merge(["port": port, "group": .text(owningGroup(of: self.port) ?? "dialout")]) { $1 }
        case .pseudoTerminalRefused: (code, arguments["port"]) = (.instrumentPseudoTerminalRefused, port)
        case .ownComputerRefused: (code, arguments["port"]) = (.instrumentOwnComputerRefused, port)
        case .hungUp: (code, arguments["port"]) = (.instrumentHungUp, port)
        case .notConnected: (code, arguments["port"]) = (.instrumentNotConnected, port)
        case .portFailed(let detail):
            code = .instrumentPortFailed
            arguments.merge(["port": port, "detail": .text(detail)]) { $1 }
        case .noReply(let milliseconds):
            code = .instrumentNoReply
            arguments.merge([
                "port": port, "command": command, "timeout": .integer(milliseconds), "expected": expected,
                "received": received,
            ]) { $1 }
        case .damagedReply:
            code = .instrumentReplyDamaged
            arguments.merge(["port": port, "command": command, "expected": expected, "received": received]) { $1 }
        case .refused:
            code = .instrumentRefused
            arguments.merge(["port": port, "command": command, "received": received]) { $1 }
        case .busy: (code, arguments["port"], arguments["command"]) = (.instrumentBusy, port, command)
        case .unavailable:
            code = .instrumentUnavailable
            arguments.merge(["port": port, "command": command, "received": received]) { $1 }
        case .wrongInstrument(let found):
            code = .instrumentWrong
            arguments.merge(["port": port, "found": .text(found), "expected": expected]) { $1 }
        case .notDone(let milliseconds):
            code = .instrumentNotDone
            arguments.merge(["port": port, "command": command, "timeout": .integer(milliseconds)]) { $1 }
        case .streamSilent(let milliseconds):
            code = .instrumentStreamSilent
            arguments.merge(["port": port, "timeout": .integer(milliseconds), "expected": expected]) { $1 }
        case .notConfirmed(let milliseconds):
            code = .instrumentNotConfirmed
            arguments.merge([
                "port": port, "command": command, "timeout": .integer(milliseconds), "expected": expected,
            ]) { $1 }
        case .unsupportedAction:
            code = .instrumentUnsupportedAction
            arguments.merge(["command": command, "expected": expected]) { $1 }
        case .parameterOutOfRange(let found):
            code = .instrumentParameterOutOfRange
            arguments.merge(["command": command, "found": .text(found), "expected": expected]) { $1 }
        }
        return Message(code, arguments)
    }
}
