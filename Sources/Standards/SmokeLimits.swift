public import Documents
public import Messages
public import Metrology

/// What the smoke of a free acceleration is judged in.
public enum SmokeQuantity: String, CaseIterable, Sendable {
    /// Light absorption coefficient k, m⁻¹ (光吸收系数).
    case absorption = "k"
    /// Opacity N over a stated length of smoke, % (不透光度).
    case opacity

    /// The unit of its limits and results.
    public var unit: String {
        switch self {
        case .absorption: PerMetre.symbol
        case .opacity: Percent.symbol
        }
    }
}

/// One limit of smoke, and the vehicles or machines that it is for.
public struct SmokeLimit: Hashable, Sendable {
    /// Its name in the pack, such as `from-37-kw`.
    public let name: String
    /// What is limited.
    public let quantity: SmokeQuantity
    /// The greatest value that passes.
    public let maximum: PackValue
    /// The length of smoke that an opacity is stated over, m; nil for a limit of k.
    public let length: PackValue?
    /// The least rated power that it is for, kW, inclusive; nil where there is none.
    public let powerFrom: PackValue?
    /// The rated power that it is no longer for, kW; nil where there is none.
    public let powerBelow: PackValue?
    /// How the engine breathes; nil where that does not matter.
    public let aspiration: SmokeAspiration?

    init?(_ name: String, _ group: MappingReader, _ pack: PackReader) {
        let from = group.optional("power-from") { pack.value($0, "kW", of: group) }
        let below = group.optional("power-below") { pack.value($0, "kW", of: group) }
        let aspiration = group.optional("aspiration") { group.choice($0, SmokeAspiration.self) }
        let quantity: SmokeQuantity = group.has(SmokeQuantity.opacity.rawValue) ? .opacity : .absorption
        let range = quantity == .opacity ? 0.0...100 : 0.0...20
        let maximum = pack.value(quantity.rawValue, quantity.unit, in: range, of: group)
        let length = quantity == .opacity ? pack.value("length", "m", in: 0.01...2, of: group) : nil
        guard let maximum, length != nil || quantity == .absorption else { return nil }
        self.name = name
        self.quantity = quantity
        self.maximum = maximum
        self.length = length
        powerFrom = from
        powerBelow = below
        self.aspiration = aspiration
    }

    /// Whether it is for an engine of this power and aspiration; what is not known excludes a limit that asks for it.
    public func applies(power: RoundedDecimal?, aspiration found: SmokeAspiration?) -> Bool {
        if let aspiration, aspiration != found { return false }
        guard powerFrom != nil || powerBelow != nil else { return true }
        guard let power else { return false }
        return (powerFrom.map { power >= $0.decimal } ?? true) && (powerBelow.map { power < $0.decimal } ?? true)
    }
}

/// How an engine breathes, as smoke limits tell engines apart.
public enum SmokeAspiration: String, CaseIterable, Sendable {
    /// Naturally aspirated (自然吸气).
    case natural
    /// Turbocharged (涡轮增压).
    case turbocharged
}

/// Sets of smoke limits, as the packs of free acceleration hold them.
public struct SmokeLimitTable: Sendable {
    private let sets: [String: [SmokeLimit]]

    init(_ sets: [String: [SmokeLimit]]) { self.sets = sets }

    /// The names of the sets.
    public var names: [String] { sets.keys.sorted() }

    /// The limits of a set, in the pack's order; nil if the pack has no such set.
    public subscript(_ set: String) -> [SmokeLimit]? { sets[set] }

    static func read(
        _ document: Document, _ method: TestMethod
    ) throws(Problems) -> (PackIdentity, SmokeLimitTable) {
        try document.read { reader -> (PackIdentity, SmokeLimitTable)? in
            let pack = PackReader(reader, kind: .limits, method: method)
            let sets = reader.named("sets") { _, set -> [SmokeLimit]? in
                guard let pack else { return nil }
                let limits = set.keys.map { name in set.mapping(name) { SmokeLimit(name, $0, pack) } }
                return limits.contains { $0 == nil } ? nil : limits.compactMap { $0 }
            }
            guard let pack, let sets else { return nil }
            let table = Dictionary(sets.map { ($0.name, $0.value) }, uniquingKeysWith: { first, _ in first })
            return (pack.identity, SmokeLimitTable(table))
        }
    }
}

/// Limits that hold a table of smoke limits.
public protocol SmokeLimits: MethodLimits {
    /// The table.
    var table: SmokeLimitTable { get }
}

extension SmokeLimits {
    /// The names of the limit sets.
    public var setNames: [String] { table.names }
}

/// The emission limits of free acceleration (自由加速法排放限值), read from a limit pack.
public struct FreeAccelerationLimits: SmokeLimits {
    /// The pack's identity.
    public let identity: PackIdentity
    /// The pack's bytes, whose digest records name.
    public let bytes: [UInt8]
    /// The limits.
    public let table: SmokeLimitTable

    /// Reads a pack.
    ///
    /// - Throws: `Problems` naming every missing, unknown or implausible value with its line.
    public init(document: Document) throws(Problems) {
        (identity, table) = try SmokeLimitTable.read(document, .freeAcceleration)
        bytes = document.bytes
    }
}

/// The emission limits of non-road machinery and roadside tests (非道路柴油移动机械排气烟度限值), read from a limit
/// pack.
public struct NonRoadLimits: SmokeLimits {
    /// The pack's identity.
    public let identity: PackIdentity
    /// The pack's bytes, whose digest records name.
    public let bytes: [UInt8]
    /// The limits.
    public let table: SmokeLimitTable

    /// Reads a pack.
    ///
    /// - Throws: `Problems` naming every missing, unknown or implausible value with its line.
    public init(document: Document) throws(Problems) {
        (identity, table) = try SmokeLimitTable.read(document, .nonRoad)
        bytes = document.bytes
    }
}
