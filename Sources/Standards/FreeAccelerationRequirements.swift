public import Documents
public import Messages
public import Metrology

/// Requirements that hold the rules of a free acceleration.
public protocol SmokeRequirements: MethodRequirements {
    /// The rules.
    var rules: FreeAccelerationRules { get }
}

/// What a standard asks of a free acceleration test on a lane (自由加速法), read from a requirement pack.
public struct FreeAccelerationRequirements: SmokeRequirements {
    /// The pack's identity.
    public let identity: PackIdentity
    /// The pack's bytes, whose digest records name.
    public let bytes: [UInt8]
    /// The rules.
    public let rules: FreeAccelerationRules
    /// How old a reading of each instrument may be.
    public let freshness: [InstrumentRole: LaneSpan]

    /// Reads a pack.
    ///
    /// - Throws: `Problems` naming every missing, unknown or implausible value with its line.
    public init(document: Document) throws(Problems) {
        (identity, rules, freshness) = try FreeAccelerationRules.read(document, .freeAcceleration)
        bytes = document.bytes
    }
}

/// What a standard asks of a smoke test of non-road machinery or at the roadside (非道路移动机械, 路检), read from a
/// requirement pack.
public struct NonRoadRequirements: SmokeRequirements {
    /// The pack's identity.
    public let identity: PackIdentity
    /// The pack's bytes, whose digest records name.
    public let bytes: [UInt8]
    /// The rules.
    public let rules: FreeAccelerationRules
    /// How old a reading of each instrument may be.
    public let freshness: [InstrumentRole: LaneSpan]

    /// Reads a pack.
    ///
    /// - Throws: `Problems` naming every missing, unknown or implausible value with its line.
    public init(document: Document) throws(Problems) {
        (identity, rules, freshness) = try FreeAccelerationRules.read(document, .nonRoad)
        bytes = document.bytes
    }
}

extension FreeAccelerationRules {
    fileprivate static func read(
        _ document: Document, _ method: TestMethod
    ) throws(Problems) -> (PackIdentity, FreeAccelerationRules, [InstrumentRole: LaneSpan]) {
        try document.read { reader -> (PackIdentity, FreeAccelerationRules, [InstrumentRole: LaneSpan])? in
            // Without a readable head the values cannot be checked against their sources.
            guard let pack = PackReader(reader, kind: .requirements, method: method) else { return nil }
            let rules = FreeAccelerationRules(reader, pack)
            let freshness = reader.mapping("freshness") {
                pack.freshness([.opacimeter, .tachometer, .weatherStation, .obdAdapter], of: $0)
            }
            guard let rules, let freshness else { return nil }
            return (pack.identity, rules, freshness)
        }
    }
}
