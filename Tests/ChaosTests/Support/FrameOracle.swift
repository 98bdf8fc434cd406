import Evidence
import Metrology
import Procedures

/// Looks for readings in a test's frames that are older than they say.
struct FrameOracle {
    private(set) var violations: [String] = []
    private(set) var readings = 0
    private(set) var stale = 0

    /// - Parameters:
    ///   - file: the record's frames.
    ///   - freshness: how old a reading of each instrument may be.
    ///   - instants: when bytes came, from whichever instrument: an opacimeter may show the engine speed, too.
    init(_ file: [UInt8], freshness: [InstrumentRole: LaneSpan], instants: Set<Int64>) throws {
        for frame in try FrameReader.frames(file) {
            for (channel, sample) in frame.samples {
                guard sample.value != nil else { continue }
                readings += 1
                let role = channel.role
                if sample.validity == .stale { stale += 1 }
                // A reading before the test's first tick came before the wire log began.
                if sample.acquiredAt >= .zero, !instants.contains(sample.acquiredAt.nanoseconds) {
                    add(
                        frame, channel, "is of \(sample.acquiredAt.nanoseconds) ns, when nothing came")
                }
                if sample.acquiredAt > frame.time + frame.lateness { add(frame, channel, "comes from the future") }
                guard sample.validity == .valid, let limit = freshness[role] else { continue }
                if frame.time - sample.acquiredAt > limit { add(frame, channel, "is old and counts as valid") }
            }
        }
    }

    private mutating func add(_ frame: Frame, _ channel: ChannelID, _ text: String) {
        violations.append("tick \(frame.tick): \(channel.rawValue) \(text)")
    }
}
