public import Documents
public import Messages
public import Metrology

/// What lug-down judges at a point.
public enum LugDownQuantity: String, CaseIterable, Sendable {
    /// Light absorption coefficient of the smoke (光吸收系数 k), 1/m.
    case lightAbsorption = "k"
    /// Nitrogen oxides (氮氧化物), 10⁻⁶ by volume.
    case nitrogenOxides = "nox"

    /// The unit of its limits and results.
    public var unit: String {
        switch self {
        case .lightAbsorption: PerMetre.symbol
        case .nitrogenOxides: PartsPerMillion.symbol
        }
    }
}

/// The emission limits of lug-down (加载减速法排放限值), read from a limit pack.
public struct LugDownLimits: MethodLimits {
    /// The pack's identity.
    public let identity: PackIdentity
    /// The pack's bytes, whose digest records name.
    public let bytes: [UInt8]
    /// What a lane high above the sea may add to the limit of k.
    public let altitude: AltitudeAllowance

    private let sets: [String: [LugDownQuantity: PackValue]]

    /// The names of the limit sets, such as `a` and `b`.
    public var setNames: [String] { sets.keys.sorted() }

    /// Reads a pack.
    ///
    /// - Throws: `Problems` naming every missing, unknown or implausible value with its line.
    public init(document: Document) throws(Problems) {
        let content = try document.read { reader -> LugDownLimits? in
            guard let pack = PackReader(reader, kind: .limits, method: .lugDown) else { return nil }
            let sets = reader.named("sets") { _, set -> [LugDownQuantity: PackValue]? in
                var limits: [LugDownQuantity: PackValue] = [:]
                for quantity in LugDownQuantity.allCases {
                    limits[quantity] = pack.value(quantity.rawValue, quantity.unit, of: set)
                }
                return limits.count == LugDownQuantity.allCases.count ? limits : nil
            }
            let altitude = reader.mapping("altitude") { AltitudeAllowance($0, pack) }
            guard let sets, let altitude else { return nil }
            return LugDownLimits(
                identity: pack.identity, bytes: document.bytes, altitude: altitude,
                sets: Dictionary(sets.map { ($0.name, $0.value) }, uniquingKeysWith: { first, _ in first }))
        }
        self = content
    }

    private init(
        identity: PackIdentity, bytes: [UInt8], altitude: AltitudeAllowance,
        sets: [String: [LugDownQuantity: PackValue]]
    ) {
        self.identity = identity
        self.bytes = bytes
        self.altitude = altitude
        self.sets = sets
    }

    /// The limits of a set; nil if the pack has no such set.
    ///
    /// - Parameter altitude: of the lane above the sea, m, where its local government grants the allowance; else nil.
    public func limits(_ set: String, altitude: RoundedDecimal?) -> [LugDownQuantity: PackValue]? {
        guard var limits = sets[set] else { return nil }
        if let altitude, let limit = limits[.lightAbsorption] {
            limits[.lightAbsorption] = self.altitude.raise(limit, at: altitude)
        }
        return limits
    }
}

/// What a lane high above the sea may add to the limit of k (海拔修正).
public struct AltitudeAllowance: Sendable {
    /// Altitude from which on something is added, m.
    public let above: PackValue
    /// The height of a step, m.
    public let step: PackValue
    /// What a step adds, 1/m.
    public let perStep: PackValue
    /// The most that is added, 1/m.
    public let maximum: PackValue
    /// How parts of a step count.
    public let counting: Counting

    /// How parts of a step count.
    public enum Counting: String, CaseIterable, Sendable {
        /// Not at all.
        case whole
        /// In proportion.
        case proportional
    }

    init?(_ group: MappingReader, _ pack: PackReader) {
        let above = pack.value("above", "m", of: group)
        let step = pack.value("step", "m", in: 1...10000, of: group)
        let perStep = pack.value("k-per-step", PerMetre.symbol, of: group)
        let maximum = pack.value("k-maximum", PerMetre.symbol, of: group)
        let counting: Counting? = pack.rule("counting", of: group)
        guard let above, let step, let perStep, let maximum, let counting else { return nil }
        self.above = above
        self.step = step
        self.perStep = perStep
        self.maximum = maximum
        self.counting = counting
    }

    /// What is added at an altitude, 1/m.
    public func allowance(at altitude: RoundedDecimal) -> Double {
        let steps = max(0, altitude.value - above.value) / step.value
        return min((counting == .whole ? steps.rounded(.down) : steps) * perStep.value, maximum.value)
    }

    /// A limit with the allowance of an altitude added; the limit itself where nothing is added.
    func raise(_ limit: PackValue, at altitude: RoundedDecimal) -> PackValue {
        let extra = allowance(at: altitude)
        let places = counting == .whole ? max(limit.decimal.places, perStep.decimal.places) : 4
        // Limits and allowances of a pack are small numbers; their sum can always be written.
        guard extra > 0, let sum = try? RoundedDecimal(limit.value + extra, places: places) else { return limit }
        return PackValue(
            decimal: sum, unit: limit.unit, source: limit.source, grade: limit.grade,
            note: "\(limit.decimal) and the allowance for \(altitude) m")
    }
}
