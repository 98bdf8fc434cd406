import Metrology
import Plant

/// The flow meter MQL-100, on the frame of the MQW-50A. Its fan runs whenever it is on: the source has no command for it.
struct MQL100: AnsweringInstrument {
    private let warmUntil: LaneInstant
    private var oxygenGain = 1.0
    private var hasStarted = false
    var received: [UInt8] = []

    /// The source divides by 6 for hundredths of L/s: the flow is in tenths of L/min.
    private static let tenthsOfLitresPerMinute = 600.0

    init(switchedOn: LaneInstant, warmUp: LaneSpan) { warmUntil = switchedOn + warmUp }

    /// It switches its fan on as soon as it runs.
    var nextEvent: LaneInstant? { hasStarted ? nil : LaneInstant(nanoseconds: 0) }

    mutating func catchUp(_ surroundings: Surroundings) {
        if hasStarted { return }
        hasStarted = true
        surroundings.host.command { $0.fan(isOn: true) }
    }

    func beginning(of bytes: [UInt8]) -> RequestBeginning {
        MingquanFrame.beginning(of: bytes, lead: 0x02, lengths: 4...8)
    }

    func refusal(of request: [UInt8]) -> [UInt8] { MingquanFrame.refusal(of: request) }

    mutating func answer(_ request: [UInt8], _ surroundings: Surroundings) -> Answer {
        let command = request[1]
        return reply(to: command, surroundings).map { .done(Wire.code(command), $0) } ?? .refused
    }

    private mutating func reply(to command: UInt8, _ surroundings: Surroundings) -> [UInt8]? {
        let tube = surroundings.observe().tube
        switch command {
        case 0x86:
            let data =
                Wire.word(tube.oxygen * oxygenGain, scale: 100) + Wire.word(tube.pressure, scale: 10)
                + Wire.word(tube.temperature, scale: 10)
                + Wire.unsignedWord(tube.actualFlow, scale: Self.tenthsOfLitresPerMinute)
                + Wire.unsignedWord(tube.standardFlow, scale: Self.tenthsOfLitresPerMinute)
            return MQW50AFrame.frame(0x06, 0x86, data)
        case 0x88:
            let warming: UInt8 = surroundings.now < warmUntil ? 0x10 : 0
            return MQW50AFrame.frame(0x06, 0x88, [warming, 0, 0, 0])
        // Calibrations of oxygen, flow and pressure; only that of oxygen in air does something here.
        case 0xA2:
            if tube.oxygen > 5 { oxygenGain = 20.9 / tube.oxygen }
            return MQW50AFrame.acknowledgement(of: command)
        case 0xA3, 0xA6, 0xA7, 0xAA: return MQW50AFrame.acknowledgement(of: command)
        default: return nil
        }
    }
}
