public import Documents
public import Messages
import Metrology

/// What the standards say on which method a vehicle is tested by (检测方法选择), read from a pack.
public struct MethodChoice: Sendable {
    /// The pack's identity.
    public let identity: PackIdentity
    /// The pack's bytes.
    public let bytes: [UInt8]
    /// Everything that excludes a method, in the order of the pack.
    public let exclusions: [MethodExclusion]
    /// What each method can be judged by.
    public let packs: [ChosenPacks]

    /// Reads a pack.
    ///
    /// - Throws: `Problems` naming every missing, unknown or implausible value with its line.
    public init(document: Document) throws(Problems) {
        bytes = document.bytes
        (identity, exclusions, packs) = try document.read { reader in
            guard let pack = PackReader(reader, kind: .methodChoice, method: nil) else { return nil }
            let light = reader.mapping("vehicle") { pack.value("light-gross-mass", "kg", in: 1...1e5, of: $0) }
            let exclusions = reader.mappings("exclusions") { entry in light.flatMap { Self.exclusion(entry, pack, $0) }
            }
            let packs = reader.mappings("packs") { entry -> ChosenPacks? in
                let method: TestMethod? = entry.choice("method")
                let limits = entry.text("limits")
                let requirements = entry.text("requirements")
                let categories: [VehicleCategory]? = entry.optional("categories") { entry.choices($0) }
                guard let method, let limits, let requirements else { return nil }
                return ChosenPacks(
                    method: method, limits: limits, requirements: requirements,
                    categories: categories ?? VehicleCategory.allCases)
            }
            guard light != nil, let exclusions, let packs else { return nil }
            return (pack.identity, exclusions, packs)
        }
    }

    private static func exclusion(_ entry: MappingReader, _ pack: PackReader, _ light: PackValue) -> MethodExclusion? {
        let id = entry.text("id")
        let methods: [TestMethod]? = entry.choices("methods")
        let clause = entry.text("clause")
        let origin = pack.origin(of: entry)
        let conditions: [MethodExclusion.Condition?] = [
            entry.optional("fuels") { entry.choices($0).map { .fuels($0) } },
            entry.optional("drives") { entry.texts($0).map { .drives($0) } },
            entry.optional("categories") { entry.choices($0).map { .categories($0) } },
            entry.optional("heavier-than") { key in entry.choice(key, Border.self).map { _ in .heavierThan(light) } },
            entry.optional("unless-adopted") { entry.choices($0).map { .unlessAdopted($0) } },
            entry.optional("where-possible") { entry.choices($0).map { .wherePossible($0) } },
        ]
        let found = conditions.compactMap { $0 }
        guard let id, let methods, let clause, let origin else { return nil }
        guard let condition = found.first, found.count == 1 else {
            entry.report(
                Message(
                    .documentMissingKey,
                    [
                        "key": "fuels, drives, categories, heavier-than, unless-adopted, where-possible",
                        "expected": .message(Message(.expectedText)),
                    ]))
            return nil
        }
        return MethodExclusion(
            id: id, methods: methods, condition: condition, clause: clause, source: origin.source,
            grade: origin.grade, note: origin.note)
    }

    private enum Border: String, CaseIterable {
        case lightGrossMass = "light-gross-mass"
    }
}

/// Something that excludes methods for some vehicles.
public struct MethodExclusion: Hashable, Sendable {
    /// For which vehicles.
    public enum Condition: Hashable, Sendable {
        /// Those that burn one of these.
        case fuels([Fuel])
        /// Those with one of these drives, by the words of orders.
        case drives([String])
        /// Those of one of these categories.
        case categories([VehicleCategory])
        /// Those with a greater permitted mass, kg.
        case heavierThan(PackValue)
        /// All, if the local government adopted another one of these methods.
        case unlessAdopted([TestMethod])
        /// Those that can be tested by one of these methods, where the local government adopted it.
        case wherePossible([TestMethod])
    }

    /// The exclusion's name in the pack.
    public let id: String
    /// What is excluded.
    public let methods: [TestMethod]
    /// For which vehicles.
    public let condition: Condition
    /// The standard and the subject of the clause.
    public let clause: String
    /// The key of the source in the pack's list of sources.
    public let source: String
    /// How sure it is, such as `M-H`.
    public let grade: String
    /// How it is meant.
    public let note: String?
}

/// Limits and requirements that a method can be carried out with.
public struct ChosenPacks: Hashable, Sendable {
    /// The method.
    public let method: TestMethod
    /// The id of the limit pack.
    public let limits: String
    /// The id of the requirement pack.
    public let requirements: String
    /// The vehicles that they are for.
    public let categories: [VehicleCategory]
}

/// What kind of vehicle the standards speak of (车辆类别).
public enum VehicleCategory: String, CaseIterable, Sendable {
    /// Motor vehicles on roads (汽车).
    case road
    /// Non-road mobile machinery (非道路移动机械).
    case machinery
    /// Low-speed trucks and tricycles (低速货车、三轮汽车), which have standards of their own.
    case lowSpeed = "low-speed"
}

/// What the local government has adopted (地方规定); only what a lane file states.
public struct RegionRules: Hashable, Sendable {
    /// The loaded methods that it adopted; empty if it is not stated.
    public var adopted: [TestMethod]
    /// The set of limits, such as `b`; nil if it is not stated.
    public var limitSet: String?

    /// Creates rules.
    public init(adopted: [TestMethod] = [], limitSet: String? = nil) {
        self.adopted = adopted
        self.limitSet = limitSet
    }
}

extension MappingReader {
    /// The cases of an enumeration whose raw values are listed under a key.
    func choices<Choice: RawRepresentable & CaseIterable>(_ key: String, _: Choice.Type = Choice.self) -> [Choice]?
    where Choice.RawValue == String {
        guard let words = texts(key) else { return nil }
        let choices = words.compactMap { Choice(rawValue: $0) }
        guard choices.count == words.count else {
            let known = Choice.allCases.map(\.rawValue).joined(separator: ", ")
            let unknown = words.filter { Choice(rawValue: $0) == nil }.joined(separator: ", ")
            report(
                Message(.documentUnknownValue, ["key": .text(key), "found": .text(unknown), "expected": .text(known)]),
                at: key)
            return nil
        }
        return choices
    }
}
