public import Documents
public import Messages

/// The gases whose mass for each kilometre is judged.
public enum MassPollutant: String, CaseIterable, Sendable {
    /// Carbon monoxide.
    case carbonMonoxide = "co"
    /// Hydrocarbons as n-hexane.
    case hydrocarbons = "hc"
    /// Oxides of nitrogen.
    case nitrogenOxides = "nox"
}

/// The emission limits of the simple transient method (简易瞬态工况法排放限值), read from a limit pack.
public struct VMASLimits: MethodLimits {
    /// The pack's identity.
    public let identity: PackIdentity
    /// The pack's bytes, whose digest records name.
    public let bytes: [UInt8]
    /// What the limit of HC means for a vehicle on natural gas.
    public let naturalGasHydrocarbons: Force

    /// Whether a limit decides.
    public enum Force: String, CaseIterable, Sendable {
        /// It does (强制).
        case binding
        /// It is compared with and recorded, without deciding (推荐).
        case recommended
    }

    private let sets: [String: [MassPollutant: PackValue]]

    /// The names of the limit sets, such as `a` and `b`.
    public var setNames: [String] { sets.keys.sorted() }

    /// Reads a pack.
    ///
    /// - Throws: `Problems` naming every missing, unknown or implausible value with its line.
    public init(document: Document) throws(Problems) {
        let content = try document.read { reader -> (PackIdentity, Force, [String: [MassPollutant: PackValue]])? in
            let pack = PackReader(reader, kind: .limits, method: .vmas)
            let force = reader.mapping("rules") { rules in
                pack.flatMap { pack -> Force? in pack.rule("natural-gas-hc", of: rules) }
            }
            let sets = reader.named("sets") { _, set -> [MassPollutant: PackValue]? in
                guard let pack else { return nil }
                var limits: [MassPollutant: PackValue] = [:]
                for pollutant in MassPollutant.allCases {
                    limits[pollutant] = pack.value(pollutant.rawValue, "g/km", of: set)
                }
                return limits.count == MassPollutant.allCases.count ? limits : nil
            }
            guard let pack, let force, let sets else { return nil }
            let table = Dictionary(sets.map { ($0.name, $0.value) }, uniquingKeysWith: { first, _ in first })
            return (pack.identity, force, table)
        }
        identity = content.0
        naturalGasHydrocarbons = content.1
        sets = content.2
        bytes = document.bytes
    }

    /// The limits of a set by pollutant, g/km; nil if the pack has no such set.
    public func limits(_ set: String) -> [MassPollutant: PackValue]? { sets[set] }
}
