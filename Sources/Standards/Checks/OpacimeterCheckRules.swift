public import Metrology

/// What an opacimeter has to pass (不透光烟度计检查).
public struct OpacimeterCheckRules: Sendable {
    /// The usual effective length (光通道有效长度), m.
    public let length: PackValue
    /// How far off zero the reading may be in clean air, % opacity.
    public let zeroTolerance: PackValue
    /// How far off full scale without light, % opacity.
    public let fullTolerance: PackValue
    /// How far off a filter's opacity, % opacity.
    public let filterTolerance: PackValue
    /// How far off the straight line through zero and full scale, % opacity.
    public let linearityTolerance: PackValue
    /// How far the reported k may be from that of the reported N, 1/m.
    public let absorptionTolerance: PackValue
    /// Greatest drift of zero, % opacity.
    public let driftMaximum: PackValue
    /// How long the drift is watched.
    public let driftTime: LaneSpan
    /// The shortest response from 10 to 90 %, s.
    public let responseMinimum: PackValue
    /// The longest.
    public let responseMaximum: PackValue
    /// How long a response is recorded.
    public let responseLimit: LaneSpan
    /// Before readings count.
    public let settle: LaneSpan
    /// Opacity at rest stays within this, %.
    public let steady: PackValue
    /// How far a filter may be from the point that it is for, % opacity.
    public let filterDeviation: PackValue
    /// The points, % opacity.
    public let filters: [PackValue]

    init?(_ read: PackGroup) {
        length = read.value("length", "m", in: 0.05...2)
        zeroTolerance = read.value("zero-tolerance", "%", in: 0...100)
        fullTolerance = read.value("full-tolerance", "%", in: 0...100)
        filterTolerance = read.value("filter-tolerance", "%", in: 0...100)
        linearityTolerance = read.value("linearity-tolerance", "%", in: 0...100)
        absorptionTolerance = read.value("absorption-tolerance", "1/m", in: 0...10)
        driftMaximum = read.value("drift-maximum", "%", in: 0...100)
        driftTime = read.span("drift-time")
        responseMinimum = read.value("response-minimum", "s")
        responseMaximum = read.value("response-maximum", "s")
        responseLimit = read.span("response-limit")
        settle = read.span("settle")
        steady = read.value("steady", "%", in: 0.01...100)
        filterDeviation = read.value("filter-deviation", "%", in: 0...100)
        filters = read.table("filters") { $0.value("opacity", "%", in: 1...99) }
        guard read.isComplete else { return nil }
    }
}
