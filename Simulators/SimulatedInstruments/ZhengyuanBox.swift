import Metrology
import Plant

/// The binary box to the vehicle's diagnosis by Guangzhou Zhengyuan (OBD诊断仪): `AA 55 lenHi lenLo G F data SUM8`; the
/// length counts itself, the two bytes of the command and the data, the sum everything from the length on.
struct ZhengyuanBox: AnsweringInstrument {
    private var diagnosis: Diagnosis
    private let ignition: Vehicle.Ignition
    private let hasTruckBus: Bool
    private var isConnected = false
    /// A reply that takes its time.
    private var pending: (due: LaneInstant, reply: [UInt8])?
    var received: [UInt8] = []

    /// How long it looks for the vehicle's protocol.
    private static let search = LaneSpan(nanoseconds: 3_000_000_000)

    init(_ surroundings: Surroundings) {
        let vehicle = surroundings.host.vehicle
        (diagnosis, ignition, hasTruckBus) = (vehicle.diagnosis, vehicle.ignition, vehicle.hasTruckBus)
    }

    var nextEvent: LaneInstant? { pending?.due }

    mutating func act(_ surroundings: Surroundings) -> [UInt8]? {
        guard let (due, reply) = pending, surroundings.now >= due else { return nil }
        pending = nil
        return reply
    }

    func beginning(of bytes: [UInt8]) -> RequestBeginning {
        if let noise = RequestBeginning.after(0xAA, in: bytes) { return noise }
        guard bytes.count >= 4 else { return bytes.count > 1 && bytes[1] != 0x55 ? .noise(1) : .unfinished }
        guard bytes[1] == 0x55 else { return .noise(1) }
        let length = Int(Wire.number(bytes[2], bytes[3])) + 3
        guard (7...64).contains(length) else { return .noise(1) }
        guard bytes.count >= length else { return .unfinished }
        return Wire.sum(bytes[2..<length - 1]) == bytes[length - 1] ? .whole(length) : .damaged(length)
    }

    /// 7F 21 says that the check sum of the request was wrong; what else it refuses with is not in the source.
    func refusal(of request: [UInt8]) -> [UInt8] { Self.frame(0x7F, 0x21, []) }

    private static func frame(_ group: UInt8, _ function: UInt8, _ data: [UInt8]) -> [UInt8] {
        let body = Wire.bytes(UInt16(data.count + 4)) + [group, function] + data
        return [0xAA, 0x55] + Wire.summed(body)
    }

    mutating func answer(_ request: [UInt8], _ surroundings: Surroundings) -> Answer {
        let (group, function) = (request[4], request[5])
        let data = Array(request[6..<request.count - 1])
        let code = Wire.code(group) + Wire.code(function)
        if (group, function) == (0x33, 0x00) {
            guard data.count == 2 else { return .refused }
            isConnected = diagnosis.answers
            let found: UInt8 = !isConnected ? 0 : hasTruckBus && data[1] == 2 ? 8 : 4
            pending = (surroundings.now + Self.search, Self.frame(group, function, [found]))
            return .done(code, [])
        }
        guard let reply = group == 0xA1 ? box(function) : vehicle(function, data, surroundings) else { return .refused }
        return .done(code, Self.frame(group, function, reply))
    }

    private func box(_ function: UInt8) -> [UInt8]? {
        switch function {
        case 0x01: [0x02]
        case 0x08: Array("SIM-1.0".utf8)
        default: nil
        }
    }

    /// What the vehicle says; nil before it is connected.
    private func vehicle(_ function: UInt8, _ data: [UInt8], _ surroundings: Surroundings) -> [UInt8]? {
        let unit = ControlUnit(diagnosis: diagnosis, ignition: ignition, seen: surroundings.observe())
        func parameter(_ number: UInt8) -> [UInt8]? { unit.answer([0x01, number]).map { Array($0.dropFirst(2)) } }
        func information(_ type: UInt8) -> [UInt8]? { unit.answer([0x09, type]).map { Array($0.dropFirst(3)) } }
        switch function {
        case 0x01: return unit.answer([0x03]).map { Array($0.dropFirst()) }
        case 0x02: return parameter(0x21)
        // The first four bytes are those of the standard's parameter 01; what the others hold is not in the source.
        case 0x03: return parameter(0x01).map { $0 + [UInt8](repeating: 0, count: 11) }
        case 0x05: return information(0x02)
        case 0x06:
            return parameter(0x0C).flatMap { rest in
                parameter(0x0D).flatMap { speed in
                    parameter(0x05).map { rest + speed + $0 }
                }
            }
        case 0x07:
            switch data.first {
            case 1: return information(0x0A)
            case 2: return information(0x04)
            case 3: return information(0x06)
            default: return nil
            }
        case 0x08: return parameter(0x1C)
        case 0x0A: return parameter(0x31)
        default: return nil
        }
    }
}
