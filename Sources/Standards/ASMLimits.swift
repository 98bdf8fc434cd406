public import Documents
public import Messages

/// The two steady states of ASM (稳态工况).
public enum ASMMode: String, CaseIterable, Sendable {
    /// 50 % load at 25 km/h.
    case asm5025
    /// 25 % load at 40 km/h.
    case asm2540
}

/// The emission limits of ASM (稳态工况法排放限值), read from a limit pack.
public struct ASMLimits: MethodLimits {
    /// The pack's identity.
    public let identity: PackIdentity
    /// The pack's bytes, whose digest records name.
    public let bytes: [UInt8]

    private let sets: [String: [ASMMode: [Pollutant: PackValue]]]

    /// The names of the limit sets, such as `a` and `b`.
    public var setNames: [String] { sets.keys.sorted() }

    /// Reads a pack.
    ///
    /// - Throws: `Problems` naming every missing, unknown or implausible value with its line.
    public init(document: Document) throws(Problems) {
        let content = try document.read { reader -> (PackIdentity, [String: [ASMMode: [Pollutant: PackValue]]])? in
            let pack = PackReader(reader, kind: .limits, method: .asm)
            let sets = reader.named("sets") { _, set -> [ASMMode: [Pollutant: PackValue]]? in
                guard let pack else { return nil }
                return Self.table(set, pack)
            }
            guard let pack, let sets else { return nil }
            return (
                pack.identity, Dictionary(sets.map { ($0.name, $0.value) }, uniquingKeysWith: { first, _ in first })
            )
        }
        identity = content.0
        sets = content.1
        bytes = document.bytes
    }

    /// The limits of a set, by mode and pollutant; nil if the pack has no such set.
    public func limits(_ set: String) -> [ASMMode: [Pollutant: PackValue]]? { sets[set] }

    private static func table(_ set: MappingReader, _ pack: PackReader) -> [ASMMode: [Pollutant: PackValue]]? {
        var modes: [ASMMode: [Pollutant: PackValue]] = [:]
        for mode in ASMMode.allCases {
            modes[mode] = set.mapping(mode.rawValue) { group in
                var limits: [Pollutant: PackValue] = [:]
                for pollutant in Pollutant.allCases {
                    limits[pollutant] = pack.value(pollutant.rawValue, pollutant.unit, of: group)
                }
                return limits.count == Pollutant.allCases.count ? limits : nil
            }
        }
        return modes.count == ASMMode.allCases.count ? modes : nil
    }
}
