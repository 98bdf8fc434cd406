/// Every frame that an instrument meant to send, with the request that it answers, for tests that compare what a lane
/// took for an answer with what was one.
final class FrameRecord: Sendable {
    private let frames = Guarded<[SentFrame]>([])

    func add(_ frame: SentFrame) { frames.withLock { $0.append(frame) } }

    var snapshot: [SentFrame] { frames.withLock { $0 } }
}

/// A frame that an instrument meant to send.
public struct SentFrame: Hashable, Sendable {
    /// The bytes that it answers, as they came; nil for a frame that nobody asked for.
    public let request: [UInt8]?
    /// The frame.
    public let bytes: [UInt8]
    /// What a fault made of it; nil if nothing was sent.
    public let onTheWire: [UInt8]?
    /// When the instrument began to send it, lane time in nanoseconds.
    public let at: Int64
}
