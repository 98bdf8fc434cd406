/// What an instrument said in a capture, and to what.
///
/// A capture that holds more than two frames from the instrument for each from the lane is of a stream: what the
/// instrument sent comes again at its times, over and over, and what the lane says is taken in silence. In any other
/// capture each request is answered as it was answered then; one that was asked several times is answered each time as
/// the next time then, and after the last as the first time.
public struct WireScript: Sendable {
    /// Bytes of a capture.
    public struct Entry: Hashable, Sendable {
        /// Whether the lane sent them.
        public let isFromLane: Bool
        /// The bytes.
        public let bytes: [UInt8]
        /// When, in nanoseconds.
        public let at: Int64

        /// Creates an entry.
        public init(isFromLane: Bool, bytes: [UInt8], at: Int64) {
            self.isFromLane = isFromLane
            self.bytes = bytes
            self.at = at
        }
    }

    /// Bytes to send, and how long after what they answer, or after the beginning, ns.
    struct Piece: Hashable, Sendable {
        let after: Int64
        let bytes: [UInt8]
    }

    /// The answers to each request, in the order in which they were given.
    private(set) var answers: [[UInt8]: [[Piece]]] = [:]
    /// What is sent by itself, and the time from one round to the next.
    private(set) var stream: [Piece] = []
    private(set) var round: Int64 = 0

    /// The longest wait between two frames of a capture that is played; a longer one was nobody's doing, ns.
    private static let longestPause: Int64 = 5_000_000_000

    /// Reads a capture of one instrument.
    public init(_ entries: [Entry]) {
        let sent = entries.count(where: \.isFromLane)
        if entries.count - sent > 2 * sent {
            readStream(entries.filter { !$0.isFromLane })
        } else {
            readAnswers(entries)
        }
    }

    /// Whether there is nothing to play.
    public var isEmpty: Bool { answers.isEmpty && stream.isEmpty }

    /// How many requests are known.
    public var requestCount: Int { answers.count }

    /// The request at the end of what has come; nil if there is none.
    func request(endingIn bytes: [UInt8]) -> [UInt8]? {
        answers.keys.filter { bytes.count >= $0.count && bytes.suffix($0.count).elementsEqual($0) }
            .max { $0.count < $1.count }
    }

    /// The longest request.
    var longestRequest: Int { answers.keys.map(\.count).max() ?? 0 }

    private mutating func readStream(_ entries: [Entry]) {
        var time: Int64 = 0
        var last: Int64?
        for entry in entries {
            if let last { time += min(max(0, entry.at - last), Self.longestPause) }
            last = entry.at
            stream.append(Piece(after: time, bytes: entry.bytes))
        }
        // From the last back to the first as long as from the first to the second.
        round = time + max(1_000_000, stream.count > 1 ? stream[1].after : Self.longestPause)
    }

    private mutating func readAnswers(_ entries: [Entry]) {
        var asked: (request: [UInt8], at: Int64)?
        var pieces: [Piece] = []
        func keep(_ asked: (request: [UInt8], at: Int64)?, _ pieces: [Piece], in answers: inout [[UInt8]: [[Piece]]]) {
            guard let asked, !asked.request.isEmpty else { return }
            answers[asked.request, default: []].append(pieces)
        }
        for entry in entries {
            if entry.isFromLane {
                keep(asked, pieces, in: &answers)
                (asked, pieces) = ((entry.bytes, entry.at), [])
            } else if let asked {
                pieces.append(
                    Piece(after: min(max(0, entry.at - asked.at), Self.longestPause), bytes: entry.bytes))
            }
        }
        keep(asked, pieces, in: &answers)
    }
}
