import Metrology
import Plant

/// The opacimeters (不透光烟度计) NHT-6, NHT-1L and MQY-200: `cmd [data] CS`, CS the two's complement of the sum; a reply
/// repeats the command, an error is `15` and a code. The same bytes mean different things in the two families.
struct Opacimeter: WireInstrument {
    enum Model {
        case nht6
        case nht1L
        case mqy200

        /// How many bytes of data follow each command; a command that is not here is unknown.
        var dataLengths: [UInt8: Int] {
            switch self {
            case .nht6: Self.nanhua.merging([0xA1: 0]) { $1 }
            case .nht1L: Self.nanhua.merging([0xAD: 0]) { $1 }
            case .mqy200:
                [
                    0xA0: 1, 0xA1: 0, 0xA2: 0, 0xA3: 0, 0xA4: 0, 0xA5: 0, 0xA6: 0, 0xA8: 0, 0xA9: 0, 0xAB: 2, 0xAC: 2,
                    0xAD: 2, 0xAE: 0,
                ]
            }
        }

        private static let nanhua: [UInt8: Int] = [
            0xA0: 1, 0xA2: 0, 0xA3: 0, 0xA4: 0, 0xA5: 0, 0xA6: 0, 0xA7: 0, 0xAE: 0, 0xAF: 0, 0xB2: 2, 0xB3: 1,
            0xB4: 2, 0xB5: 2, 0xB6: 0,
        ]
    }

    /// Why a command is not carried out; the sources give no codes, these are the simulator's own.
    private enum Refusal: UInt8 {
        case unknown = 0x01
        case damaged = 0x02
        case notNow = 0x03
    }

    private let model: Model
    private let lengths: [UInt8: Int]
    private var meter: OpacityMeter
    private var warmUpEnded = false
    private var isAccelerating = false
    /// Stroke, engine speed sensor, filter, factory setting.
    private var parameters: [UInt8: UInt8] = [1: 4, 2: 0, 3: 1, 4: 0]
    private var buffer: [UInt8] = []

    init(_ model: Model, switchedOn: LaneInstant, warmUp: LaneSpan) {
        self.model = model
        lengths = model.dataLengths
        meter = OpacityMeter(switchedOn: switchedOn, warmUp: warmUp)
    }

    let nextEvent: LaneInstant? = nil

    mutating func act(_ surroundings: Surroundings) -> [UInt8]? { nil }

    mutating func forgetPartialFrame() { buffer.removeAll() }

    mutating func receive(_ bytes: [UInt8], _ surroundings: Surroundings) -> [[UInt8]] {
        buffer += bytes
        var replies: [[UInt8]] = []
        while let command = buffer.first {
            guard let length = lengths[command] else {
                // No command begins like this, and nothing says where the next one does.
                buffer.removeAll()
                replies.append(refuse(.unknown, surroundings))
                break
            }
            guard buffer.count >= length + 2 else { break }
            let frame = Array(buffer.prefix(length + 2))
            buffer.removeFirst(length + 2)
            guard Wire.sum(frame) == 0 else {
                buffer.removeAll()
                replies.append(refuse(.damaged, surroundings))
                break
            }
            replies.append(answer(command, Array(frame[1..<length + 1]), surroundings))
        }
        return replies
    }

    private func refuse(_ refusal: Refusal, _ surroundings: Surroundings) -> [UInt8] {
        surroundings.log.rejected()
        return OpacimeterFrame.refusal(refusal.rawValue)
    }

    private mutating func answer(_ command: UInt8, _ data: [UInt8], _ surroundings: Surroundings) -> [UInt8] {
        let reply =
            model == .mqy200
            ? answerMingquan(command, surroundings) : answerNanhua(command, data, surroundings)
        guard let reply else { return refuse(.notNow, surroundings) }
        surroundings.log.received(String(command, radix: 16, uppercase: true))
        return OpacimeterFrame.reply(command, reply)
    }

    private func isWarm(_ surroundings: Surroundings) -> Bool { warmUpEnded || meter.isWarm(at: surroundings.now) }

    private func status(_ surroundings: Surroundings) -> UInt8 {
        guard isWarm(surroundings) else { return 0 }
        return meter.isCalibrating(at: surroundings.now) || isAccelerating ? 2 : 1
    }

    private mutating func calibrate(_ surroundings: Surroundings) -> [UInt8]? {
        guard isWarm(surroundings), !meter.isCalibrating(at: surroundings.now) else { return nil }
        meter.calibrate(surroundings)
        return []
    }

    // MARK: Nanhua

