public import Documents
public import Messages

/// The two engine speeds of two-speed idle at which exhaust is judged.
public enum IdleSpeed: String, CaseIterable, Sendable {
    /// High idle (高怠速).
    case high = "high-idle"
    /// Idle (怠速).
    case low = "idle"
}

/// The emission limits of two-speed idle (双怠速法排放限值), read from a limit pack.
public struct TwoSpeedIdleLimits: MethodLimits {
    /// The pack's identity.
    public let identity: PackIdentity
    /// The pack's bytes, whose digest records name.
    public let bytes: [UInt8]

    private let sets: [String: LimitSet]

    /// One set of limits.
    public struct LimitSet: Hashable, Sendable {
        /// CO, % by volume, at each speed.
        public let carbonMonoxide: [IdleSpeed: PackValue]
        /// HC as n-hexane, ppm, at each speed.
        public let hydrocarbons: [IdleSpeed: PackValue]
        /// The least lambda at high idle.
        public let lambdaMinimum: PackValue
        /// The greatest.
        public let lambdaMaximum: PackValue
    }

    /// The names of the limit sets, such as `a` and `b`.
    public var setNames: [String] { sets.keys.sorted() }

    /// The limits of a set; nil if the pack has no such set.
    public func limits(_ set: String) -> LimitSet? { sets[set] }

    /// Reads a pack.
    ///
    /// - Throws: `Problems` naming every missing, unknown or implausible value with its line.
    public init(document: Document) throws(Problems) {
        let content = try document.read { reader -> (PackIdentity, [String: LimitSet])? in
            let pack = PackReader(reader, kind: .limits, method: .twoSpeedIdle)
            let sets = reader.named("sets") { _, group in pack.flatMap { LimitSet(group, $0) } }
            guard let pack, let sets else { return nil }
            return (
                pack.identity, Dictionary(sets.map { ($0.name, $0.value) }, uniquingKeysWith: { first, _ in first })
            )
        }
        identity = content.0
        sets = content.1
        bytes = document.bytes
    }
}

extension TwoSpeedIdleLimits.LimitSet {
    fileprivate init?(_ set: MappingReader, _ pack: PackReader) {
        var co: [IdleSpeed: PackValue] = [:]
        var hc: [IdleSpeed: PackValue] = [:]
        var lambda: (PackValue, PackValue)?
        for speed in IdleSpeed.allCases {
            _ = set.mapping(speed.rawValue) { group -> Bool? in
                co[speed] = pack.value("co", "%", of: group)
                hc[speed] = pack.value("hc", "ppm", of: group)
                if speed == .high {
                    let low = pack.value("lambda-minimum", "1", in: 0.5...2, of: group)
                    let high = pack.value("lambda-maximum", "1", in: 0.5...2, of: group)
                    if let low, let high { lambda = (low, high) }
                }
                return true
            }
        }
        guard co.count == 2, hc.count == 2, let lambda else { return nil }
        carbonMonoxide = co
        hydrocarbons = hc
        lambdaMinimum = lambda.0
        lambdaMaximum = lambda.1
    }
}
