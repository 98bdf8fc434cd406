public import Messages
public import Metrology

/// A test or check as a deterministic state machine: frames in, directives out.
///
/// A procedure reads no clock, does no I/O and uses no randomness; its time is the frames'. The same frames therefore
/// give the same directives and the same outcome on any machine, which is what lets an auditor recompute a verdict.
public protocol Procedure: Sendable {
    /// What the procedure arrives at.
    associatedtype Outcome: Sendable

    /// Takes the next frame and says what the lane must do now, in order.
    ///
    /// After the outcome is there, frames are ignored and nothing more is asked for.
    mutating func advance(_ frame: Frame) -> [Directive]

    /// The outcome, once there is one.
    var outcome: Outcome? { get }

    /// What the driver's aid shows at the moment.
    var status: ProcedureStatus { get }
}

/// What a procedure asks the lane to do.
public enum Directive: Hashable, Sendable {
    /// Set the brake to hold a force at the roller's surface.
    case brake(Force)
    /// Set the brake to hold the rollers at a speed, whatever the engine does (恒速控制).
    case hold(Speed)
    /// Set the brake to take a power at the roller's surface, whatever the speed (恒功率加载).
    case load(Power)
    /// Turn the rollers up to a speed by the motor (反拖电机).
    case motor(Speed)
    /// Switch the motor off.
    case motorOff
    /// Adjust the gas analyzer to the fractions of the gas that it draws, in the channels' units; hydrocarbons as the
    /// bottle states them, in propane (校准).
    case span([ChannelID: Double])
    /// Take all load off the rollers.
    case unload
    /// Let the vehicle down onto the rollers (举升器下降).
    case liftDown
    /// Raise the lift between the rollers (举升器上升).
    case liftUp
    /// Start an action of the opacimeter.
    case opacimeter(OpacimeterAction)
    /// Start an action of the exhaust flow meter.
    case flowMeter(FlowMeterAction)
    /// Start an action of the gas analyzer.
    case analyzer(AnalyzerAction)
    /// Start an action of the NOx bench for diesel exhaust.
    case bench(AnalyzerAction)
    /// Tell the operator or driver something.
    case prompt(Message)
}

/// What a procedure may ask of a gas analyzer.
public enum AnalyzerAction: String, CaseIterable, Sendable {
    /// Set the zero point.
    case zero
    /// Draw air from the room.
    case sampleAmbient = "sample-ambient"
    /// Draw through the probe.
    case sampleProbe = "sample-probe"
    /// Stop drawing.
    case stop
    /// Blow the sample line free.
    case purge
    /// Check the sample path for leaks.
    case leakCheck = "leak-check"
    /// Draw zero gas: through its own port, or through the probe where there is none.
    case zeroGas = "zero-gas"
    /// Draw check gas, likewise.
    case checkGas = "check-gas"
}

/// What a procedure may ask of an opacimeter.
public enum OpacimeterAction: String, CaseIterable, Sendable {
    /// Set the zero point, with clean air in the chamber.
    case zero
    /// Check the full scale, with the light shut off.
    case fullScale = "full-scale"
    /// Forget the peak held so far; an opacimeter without a peak memory has nothing to do.
    case clearPeak = "clear-peak"
}

/// What a procedure may ask of an exhaust flow meter.
public enum FlowMeterAction: String, CaseIterable, Sendable {
    /// Start the fan.
    case start
    /// Stop it.
    case stop
}

/// Why a test ended without a verdict (终止原因).
public enum AbortReason: Hashable, Sendable {
    /// CO + CO2 fell below the pack's minimum: the sample is diluted (排气稀释).
    case dilution
    /// The engine stalled (发动机熄火).
    case stall
    /// The analyzer's sample flow was too low (取样流量低).
    case lowFlow
    /// An instrument could not be reached.
    case deviceLost(InstrumentRole)
    /// An instrument reports a defect, or refused an action.
    case deviceFault(InstrumentRole)
    /// A value that the verdict needs was missing, stale or invalid for too long.
    case staleData(ChannelID)
    /// A condition for starting was not met.
    case precondition(Precondition)
    /// A phase took longer than it may.
    case timeLimit(StageKind)
    /// Something that may be repeated went wrong too often.
    case attempts
    /// The results do not agree with each other, however often the measurement is repeated (结果不稳定).
    case notRepeatable
    /// Coolant or oil got too hot (发动机过热).
    case overTemperature
    /// The brake could not keep the rollers at their set speed (测功机失控).
    case controlLost
    /// The driven wheels slipped on the rollers (车轮打滑).
    case wheelSlip
    /// The accelerator pedal was let go while it had to be held down (松开油门).
    case pedalReleased
    /// The speed was outside the cycle's band for too long (速度连续超差).
    case speedDeviation
    /// The way that was driven is too far off that of the cycle (行驶距离超差).
    case distance
    /// The flow meter's stream was too small to take in all exhaust.
    case exhaustFlow
    /// The operator broke the test off.
    case operatorAbort
    /// The emergency stop was pressed.
    case emergencyStop
    /// The lane could no longer store what it measured (存储失效).
    case storageLost
    /// The lane was locked during the test: its clock was set, or the authority ordered it (检测线锁止).
    case laneLocked
    /// The lane's program ended during the test: killed, told to end, crashed or without power.
    case interrupted

