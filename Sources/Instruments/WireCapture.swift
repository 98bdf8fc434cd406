import Metrology
import Messages

/// What was on the wires of several instruments, bounded, for people and for Wireshark (通信记录).
///
/// When it is full the oldest entries go; ``dropped`` counts them.
public struct WireCapture: Sendable {
    /// Bytes on one instrument's wire.
    public struct Entry: Hashable, Sendable {
        /// The instrument, by its place in ``WireCapture/instruments``.
        public let instrument: Int
        /// The bytes, their direction and their time.
        public let frame: WireFrame

        /// Creates an entry.
        public init(instrument: Int, frame: WireFrame) {
            self.instrument = instrument
            self.frame = frame
        }
    }

    /// The instruments, as a capture names them.
    public let instruments: [String]
    /// How many entries are kept.
    public let limit: Int
    /// How many entries went to make place for newer ones.
    public private(set) var dropped = 0

    private var ring: [Entry] = []
    private var start = 0

    /// The link type of the capture, LINKTYPE_USER0: the frames are an instrument's own, with nothing before them.
    ///
    /// In Wireshark: Preferences, Protocols, DLT_USER, User 0 (DLT=147), any payload protocol, such as `data`.
    public static let linkType: UInt16 = 147

    /// An empty capture of instruments.
    public init(instruments: [String], limit: Int = 100_000) {
        self.instruments = instruments
        self.limit = max(1, limit)
    }

    /// The entries, oldest first.
    public var entries: [Entry] { Array(ring[start...] + ring[..<start]) }

    /// Adds what a poll of an instrument brought.
    public mutating func add(_ frames: [WireFrame], of instrument: Int) {
        for frame in frames {
            let entry = Entry(instrument: instrument, frame: frame)
            if ring.count < limit {
                ring.append(entry)
            } else {
                ring[start] = entry
                start = (start + 1) % limit
                dropped += 1
            }
        }
    }
}
