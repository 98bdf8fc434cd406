import Metrology
import Plant

/// The diesel bench MQW-5101: nitrogen oxides, opacity and the room's climate in one instrument, for the lug-down test.
///
/// `05 cmd LB data CS`, answered by `06 …`; LB is the length less one, CS the two's complement of the sum; `15` refuses.
/// One source only. Its NO is the sum of both oxides, as a bench with a converter measures them.
struct MQW5101: AnsweringInstrument {
    enum Model {
        case mqw5101
        /// The later one: its data are asked for with two bytes, hold CO2 and lack the climate.
        case mqw5102A
    }

    private let model: Model
    private var bench: BenchActions
    private var meter: OpacityMeter
    var received: [UInt8] = []

    init(_ model: Model = .mqw5101, switchedOn: LaneInstant, warmUp: LaneSpan) {
        self.model = model
        bench = BenchActions(.nitrogenOxides, switchedOn: switchedOn, warmUp: warmUp)
        meter = OpacityMeter(switchedOn: switchedOn, warmUp: warmUp)
    }

    var nextEvent: LaneInstant? { bench.ends }

    mutating func catchUp(_ surroundings: Surroundings) { bench.catchUp(surroundings) }

    func beginning(of bytes: [UInt8]) -> RequestBeginning {
        MingquanFrame.beginning(of: bytes, lead: 0x05, lengths: 4...8)
    }

    func refusal(of request: [UInt8]) -> [UInt8] { MingquanFrame.refusal(of: request) }

    private static let actions: [UInt8: BenchActions.Action] = [
        0x10: .sampling(.probe), 0x11: .sampling(.room), 0x12: .timed(.purge), 0x13: .sampling(.calibrationGas),
        0x14: .sampling(.checkGas), 0x15: .sampling(.zeroGas), 0x17: .timed(.purge), 0x18: .timed(.background),
        0x19: .timed(.ambient), 0x1A: .timed(.leak), 0x21: .timed(.zero),
    ]

    mutating func answer(_ request: [UInt8], _ surroundings: Surroundings) -> Answer {
        let (command, data) = (request[1], MingquanFrame.data(request))
        if model == .mqw5102A, command == 0x30 || command == 0x61 {
            if command == 0x61, data.isEmpty { return .done("61", MQW50AFrame.frame(0x06, 0x61, status(surroundings))) }
            return command == 0x30 && data == [0x02, 0x01] ? .done("30", shortData(surroundings)) : .refused
        }
        guard data.count == (command == 0x40 ? 1 : 0) else { return .refused }
        var reply = MQW50AFrame.acknowledgement(of: command)
        switch command {
        case 0x30: reply = MQW5101Data(surroundings, bench, meter).frame
        case 0x31: reply = MQW50AFrame.frame(0x06, 0x31, status(surroundings))
        case 0x32:
            let values = MQW5101Data(surroundings, bench, meter).bytes
            reply = MQW50AFrame.frame(0x06, 0x32, values + status(surroundings))
        case 0x16: bench.stop(surroundings)
        case 0x1F: bench.warmUntil = surroundings.now
        case 0x40: guard data[0] <= 1 else { return .refused }
        case 0x58: bench.forget()
        default:
            // Whatever runs must be stopped first.
            guard let wanted = Self.actions[command], bench.begin(wanted, surroundings) else { return .refused }
            if wanted == .timed(.zero) { meter.calibrate(surroundings) }
        }
        return .done(Wire.code(command), reply)
    }

    /// What the MQW-5102A answers with: its selection is repeated before the values.
    private func shortData(_ surroundings: Surroundings) -> [UInt8] {
        let values = MQW5101Data(surroundings, bench, meter)
        let carbonDioxide = bench.gas(surroundings.observe()).carbonDioxide
        let words: [(Double, Double)] = [
            (values.linePressure, 10), (values.oilTemperature, 10), (values.engineSpeed, 1), (values.nitrogenOxides, 1),
            (carbonDioxide, 100), (values.opacity.live, 100), (values.opacity.standard, 100), (values.absorption, 100),
        ]
        let data = words.flatMap { Wire.word($0.0, scale: $0.1) }
        return MQW50AFrame.frame(0x06, 0x30, [0x02, 0x01] + data + [Wire.byte(values.smokeTemperature.gas)])
    }