    /// The stable code in records, without the detail.
    public var code: String {
        switch self {
        case .dilution: "dilution"
        case .stall: "stall"
        case .lowFlow: "low-flow"
        case .deviceLost: "device-lost"
        case .deviceFault: "device-fault"
        case .staleData: "stale-data"
        case .precondition: "precondition"
        case .timeLimit: "time-limit"
        case .attempts: "attempts"
        case .notRepeatable: "not-repeatable"
        case .overTemperature: "over-temperature"
        case .controlLost: "control-lost"
        case .wheelSlip: "wheel-slip"
        case .pedalReleased: "pedal-released"
        case .speedDeviation: "speed-deviation"
        case .distance: "distance"
        case .exhaustFlow: "exhaust-flow"
        case .operatorAbort: "operator"
        case .emergencyStop: "emergency-stop"
        case .storageLost: "storage-lost"
        case .laneLocked: "lane-locked"
        case .interrupted: "interrupted"
        }
    }

    /// What the code is about: a role, a channel, a condition or a stage; nil where nothing needs adding.
    public var detail: String? {
        switch self {
        case .deviceLost(let role), .deviceFault(let role): role.rawValue
        case .staleData(let channel): channel.rawValue
        case .precondition(let condition): condition.rawValue
        case .timeLimit(let stage): stage.rawValue
        case .attempts, .notRepeatable: nil
        case .speedDeviation, .distance, .exhaustFlow, .laneLocked: nil
        case .dilution, .stall, .lowFlow, .operatorAbort, .emergencyStop, .storageLost, .interrupted: nil
        case .overTemperature, .controlLost, .wheelSlip, .pedalReleased: nil
        }
    }
}

/// A condition for starting a test (检测前条件).
public enum Precondition: String, CaseIterable, Sendable {
    /// Air temperature or humidity is outside the lane's working range.
    case ambientConditions = "ambient-conditions"
    /// The room's air holds too much HC, CO or NO.
    case ambientAir = "ambient-air"
    /// The sample line holds too much HC.
    case residualHydrocarbons = "residual-hc"
    /// CO + CO2 did not show the probe in the exhaust.
    case probeCheck = "probe-check"
    /// The flow meter's reading of the room's oxygen is off.
    case flowMeterOxygen = "flow-meter-oxygen"
    /// The flow meter draws too little.
    case flowMeterFlow = "flow-meter-flow"
    /// The engine is cold.
    case engineCold = "engine-cold"
    /// The opacimeter does not read zero in clean air.
    case opacimeterZero = "opacimeter-zero"
    /// The opacimeter does not read full scale without light.
    case opacimeterFullScale = "opacimeter-full-scale"
    /// The rollers turn.
    case rollersTurning = "rollers-turning"
    /// No gear brings the vehicle to a permitted speed at full throttle.
    case gearChoice = "gear-choice"
    /// The appearance check found what is to be put right before a test (外观检验).
    case vehicleCondition = "vehicle-condition"
    /// Too many of the vehicle's monitors are incomplete (就绪状态).
    case vehicleReadiness = "vehicle-readiness"
}

/// The stages of a test, as the driver's aid and records name them.
public enum StageKind: String, CaseIterable, Sendable {
    /// Waiting for a warm analyzer and engine.
    case warmUp = "warm-up"
    /// Zeroing the analyzer.
    case zero
    /// Reading the room's air.
    case ambient
    /// Reading the sample line's background.
    case background
    /// Checking the opacimeter's full scale.
    case fullScale = "full-scale"
    /// Waiting for rollers at rest.
    case rest
    /// Waiting for the probe in the exhaust.
    case probe
    /// Conditioning the engine at a raised speed (预处理).
    case condition
    /// Changing to the other fuel of a bi-fuel vehicle.
    case fuelChange = "fuel-change"
    /// Waiting at idle before an acceleration.
    case idle
    /// Holding the speed that was reached.
    case hold
    /// Letting go of the pedal.
    case release
    /// Racing the engine in neutral to its governed speed.
    case governedSpeed = "governed-speed"
    /// Finding the gear and the speed it reaches at full throttle.
    case gear
    /// Scanning the power.
    case scan
    /// Checking the exhaust flow meter.
    case flowMeter = "flow-meter"
    /// Waiting for a person to connect a reference material.
    case connect
    /// Letting the rollers slow down.
    case coast
    /// Waiting for an instrument to check or adjust itself.
    case act
    /// Getting to speed and load.
    case accelerate
    /// Staying there before the timer starts.
    case stabilise
    /// The mode itself.
    case measure
    /// Waiting for the gas of the last seconds to reach the instruments.
    case trailing
    /// Over.
    case finished
}

