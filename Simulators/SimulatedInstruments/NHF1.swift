import Metrology
import Plant

/// The flow meter NHF-1 (气体流量分析仪): Modbus ASCII, with the fan of its tube.
struct NHF1: WireInstrument {
    private let warmUntil: LaneInstant
    private var oxygenGain = 1.0
    private var buffer: [UInt8] = []

    /// First register of the live values; the status is behind them.
    private static let (live, status) = (0x1258, 0x125D)
    /// Registers that can be written: fan, oxygen zero, calibrations of pressure, temperature, flow, oxygen; factory.
    private static let (fan, oxygenZero, writable) = (0x125E, 0x125F, 0x125E...0x126C)
    /// Cubic feet per minute of one litre per second.
    private static let cubicFeetPerMinute = 1 / 0.471_947_443_2
    /// What the oxygen sensor is set to in air, %.
    private static let airOxygen = 20.9

    init(switchedOn: LaneInstant, warmUp: LaneSpan) { warmUntil = switchedOn + warmUp }

    let nextEvent: LaneInstant? = nil

    mutating func act(_ surroundings: Surroundings) -> [UInt8]? { nil }

    mutating func forgetPartialFrame() { buffer.removeAll() }

    mutating func receive(_ bytes: [UInt8], _ surroundings: Surroundings) -> [[UInt8]] {
        buffer += bytes
        var replies: [[UInt8]] = []
        while let end = buffer.firstIndex(of: 0x0A) {
            let line = Array(buffer[...end])
            buffer.removeFirst(end + 1)
            // A colon always begins a new frame, whatever came before it.
            guard let start = line.lastIndex(of: 0x3A), let request = ModbusASCII.decode(Array(line[start...])) else {
                surroundings.log.rejected()
                continue
            }
            // Others on the line are meant.
            guard request.count >= 2, request[0] == surroundings.unit else { continue }
            replies.append(ModbusASCII.encode(answer(request, surroundings)))
        }
        if buffer.count > 512 { buffer.removeAll() }
        return replies
    }

    private mutating func answer(_ request: [UInt8], _ surroundings: Surroundings) -> [UInt8] {
        let function = request[1]
        func exception(_ code: UInt8) -> [UInt8] {
            surroundings.log.rejected()
            return [request[0], function | 0x80, code]
        }
        guard function == 3 || function == 6 else { return exception(1) }
        guard request.count == 6 else { return exception(3) }
        let (address, value) = (Int(Wire.number(request[2], request[3])), Int(Wire.number(request[4], request[5])))
        if function == 6 {
            guard Self.writable.contains(address) else { return exception(2) }
            write(value, to: address, surroundings)
            surroundings.log.received("06")
            return request
        }
        let registers = self.registers(surroundings)
        let first = address - Self.live
        guard (1...125).contains(value) else { return exception(3) }
        guard first >= 0, first + value <= registers.count else { return exception(2) }
        surroundings.log.received("03")
        return [request[0], 3, UInt8(2 * value)] + registers[first..<first + value].flatMap(Wire.bytes)
    }

    private mutating func write(_ value: Int, to address: Int, _ surroundings: Surroundings) {
        switch address {
        case Self.fan: surroundings.host.command { $0.fan(isOn: value != 0) }
        case Self.oxygenZero:
            let shown = surroundings.observe().tube.oxygen
            if shown > 5 { oxygenGain = Self.airOxygen / shown }
        // The other calibrations change nothing here: their sensors are right, or stay wrong by a fault.
        default: break
        }
    }

    /// The live values and, behind them, the status. Which bits that has is not in the sources: it has the ones of the
    /// sister instrument FLV-1000, where the fifth says that the oxygen sensor warms up.
    private func registers(_ surroundings: Surroundings) -> [UInt16] {
        let tube = surroundings.observe().tube
        func register(_ value: Double, _ scale: Double) -> UInt16 {
            UInt16(bitPattern: Int16(max(-32_768, min(32_767, (value * scale).rounded()))))
        }
        return [
            register(tube.oxygen * oxygenGain, 100), register(tube.pressure, 100), register(tube.temperature, 10),
            register(tube.actualFlow, Self.cubicFeetPerMinute), register(tube.standardFlow, Self.cubicFeetPerMinute),
            surroundings.now < warmUntil ? 0x10 : 0,
        ]
    }
}

/// Frames of Modbus ASCII: a colon, hexadecimal digits, the two's complement of the sum (LRC), CR and LF.
public enum ModbusASCII {
    /// The frame of a message from its slave address on.
    public static func encode(_ message: [UInt8]) -> [UInt8] {
        let digits = Wire.complemented(message).map { byte in
            let text = String(byte, radix: 16, uppercase: true)
            return text.count == 1 ? "0" + text : text
        }
        return Array((":" + digits.joined() + "\r\n").utf8)
    }

    /// The message of a frame; nil if its ends, digits or check sum are wrong.
    public static func decode(_ frame: [UInt8]) -> [UInt8]? {
        guard frame.count >= 9, frame.first == 0x3A, frame.suffix(2) == [0x0D, 0x0A] else { return nil }
        let digits = frame.dropFirst().dropLast(2)
        guard digits.count.isMultiple(of: 2) else { return nil }
        var bytes: [UInt8] = []
        var rest = digits
        while !rest.isEmpty {
            guard let byte = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16) else { return nil }
            bytes.append(byte)
            rest = rest.dropFirst(2)
        }
        return Wire.sum(bytes) == 0 ? Array(bytes.dropLast()) : nil
    }
}
