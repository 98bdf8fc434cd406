public import Documents
public import Messages
import Metrology

/// How far delivery to the authority may fall behind before no further test begins (联网检测要求), read from a pack.
public struct DeliveryRules: Sendable {
    /// The pack's name.
    public let id: String
    /// The pack's bytes.
    public let bytes: [UInt8]
    /// How long the oldest item may wait, in whole hours.
    public let offline: PackValue
    /// How many items may be undelivered.
    public let backlog: PackValue
    /// How much must be free for data, in MiB.
    public let storage: PackValue
    /// Whether instruments may be checked while delivery is behind.
    public let allowsChecks: Bool

    private enum Permission: String, CaseIterable {
        case allowed, refused
    }

    /// The name of the pack that is built in.
    static let pack = "delivery"

    /// The rules that are built in.
    ///
    /// - Throws: `Problems` if they have any.
    public static func builtIn() throws(Problems) -> DeliveryRules {
        try DeliveryRules(document: EmbeddedPacks.document(pack))
    }

    /// Reads a pack.
    ///
    /// - Throws: `Problems` naming every missing, unknown or implausible value with its line.
    public init(document: Document) throws(Problems) {
        self = try document.read { reader -> DeliveryRules? in
            let id = reader.text("id")
            let title = reader.mapping("title") { title -> Bool? in
                Language.allCases.map { title.text($0.rawValue) }.contains { $0 == nil } ? nil : true
            }
            let sources = reader.mapping("sources") { list -> [String]? in
                list.keys.map { list.text($0) }.contains { $0 == nil } ? nil : list.keys
            }
            let offline = Self.value("offline", "h", in: 1...8_760, sources, reader)
            let backlog = Self.value("backlog", "items", in: 1...100_000_000, sources, reader)
            let storage = Self.value("storage", "MiB", in: 64...1_048_576, sources, reader)
            let checks: Permission? = reader.mapping("checks") { entry in
                let permission: Permission? = entry.choice("value")
                let isSourced = Self.source(of: entry, sources) != nil
                return isSourced ? permission : nil
            }
            guard let id, title != nil, let offline, let backlog, let storage, let checks else { return nil }
            return DeliveryRules(id, document.bytes, offline, backlog, storage, allowsChecks: checks == .allowed)
        }
    }

    private init(
        _ id: String, _ bytes: [UInt8], _ offline: PackValue, _ backlog: PackValue, _ storage: PackValue,
        allowsChecks: Bool
    ) {
        (self.id, self.bytes, self.allowsChecks) = (id, bytes, allowsChecks)
        (self.offline, self.backlog, self.storage) = (offline, backlog, storage)
    }

    /// A whole number with its unit, and a source of the pack.
    private static func value(
        _ key: String, _ unit: String, in range: ClosedRange<Int>, _ sources: [String]?, _ reader: MappingReader
    ) -> PackValue? {
        reader.mapping(key) { entry in
            let number = entry.integer("value", in: range)
            let found = entry.text("unit")
            let origin = Self.source(of: entry, sources)
            guard let number, let found, let origin, let decimal = RoundedDecimal("\(number)") else { return nil }
            guard found == unit else {
                entry.report(
                    Message(.documentUnknownValue, ["key": "unit", "found": .text(found), "expected": .text(unit)]),
                    at: "unit")
                return nil
            }
            return PackValue(
                decimal: decimal, unit: unit, source: origin.source, grade: origin.grade, note: origin.note)
        }
    }

    /// Where a value comes from: a source of the pack, its grade and what is to be said of it.
    private static func source(
        of entry: MappingReader, _ sources: [String]?
    ) -> (source: String, grade: String, note: String?)? {
        let source = entry.text("source")
        let grade = entry.text("grade")
        let note = entry.optional("note", entry.text)
        guard let source, let grade else { return nil }
        guard let sources, sources.contains(source) else {
            let expected = (sources ?? []).sorted().joined(separator: ", ")
            entry.report(
                Message(.documentUnknownValue, ["key": "source", "found": .text(source), "expected": .text(expected)]),
                at: "source")
            return nil
        }
        return (source, grade, note)
    }
}
