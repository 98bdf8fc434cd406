public import Metrology

/// The kinds of checks (检查项目) that a lane's instruments have to pass.
///
/// The raw values are used in records, lane files and packs and never change their meaning.
public enum CheckKind: String, CaseIterable, Sendable {
    // Gas analyzer.
    /// The sample path lets no air in (泄漏检查).
    case gasLeak = "gas-leak"
    /// Adjustment to a bottle (校准), with a comparison before and after.
    case gasSpan = "gas-span"
    /// Zero and one bottle of low concentration (单点检查).
    case gasSinglePoint = "gas-single-point"
    /// Zero and four bottles (五点检查).
    case gasFivePoint = "gas-five-point"
    /// T90, T95, T10, T5 and the delay of the sample line (响应时间).
    case gasResponse = "gas-response"
    /// A closed sample line is noticed (低流量检查).
    case gasLowFlow = "gas-low-flow"
    /// Room air, its oxygen, and HC left in the sample line (背景与残留).
    case gasBackground = "gas-background"

    // NOx bench for diesel exhaust.
    /// The sample path lets no air in.
    case noxLeak = "nox-leak"
    /// Zero and a bottle of NO, CO2 and NO2 as far as the bench reads them.
    case noxGas = "nox-gas"
    /// Times of response.
    case noxResponse = "nox-response"
    /// Share of NO2 that the converter turns into NO (转化效率).
    case noxConverter = "nox-converter"

    // Opacimeter.
    /// Zero, full scale, neutral filters, their linearity, and k against N (示值误差).
    case opacimeterFilters = "opacimeter-filters"
    /// Drift of zero (零点漂移).
    case opacimeterDrift = "opacimeter-drift"
    /// Response to the shutting off of the light (响应时间).
    case opacimeterResponse = "opacimeter-response"

    // Chassis dynamometer.
    /// Turning the rollers until their bearings are warm (预热).
    case dynamometerWarmUp = "dynamometer-warm-up"
    /// Free coast-down: what the rollers take (附加损失).
    case parasiticLoss = "parasitic-loss"
    /// Coast-down under constant power (加载滑行).
    case coastDown = "coast-down"
    /// Coast-down under a power that changes with speed (变载荷加载滑行).
    case variableCoastDown = "variable-coast-down"
    /// Inertia of the rollers from coast-downs under two powers (基本惯量).
    case baseInertia = "base-inertia"
    /// Force with weights, up and down (扭力检查).
    case dynamometerForce = "dynamometer-force"
    /// Speed against another instrument (速度检查).
    case dynamometerSpeed = "dynamometer-speed"
    /// How quickly the brake follows a step of power (加载响应).
    case loadResponse = "load-response"
    /// The lift stays down while the rollers turn, and they stand while it is up (举升器与制动联锁).
    case dynamometerInterlocks = "dynamometer-interlocks"

    // The others.
    /// Exhaust flow meter: high and low flow, O2, temperature, pressure (流量检查).
    case flowMeter = "flow-meter"
    /// Tachometer at several speeds (转速检查).
    case tachometer
    /// Temperature, humidity and pressure of the room against another instrument (环境参数检查).
    case weatherStation = "weather-station"
    /// Oil temperature against another instrument (油温检查).
    case oilTemperature = "oil-temperature"
    /// The OBD adapter's own state (OBD诊断仪自检).
    case obdAdapter = "obd-adapter"
    /// The lane's clock against the authority's (时钟校准).
    case clock

    /// The instrument that is checked; nil for the lane's own clock.
    public var role: InstrumentRole? {
        switch self {
        case .gasLeak, .gasSpan, .gasSinglePoint, .gasFivePoint, .gasResponse, .gasLowFlow, .gasBackground,
            .oilTemperature:
            .gasAnalyzer
        case .noxLeak, .noxGas, .noxResponse, .noxConverter: .noxAnalyzer
        case .opacimeterFilters, .opacimeterDrift, .opacimeterResponse: .opacimeter
        case .dynamometerWarmUp, .parasiticLoss, .coastDown, .variableCoastDown, .baseInertia, .dynamometerForce,
            .dynamometerSpeed, .loadResponse, .dynamometerInterlocks:
            .dynamometer
        case .flowMeter: .flowMeter
        case .tachometer: .tachometer
        case .weatherStation: .weatherStation
        case .obdAdapter: .obdAdapter
        case .clock: nil
        }
    }

    /// The instruments that the check cannot do without.
    public var roles: Set<InstrumentRole> { role.map { [$0] } ?? [] }
}

/// What a dynamometer is built for.
public enum DynamometerClass: String, CaseIterable, Sendable {
    /// Light vehicles (轻型).
    case light
    /// Heavy vehicles (重型).
    case heavy
}
