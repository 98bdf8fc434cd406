public import Messages
public import Standards

extension CheckKind {
    /// The check as a person reads it.
    public var message: Message { Message(messageCode) }

    private var messageCode: MessageCode {
        switch self {
        case .gasLeak: .checkKindGasLeak
        case .gasSpan: .checkKindGasSpan
        case .gasSinglePoint: .checkKindGasSinglePoint
        case .gasFivePoint: .checkKindGasFivePoint
        case .gasResponse: .checkKindGasResponse
        case .gasLowFlow: .checkKindGasLowFlow
        case .gasBackground: .checkKindGasBackground
        case .noxLeak: .checkKindNoxLeak
        case .noxGas: .checkKindNoxGas
        case .noxResponse: .checkKindNoxResponse
        case .noxConverter: .checkKindNoxConverter
        case .opacimeterFilters: .checkKindOpacimeterFilters
        case .opacimeterDrift: .checkKindOpacimeterDrift
        case .opacimeterResponse: .checkKindOpacimeterResponse
        case .dynamometerWarmUp: .checkKindDynamometerWarmUp
        case .parasiticLoss: .checkKindParasiticLoss
        case .coastDown: .checkKindCoastDown
        case .variableCoastDown: .checkKindVariableCoastDown
        case .baseInertia: .checkKindBaseInertia
        case .dynamometerForce: .checkKindDynamometerForce
        case .dynamometerSpeed: .checkKindDynamometerSpeed
        case .loadResponse: .checkKindLoadResponse
        case .dynamometerInterlocks: .checkKindInterlocks
        case .flowMeter: .checkKindFlowMeter
        case .tachometer: .checkKindTachometer
        case .weatherStation: .checkKindWeatherStation
        case .oilTemperature: .checkKindOilTemperature
        case .obdAdapter: .checkKindObdAdapter
        case .clock: .checkKindClock
        }
    }
}