    private mutating func answerNanhua(_ command: UInt8, _ data: [UInt8], _ surroundings: Surroundings) -> [UInt8]? {
        let seen = surroundings.observe()
        switch command {
        case 0xA1, 0xAD: return [status(surroundings)]
        case 0xA2: warmUpEnded = true
        case 0xA3: return [0, 0]
        case 0xA4: return calibrate(surroundings)
        case 0xA5: return OpacimeterFrame.live(meter.live(seen.smoke), seen)
        case 0xA6:
            let oil = model == .nht1L ? OpacimeterFrame.kelvin(seen.oilTemperature) : []
            return OpacimeterFrame.shown(meter.peak(seen.smoke)) + Wire.unsignedWord(seen.smoke.peakEngineSpeed) + oil
        case 0xA7: surroundings.host.command { $0.clearSmokePeak() }
        case 0xAE:
            let left = max(0, (meter.warmUntil - surroundings.now).seconds)
            return isWarm(surroundings) ? [0, 0] : [UInt8(left / 60), UInt8(left.truncatingRemainder(dividingBy: 60))]
        case 0xAF:
            return Wire.unsignedWord(seen.air.temperature + 273.15, scale: 10)
                + Wire.unsignedWord(seen.air.relativeHumidity, scale: 10)
                + Wire.unsignedWord(seen.air.pressure, scale: 10)
        case 0xB2:
            guard parameters[data[0]] != nil else { return nil }
            parameters[data[0]] = data[1]
            meter.isFiltered = parameters[3] != 0
        case 0xB3: return parameters[data[0]].map { [$0] }
        case 0xB6: parameters = [1: 4, 2: 0, 3: 1, 4: 0]
        // Modes and corrections of the other sensors change nothing that this lane shows.
        default: break
        }
        return []
    }

    // MARK: Mingquan

    private mutating func answerMingquan(_ command: UInt8, _ surroundings: Surroundings) -> [UInt8]? {
        let seen = surroundings.observe()
        switch command {
        case 0xA1: return [status(surroundings)]
        case 0xA2: return calibrate(surroundings)
        case 0xA3: isAccelerating = true
        case 0xA4: isAccelerating = false
        case 0xA5: return [isAccelerating ? 1 : 0]
        case 0xA6: return OpacimeterFrame.live(meter.live(seen.smoke), seen)
        case 0xA8: surroundings.host.command { $0.clearSmokePeak() }
        case 0xA9:
            return OpacimeterFrame.shown(meter.peak(seen.smoke)) + Wire.unsignedWord(seen.smoke.peakEngineSpeed)
        case 0xAE:
            let temperature = Wire.unsignedWord(abs(seen.air.temperature), scale: 10)
            let sign: UInt8 = seen.air.temperature < 0 ? 0x80 : 0
            return OpacimeterFrame.live(meter.live(seen.smoke), seen)
                + Wire.unsignedWord(seen.air.pressure, scale: 100) + [temperature[0] | sign, temperature[1]]
                + Wire.unsignedWord(seen.air.relativeHumidity, scale: 10)
        default: break
        }
        return []
    }
}

/// Frames of the opacimeters.
public enum OpacimeterFrame {
    /// A host's request.
    public static func request(_ command: UInt8, data: [UInt8] = []) -> [UInt8] {
        Wire.complemented([command] + data)
    }

    /// An instrument's reply.
    public static func reply(_ command: UInt8, _ data: [UInt8]) -> [UInt8] { Wire.complemented([command] + data) }

    static func refusal(_ code: UInt8) -> [UInt8] { [0x15, code] }

    static func shown(_ shown: OpacityMeter.Shown) -> [UInt8] {
        Wire.unsignedWord(shown.opacity, scale: 10) + Wire.unsignedWord(shown.absorption, scale: 100)
    }

    static func live(_ shown: OpacityMeter.Shown, _ seen: PlantSnapshot) -> [UInt8] {
        live(
            opacity: shown.opacity, absorption: shown.absorption, engineSpeed: seen.shownEngineSpeed,
            oilTemperature: seen.oilTemperature)
    }

    /// The data of a live reading: opacity in tenths of a percent, absorption in hundredths of 1/m, engine speed, oil in
    /// whole kelvins.
    public static func live(
        opacity: Double, absorption: Double, engineSpeed: Double, oilTemperature: Double
    ) -> [UInt8] {
        Wire.unsignedWord(opacity, scale: 10) + Wire.unsignedWord(absorption, scale: 100)
            + Wire.unsignedWord(engineSpeed) + kelvin(oilTemperature)
    }

    /// Whole kelvins, 273 of them at 0 °C.
    static func kelvin(_ celsius: Double) -> [UInt8] { Wire.unsignedWord(celsius + 273) }
}
