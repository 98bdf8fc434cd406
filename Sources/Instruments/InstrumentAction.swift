public import Metrology

/// Something an instrument can be told to do, in words common to all models.
public enum InstrumentAction: Hashable, Sendable {
    /// Sets the zero point (调零).
    case zero
    /// Pumps exhaust through the probe (抽样气).
    case sampleExhaust
    /// Pumps ambient air (抽环境空气).
    case sampleAmbient
    /// Stops the pump and whatever else is going on (停止).
    case stopSampling
    /// Blows the sample line free (反吹).
    case purge
    /// Loads the brake with a force at the roller's surface (恒力加载).
    case brakeForce(Force)
    /// Holds a speed of the rollers with the brake (恒速加载).
    case brakeSpeed(Speed)
    /// Takes all load off the brake (卸载).
    case brakeOff
    /// Lifts the vehicle off the rollers (举升).
    case liftUp
    /// Lowers the vehicle onto the rollers (下降).
    case liftDown
    /// Switches the fan that draws the exhaust on (风机启动).
    case fanOn
    /// Switches the fan off (风机停止).
    case fanOff
    /// Checks the full scale (满量程检查).
    case fullScale

    /// An action without its parameter, as profiles list it.
    public enum Kind: String, CaseIterable, Sendable {
        /// ``InstrumentAction/zero``
        case zero
        /// ``InstrumentAction/sampleExhaust``
        case sampleExhaust = "sample-exhaust"
        /// ``InstrumentAction/sampleAmbient``
        case sampleAmbient = "sample-ambient"
        /// ``InstrumentAction/stopSampling``
        case stopSampling = "stop-sampling"
        /// ``InstrumentAction/purge``
        case purge
        /// ``InstrumentAction/brakeForce(_:)``
        case brakeForce = "brake-force"
        /// ``InstrumentAction/brakeSpeed(_:)``
        case brakeSpeed = "brake-speed"
        /// ``InstrumentAction/brakeOff``
        case brakeOff = "brake-off"
        /// ``InstrumentAction/liftUp``
        case liftUp = "lift-up"
        /// ``InstrumentAction/liftDown``
        case liftDown = "lift-down"
        /// ``InstrumentAction/fanOn``
        case fanOn = "fan-on"
        /// ``InstrumentAction/fanOff``
        case fanOff = "fan-off"
        /// ``InstrumentAction/fullScale``
        case fullScale = "full-scale"

        /// The unit of the action's parameter; nil if it has none.
        var parameterUnit: String? {
            switch self {
            case .brakeForce: Newtons.symbol
            case .brakeSpeed: KilometresPerHour.symbol
            default: nil
            }
        }
    }

    /// The action without its parameter.
    public var kind: Kind {
        switch self {
        case .zero: .zero
        case .sampleExhaust: .sampleExhaust
        case .sampleAmbient: .sampleAmbient
        case .stopSampling: .stopSampling
        case .purge: .purge
        case .brakeForce: .brakeForce
        case .brakeSpeed: .brakeSpeed
        case .brakeOff: .brakeOff
        case .liftUp: .liftUp
        case .liftDown: .liftDown
        case .fanOn: .fanOn
        case .fanOff: .fanOff
        case .fullScale: .fullScale
        }
    }

    /// The number that goes with the action, in the unit of its kind.
    var parameter: Double? {
        switch self {
        case .brakeForce(let force): force.value
        case .brakeSpeed(let speed): speed.value
        default: nil
        }
    }
}
