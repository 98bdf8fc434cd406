public import Messages
public import Metrology

/// How an instrument's line has fared over some time, such as a test (通信统计).
public struct LineAccount: Sendable {
    /// What the instrument is for.
    public let role: InstrumentRole
    /// Its profile.
    public let device: String
    /// The port as the lane file names it.
    public let port: String
    /// Bits per second by the profile.
    public let baud: Int
    /// What has happened on the line.
    public let counters: InstrumentCounters
    /// How each command has fared.
    public let commands: [String: CommandStatistics]
    /// Whether bytes travel at the line's speed: not where the line is a network, or a program's.
    public let isPaced: Bool

    /// Creates an account.
    public init(
        role: InstrumentRole, device: String, port: String, baud: Int, counters: InstrumentCounters,
        commands: [String: CommandStatistics], isPaced: Bool
    ) {
        self.role = role
        self.device = device
        self.port = port
        self.baud = baud
        self.counters = counters
        self.commands = commands
        self.isPaced = isPaced
    }

    /// Fewer bytes than these without a frame among them may be noise alone.
    private static let manyBytes = 64
    /// From this share of damaged replies on a cable is bad, and from this number of replies on a share means something.
    private static let badShare = 0.01
    private static let manyReplies = 50

    /// What the line itself seems to suffer from: a wrong speed, or a bad cable; nil for nothing that can be told.
    public var complaint: Message? {
        let (replies, damaged) = (counters.replies, counters.checksumErrors)
        if replies == 0, counters.discardedBytes >= Self.manyBytes {
            return Message(
                .instrumentWrongBaud,
                [
                    "device": .text(device), "port": .text(port), "bytes": .integer(counters.discardedBytes),
                    "baud": .integer(baud),
                ])
        }
        let count = replies + damaged
        guard count >= Self.manyReplies, Double(damaged) >= Self.badShare * Double(count) else { return nil }
        return Message(
            .instrumentNoisyLine,
            [
                "device": .text(device), "port": .text(port), "damaged": .integer(damaged), "count": .integer(count),
                "percent": .integer(Int((100 * Double(damaged) / Double(count)).rounded())),
            ])
    }

    /// Commands that were answered sooner than the bytes of request and reply need on a line of this speed, ten bits
    /// each: whoever answered does not sit at its end. Only where the line is one.
    public var impossiblyFast: [Message] {
        guard isPaced else { return [] }
        return commands.sorted { $0.key < $1.key }.compactMap { name, statistics in
            guard let fastest = statistics.fastest, statistics.fastestBytes > 0 else { return nil }
            let needed = Duration.microseconds(Int64(statistics.fastestBytes) * 10_000_000 / Int64(baud))
            // Ports hand bytes over some at a time, and may say that they are out a little early.
            guard fastest * 2 < needed else { return nil }
            return Message(
                .adviceFasterThanLine,
                [
                    "device": .text(device), "command": .text(name), "found": .text(fastest.shownMilliseconds),
                    "baud": .integer(baud), "needed": .text(needed.shownMilliseconds),
                ])
        }
    }
}

extension Instrument {
    /// How the line has fared since the last call, or since the start; a new account begins.
    public func takeLineAccount() -> LineAccount {
        defer {
            recentStatistics = [:]
            accountedCounters = counters
        }
        return LineAccount(
            role: profile.role, device: profile.id, port: port, baud: profile.line.baud,
            counters: counters.since(accountedCounters), commands: recentStatistics,
            isPaced: !isPseudoTerminal && !port.hasPrefix("tcp:"))
    }
}

extension InstrumentCounters {
    /// What has happened after an earlier reading.
    func since(_ earlier: InstrumentCounters) -> InstrumentCounters {
        var difference = self
        difference.requests -= earlier.requests
        difference.replies -= earlier.replies
        difference.timeouts -= earlier.timeouts
        difference.checksumErrors -= earlier.checksumErrors
        difference.refusals -= earlier.refusals
        difference.discardedBytes -= earlier.discardedBytes
        difference.resyncs -= earlier.resyncs
        difference.reopens -= earlier.reopens
        difference.overflows -= earlier.overflows
        difference.busyAnswers -= earlier.busyAnswers
        return difference
    }
}

extension Duration {
    /// Milliseconds with one place.
    fileprivate var shownMilliseconds: String {
        let (seconds, attoseconds) = components
        let tenths = seconds * 10_000 + attoseconds / 100_000_000_000_000
        return "\(tenths / 10).\(tenths % 10)"
    }
}
