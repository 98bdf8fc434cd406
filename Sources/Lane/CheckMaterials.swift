public import Assurance
import Evidence
import Messages
public import Metrology
import Procedures
public import Standards

/// What a technician names for a check (选用标准物质): numbers of the registry, and what reference instruments show.
public struct CheckRequest: Sendable {
    /// The kind of check.
    public var kind: CheckKind
    /// Numbers of the registry, in the order of the check's points; a bottle may name its point, as `high=B-7`.
    public var references: [String]
    /// What reference instruments show, point by point; each belongs to the instrument of its place in
    /// ``references``, or to the last one.
    public var readings: [[ChannelID: RoundedDecimal]]
    /// The registry to look the numbers up in; nil for the lane file's.
    public var registry: ReferenceRegistry?
    /// Offsets of the lane's clock against the authority's, s, positive where the lane's is ahead.
    public var clockOffsets: [Double]
    /// Whether a vehicle is connected to the OBD adapter.
    public var vehicleConnected: Bool

    /// Creates a request.
    public init(
        kind: CheckKind, references: [String] = [], readings: [[ChannelID: RoundedDecimal]] = [],
        registry: ReferenceRegistry? = nil, clockOffsets: [Double] = [], vehicleConnected: Bool = false
    ) {
        self.kind = kind
        self.references = references
        self.readings = readings
        self.registry = registry
        self.clockOffsets = clockOffsets
        self.vehicleConnected = vehicleConnected
    }
}

/// The reference materials of a check as the registry certifies them, judged.
struct CheckMaterials {
    /// What the check compares with.
    private(set) var references = CheckReferences()
    /// What the technician should know all the same.
    private(set) var warnings: [Message] = []
    /// What keeps the check from being carried out.
    private(set) var problems: [OrderProblem] = []

    private let kind: CheckKind
    private let registry: ReferenceRegistry
    private let rules: AssuranceRules
    private let requirements: CheckRequirements
    private let now: Timestamp

    init(
        _ request: CheckRequest, registry: ReferenceRegistry, rules: AssuranceRules, requirements: CheckRequirements,
        now: Timestamp
    ) {
        kind = request.kind
        self.registry = registry
        self.rules = rules
        self.requirements = requirements
        self.now = now
        switch kind.referenceKind {
        case .bottle: takeBottles(request.references)
        case .filter:
            for (number, entry) in judged(request.references, as: .filter, needing: ["opacity"]) {
                guard let opacity = entry.certified("opacity") else { continue }
                references.filters.append(ReferenceFilter(number: number, opacity: opacity))
            }
        case .weight:
            for (number, entry) in judged(request.references, as: .weight, needing: ["force"]) {
                guard let force = entry.certified("force") else { continue }
                references.weights.append(ReferenceWeight(number: number, force: force))
            }
        case .instrument:
            let numbers = judged(request.references, as: .instrument, needing: []).map(\.number)
            for (index, values) in readings(request).enumerated() {
                // A point without readings is read during the check.
                guard let number = index < numbers.count ? numbers[index] : numbers.last else {
                    problems.append(
                        OrderProblem(
                            "reference", Message(.checkNeeds, ["member": "reference", "check": .message(kind.message)]))
                    )
                    break
                }
                references.readings.append(ReferenceReading(number: number, values: values))
            }
        case nil: refuse(request.references)
        }
    }

    /// What reference instruments show, point by point; for instruments without readings, places for those that are
    /// entered during the check.
    private func readings(_ request: CheckRequest) -> [[ChannelID: RoundedDecimal]] {
        request.readings
            + Array(repeating: [:], count: max(0, request.references.count - request.readings.count))
    }

    /// Bottles that name their points first; the others take the points that are left, in their order.
    private mutating func takeBottles(_ names: [String]) {
        var points: [GasPoint: String] = [:]
        var unnamed: [String] = []
        for name in names {
            let halves = name.split(separator: "=", maxSplits: 1).map(String.init)
            if halves.count == 2, let point = GasPoint(rawValue: halves[0]), points[point] == nil {
                points[point] = halves[1]
            } else {
                unnamed.append(name)
            }
        }
        for point in kind.gasPoints where points[point] == nil && !unnamed.isEmpty {
            points[point] = unnamed.removeFirst()
        }
        refuse(unnamed)
        for point in GasPoint.allCases {
            guard let number = points[point] else { continue }
            let needed = (requirements.gas.nominal[point] ?? [:]).keys.compactMap(\.certifiedName).sorted()
            for (number, entry) in judged([number], as: .bottle, needing: kind.needs(needed, at: point)) {
                var components: [ChannelID: CertifiedValue] = [:]
                for channel in ChannelID.allCases {
                    if let name = channel.certifiedName, let value = entry.certified(name) {
                        components[channel] = value
                    }
                }
                references.gases[point] = ReferenceGas(number: number, components: components)
            }
        }
    }

