/// What is on its way to the host: pieces of frames with the real time at which each has passed the wire.
struct OutputQueue {
    /// Some bytes of a frame.
    struct Piece {
        let due: Int64
        let bytes: [UInt8]
        /// Whether a frame begins here: lost bytes are lost by whole frames.
        let isBeginning: Bool
    }

    private var pieces: [Piece] = []
    private var wireIsFreeAt: Int64 = 0

    /// Bytes that pass together; a host sees a frame come in several pieces, as on a real line.
    private static let pieceLength = 4

    var nextDue: Int64? { pieces.first?.due }

    /// - Parameters:
    ///   - time: real time at which the instrument begins to send, ns.
    ///   - lineSpeed: bits per second for pacing, ten per byte; nil for no pacing.
    ///   - gap: real time that passes before each byte but the first, ns.
    mutating func append(_ frame: [UInt8], at time: Int64, lineSpeed: Int?, gap: Int64 = 0) {
        guard !frame.isEmpty else { return }
        wireIsFreeAt = max(time, wireIsFreeAt)
        let pieceLength = gap > 0 ? 1 : lineSpeed == nil ? frame.count : Self.pieceLength
        for start in stride(from: 0, to: frame.count, by: pieceLength) {
            let bytes = Array(frame[start..<min(start + pieceLength, frame.count)])
            if start > 0 { wireIsFreeAt += gap }
            if let lineSpeed { wireIsFreeAt += Int64(bytes.count) * 10_000_000_000 / Int64(lineSpeed) }
            pieces.append(Piece(due: wireIsFreeAt, bytes: bytes, isBeginning: start == 0))
        }
    }

    /// The next piece whose time has come.
    mutating func next(at time: Int64) -> Piece? {
        guard let first = pieces.first, first.due <= time else { return nil }
        pieces.removeFirst()
        return first
    }

    mutating func removeAll() {
        pieces.removeAll()
        wireIsFreeAt = 0
    }
}
