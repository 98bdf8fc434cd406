public import Messages

extension InstrumentRole {
    /// The role as a person reads it.
    public var message: Message { Message(messageCode) }

    private var messageCode: MessageCode {
        switch self {
        case .gasAnalyzer: .roleGasAnalyzer
        case .dynamometer: .roleDynamometer
        case .tachometer: .roleTachometer
        case .weatherStation: .roleWeatherStation
        case .opacimeter: .roleOpacimeter
        case .noxAnalyzer: .roleNoxAnalyzer
        case .flowMeter: .roleFlowMeter
        case .obdAdapter: .roleObdAdapter
        case .sign: .roleSign
        case .motoringInverter: .roleMotoringInverter
        }
    }
}
