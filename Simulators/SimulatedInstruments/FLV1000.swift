import Metrology
import Plant

/// The flow meter FLV-1000: requests of four bytes whose check byte nobody enforces, replies with the sum of their data.
struct FLV1000: WireInstrument {
    private let warmUntil: LaneInstant
    private var oxygenGain = 1.0
    private var hasStarted = false
    private var buffer: [UInt8] = []

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
        while buffer.count >= 4 {
            let command = buffer[0]
            buffer.removeFirst(4)
            guard let reply = answer(command, surroundings) else {
                surroundings.log.rejected()
                replies.append([0x15])
                continue
            }
            surroundings.log.received(String(command, radix: 16, uppercase: true))
            replies.append(reply)
        }
        return replies
    }

    private mutating func answer(_ command: UInt8, _ surroundings: Surroundings) -> [UInt8]? {
        let tube = surroundings.observe().tube
        switch command {
        case 0x86, 0x87:
            return FLV1000Frame.live(
                command, oxygen: tube.oxygen * oxygenGain, pressure: tube.pressure, temperature: tube.temperature,
                flow: command == 0x86 ? tube.actualFlow : tube.standardFlow)
        case 0x88:
            let status: [UInt8] = [surroundings.now < warmUntil ? 0x10 : 0, 0, 0]
            return [0x06, 0x88, 0x04] + status + [Wire.sum(status)]
        case 0xA0...0xA4, 0xAC:
            if command == 0xA0, tube.oxygen > 5 { oxygenGain = 20.9 / tube.oxygen }
            return [0x06]
        default: return nil
        }
    }
}

/// Frames of the FLV-1000. What stands before the data in the first three bytes is not in the sources.
public enum FLV1000Frame {
    /// %, kPa, °C, L/s.
    static func live(_ command: UInt8, oxygen: Double, pressure: Double, temperature: Double, flow: Double) -> [UInt8] {
        let data =
            Wire.word(oxygen, scale: 100) + Wire.word(pressure, scale: 10) + Wire.word(temperature, scale: 10)
            + Wire.word(flow, scale: 10)
        return [0x06, command, 0x0B] + data + [Wire.sum(data)]
    }
}
