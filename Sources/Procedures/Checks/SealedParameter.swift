public import Metrology

/// What a check found and the tests that follow are carried out with; sealed, with its digest in every later record.
///
/// Numbers are taken at twelve significant digits when the parameter is made, so that the digits in the record are the
/// number that is used.
public enum SealedParameter: Hashable, Sendable {
    /// What the rollers take (附加损失).
    case parasiticLoss(ParasiticLoss)
    /// Inertia of the rollers and what turns with them (基本惯量).
    case baseInertia(Mass)
    /// From the probe to the analyzer's reading (气路延迟), by channel: until half of the final value.
    case transportDelay(ChannelID, LaneSpan)
    /// The analyzer's propane-to-hexane factor (丙烷正己烷当量系数).
    case propaneEquivalence(RoundedDecimal)
    /// The analyzer was adjusted (校准) on a channel: what it read of the certified value before and after.
    case adjustment(ChannelID, certified: RoundedDecimal, before: RoundedDecimal, after: RoundedDecimal)

    /// The name under which the newest of its kind replaces the one before.
    public var name: String {
        switch self {
        case .parasiticLoss: "parasitic-loss"
        case .baseInertia: "base-inertia"
        case .transportDelay(let channel, _): "transport-delay.\(channel.rawValue)"
        case .propaneEquivalence: "propane-equivalence"
        case .adjustment(let channel, _, _, _): "adjustment.\(channel.rawValue)"
        }
    }

    /// Puts the parameter in place of what the lane had.
    public func apply(to lane: inout LaneParameters) {
        switch self {
        case .parasiticLoss(let loss): lane.parasiticLoss = loss
        case .baseInertia(let mass): lane.baseInertia = mass
        case .transportDelay(.carbonDioxide, let delay): lane.analyzerDelay = delay
        case .transportDelay(.dilutedOxygen, let delay): lane.flowMeterDelay = delay
        case .transportDelay, .propaneEquivalence, .adjustment: break
        }
    }

    /// The parameter as records hold it.
    public var report: Report {
        var members: [String: Report] = ["name": .text(name)]
        func number(_ value: Double) -> Report { (try? SignificantDecimal(value)).map(Report.significant) ?? .absent }
        switch self {
        case .parasiticLoss(let loss):
            members["quadratic"] = number(loss.quadratic)
            members["linear"] = number(loss.linear)
            members["constant"] = number(loss.constant)
        case .baseInertia(let mass): members["kilograms"] = number(mass.value)
        case .transportDelay(_, let delay): members["seconds"] = number(delay.seconds)
        case .propaneEquivalence(let factor): members["factor"] = .decimal(factor)
        case .adjustment(_, let certified, let before, let after):
            members["certified"] = .decimal(certified)
            members["before"] = .decimal(before)
            members["after"] = .decimal(after)
        }
        return .members(members)
    }
}
