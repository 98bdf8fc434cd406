public import Documents
public import Messages
public import Metrology

/// What is checked of a vehicle before its tailpipe, and what follows, read from a pack.
public struct VehicleCheckRules: Sendable {
    /// The pack's identity.
    public let identity: PackIdentity
    /// The pack's bytes.
    public let bytes: [UInt8]
    /// The items of the appearance check (外观检验), in the order of the pack.
    public let appearance: [AppearanceRule]
    /// The vehicles whose OBD is checked.
    public let obdRequired: [OBDRequirement]
    /// The decision table of the OBD check (OBD 检查), in the order of the pack.
    public let obdDecisions: [OBDRule]
    /// The greatest Ringelmann number (林格曼黑度).
    public let ringelmann: PackValue
    /// Where smoke that can be seen at all counts.
    public let visibleSmoke: VisibleSmokeRule

    /// Reads a pack.
    ///
    /// - Throws: `Problems` naming every missing, unknown or implausible value with its line.
    public init(document: Document) throws(Problems) {
        bytes = document.bytes
        (identity, appearance, obdRequired, obdDecisions, ringelmann, visibleSmoke) = try document.read { reader in
            guard let pack = PackReader(reader, kind: .vehicleChecks, method: nil) else { return nil }
            let appearance = reader.named("appearance") { id, entry -> AppearanceRule? in
                let consequence: CheckConsequence? = entry.choice("otherwise")
                let fuels: [Fuel]? = entry.optional("fuels") { entry.choices($0) }
                guard let consequence, let origin = pack.origin(of: entry) else { return nil }
                return AppearanceRule(
                    id: id, fuels: fuels ?? Fuel.allCases, consequence: consequence, source: origin.source,
                    grade: origin.grade, note: origin.note)
            }
            let obd = reader.mapping("obd") { group -> ([OBDRequirement], [OBDRule])? in
                let required = group.mappings("required") { Self.requirement($0, pack) }
                let decisions = group.mappings("decisions") { Self.decision($0, pack) }
                guard let required, let decisions else { return nil }
                return (required, decisions)
            }
            let seen = reader.mapping("observations") { group -> (PackValue, VisibleSmokeRule)? in
                let ringelmann = pack.value("ringelmann", "1", in: 0...5, whole: true, of: group)
                let smoke = group.mapping("visible-smoke") { Self.visibleSmoke($0, pack) }
                return ringelmann.flatMap { ringelmann in smoke.map { (ringelmann, $0) } }
            }
            guard let appearance, let obd, let seen else { return nil }
            return (pack.identity, appearance.map(\.value), obd.0, obd.1, seen.0, seen.1)
        }
    }

    private static func requirement(_ entry: MappingReader, _ pack: PackReader) -> OBDRequirement? {
        let id = entry.text("id")
        let fuels: [Fuel]? = entry.choices("fuels")
        let mass = entry.optional("gross-mass-up-to") { key in
            entry.number(key, in: 1...1e5).flatMap { _ in entry.decimal(key).flatMap { RoundedDecimal($0) } }
        }
        let registered = entry.date("registered-from")
        guard let id, let fuels, let registered, let origin = pack.origin(of: entry) else { return nil }
        return OBDRequirement(
            id: id, fuels: fuels, grossMassUpTo: mass, registeredFrom: registered, source: origin.source,
            grade: origin.grade)
    }

    private static func visibleSmoke(_ entry: MappingReader, _ pack: PackReader) -> VisibleSmokeRule? {
        let consequence: CheckConsequence? = entry.choice("otherwise")
        let categories: [VehicleCategory]? = entry.choices("categories")
        let sets = entry.texts("limit-sets")
        guard let consequence, let categories, let sets, let origin = pack.origin(of: entry) else { return nil }
        return VisibleSmokeRule(
            categories: categories, limitSets: sets, consequence: consequence, source: origin.source,
            grade: origin.grade)
    }

    private static func decision(_ entry: MappingReader, _ pack: PackReader) -> OBDRule? {
        let id = entry.text("id")
        let communication = entry.optional("communication", entry.boolean)
        let commanded = entry.optional("mil-commanded", entry.boolean)
        let lit = entry.optional("mil-lit", entry.boolean)
        let codes = entry.optional("has-codes", entry.boolean)
        let incomplete = entry.optional("incomplete-above") { entry.integer($0, in: 0...20) }
        let decision: CheckConsequence? = entry.choice("decision")
        guard let id, let decision, let origin = pack.origin(of: entry) else { return nil }
        return OBDRule(
            id: id, communication: communication, milCommanded: commanded, milLit: lit, hasCodes: codes,
            incompleteAbove: incomplete, decision: decision, source: origin.source, grade: origin.grade,
            note: origin.note)
    }
}

/// What follows from a finding before the tailpipe.
public enum CheckConsequence: String, CaseIterable, Sendable {
    /// It is recorded; the test goes on.
    case noted
    /// It is to be put right first; then the check is made again.
    case mend
    /// The vehicle is to be driven first, until its monitors are complete; then the check is made again.
    case comesBack = "comes-back"
    /// The vehicle fails the inspection; there is no tailpipe test.
    case fails
}

/// One item of the appearance check.
public struct AppearanceRule: Hashable, Sendable {
    /// Its name in orders and records.
    public let id: String
    /// The fuels of the vehicles that have it.
    public let fuels: [Fuel]
    /// What follows if it is not in order.
    public let consequence: CheckConsequence
    /// The key of the source.
    public let source: String
    /// How sure it is.
    public let grade: String
    /// How it is meant.
    public let note: String?
}

/// Where smoke that can be seen at all counts (可见烟).
public struct VisibleSmokeRule: Hashable, Sendable {
    /// The kinds of vehicle.
    public let categories: [VehicleCategory]
    /// The sets of limits that they are judged by.
    public let limitSets: [String]
    /// What follows.
    public let consequence: CheckConsequence
    /// The key of the source.
    public let source: String
    /// How sure it is.
    public let grade: String
}

/// Vehicles whose OBD is checked.
public struct OBDRequirement: Hashable, Sendable {
    /// Its name.
    public let id: String
    /// What they burn.
    public let fuels: [Fuel]
    /// The greatest permitted mass, kg; nil for any.
    public let grossMassUpTo: RoundedDecimal?
    /// The first day of registration, `YYYY-MM-DD`.
    public let registeredFrom: String
    /// The key of the source.
    public let source: String
    /// How sure it is.
    public let grade: String
}

/// A line of the OBD check's decision table; a condition that is nil holds always.
public struct OBDRule: Hashable, Sendable {
    /// Its name in records.
    public let id: String
    /// Whether the control units answer (通讯).
    public let communication: Bool?
    /// Whether they say that the lamp is on.
    public let milCommanded: Bool?
    /// Whether the lamp was seen lit (故障指示器点亮).
    public let milLit: Bool?
    /// Whether there are trouble codes (故障码).
    public let hasCodes: Bool?
    /// More incomplete monitors than this (就绪状态未完成项).
    public let incompleteAbove: Int?
    /// What follows.
    public let decision: CheckConsequence
    /// The key of the source.
    public let source: String
    /// How sure it is.
    public let grade: String
    /// How it is meant.
    public let note: String?
}
