import Metrology
import Plant

/// The MQZ-2 tachometer (发动机转速计): sends `dddd\r` ten times a second and listens to nothing.
struct MQZ2: WireInstrument {
    private static let period = LaneSpan(nanoseconds: 100_000_000)
    private var next: LaneInstant

    init(switchedOn: LaneInstant) { next = switchedOn + Self.period }

    var nextEvent: LaneInstant? { next }

    mutating func act(_ surroundings: Surroundings) -> [UInt8]? {
        let now = surroundings.now
        guard now >= next else { return nil }
        next = next + Self.period
        if next < now { next = now + Self.period }
        return MQZ2Frame.frame(engineSpeed: surroundings.observe().shownEngineSpeed)
    }

    mutating func receive(_ bytes: [UInt8], _ surroundings: Surroundings) -> [[UInt8]] { [] }

    mutating func forgetPartialFrame() {}
}

/// The frame of the MQZ-2 tachometer.
public enum MQZ2Frame {
    /// Four digits and a carriage return.
    ///
    /// - Parameter engineSpeed: r/min; kept within 0…9999.
    public static func frame(engineSpeed: Double) -> [UInt8] {
        let digits = String(Int(max(0, min(9999, engineSpeed.rounded()))))
        return Array((String(repeating: "0", count: 4 - digits.count) + digits).utf8) + [0x0D]
    }
}
