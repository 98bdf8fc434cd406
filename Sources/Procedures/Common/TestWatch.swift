import Metrology
import Standards

/// Watches every second for what breaks a test off: lost and faulty instruments, a stalled engine, missing values and,
/// where exhaust is sampled, low flow and a diluted sample.
struct TestWatch {
    /// Which parts of the watch apply at the moment.
    struct Scope {
        /// Whether the analyzer draws through the probe.
        var samples = false
        /// Whether the engine is to run and the needed values to be there.
        var runs = false
        /// Whether the sample must be exhaust.
        var probed = false
        /// Whether the engine may stop by itself, as a hybrid's does.
        var mayStop = false
    }

    private let rules: WatchRules
    private let sampling: SamplingRules?
    private let freshness: [InstrumentRole: LaneSpan]
    private let needed: [ChannelID]
    private var lostSeconds: [InstrumentRole: Int] = [:]
    private var missingSeconds: [ChannelID: Int] = [:]
    private var dilutedSeconds = 0
    private var stalledSeconds = 0
    private var lowFlowSeconds = 0

    /// - Parameters:
    ///   - sampling: nil for a method that samples no gas.
    ///   - freshness: how old readings may be, of the instruments that the method uses.
    ///   - needed: what the record of a second under way must hold.
    init(
        _ rules: WatchRules, sampling: SamplingRules?, freshness: [InstrumentRole: LaneSpan], needed: [ChannelID]
    ) {
        self.rules = rules
        self.sampling = sampling
        self.freshness = freshness
        self.needed = needed
    }

    /// Events that end a test at once.
    func immediate(_ events: [FrameEvent]) -> AbortReason? { AbortReason(ending: events) }

    mutating func take(_ second: SecondImage, _ scope: Scope) -> AbortReason? {
        if let role = lostTooLong(second) { return .deviceLost(role) }
        let faulty = second.states.lazy.filter { $0.value.conditions.contains(.fault) }.map(\.key)
        if let role = faulty.min(by: { $0.rawValue < $1.rawValue }) { return .deviceFault(role) }
        if let sampling {
            let isLowFlow = second.states[.gasAnalyzer]?.conditions.contains(.lowFlow) ?? false
            lowFlowSeconds = scope.samples && isLowFlow ? lowFlowSeconds + 1 : 0
            if lowFlowSeconds >= sampling.lowFlowSeconds { return .lowFlow }
        }
        guard scope.runs else { return nil }
        let isStalled = second[.engineSpeed]?.isBelow(rules.stallSpeed) ?? false
        stalledSeconds = isStalled && !scope.mayStop ? stalledSeconds + 1 : 0
        if stalledSeconds >= rules.stallSeconds { return .stall }
        if let reason = missingTooLong(second) { return reason }

        guard scope.probed, !scope.mayStop, let sampling else { return nil }
        if let co = second[.carbonMonoxide], let co2 = second[.carbonDioxide] {
            dilutedSeconds = (co + co2).isBelow(sampling.dilutionMinimum) ? dilutedSeconds + 1 : 0
        }
        return dilutedSeconds >= sampling.dilutionSeconds ? .dilution : nil
    }

    /// A device may be lost for the pack's time, or as long as its readings stay fresh if that is longer.
    private mutating func lostTooLong(_ second: SecondImage) -> InstrumentRole? {
        for role in InstrumentRole.allCases {
            guard let fresh = freshness[role] else { continue }
            guard second.lost.contains(role) else {
                if !lostSeconds.isEmpty { lostSeconds[role] = nil }
                continue
            }
            lostSeconds[role, default: 0] += 1
            let allowed = max(Double(rules.lostSeconds), fresh.seconds)
            if Double(lostSeconds[role, default: 0]) > allowed { return role }
        }
        return nil
    }

    private mutating func missingTooLong(_ second: SecondImage) -> AbortReason? {
        for channel in needed {
            guard second[channel] == nil else {
                if !missingSeconds.isEmpty { missingSeconds[channel] = nil }
                continue
            }
            missingSeconds[channel, default: 0] += 1
            if missingSeconds[channel, default: 0] > rules.invalidSeconds {
                // A value is missing because its device is: that is the reason to tell.
                return second.lost.contains(channel.role) ? .deviceLost(channel.role) : .staleData(channel)
            }
        }
        return nil
    }
}

extension AbortReason {
    /// What ends a test or check at once; nil if nothing of it happened.
    init?(ending events: [FrameEvent]) {
        if events.contains(.emergencyStop) {
            self = .emergencyStop
        } else if events.contains(.operatorAbort) {
            self = .operatorAbort
        } else if events.contains(.storageLost) {
            self = .storageLost
        } else if events.contains(.laneLocked) {
            self = .laneLocked
        } else if let role = events.lazy.compactMap({ if case .actionFailed(let role) = $0 { role } else { nil } })
            .first
        {
            self = .deviceFault(role)
        } else {
            return nil
        }
    }
}