    /// Eight bytes; the last three are not described.
    private func status(_ surroundings: Surroundings) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: 8)
        guard bench.isWarm(surroundings) else {
            bytes[4] = 0x01
            return bytes
        }
        let seen = surroundings.observe()
        switch bench.action {
        case .idle: break
        case .sampling(let inlet):
            let bits: [SampleInlet: UInt8] = [
                .probe: 0x01, .room: 0x02, .calibrationGas: 0x08, .checkGas: 0x10, .zeroGas: 0x20,
            ]
            bytes[0] = bits[inlet] ?? 0
            bytes[2] = inlet == .probe ? 0x01 : 0
        case .timed(let timed):
            bytes[4] |= 0x02
            switch timed {
            case .zero: bytes[1] = 0x01
            case .purge: (bytes[0], bytes[2]) = (0x04, 0x04)
            case .leak: bytes[2] = 0x02
            case .background: bytes[2] = 0x08
            case .ambient: bytes[2] = 0x10
            case .residue: break
            }
        }
        if bench.flowIsLow(seen) { bytes[4] |= 0x40 }
        if !bench.leakFailed { bytes[4] |= 0x80 }
        return bytes
    }
}

/// What the bench answers to 30, in the units that a person reads.
public struct MQW5101Data: Hashable, Sendable {
    /// NO behind the converter of the bench, so NO and NO2 together, ppm.
    public var nitrogenOxides = 0.0
    /// °C, in tenths.
    public var airTemperature = 0.0
    /// %, in tenths.
    public var relativeHumidity = 0.0
    /// kPa, in hundredths.
    public var airPressure = 0.0
    /// °C, in tenths.
    public var oilTemperature = 0.0
    /// kPa, in tenths.
    public var linePressure = 0.0
    /// r/min.
    public var engineSpeed = 0.0
    /// Opacity, %, in tenths; the second is that over the standard's path, the same for a meter of 0.430 m.
    public var opacity = (live: 0.0, standard: 0.0)
    /// 1/m, in hundredths.
    public var absorption = 0.0
    /// Of gas and tube, whole °C.
    public var smokeTemperature = (gas: 0.0, tube: 0.0)

    /// Creates data of zeros.
    public init() {}

    init(_ surroundings: Surroundings, _ bench: BenchActions, _ meter: OpacityMeter) {
        let seen = surroundings.observe()
        let gas = bench.gas(seen)
        let smoke = meter.live(seen.smoke)
        nitrogenOxides = gas.nitricOxide + gas.nitrogenDioxide
        airTemperature = seen.air.temperature
        relativeHumidity = seen.air.relativeHumidity
        airPressure = seen.air.pressure
        oilTemperature = seen.oilTemperature
        linePressure = bench.linePressure(seen, surroundings)
        engineSpeed = seen.shownEngineSpeed
        opacity = (smoke.opacity, smoke.opacity)
        absorption = smoke.absorption
        smokeTemperature = (OpacityMeter.chamberTemperature - 10, OpacityMeter.chamberTemperature)
    }

    /// The 22 bytes between length and check sum.
    var bytes: [UInt8] {
        let words: [(Double, Double)] = [
            (nitrogenOxides, 1), (airTemperature, 10), (relativeHumidity, 10), (airPressure, 100), (oilTemperature, 10),
            (linePressure, 10), (engineSpeed, 1), (opacity.live, 10), (opacity.standard, 10), (absorption, 100),
        ]
        return words.flatMap { Wire.word($0.0, scale: $0.1) } + [
            Wire.byte(smokeTemperature.gas), Wire.byte(smokeTemperature.tube),
        ]
    }

    /// The reply of 26 bytes.
    public var frame: [UInt8] { MQW50AFrame.frame(0x06, 0x30, bytes) }

    /// Whether all values are the same.
    public static func == (left: Self, right: Self) -> Bool { left.bytes == right.bytes }
    /// Hashes what is sent.
    public func hash(into hasher: inout Hasher) { hasher.combine(bytes) }
}
