/// What a Modbus request asks for.
enum ModbusRequest: Hashable {
    /// Functions 3 and 4.
    case read(function: UInt8, address: Int, count: Int)
    /// Functions 6 and 16.
    case write(address: Int, [UInt16])
}

/// Why a Modbus request is not carried out.
enum ModbusException: UInt8, Error {
    case function = 1
    case address = 2
    case value = 3
    case busy = 6
}

/// How Modbus messages stand on the wire. The frames are this module's own.
enum ModbusWire: Hashable {
    /// Unit, message, CRC-16 with the low byte first.
    case rtu
    /// Transaction, protocol 0, length, unit, message.
    case tcp

    /// How many bytes stand before the unit.
    private var head: Int { self == .tcp ? 6 : 0 }

    func beginning(of bytes: [UInt8]) -> RequestBeginning {
        switch self {
        case .tcp:
            guard bytes.count >= 6 else { return .unfinished }
            let length = Int(Wire.number(bytes[4], bytes[5]))
            guard bytes[2] == 0, bytes[3] == 0, (2...254).contains(length) else { return .noise(bytes.count) }
            return bytes.count >= 6 + length ? .whole(6 + length) : .unfinished
        case .rtu:
            guard bytes.count >= 2 else { return .unfinished }
            var length = 8
            if bytes[1] == 15 || bytes[1] == 16 {
                guard bytes.count >= 7 else { return .unfinished }
                length = 9 + Int(bytes[6])
            }
            guard bytes.count >= length else { return .unfinished }
            // A frame that is none is no answer's worth: a slave stays silent. The next one may begin at any byte.
            return Self.crc(bytes[..<(length - 2)]) == Array(bytes[length - 2..<length]) ? .whole(length) : .noise(1)
        }
    }

    /// The unit that is asked, and the message behind it.
    func open(_ frame: [UInt8]) -> (unit: UInt8, message: [UInt8]) {
        (frame[head], Array(frame[(head + 1)..<(frame.count - (self == .rtu ? 2 : 0))]))
    }

    /// The reply to a frame.
    func reply(to frame: [UInt8], _ message: [UInt8]) -> [UInt8] {
        let body = [frame[head]] + message
        switch self {
        case .rtu: return body + Self.crc(body)
        case .tcp: return frame.prefix(4) + Wire.bytes(UInt16(body.count)) + body
        }
    }

    /// CRC-16/MODBUS, reflected polynomial A001, low byte first.
    static func crc(_ bytes: some Sequence<UInt8>) -> [UInt8] {
        var crc: UInt16 = 0xFFFF
        for byte in bytes {
            crc ^= UInt16(byte)
            for _ in 0..<8 { crc = crc & 1 == 0 ? crc >> 1 : crc >> 1 ^ 0xA001 }
        }
        return [UInt8(crc & 0xFF), UInt8(crc >> 8)]
    }
}

/// An instrument whose registers are read and written by Modbus. A model says what is in them.
protocol ModbusSlave: AnsweringInstrument {
    var wire: ModbusWire { get }

    /// The contents of all registers that a function reads, by address.
    mutating func registers(_ function: UInt8, _ surroundings: Surroundings) -> [Int: UInt16]

    /// Takes written registers over.
    mutating func write(
        _ values: [UInt16], to address: Int, _ surroundings: Surroundings
    ) throws(ModbusException)
}

extension ModbusSlave {
    func beginning(of bytes: [UInt8]) -> RequestBeginning { wire.beginning(of: bytes) }

    mutating func write(_ values: [UInt16], to address: Int, _ surroundings: Surroundings) throws(ModbusException) {
        throw .function
    }

    mutating func answer(_ frame: [UInt8], _ surroundings: Surroundings) -> Answer {
        let (asked, message) = wire.open(frame)
        guard asked == surroundings.unit, let function = message.first else { return .notForUs }
        do throws(ModbusException) {
            return .done(Wire.code(function), wire.reply(to: frame, try carryOut(message, surroundings)))
        } catch {
            surroundings.log.rejected()
            return .done("exception", wire.reply(to: frame, [function | 0x80, error.rawValue]))
        }
    }

    private mutating func carryOut(
        _ message: [UInt8], _ surroundings: Surroundings
    ) throws(ModbusException) -> [UInt8] {
        switch try Self.request(message) {
        case .read(let function, let address, let count):
            let known = registers(function, surroundings)
            let values = (address..<address + count).compactMap { known[$0] }
            guard values.count == count else { throw .address }
            return [function, UInt8(2 * count)] + values.flatMap(Wire.bytes)
        case .write(let address, let values):
            try write(values, to: address, surroundings)
            return Array(message.prefix(5))
        }
    }

    private static func request(_ message: [UInt8]) throws(ModbusException) -> ModbusRequest {
        guard [3, 4, 6, 16].contains(message[0]) else { throw .function }
        guard message.count >= 5 else { throw .value }
        let (address, number) = (Int(Wire.number(message[1], message[2])), Wire.number(message[3], message[4]))
        switch message[0] {
        case 6: return .write(address: address, [number])
        case 16:
            let values = stride(from: 6, to: message.count - 1, by: 2).map { Wire.number(message[$0], message[$0 + 1]) }
            guard message.count == 6 + 2 * Int(number), message[5] == UInt8(truncatingIfNeeded: 2 * Int(number)) else {
                throw .value
            }
            return .write(address: address, values)
        default:
            guard (1...125).contains(number) else { throw .value }
            return .read(function: message[0], address: address, count: Int(number))
        }
    }
}