/// What the driver's aid (司机助) shows.
public struct ProcedureStatus: Hashable, Sendable {
    /// Where the test is.
    public var stage: StageKind
    /// The mode of a method with several, by its code.
    public var mode: String?
    /// Time in the stage so far.
    public var stageTime: LaneSpan
    /// What the driver must do now; nil where the stage says it all.
    public var instruction: Message?
    /// What comes after that; nil where nothing is known yet.
    public var following: Message?
    /// The engine speed to hold, if any.
    public var targetEngineSpeed: EngineSpeed?
    /// Half-width of its band.
    public var engineSpeedTolerance: EngineSpeed?
    /// What the accelerator pedal is for, where it follows no speed.
    public var pedal: PedalUse?
    /// The gear to be in, 0 for neutral; nil leaves it to the driver.
    public var gear: Int?
    /// A change of gear that the driver is to make now, once; nil if none.
    public var gearChange: GearChange?
    /// The coming seconds of a speed trace, the next one first, km/h; empty where there is none.
    public var trace: [Speed]
    /// What the method measures besides, for display, in the order of importance.
    public var readings: [StatusReading]
    /// The speed to hold, if any; with the pedal fully down, the speed that the gear is to come close to or that the
    /// brake holds.
    public var targetSpeed: Speed?
    /// Half-width of the speed band.
    public var speedTolerance: Speed?
    /// The force the brake is to hold.
    public var brakeForce: Force?
    /// Whether the probe is to be in the tail pipe.
    public var probeWanted: Bool
    /// Corrected concentrations of the last whole second, in each pollutant's unit.
    public var corrected: [String: Double]
    /// Dilution and humidity factors of the last whole second.
    public var factors: CorrectionFactors?
    /// Out-of-band seconds of speed and torque.
    public var counters: BandCounters
    /// What a person is to read off reference instruments and enter, in this order; empty where nothing is waited for.
    public var entries: [ReferenceEntry]
    /// Whether the instruction asks whether something is so, and “no” is an answer.
    public var isQuestion: Bool
    /// How far the test has come, 0…1, judged by the longest way it can take.
    public var progress: Double

    /// A status with nothing to show yet.
    public init(stage: StageKind) {
        self.stage = stage
        stageTime = .zero
        probeWanted = false
        trace = []
        readings = []
        corrected = [:]
        entries = []
        isQuestion = false
        counters = BandCounters()
        progress = 0
    }
}

/// What the accelerator pedal is for, where it follows no speed.
public enum PedalUse: String, CaseIterable, Sendable {
    /// All the way down, quickly, and held (油门踩到底).
    case full
    /// Let go (松开油门).
    case released
}

/// A change of gear.
public enum GearChange: String, CaseIterable, Sendable {
    /// To the next higher gear (升挡).
    case up
    /// To the next lower gear (降挡).
    case down
}

/// One value on the driver's aid.
public struct StatusReading: Hashable, Sendable {
    /// What it is, as reports name it, such as `k`.
    public let symbol: String
    /// The number.
    public let value: Double
    /// Its unit's symbol.
    public let unit: String
    /// Decimal places that it is shown with.
    public let places: Int

    /// Creates a reading.
    public init(_ symbol: String, _ value: Double, _ unit: String, places: Int) {
        self.symbol = symbol
        self.value = value
        self.unit = unit
        self.places = places
    }
}

/// The factors that were applied to a second's raw gas values.
public struct CorrectionFactors: Hashable, Sendable {
    /// Dilution factor DF (稀释修正系数).
    public let dilution: Double
    /// Humidity factor kH (湿度修正系数).
    public let humidity: Double
}

/// The four out-of-tolerance counters of a loaded mode, in seconds (超差时间).
public struct BandCounters: Hashable, Sendable {
    /// Seconds in a row outside the speed band.
    public var speedContinuous = 0
    /// Seconds in all outside the speed band.
    public var speedCumulative = 0
    /// Seconds in a row outside the torque band.
    public var torqueContinuous = 0
    /// Seconds in all outside the torque band.
    public var torqueCumulative = 0

    /// Counters at zero.
    public init() {}
}
