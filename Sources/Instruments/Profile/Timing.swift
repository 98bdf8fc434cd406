import Documents
public import Metrology

/// The times that an instrument needs, from its manual or from software that is known to work with it.
///
/// Spans of lane time say how the lane plans; durations are real time on the wire, whatever the lane's clock does.
public struct Timing: Sendable {
    /// How often the instrument is to be polled, or how often it sends on its own accord.
    public let pollInterval: LaneSpan
    /// The greatest age that a reading reaches while everything works.
    public let expectedAge: LaneSpan
    /// How long the whole reply to a request may take; for a stream, how long it may be silent.
    public let replyTimeout: Duration
    /// The longest pause between two bytes of one reply.
    public let byteTimeout: Duration
    /// The pause the instrument needs after an exchange before the next request.
    public let pauseAfter: Duration
    /// How long the line is left alone after a missing or damaged reply, so that a late one is not taken for the next.
    public let settleAfterError: Duration
    /// How many failed exchanges in a row make the link count as lost.
    public let lostAfter: Int

    init?(_ reader: MappingReader) {
        let pollInterval = reader.integer("poll-interval-ms", in: 10...600_000)
        let expectedAge = reader.integer("expected-age-ms", in: 10...600_000)
        let replyTimeout = reader.milliseconds("reply-timeout-ms", from: 1)
        let byteTimeout = reader.has("byte-timeout-ms") ? reader.milliseconds("byte-timeout-ms", from: 1) : .zero
        let pauseAfter = reader.has("pause-after-ms") ? reader.milliseconds("pause-after-ms") : .zero
        let settle = reader.has("settle-after-error-ms") ? reader.milliseconds("settle-after-error-ms") : .zero
        let lostAfter = reader.has("lost-after") ? reader.integer("lost-after", in: 1...100) : 3
        guard let pollInterval, let expectedAge, let replyTimeout, let byteTimeout, let pauseAfter, let settle,
            let lostAfter
        else { return nil }
        self.pollInterval = .milliseconds(pollInterval)
        self.expectedAge = .milliseconds(expectedAge)
        self.replyTimeout = replyTimeout
        // Without a rule of its own, a reply may pause as long as it may take.
        self.byteTimeout = byteTimeout == .zero ? replyTimeout : byteTimeout
        self.pauseAfter = pauseAfter
        settleAfterError = settle
        self.lostAfter = lostAfter
    }
}
