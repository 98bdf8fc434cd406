public import Messages

extension StageKind {
    /// The stage as the operator reads it.
    public var message: Message { Message(messageCode) }

    private var messageCode: MessageCode {
        switch self {
        case .flowMeter: .stageFlowMeter
        case .connect: .stageConnect
        case .coast: .stageCoast
        case .act: .stageAct
        case .warmUp: .stageWarmUp
        case .zero: .stageZero
        case .ambient: .stageAmbient
        case .background: .stageBackground
        case .fullScale: .stageFullScale
        case .rest: .stageRest
        case .probe: .stageProbe
        case .condition: .stageCondition
        case .fuelChange: .stageFuelChange
        case .idle: .stageIdle
        case .hold: .stageHold
        case .release: .stageRelease
        case .governedSpeed: .stageGovernedSpeed
        case .gear: .stageGear
        case .scan: .stageScan
        case .accelerate: .stageAccelerate
        case .stabilise: .stageStabilise
        case .measure: .stageMeasure
        case .trailing: .stageTrailing
        case .finished: .stageFinished
        }
    }
}
