import Metrology
import Plant

/// The flow meter MQL-100, on the frame of the MQW-50A. Its fan runs whenever it is on: the source has no command for it.
struct MQL100: WireInstrument {
    private let warmUntil: LaneInstant
    private var oxygenGain = 1.0
    private var hasStarted = false
    private var buffer: [UInt8] = []

    /// The source divides by 6 for hundredths of L/s: the flow is in tenths of L/min.
    private static let tenthsOfLitresPerMinute = 600.0

    init(switchedOn: LaneInstant, warmUp: LaneSpan) { warmUntil = switchedOn + warmUp }

    /// It switches its fan on as soon as it runs.
    var nextEvent: LaneInstant? { hasStarted ? nil : LaneInstant(nanoseconds: 0) }

    mutating func act(_ surroundings: Surroundings) -> [UInt8]? {
        hasStarted = true
        surroundings.host.command { $0.fan(isOn: true) }
        return nil
    }

    mutating func forgetPartialFrame() { buffer.removeAll() }

    mutating func receive(_ bytes: [UInt8], _ surroundings: Surroundings) -> [[UInt8]] {
        buffer += bytes
        var replies: [[UInt8]] = []
        while let start = buffer.firstIndex(of: 0x02) {
            buffer.removeFirst(start)
            guard buffer.count >= 3 else { return replies }
            let (command, length) = (buffer[1], Int(buffer[2]) + 1)
            guard (4...8).contains(length) else {
                buffer.removeAll()
                surroundings.log.rejected()
                return replies + [MQW50AFrame.refusal(of: command)]
            }
            guard buffer.count >= length else { return replies }
            let frame = Array(buffer.prefix(length))
            buffer.removeFirst(length)
            guard Wire.sum(frame) == 0, let reply = answer(command, surroundings) else {
                surroundings.log.rejected()
                replies.append(MQW50AFrame.refusal(of: command))
                continue
            }
            surroundings.log.received(String(command, radix: 16, uppercase: true))
            replies.append(reply)
        }
        buffer.removeAll()
        return replies
    }

    private mutating func answer(_ command: UInt8, _ surroundings: Surroundings) -> [UInt8]? {
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
