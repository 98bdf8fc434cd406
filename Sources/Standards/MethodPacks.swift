public import Documents
public import Messages
public import Metrology

/// The emission limits of one method, read from a limit pack.
public protocol MethodLimits: Sendable {
    /// The pack's identity.
    var identity: PackIdentity { get }
    /// The pack's bytes, whose digest records name.
    var bytes: [UInt8] { get }
    /// The names of its limit sets, such as `a` and `b`.
    var setNames: [String] { get }

    /// Reads a pack.
    ///
    /// - Throws: `Problems` naming every missing, unknown or implausible value with its line.
    init(document: Document) throws(Problems)
}

/// What a standard asks of one method, read from a requirement pack.
public protocol MethodRequirements: Sendable {
    /// The pack's identity.
    var identity: PackIdentity { get }
    /// The pack's bytes, whose digest records name.
    var bytes: [UInt8] { get }
    /// How old a reading of each instrument that the method uses may be.
    var freshness: [InstrumentRole: LaneSpan] { get }

    /// Reads a pack.
    ///
    /// - Throws: `Problems` naming every missing, unknown or implausible value with its line.
    init(document: Document) throws(Problems)
}

extension TestMethod {
    /// Reads a limit pack of this method.
    ///
    /// - Throws: `Problems` if the pack has any, or belongs to another method.
    public func limits(_ document: Document) throws(Problems) -> any MethodLimits {
        switch self {
        case .asm: try ASMLimits(document: document)
        case .twoSpeedIdle: try TwoSpeedIdleLimits(document: document)
        case .freeAcceleration: try FreeAccelerationLimits(document: document)
        case .nonRoad: try NonRoadLimits(document: document)
        case .lugDown: try LugDownLimits(document: document)
        case .vmas: try VMASLimits(document: document)
        }
    }

    /// Reads a requirement pack of this method.
    ///
    /// - Throws: `Problems` if the pack has any, or belongs to another method.
    public func requirements(_ document: Document) throws(Problems) -> any MethodRequirements {
        switch self {
        case .asm: try ASMRequirements(document: document)
        case .twoSpeedIdle: try TwoSpeedIdleRequirements(document: document)
        case .freeAcceleration: try FreeAccelerationRequirements(document: document)
        case .nonRoad: try NonRoadRequirements(document: document)
        case .lugDown: try LugDownRequirements(document: document)
        case .vmas: try VMASRequirements(document: document)
        }
    }
}
