import Metrology
import Plant

/// Inverters (变频器) of the motor that turns the rollers: two registers for run or stop and for the frequency, written
/// over Modbus RTU. One source only, which reads nothing from them.
struct MotoringInverter: ModbusSlave {
    enum Model {
        case amb
        case amb100
        case sb60

        /// The registers of the order and of the frequency, and what the order is to run.
        var order: (register: Int, run: UInt16, stop: UInt16) {
            switch self {
            case .amb: (0x2000, 0x0012, 0x0001)
            case .amb100: (0x1000, 1, 6)
            case .sb60: (0x3200, 7, 6)
            }
        }

        var frequency: (register: Int, scale: Double) {
            switch self {
            case .amb: (0x2001, 10)
            case .amb100: (0x2000, 100)
            case .sb60: (0x3201, 100)
            }
        }

        /// A register with one value that takes a fault back; only one model's is known.
        var reset: (register: Int, value: UInt16)? { self == .amb ? (0x2002, 2) : nil }
    }

    /// The frequency at which the motor turns the rollers at their greatest speed, Hz.
    private static let fullFrequency = 80.0

    let wire = ModbusWire.rtu
    private let model: Model
    var received: [UInt8] = []

    init(_ model: Model) { self.model = model }

    mutating func registers(_ function: UInt8, _ surroundings: Surroundings) -> [Int: UInt16] { [:] }

    mutating func write(
        _ values: [UInt16], to address: Int, _ surroundings: Surroundings
    ) throws(ModbusException) {
        guard values.count == 1 else { throw .address }
        let value = values[0]
        switch address {
        case model.order.register where value == model.order.run:
            surroundings.host.command { $0.motor(isOn: true) }
        case model.order.register where value == model.order.stop:
            surroundings.host.command { $0.motor(isOn: false) }
        case model.frequency.register:
            let frequency = Double(value) / model.frequency.scale
            guard frequency <= Self.fullFrequency else { throw .value }
            surroundings.host.command { $0.motor(speedShare: frequency / Self.fullFrequency) }
        case model.order.register: throw .value
        default:
            guard let reset = model.reset, address == reset.register else { throw .address }
            guard value == reset.value else { throw .value }
        }
    }
}
