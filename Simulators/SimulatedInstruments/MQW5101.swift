import Metrology
import Plant

/// The diesel bench MQW-5101: nitrogen oxides, opacity and the room's climate in one instrument, for the lug-down test.
///
/// `05 cmd LB data CS`, answered by `06 …`; LB is the length less one, CS the two's complement of the sum; `15` refuses.
/// One source only. Its NO is the sum of both oxides, as a bench with a converter measures them.
struct MQW5101: WireInstrument {
    private enum Action: Hashable {
        case idle
        case sampling(SampleInlet)
        case timed(Timed)
    }

    private enum Timed: Hashable {
        case zero, purge, background, ambient, leak

        /// Zero and purge take about 30 s, as with the sister instruments; the checks' times are not in the source.
        var length: LaneSpan {
            LaneSpan(nanoseconds: self == .zero || self == .purge ? 30_000_000_000 : 15_000_000_000)
        }

        var inlet: SampleInlet {
            switch self {
            case .zero, .ambient: .room
            case .background: .probe
            case .purge: .purge
            case .leak: .closed
            }
        }
    }

    private var warmUntil: LaneInstant
    private var action = Action.idle
    private var actionEnds: LaneInstant?
    private var cells = GasCells()
    private var meter: OpacityMeter
    private var leakIsGood = true
    private var buffer: [UInt8] = []

    init(switchedOn: LaneInstant, warmUp: LaneSpan) {
        warmUntil = switchedOn + warmUp
        meter = OpacityMeter(switchedOn: switchedOn, warmUp: warmUp)
    }

    var nextEvent: LaneInstant? { actionEnds }

    mutating func act(_ surroundings: Surroundings) -> [UInt8]? {
        endTimedAction(surroundings)
        return nil
    }

    mutating func forgetPartialFrame() { buffer.removeAll() }

    mutating func receive(_ bytes: [UInt8], _ surroundings: Surroundings) -> [[UInt8]] {
        endTimedAction(surroundings)
        buffer += bytes
        var replies: [[UInt8]] = []
        while let reply = nextReply(surroundings) { replies.append(reply) }
        return replies
    }

    private mutating func nextReply(_ surroundings: Surroundings) -> [UInt8]? {
        if let start = buffer.firstIndex(of: 0x05) { buffer.removeFirst(start) } else { buffer.removeAll() }
        guard buffer.count >= 3 else { return nil }
        let (command, length) = (buffer[1], Int(buffer[2]) + 1)
        guard (4...8).contains(length) else {
            buffer.removeAll()
            return refuse(command, surroundings)
        }
        guard buffer.count >= length else { return nil }
        let frame = Array(buffer.prefix(length))
        buffer.removeFirst(length)
        guard Wire.sum(frame) == 0, let reply = answer(command, Array(frame[3..<length - 1]), surroundings) else {
            return refuse(command, surroundings)
        }
        surroundings.log.received(String(command, radix: 16, uppercase: true))
        return reply
    }

    private func refuse(_ command: UInt8, _ surroundings: Surroundings) -> [UInt8] {
        surroundings.log.rejected()
        return MQW50AFrame.frame(0x15, command, [])
    }

    private mutating func answer(_ command: UInt8, _ data: [UInt8], _ surroundings: Surroundings) -> [UInt8]? {
        guard data.count == (command == 0x40 ? 1 : 0) else { return nil }
        switch command {
        case 0x30: return MQW5101Data(surroundings.observe(), cells, meter).frame
        case 0x31: return MQW50AFrame.frame(0x06, 0x31, status(surroundings))
        case 0x32:
            let values = MQW5101Data(surroundings.observe(), cells, meter).bytes
            return MQW50AFrame.frame(0x06, 0x32, values + status(surroundings))
        case 0x16:
            stop(surroundings)
        case 0x1F: warmUntil = surroundings.now
        case 0x40: guard data[0] <= 1 else { return nil }
        case 0x58: cells.forget()
        default: guard start(command, surroundings) else { return nil }
        }
        return MQW50AFrame.acknowledgement(of: command)
    }

    private mutating func start(_ command: UInt8, _ surroundings: Surroundings) -> Bool {
        let actions: [UInt8: Action] = [
            0x10: .sampling(.probe), 0x11: .sampling(.room), 0x12: .timed(.purge), 0x13: .sampling(.calibrationGas),
            0x14: .sampling(.checkGas), 0x15: .sampling(.zeroGas), 0x17: .timed(.purge), 0x18: .timed(.background),
            0x19: .timed(.ambient), 0x1A: .timed(.leak), 0x21: .timed(.zero),
        ]
        // Whatever runs must be stopped first.
        guard let wanted = actions[command], surroundings.now >= warmUntil, action == .idle else { return false }
        action = wanted
        let inlet: SampleInlet
        switch wanted {
        case .idle: return true
        case .sampling(let source): inlet = source
        case .timed(let timed):
            inlet = timed.inlet
            actionEnds = surroundings.now + timed.length
            if timed == .zero { meter.calibrate(surroundings) }
        }
        surroundings.host.command { $0.draw(from: inlet, by: .nitrogenOxides) }
        return true
    }

    private mutating func stop(_ surroundings: Surroundings) {
        action = .idle
        actionEnds = nil
        surroundings.host.command { $0.draw(from: .closed, by: .nitrogenOxides) }
    }

    private mutating func endTimedAction(_ surroundings: Surroundings) {
        guard case .timed(let timed) = action, let ends = actionEnds, surroundings.now >= ends else { return }
        let seen = surroundings.observe()
        switch timed {
        case .zero: _ = seen.nitrogenFlow >= GasPath.flowLimit && cells.zero(surroundings.errors)
        case .leak: leakIsGood = seen.leak <= GasPath.leakLimit
        case .purge, .background, .ambient: break
        }
        stop(surroundings)
    }

    /// Eight bytes; the last three are not described.
    private func status(_ surroundings: Surroundings) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: 8)
        if surroundings.now < warmUntil {
            bytes[4] = 0x01
            return bytes
        }
        let seen = surroundings.observe()
        switch action {
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
            }
        }
        if seen.nitrogenInlet != .closed, seen.nitrogenFlow < GasPath.flowLimit { bytes[4] |= 0x40 }
        if leakIsGood { bytes[4] |= 0x80 }
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

    init(_ seen: PlantSnapshot, _ cells: GasCells, _ meter: OpacityMeter) {
        let gas = cells.shown(seen.nitrogenSample)
        let smoke = meter.live(seen.smoke)
        nitrogenOxides = gas.nitricOxide + gas.nitrogenDioxide
        airTemperature = seen.air.temperature
        relativeHumidity = seen.air.relativeHumidity
        airPressure = seen.air.pressure
        oilTemperature = seen.oilTemperature
        linePressure = seen.air.pressure - (seen.nitrogenInlet == .closed ? 0 : 2.5 + 8 * (1 - seen.nitrogenFlow))
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
