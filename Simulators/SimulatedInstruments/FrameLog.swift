/// Counts what an instrument receives and sends, for tests to look at.
final class FrameLog: Sendable {
    private let counts = Guarded(FrameCounts())
    private let screen = Guarded<[Int: String]?>(nil)

    func received(_ command: String) { counts.withLock { $0.received[command, default: 0] += 1 } }
    func rejected() { counts.withLock { $0.rejected += 1 } }
    func sent() { counts.withLock { $0.sent += 1 } }
    func overrun() { counts.withLock { $0.overruns += 1 } }
    func happened(_ fault: Fault.Kind) { counts.withLock { $0.faults[fault.rawValue, default: 0] += 1 } }

    /// Keeps what a sign shows, by row.
    func shows(_ rows: [Int: String]) { screen.withLock { $0 = rows } }

    /// What a sign shows: its rows in order; nil as long as it has been told nothing.
    var shown: [String]? {
        screen.withLock { rows in rows.map { $0.sorted { $0.key < $1.key }.map(\.value) } }
    }

    var snapshot: FrameCounts { counts.withLock { $0 } }
}

/// What an instrument has received and sent so far.
public struct FrameCounts: Codable, Hashable, Sendable {
    /// Good frames received, by command as its manual writes it (`67`, `SF`, `04`).
    public var received: [String: Int] = [:]
    /// Bad frames received: checksum, length, command, or an action that is refused at the moment.
    public var rejected = 0
    /// Frames sent, those spoilt by a fault included.
    public var sent = 0
    /// Times that bytes were lost because nobody read them.
    public var overruns = 0
    /// How often each kind of fault has happened: per frame on the wire, per injection in the lane.
    public var faults: [String: Int] = [:]
}
