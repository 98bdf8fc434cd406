import Documents
import Metrology

/// What is compared with a limit.
public enum Comparison: String, CaseIterable, Sendable {
    /// The value as reported.
    case rounded
    /// The value at twelve significant digits (全数值比较法, GB/T 8170-2008, 4.3.2).
    case full
}

/// Which of a second's readings stands for it.
public enum SecondTakes: String, CaseIterable, Sendable {
    /// The first.
    case first
    /// The last.
    case last
    /// The mean of all.
    case mean
}

/// When a time limit counts as reached.
public enum LimitReached: String, CaseIterable, Sendable {
    /// At its value.
    case at
    /// Only past its value.
    case after
}

/// When any test is broken off because the lane cannot measure.
public struct WatchRules: Sendable {
    /// An engine below this speed has stalled, r/min.
    public let stallSpeed: PackValue
    /// Seconds in a row below it.
    public let stallSeconds: Int
    /// Seconds that a device may be lost.
    public let lostSeconds: Int
    /// Seconds in a row in which a value needed for the verdict may be missing.
    public let invalidSeconds: Int

    init?(_ group: MappingReader, _ pack: PackReader) {
        let stall = pack.value("stall-speed", "r/min", of: group)
        let stallSeconds = pack.seconds("stall-seconds", of: group)
        let lost = pack.seconds("lost-seconds", of: group)
        let invalid = pack.seconds("invalid-seconds", of: group)
        guard let stall, let stallSeconds, let lost, let invalid else { return nil }
        stallSpeed = stall
        self.stallSeconds = stallSeconds
        lostSeconds = lost
        invalidSeconds = invalid
    }
}

/// When a test that samples exhaust is broken off besides.
public struct SamplingRules: Sendable {
    /// Least CO + CO2, %.
    public let dilutionMinimum: PackValue
    /// Seconds in a row below it.
    public let dilutionSeconds: Int
    /// Seconds in a row with too little sample flow.
    public let lowFlowSeconds: Int

    init?(_ group: MappingReader, _ pack: PackReader) {
        let dilution = pack.value("dilution-minimum", "%", of: group)
        let dilutionSeconds = pack.seconds("dilution-seconds", of: group)
        let flow = pack.seconds("low-flow-seconds", of: group)
        guard let dilution, let dilutionSeconds, let flow else { return nil }
        dilutionMinimum = dilution
        self.dilutionSeconds = dilutionSeconds
        lowFlowSeconds = flow
    }
}

extension PackReader {
    /// A whole number of seconds, at least one.
    func seconds(_ key: String, of group: MappingReader) -> Int? {
        value(key, "s", in: 1...86400, whole: true, of: group)?.count
    }

    /// The age that a reading of each instrument may have.
    func freshness(_ roles: [InstrumentRole], of group: MappingReader) -> [InstrumentRole: LaneSpan]? {
        var spans: [InstrumentRole: LaneSpan] = [:]
        for role in roles {
            spans[role] = value(role.rawValue, "s", in: 0.1...3600, of: group).map { .seconds($0.value) }
        }
        return spans.count == roles.count ? spans : nil
    }
}
