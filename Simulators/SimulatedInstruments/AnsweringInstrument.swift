import Metrology

/// How far the bytes that have come go towards a request.
enum RequestBeginning: Hashable {
    /// More must come before it is known.
    case unfinished
    /// No request begins here: so many bytes are skipped without a word.
    case noise(Int)
    /// A request that is damaged or cannot be one; it takes so many bytes and is refused.
    case damaged(Int)
    /// A whole request of so many bytes.
    case whole(Int)
}

/// What an instrument makes of a request.
enum Answer {
    /// It does it: the command as its manual writes it, and the reply, empty for none.
    case done(String, [UInt8])
    /// It does not.
    case refused
    /// The request is for another on the line.
    case notForUs
}

/// An instrument that answers requests one after another. A model says how its requests are told apart and what it
/// answers; collecting bytes, skipping noise and counting are here.
protocol AnsweringInstrument: WireInstrument {
    /// What has come and has not been dealt with.
    var received: [UInt8] { get set }

    /// What begins with these bytes, of which there is at least one.
    func beginning(of bytes: [UInt8]) -> RequestBeginning

    /// Carries a whole request out.
    mutating func answer(_ request: [UInt8], _ surroundings: Surroundings) -> Answer

    /// The reply to a request that is damaged or not carried out; empty for silence.
    func refusal(of request: [UInt8]) -> [UInt8]

    /// Ends what has come to its end by now, and begins what the instrument does by itself.
    mutating func catchUp(_ surroundings: Surroundings)
}

extension AnsweringInstrument {
    var nextEvent: LaneInstant? { nil }

    mutating func act(_ surroundings: Surroundings) -> [UInt8]? {
        catchUp(surroundings)
        return nil
    }

    mutating func catchUp(_ surroundings: Surroundings) {}

    mutating func forgetPartialFrame() { received.removeAll() }

    func refusal(of request: [UInt8]) -> [UInt8] { [] }

    mutating func receive(_ bytes: [UInt8], _ surroundings: Surroundings) -> [[UInt8]] {
        catchUp(surroundings)
        received += bytes
        var replies: [[UInt8]] = []
        while !received.isEmpty {
            switch beginning(of: received) {
            case .unfinished: return replies
            case .noise(let count): _ = take(count)
            case .damaged(let count):
                surroundings.log.rejected()
                replies.append(refusal(of: take(count)))
            case .whole(let count):
                let request = take(count)
                switch answer(request, surroundings) {
                case .done(let command, let reply):
                    surroundings.log.received(command)
                    replies.append(reply)
                case .refused:
                    surroundings.log.rejected()
                    replies.append(refusal(of: request))
                case .notForUs: break
                }
            }
        }
        return replies.filter { !$0.isEmpty }
    }

    private mutating func take(_ count: Int) -> [UInt8] {
        defer { received.removeFirst(min(count, received.count)) }
        return Array(received.prefix(count))
    }
}

extension RequestBeginning {
    /// Of a request that begins with a lead byte: what stands before it is noise.
    static func after(_ lead: UInt8, in bytes: [UInt8]) -> RequestBeginning? {
        guard let place = bytes.firstIndex(of: lead) else { return .noise(bytes.count) }
        return place > 0 ? .noise(place) : nil
    }

    /// Of a request that begins with a lead byte and has its length behind.
    ///
    /// - Parameters:
    ///   - place: of the byte with the length.
    ///   - more: how many bytes the frame has beyond what that byte says.
    ///   - lengths: the whole frame's that there are.
    ///   - isIntact: whether a whole frame's check agrees.
    static func of(
        lead: UInt8, length place: Int, more: Int, lengths: ClosedRange<Int>, in bytes: [UInt8],
        isIntact: ([UInt8]) -> Bool
    ) -> RequestBeginning {
        if let noise = after(lead, in: bytes) { return noise }
        guard bytes.count > place else { return .unfinished }
        let length = Int(bytes[place]) + more
        // No request is like this, and nothing says where the next one begins.
        guard lengths.contains(length) else { return .damaged(bytes.count) }
        guard bytes.count >= length else { return .unfinished }
        return isIntact(Array(bytes.prefix(length))) ? .whole(length) : .damaged(length)
    }
}
