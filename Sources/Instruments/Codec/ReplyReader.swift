/// Picks the one answer out of what arrives after a request.
///
/// Bytes around it are surplus: before it a late reply to an earlier request, after it a second copy, or noise.
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
    /// Where in it the answer may begin, at the earliest.
    private var position = 0
    /// Where in it the answer stands, once there is one.
    private var answerRange: Range<Int>?

    init(
        _ reply: ReplyShape, alternatives: [(shape: ReplyShape, meaning: Command.Alternative)] = [],
        transaction: [UInt8] = []
    ) {
        self.reply = reply
        self.alternatives = alternatives
        self.transaction = transaction
    }

    /// The answer's bytes; all that has arrived where there is none.
    var answer: [UInt8] { answerRange.map { Array(received[$0]) } ?? received }

    /// What has arrived around the answer.
    var surplus: [UInt8] {
        answerRange.map { Array(received[..<$0.lowerBound] + received[$0.upperBound...]) } ?? []
    }

    mutating func take(_ bytes: [UInt8]) -> State {
        received += bytes
        while position < received.count {
            let candidate = isOfTransaction(position) ? reply.candidate(in: received, at: position) : .no
            if isOfTransaction(position), let state = alternative(candidate) { return state }
            switch candidate {
            case .no: if position == 0, couldBeAlternative { return .incomplete } else { position += 1 }
            case .incomplete: return .incomplete
            case .frame(let pattern):
                let range = position..<position + pattern.count
                guard pattern.checks(received[range]) else { return .damaged }
                answerRange = range
                return .complete(answer)
            }
        }
        return .incomplete
    }

    /// The answer here that is no reply; only where an answer may begin: first of all, or where the reply might.
    private mutating func alternative(_ candidate: ReplyShape.Candidate) -> State? {
        if position > 0, case .no = candidate { return nil }
        for (shape, meaning) in alternatives {
            guard case .frame(let pattern) = shape.candidate(in: received, at: position) else { continue }
            let range = position..<position + pattern.count
            guard pattern.checks(received[range]) else { continue }
            answerRange = range
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
