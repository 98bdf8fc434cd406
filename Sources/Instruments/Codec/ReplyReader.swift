/// Picks the one expected reply out of what arrives after a request.
///
/// Bytes before it, such as a late reply to an earlier request or noise, are passed over and counted.
struct ReplyReader {
    enum State: Equatable {
        /// More bytes are needed.
        case incomplete
        /// The reply is whole and its check bytes agree.
        case complete([UInt8])
        /// The reply is whole and its check bytes disagree.
        case damaged
        /// The instrument answered, but with no reply.
        case negative(NegativeReply.Meaning)
        /// The instrument is not done.
        case waiting
    }

    private let reply: ReplyShape
    private let alternatives: [(shape: ReplyShape, meaning: Command.Alternative)]
    /// The two bytes with which the frame must begin, where requests are numbered.
    private let transaction: [UInt8]

    /// Everything that has arrived.
    private(set) var received: [UInt8] = []
    /// How many of the bytes are not part of the reply.
    private(set) var passedOver = 0

    init(
        _ reply: ReplyShape, alternatives: [(shape: ReplyShape, meaning: Command.Alternative)] = [],
        transaction: [UInt8] = []
    ) {
        self.reply = reply
        self.alternatives = alternatives
        self.transaction = transaction
    }

    mutating func take(_ bytes: [UInt8]) -> State {
        received += bytes
        while passedOver < received.count {
            let position = passedOver
            let candidate = isOfTransaction(position) ? reply.candidate(in: received, at: position) : .no
            if isOfTransaction(position), let state = alternative(at: position, candidate) { return state }
            switch candidate {
            case .no: if position == 0, couldBeAlternative { return .incomplete } else { passedOver += 1 }
            case .incomplete: return .incomplete
            case .frame(let pattern):
                let frame = Array(received[position..<position + pattern.count])
                passedOver = received.count - pattern.count
                return pattern.checks(frame) ? .complete(frame) : .damaged
            }
        }
        return .incomplete
    }

    /// The answer at a position that is none; only where an answer may begin: first of all, or where the reply might.
    private func alternative(at position: Int, _ candidate: ReplyShape.Candidate) -> State? {
        if position > 0, case .no = candidate { return nil }
        for (shape, meaning) in alternatives {
            guard case .frame(let pattern) = shape.candidate(in: received, at: position),
                pattern.checks(received[position..<position + pattern.count])
            else { continue }
            switch meaning {
            case .negative(let meaning): return .negative(meaning)
            case .waiting: return .waiting
            }
        }
        return nil
    }

    private var couldBeAlternative: Bool {
        isOfTransaction(0)
            && alternatives.contains {
                if case .incomplete = $0.shape.candidate(in: received, at: 0) { true } else { false }
            }
    }

    private func isOfTransaction(_ position: Int) -> Bool {
        zip(received[position...], transaction).allSatisfy(==)
    }
}

/// How bytes that came after a request were read.
public enum ReplyReading: Hashable, Sendable {
    /// They are not yet a whole answer.
    case incomplete
    /// They hold the reply.
    case complete([UInt8])
    /// They hold a whole reply whose check bytes disagree.
    case damaged
    /// They are another answer: negative, or that the instrument is not done.
    case otherAnswer
}

extension DeviceProfile {
    /// Looks for the reply to a command in bytes as they come, without a port.
    ///
    /// - Parameter pieces: the bytes, in the pieces in which they are read.
    /// - Returns: how they were read; nil if the profile has no such command, or it is not answered.
    public func reply(to command: String, in pieces: [[UInt8]]) -> ReplyReading? {
        guard let command = wire.commands[command], let reply = command.reply else { return nil }
        var reader = ReplyReader(reply, alternatives: command.alternatives)
        for piece in pieces {
            switch reader.take(piece) {
            case .incomplete: continue
            case .complete(let frame): return .complete(frame)
            case .damaged: return .damaged
            case .negative, .waiting: return .otherAnswer
            }
        }
        return .incomplete
    }
}
