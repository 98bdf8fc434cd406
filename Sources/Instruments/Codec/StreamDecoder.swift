/// Finds the frames in a stream that may begin anywhere, lose bytes, or hold noise (数据流同步).
///
/// Until it is locked, the decoder looks for as many frames in a row as the profile asks for and believes none of
/// them but the last; a lone look-alike inside other bytes is therefore not read. Once locked it expects each frame
/// right after the one before, and any byte that disagrees makes it search again.
public struct StreamDecoder: Sendable {
    private let frame: StreamFrame
    private var buffer: [UInt8] = []
    private var locked = false

    /// What bytes brought.
    public struct Output: Hashable, Sendable {
        /// The frames that were completed.
        public var frames: [DecodedFrame] = []
        /// The bytes that belong to no frame that was read.
        public var skipped: [UInt8] = []
        /// How often the lock was lost.
        public var resyncs = 0
    }

    /// A decoder of a profile's stream; nil if the model sends none.
    public init?(_ profile: DeviceProfile) {
        guard case .stream(let frame, _, _) = profile.wire.framing else { return nil }
        self.frame = frame
    }

    /// Takes bytes as they come and returns the frames that they complete.
    public mutating func feed(_ bytes: some Sequence<UInt8>) -> Output {
        buffer += bytes
        let length = frame.pattern.count
        var output = Output()
        var position = 0
        while position < buffer.count {
            if locked {
                guard buffer.count - position >= length else {
                    if frame.pattern.couldBegin(buffer, at: position) { break }
                    locked = false
                    output.resyncs += 1
                    continue
                }
                if let decoded = frame.decode(buffer, at: position) {
                    output.frames.append(decoded)
                    position += length
                } else {
                    locked = false
                    output.resyncs += 1
                }
                continue
            }
            switch run(at: position) {
            case .broken:
                output.skipped.append(buffer[position])
                position += 1
            case .incomplete:
                buffer.removeFirst(position)
                return output
            case .complete(let last):
                output.frames.append(last)
                output.skipped += buffer[position..<position + (frame.lock - 1) * length]
                position += frame.lock * length
                locked = true
            }
        }
        buffer.removeFirst(position)
        return output
    }

    private enum Run {
        case broken
        case incomplete
        case complete(DecodedFrame)
    }

    /// Whether as many frames as the lock needs stand in a row from a position.
    private func run(at start: Int) -> Run {
        var last: DecodedFrame?
        for index in 0..<frame.lock {
            let position = start + index * frame.pattern.count
            guard frame.pattern.couldBegin(buffer, at: position) else { return .broken }
            guard buffer.count - position >= frame.pattern.count else { return .incomplete }
            guard let decoded = frame.decode(buffer, at: position) else { return .broken }
            last = decoded
        }
        return last.map(Run.complete) ?? .broken
    }
}