    /// What the registry has for a check; what is missing is left out.
    static func suggestion(
        for kind: CheckKind, registry: ReferenceRegistry, rules: AssuranceRules, requirements: CheckRequirements,
        now: Timestamp
    ) -> [String] {
        func usable(_ wanted: ReferenceKind, _ needed: [String]) -> [Reference] {
            registry.all.filter { entry in
                entry.kind == wanted
                    && registry.judge(entry.number, as: wanted, needing: needed, rules: rules, now: now).objections
                        .isEmpty
            }
        }
        switch kind.referenceKind {
        case .bottle:
            return kind.gasPoints.compactMap { point in
                let nominal = requirements.gas.nominal[point] ?? [:]
                let needed = kind.needs(nominal.keys.compactMap(\.certifiedName).sorted(), at: point)
                let bottle = usable(.bottle, needed).first { entry in
                    kind.role == .noxAnalyzer
                        || nominal.allSatisfy { channel, value in
                            guard let found = channel.certifiedName.flatMap({ entry.values[$0]?.value.value }) else {
                                return false
                            }
                            let width = value.value * requirements.gas.nominalDeviation.value / 100
                            return abs(found - value.value) <= width
                        }
                }
                return bottle.map { "\(point.rawValue)=\($0.number)" }
            }
        case .filter:
            let filters = usable(.filter, ["opacity"])
            return requirements.opacimeter.filters.compactMap { point in
                func distance(_ filter: Reference) -> Double {
                    abs((filter.values["opacity"]?.value.value ?? .infinity) - point.value)
                }
                return filters.min { distance($0) < distance($1) }?.number
            }
        case .weight: return usable(.weight, ["force"]).map(\.number)
        case .instrument: return usable(.instrument, []).prefix(1).map(\.number)
        case nil: return []
        }
    }

    /// The references of these numbers that nothing is held against.
    private mutating func judged(
        _ numbers: [String], as wanted: ReferenceKind, needing needed: [String]
    ) -> [(number: String, entry: Reference)] {
        numbers.compactMap { number in
            let judgement = registry.judge(number, as: wanted, needing: needed, rules: rules, now: now)
            warnings += judgement.warnings
            problems += judgement.objections.map { OrderProblem("reference.\(number)", $0) }
            return judgement.objections.isEmpty ? registry[number].map { (number, $0) } : nil
        }
    }

    private mutating func refuse(_ superfluous: [String]) {
        problems += superfluous.map { number in
            OrderProblem(
                "reference.\(number)",
                Message(.checkReferenceUnused, ["number": .text(number), "check": .message(kind.message)]))
        }
    }
}

extension CheckKind {
    /// What kind of reference the check compares with; nil for none.
    fileprivate var referenceKind: ReferenceKind? {
        switch self {
        case .gasSpan, .gasSinglePoint, .gasFivePoint, .gasResponse, .noxGas, .noxResponse, .noxConverter: .bottle
        case .opacimeterFilters: .filter
        case .dynamometerForce: .weight
        case .flowMeter, .weatherStation, .oilTemperature, .tachometer, .dynamometerSpeed: .instrument
        default: nil
        }
    }

    /// The points for which the check needs a bottle.
    fileprivate var gasPoints: [GasPoint] {
        switch self {
        case .gasSpan, .gasResponse: [.high]
        case .gasSinglePoint, .noxGas, .noxResponse: [.low]
        case .gasFivePoint: [.low, .midLow, .midHigh, .high]
        case .noxConverter: [.nitrogenDioxide]
        default: []
        }
    }

    /// The certified values that a bottle needs: those of the point, or what a NOx bench reads of it.
    fileprivate func needs(_ nominal: [String], at point: GasPoint) -> [String] {
        if point == .nitrogenDioxide { return ["no2"] }
        return role == .noxAnalyzer && point != .zero ? ["no"] : nominal
    }
}

extension ChannelID {
    /// The name of the gas in certificates; hydrocarbons are certified as propane.
    fileprivate var certifiedName: String? {
        switch self {
        case .hydrocarbons: "propane"
        case .carbonMonoxide: "co"
        case .carbonDioxide: "co2"
        case .nitricOxide: "no"
        case .nitrogenDioxide: "no2"
        case .oxygen: "o2"
        default: nil
        }
    }
}

extension Reference {
    fileprivate func certified(_ name: String) -> CertifiedValue? {
        values[name].map { CertifiedValue($0.value, uncertainty: $0.uncertainty) }
    }
}
