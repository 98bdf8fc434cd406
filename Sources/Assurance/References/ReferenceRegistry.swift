public import Documents
public import Evidence
public import Messages
public import Metrology

/// A certified value as the registry holds it, with its uncertainty and unit (标准值与不确定度).
public struct RegisteredValue: Hashable, Sendable {
    /// The value.
    public let value: RoundedDecimal
    /// The expanded uncertainty, in the same unit.
    public let uncertainty: RoundedDecimal
    /// The unit's symbol.
    public let unit: String

    /// The uncertainty in % of the value; nil for the value zero.
    public var relativeUncertainty: Double? { value.value == 0 ? nil : 100 * uncertainty.value / abs(value.value) }
}

/// What a reference material or instrument is.
public enum ReferenceKind: String, CaseIterable, Sendable {
    /// A bottle of check gas (标准气体).
    case bottle
    /// A neutral density filter (中性滤光片).
    case filter
    /// A weight for the load cell (砝码).
    case weight
    /// An instrument to compare with (标准器).
    case instrument
}

/// One reference material or instrument of the station (标准物质).
public struct Reference: Hashable, Sendable {
    /// What it is.
    public let kind: ReferenceKind
    /// The number on it, distinct within the registry.
    public let number: String
    /// What it holds or is, by name: `propane`, `co`, `opacity`, `force`, `temperature` …
    public let values: [String: RegisteredValue]
    /// Who made it.
    public let maker: String
    /// The certificate's number.
    public let certificate: String
    /// The last day on which the certificate holds, `YYYY-MM-DD`.
    public let expires: String
    /// A bottle's pressure when it was last read, MPa; nil where it was not.
    public let pressure: RoundedDecimal?
}

/// The station's reference materials (标准物质登记), read from its registry file.
public struct ReferenceRegistry: Sendable {
    /// All of them, in the order of the file.
    public let all: [Reference]
    /// The digest of the file, which the audit trail notes when it changes.
    public let digest: Digest

    /// A registry without entries.
    public static let empty = ReferenceRegistry(all: [], digest: Digest(of: []))

    private init(all: [Reference], digest: Digest) {
        self.all = all
        self.digest = digest
    }

    /// Reads a registry file.
    ///
    /// - Throws: `Problems`, all at once.
    public init(document: Document) throws(Problems) {
        let all = try document.read { reader -> [Reference]? in
            var references: [Reference] = []
            var isComplete = true
            for (key, kind) in [
                ("bottles", ReferenceKind.bottle), ("filters", .filter), ("weights", .weight),
                ("instruments", .instrument),
            ] {
                guard reader.has(key) else {
                    _ = reader.optional(key, reader.text)
                    continue
                }
                let found = reader.mappings(key) { Self.reference(kind, $0) }
                if let found { references += found } else { isComplete = false }
            }
            for (index, reference) in references.enumerated()
            where references[..<index].contains(where: { $0.number == reference.number }) {
                reader.report(Message(.referenceTwice, ["number": .text(reference.number)]))
                isComplete = false
            }
            return isComplete ? references : nil
        }
        self.init(all: all, digest: Digest(of: document.bytes))
    }

    private static func reference(_ kind: ReferenceKind, _ entry: MappingReader) -> Reference? {
        let number = entry.text("number")
        let maker = entry.text("maker")
        let certificate = entry.text("certificate")
        let expires = entry.date("expires")
        let pressure = entry.optional("pressure") { key in
            entry.number(key, in: 0...40).flatMap { _ in entry.decimal(key).flatMap { RoundedDecimal($0) } }
        }
        let values = entry.named("values") { _, value -> RegisteredValue? in
            let certified = value.number("value", in: -1e6...1e6).flatMap { _ in value.decimal("value") }
            let uncertainty = value.number("uncertainty", in: 0...1e6).flatMap { _ in value.decimal("uncertainty") }
            let unit = value.text("unit")
            guard let certified = certified.flatMap({ RoundedDecimal($0) }),
                let uncertainty = uncertainty.flatMap({ RoundedDecimal($0) }), let unit
            else { return nil }
            return RegisteredValue(value: certified, uncertainty: uncertainty, unit: unit)
        }
        guard let number, let maker, let certificate, let expires, let values else { return nil }
        return Reference(
            kind: kind, number: number,
            values: Dictionary(values.map { ($0.name, $0.value) }, uniquingKeysWith: { first, _ in first }),
            maker: maker, certificate: certificate, expires: expires, pressure: pressure)
    }

    /// The reference with a number; nil if there is none.
    public subscript(number: String) -> Reference? { all.first { $0.number == number } }
}
