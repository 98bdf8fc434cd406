public import Metrology
public import Standards

/// What a technician asks of a lane: one check of one instrument (检查任务).
public struct CheckOrder: Hashable, Sendable {
    /// The kind of check.
    public var kind: CheckKind
    /// What it compares with.
    public var references: CheckReferences
    /// Whether the dynamometer is one for light or for heavy vehicles.
    public var dynamometer: DynamometerClass
    /// The analyzer's propane-to-hexane factor from its plate (丙烷正己烷当量系数 PEF).
    public var propaneEquivalence: RoundedDecimal?
    /// The same as the analyzer reports it; nil if it does not. One of the two is needed; both have to agree.
    public var reportedEquivalence: RoundedDecimal?
    /// The opacimeter's effective length (光通道有效长度), m; nil for the usual 0.430 m of the pack.
    public var effectiveLength: RoundedDecimal?
    /// Offsets of the lane's clock against the authority's, s, as exchanges of time found them; positive where the
    /// lane's clock is ahead.
    public var clockOffsets: [Double]
    /// Whether a vehicle or a simulator of one is connected to the OBD adapter.
    public var vehicleConnected: Bool
    /// Whether the lane cannot tell the instrument to check itself for leaks, so that the technician does it at the
    /// instrument and says how it ended (人工泄漏检查).
    public var leakCheckByHand: Bool

    /// Creates an order.
    public init(
        kind: CheckKind, references: CheckReferences = CheckReferences(), dynamometer: DynamometerClass = .light,
        propaneEquivalence: RoundedDecimal? = nil, reportedEquivalence: RoundedDecimal? = nil,
        effectiveLength: RoundedDecimal? = nil, clockOffsets: [Double] = [],
        vehicleConnected: Bool = false, leakCheckByHand: Bool = false
    ) {
        self.kind = kind
        self.references = references
        self.dynamometer = dynamometer
        self.propaneEquivalence = propaneEquivalence
        self.reportedEquivalence = reportedEquivalence
        self.effectiveLength = effectiveLength
        self.clockOffsets = clockOffsets
        self.vehicleConnected = vehicleConnected
        self.leakCheckByHand = leakCheckByHand
    }
}
