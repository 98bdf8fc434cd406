public import Metrology

/// What one poll of an instrument brought.
public struct InstrumentReport: Sendable {
    /// Whether the instrument can be talked to.
    public enum Link: Hashable, Sendable {
        /// It answers, or sends.
        case up
        /// It does not, for this reason. It is tried again by itself.
        case lost(InstrumentError)
    }

    /// What the instrument said about itself, and when.
    public struct Conditions: Hashable, Sendable {
        /// What it said; empty if nothing is out of the ordinary.
        public let conditions: Set<InstrumentCondition>
        /// When the last byte of it was read.
        public let at: LaneInstant
        /// What it was known to be doing without having said so; it is among the conditions.
        public var doing: InstrumentCondition?
        /// What it was known to have failed at, by its answer when its end was waited for; among the conditions.
        public var failed: Set<InstrumentCondition> = []
    }

    /// The mode that the instrument's stream showed, and when.
    public struct Mode: Hashable, Sendable {
        /// The mode.
        public let mode: OperatingMode
        /// When the last byte of its frame was read.
        public let at: LaneInstant
    }

    /// What the instrument is for.
    public let role: InstrumentRole
    /// The readings, in the order in which they were acquired; a stream may bring several of one channel.
    public let readings: [TimedReading]
    /// The newest status that this poll brought; nil if it brought none.
    public let conditions: Conditions?
    /// The newest mode that this poll brought; nil if it brought none.
    public let mode: Mode?
    /// Whether the instrument can be talked to.
    public let link: Link
    /// What went wrong during this poll, in order; a single failure does not yet lose the link.
    public let failures: [InstrumentError]
    /// The values of the frames that this poll brought, by the names of the profile, with their times.
    public let values: [TimedValue]
    /// The command whose end is being waited for; nil if none is.
    public let underWay: String?
    /// What was on the wire since the report before, actions included, in order.
    public let wire: [WireFrame]
}

/// A value of a frame as the profile names it, whether the lane has a channel for it or not.
public struct TimedValue: Hashable, Sendable {
    /// The value.
    public let value: DecodedFrame.Value
    /// When the last byte of its frame was read.
    public let at: LaneInstant
}

/// Bytes that were on the wire together, for the wire log.
public struct WireFrame: Hashable, Sendable {
    /// Which way the bytes went and what they were.
    public enum Kind: String, Sendable {
        /// Sent by the lane.
        case sent
        /// Received, and an intact frame.
        case received
        /// Received, and not an intact frame that was expected: late, damaged or noise.
        case discarded
    }

    /// Which way the bytes went and what they were.
    public let kind: Kind
    /// The bytes.
    public let bytes: [UInt8]
    /// When they were handed over, or their last byte was read, on the lane's clock.
    public let at: LaneInstant
    /// The command of the profile that they ask for, or whose reply they are and were read as; nil for frames of a
    /// stream, for acknowledgements, and for what nobody read.
    public internal(set) var command: String?

    /// Creates an entry.
    public init(kind: Kind, bytes: [UInt8], at: LaneInstant, command: String? = nil) {
        self.kind = kind
        self.bytes = bytes
        self.at = at
        self.command = command
    }
}

/// What has happened on an instrument's line since the start, for the health page and for service.
public struct InstrumentCounters: Hashable, Sendable {
    /// Requests sent.
    public var requests = 0
    /// Intact replies, or intact frames of a stream.
    public var replies = 0
    /// Requests without a whole reply in time, and streams that fell silent.
    public var timeouts = 0
    /// Replies whose check bytes disagreed.
    public var checksumErrors = 0
    /// Negative answers.
    public var refusals = 0
    /// Bytes that belonged to no expected frame: late, damaged or noise.
    public var discardedBytes = 0
    /// How often the beginning of a frame in a stream had to be searched for again.
    public var resyncs = 0
    /// How often the port was opened again after it had been lost.
    public var reopens = 0
    /// Frames and wire entries dropped because nobody had polled for a long time.
    public var overflows = 0
    /// Answers that said that the instrument was occupied.
    public var busyAnswers = 0

    /// Nothing has happened.
    public init() {}
}
