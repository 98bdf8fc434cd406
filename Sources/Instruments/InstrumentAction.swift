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
    /// Checks the sample path for leaks (泄漏检查).
    case leakCheck
    /// Adjusts the instrument to a gas of known fractions, by channel and in the channel's unit (标定).
    case span([ChannelID: Double])
    /// Forgets the highest value seen (清除最大值).
    case clearPeak
    /// Begins to measure (开始测量).
    case startMeasuring
    /// Ends measuring (停止测量).
    case stopMeasuring
    /// Loads the brake with a force at the roller's surface (恒力加载).
    case brakeForce(Force)
    /// Holds a speed of the rollers with the brake (恒速加载).
    case brakeSpeed(Speed)
    /// Loads the brake with a power at the roller's surface (恒功率加载).
    case brakePower(Power)
    /// Takes all load off the brake (卸载).
    case brakeOff
    /// Lifts the vehicle off the rollers (举升).
    case liftUp
    /// Lowers the vehicle onto the rollers (下降).
    case liftDown
    /// Switches the motor that turns the rollers on (反拖电机启动).
    case motorOn
    /// Switches the motor that turns the rollers off (反拖电机停止).
    case motorOff
    /// Sets the frequency of the motor's inverter, in Hz (变频器频率).
    case motorFrequency(Double)
    /// Switches the fan that draws the exhaust on (风机启动).
    case fanOn
    /// Switches the fan off (风机停止).
    case fanOff
    /// Checks the full scale (满量程检查).
    case fullScale
    /// Begins to talk to the vehicle's computers (建立通信).
    case connectVehicle
    /// Shows a text on a row of the sign, counted from 1 (显示).
    case showText(String, row: Int)
    /// Empties the sign (清屏).
    case clearText

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
        /// ``InstrumentAction/leakCheck``
        case leakCheck = "leak-check"
        /// ``InstrumentAction/span(_:)``
        case span
        /// ``InstrumentAction/clearPeak``
        case clearPeak = "clear-peak"
        /// ``InstrumentAction/startMeasuring``
        case startMeasuring = "start-measuring"
        /// ``InstrumentAction/stopMeasuring``
        case stopMeasuring = "stop-measuring"
        /// ``InstrumentAction/brakeForce(_:)``
        case brakeForce = "brake-force"
        /// ``InstrumentAction/brakeSpeed(_:)``
        case brakeSpeed = "brake-speed"
        /// ``InstrumentAction/brakePower(_:)``
        case brakePower = "brake-power"
        /// ``InstrumentAction/brakeOff``
        case brakeOff = "brake-off"
        /// ``InstrumentAction/liftUp``
        case liftUp = "lift-up"
        /// ``InstrumentAction/liftDown``
        case liftDown = "lift-down"
        /// ``InstrumentAction/motorOn``
        case motorOn = "motor-on"
        /// ``InstrumentAction/motorOff``
        case motorOff = "motor-off"
        /// ``InstrumentAction/motorFrequency(_:)``
        case motorFrequency = "motor-frequency"
        /// ``InstrumentAction/fanOn``
        case fanOn = "fan-on"
        /// ``InstrumentAction/fanOff``
        case fanOff = "fan-off"
        /// ``InstrumentAction/fullScale``
        case fullScale = "full-scale"
        /// ``InstrumentAction/connectVehicle``
        case connectVehicle = "connect-vehicle"
        /// ``InstrumentAction/showText(_:row:)``
        case showText = "show-text"
        /// ``InstrumentAction/clearText``
        case clearText = "clear-text"

        /// The unit of the action's one parameter; nil if it has none, or several.
        public var parameterUnit: String? {
            switch self {
            case .brakeForce: Newtons.symbol
            case .brakeSpeed: KilometresPerHour.symbol
            case .brakePower: Kilowatts.symbol
            case .motorFrequency: "Hz"
            default: nil
            }
        }

        /// Whether it loads the brake, so that a model that can do it must also be able to take the load off.
        package var loadsBrake: Bool { [.brakeForce, .brakeSpeed, .brakePower].contains(self) }

        /// Whether it makes the lane safe and goes before what waits: the brake's load off, the motor off.
        package var isUrgent: Bool { [.brakeOff, .motorOff].contains(self) }

        /// Whether polls, and a load that waits for its confirmation, are broken off for it. Not for the motor: the load
        /// stays wanted.
        package var needsWay: Bool { self == .brakeOff }
    }

    /// The action without its parameter.
    public var kind: Kind {
        switch self {
        case .zero: .zero
        case .sampleExhaust: .sampleExhaust
        case .sampleAmbient: .sampleAmbient
        case .stopSampling: .stopSampling
        case .purge: .purge
        case .leakCheck: .leakCheck
        case .span: .span
        case .clearPeak: .clearPeak
        case .startMeasuring: .startMeasuring
        case .stopMeasuring: .stopMeasuring
        case .brakeForce: .brakeForce
        case .brakeSpeed: .brakeSpeed
        case .brakePower: .brakePower
        case .brakeOff: .brakeOff
        case .liftUp: .liftUp
        case .liftDown: .liftDown
        case .motorOn: .motorOn
        case .motorOff: .motorOff
        case .motorFrequency: .motorFrequency
        case .fanOn: .fanOn
        case .fanOff: .fanOff
        case .fullScale: .fullScale
        case .connectVehicle: .connectVehicle
        case .showText: .showText
        case .clearText: .clearText
        }
    }

    /// What goes with the action, by the names of parameters; `value` where there is one number.
    var values: [String: ParameterValue] {
        switch self {
        case .brakeForce(let force): ["value": .number(force.value)]
        case .brakeSpeed(let speed): ["value": .number(speed.value)]
        case .brakePower(let power): ["value": .number(power.value)]
        case .motorFrequency(let frequency): ["value": .number(frequency)]
        case .span(let fractions):
            Dictionary(uniqueKeysWithValues: fractions.map { ($0.key.rawValue, .number($0.value)) })
        case .showText(let text, let row): ["text": .text(text), "row": .number(Double(row))]
        default: [:]
        }
    }

    /// The action of a kind, with what a person typed for its parameter; nil if that is missing, superfluous or wrong.
    public init?(_ kind: Kind, words: [String]) {
        let simple: [Kind: InstrumentAction] = [
            .zero: .zero, .sampleExhaust: .sampleExhaust, .sampleAmbient: .sampleAmbient,
            .stopSampling: .stopSampling, .purge: .purge, .leakCheck: .leakCheck, .clearPeak: .clearPeak,
            .startMeasuring: .startMeasuring, .stopMeasuring: .stopMeasuring, .brakeOff: .brakeOff,
            .liftUp: .liftUp, .liftDown: .liftDown, .motorOn: .motorOn, .motorOff: .motorOff, .fanOn: .fanOn,
            .fanOff: .fanOff, .fullScale: .fullScale, .connectVehicle: .connectVehicle, .clearText: .clearText,
        ]
        if let action = simple[kind] {
            guard words.isEmpty else { return nil }
            self = action
            return
        }
        switch kind {
        case .span:
            let pairs = words.compactMap { word -> (ChannelID, Double)? in
                let halves = word.split(separator: "=")
                guard halves.count == 2, let channel = ChannelID(rawValue: String(halves[0])),
                    let value = Double(halves[1])
                else { return nil }
                return (channel, value)
            }
            guard !pairs.isEmpty, pairs.count == words.count else { return nil }
            self = .span(Dictionary(pairs) { first, _ in first })
        case .showText:
            guard let text = words.first, words.count <= 2, let row = words.count == 2 ? Int(words[1]) : 1 else {
                return nil
            }
            self = .showText(text, row: row)
        default:
            guard words.count == 1, let number = Double(words[0]), number.isFinite else { return nil }
            switch kind {
            case .brakeForce: self = .brakeForce(Force(number))
            case .brakeSpeed: self = .brakeSpeed(Speed(number))
            case .brakePower: self = .brakePower(Power(number))
            case .motorFrequency: self = .motorFrequency(number)
            default: return nil
            }
        }
    }
}
