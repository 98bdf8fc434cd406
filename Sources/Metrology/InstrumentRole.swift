/// What an instrument is for on the lane; one instrument holds each role.
public enum InstrumentRole: String, CaseIterable, Sendable {
    /// Exhaust gas analyzer (排气分析仪).
    case gasAnalyzer = "gas-analyzer"
    /// Chassis dynamometer (底盘测功机).
    case dynamometer
    /// Engine tachometer (转速计).
    case tachometer
    /// Weather station (气象站): temperature, humidity, pressure of the test room.
    case weatherStation = "weather-station"
    /// Opacimeter (不透光烟度计).
    case opacimeter
    /// NOx bench for diesel exhaust (氮氧化物分析仪).
    case noxAnalyzer = "nox-analyzer"
    /// Exhaust flow meter of the simple transient method (气体流量分析仪).
    case flowMeter = "flow-meter"
    /// Adapter to the vehicle's on-board diagnosis (OBD诊断仪).
    case obdAdapter = "obd-adapter"
    /// The driver's second screen, a sign of LEDs (点阵屏).
    case sign
    /// Inverter that drives the rollers (反拖变频器).
    case motoringInverter = "motoring-inverter"
}

/// What an instrument says about itself, in words common to all models.
public enum InstrumentCondition: String, CaseIterable, Sendable {
    /// Not yet ready after switching on (预热).
    case warmingUp = "warming-up"
    /// Setting its zero point (调零).
    case zeroing
    /// Reading ambient air (环境空气检查).
    case readingAmbient = "reading-ambient"
    /// Reading background through the probe (背景检查).
    case readingBackground = "reading-background"
    /// Measuring the residual HC of the sample line (HC残留检查).
    case readingResidue = "reading-residue"
    /// Checking itself for leaks (泄漏检查).
    case leakChecking = "leak-checking"
    /// Blowing its sample line free (反吹).
    case purging
    /// Occupied by an action and not answering others.
    case busy
    /// The sample pump runs.
    case pumpOn = "pump-on"
    /// The sample flow is too low (低流量).
    case lowFlow = "low-flow"
    /// The last leak check failed.
    case leak
    /// The residual HC is too high.
    case residueHigh = "residue-high"
    /// The last zero failed.
    case zeroFailed = "zero-failed"
    /// Water in the sample path (冷凝).
    case condensation
    /// A sensor or the instrument itself is defective.
    case fault
}
