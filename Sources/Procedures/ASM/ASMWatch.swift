import Metrology
import Standards

/// Watches every second for what breaks a test off.
struct ASMWatch {
    private let rules: ASMRequirements.Aborts
    private let freshness: [InstrumentRole: LaneSpan]
    private var lostSeconds: [InstrumentRole: Int] = [:]
    private var missingSeconds: [ChannelID: Int] = [:]
    private var dilutedSeconds = 0
    private var stalledSeconds = 0
    private var lowFlowSeconds = 0

    /// What the record of a second under the timer must hold.
    static let needed: [ChannelID] = [
        .rollerSpeed, .rollerForce, .engineSpeed, .carbonMonoxide, .carbonDioxide, .hydrocarbons, .nitricOxide, .oxygen,
        .airTemperature, .relativeHumidity, .airPressure,
    ]

    init(_ requirements: ASMRequirements) {
        rules = requirements.aborts
        freshness = requirements.freshness
    }

    /// Events that end a test at once.
    func immediate(_ events: [FrameEvent]) -> AbortReason? {
        if events.contains(.emergencyStop) { return .emergencyStop }
        if events.contains(.operatorAbort) { return .operatorAbort }
        if events.contains(.storageLost) { return .storageLost }
        for case .actionFailed(let role) in events { return .deviceFault(role) }
        return nil
    }

    mutating func take(_ second: SecondImage, stage: StageKind) -> AbortReason? {
        if let role = lostTooLong(second) { return .deviceLost(role) }
        for (role, state) in second.states.sorted(by: { $0.key.rawValue < $1.key.rawValue })
        where state.conditions.contains(.fault) {
            return .deviceFault(role)
        }
        let isSampling = [.background, .probe, .accelerate, .stabilise, .measure].contains(stage)
        let isLowFlow = second.states[.gasAnalyzer]?.conditions.contains(.lowFlow) ?? false
        lowFlowSeconds = isSampling && isLowFlow ? lowFlowSeconds + 1 : 0
        if lowFlowSeconds >= rules.lowFlowSeconds { return .lowFlow }

        guard [.accelerate, .stabilise, .measure].contains(stage) else { return nil }
        let isStalled = second[.engineSpeed]?.isBelow(rules.stallSpeed) ?? false
        stalledSeconds = isStalled ? stalledSeconds + 1 : 0
        if stalledSeconds >= rules.stallSeconds { return .stall }
        if let reason = missingTooLong(second) { return reason }

        guard stage != .accelerate else { return nil }
        if let co = second[.carbonMonoxide], let co2 = second[.carbonDioxide] {
            dilutedSeconds = (co + co2).isBelow(rules.dilutionMinimum) ? dilutedSeconds + 1 : 0
        }
        return dilutedSeconds >= rules.dilutionSeconds ? .dilution : nil
    }

    /// A device may be lost for the pack's time, or as long as its readings stay fresh if that is longer.
    private mutating func lostTooLong(_ second: SecondImage) -> InstrumentRole? {
        for role in InstrumentRole.allCases {
            lostSeconds[role] = second.lost.contains(role) ? lostSeconds[role, default: 0] + 1 : 0
            let allowed = max(Double(rules.lostSeconds), freshness[role]?.seconds ?? 0)
            if Double(lostSeconds[role, default: 0]) > allowed { return role }
        }
        return nil
    }

    private mutating func missingTooLong(_ second: SecondImage) -> AbortReason? {
        for channel in Self.needed {
            missingSeconds[channel] = second[channel] == nil ? missingSeconds[channel, default: 0] + 1 : 0
            if missingSeconds[channel, default: 0] > rules.invalidSeconds {
                // A value is missing because its device is: that is the reason to tell.
                return second.lost.contains(channel.role) ? .deviceLost(channel.role) : .staleData(channel)
            }
        }
        return nil
    }
}
