public import Messages

extension AbortReason {
    /// The reason as the operator reads it.
    public var message: Message { Message(messageCode, detail.map { ["detail": .text($0)] } ?? [:]) }

    private var messageCode: MessageCode {
        switch self {
        case .dilution: .abortDilution
        case .stall: .abortStall
        case .lowFlow: .abortLowFlow
        case .deviceLost: .abortDeviceLost
        case .deviceFault: .abortDeviceFault
        case .staleData: .abortStaleData
        case .precondition: .abortPrecondition
        case .timeLimit: .abortTimeLimit
        case .attempts: .abortAttempts
        case .notRepeatable: .abortNotRepeatable
        case .overTemperature: .abortOverTemperature
        case .controlLost: .abortControlLost
        case .wheelSlip: .abortWheelSlip
        case .pedalReleased: .abortPedalReleased
        case .speedDeviation: .abortSpeedDeviation
        case .distance: .abortDistance
        case .exhaustFlow: .abortExhaustFlow
        case .operatorAbort: .abortOperator
        case .emergencyStop: .abortEmergencyStop
        case .storageLost: .abortStorageLost
        case .laneLocked: .abortLaneLocked
        case .interrupted: .abortInterrupted
        }
    }
}
