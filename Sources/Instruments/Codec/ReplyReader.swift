/// Picks the one expected reply out of what arrives after a request.
///
/// Bytes before it, such as a late reply to an earlier request or noise, are passed over and counted.
struct ReplyReader {
    enum State: Equatable {
        /// More bytes are needed.
        case incomplete
        /// The reply is whole and its check byte agrees.
        case complete([UInt8])
        /// The reply is whole and its check byte disagrees.
        case damaged
        /// The instrument refused the request.
        case refused
    }

    let pattern: FramePattern
    let refusal: UInt8?

    /// Everything that has arrived.
    private(set) var received: [UInt8] = []
    /// How many of the bytes are not part of the reply.
    private(set) var passedOver = 0

    init(pattern: FramePattern, refusal: UInt8?) {
        self.pattern = pattern
        self.refusal = refusal
    }

    mutating func take(_ bytes: [UInt8]) -> State {
        received += bytes
        if let refusal, received.first == refusal, !pattern.couldBegin(received, at: 0) { return .refused }
        while passedOver < received.count, !pattern.couldBegin(received, at: passedOver) { passedOver += 1 }
        guard received.count - passedOver >= pattern.count else { return .incomplete }
        let reply = Array(received[passedOver..<passedOver + pattern.count])
        passedOver = received.count - pattern.count
        return pattern.checks(reply) ? .complete(reply) : .damaged
    }
}
