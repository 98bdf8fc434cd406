import Documents
import Messages

/// A request of the Modbus application protocol.
///
/// Source: MODBUS Application Protocol Specification V1.1b3, 6.1 to 6.12.
struct ModbusRequest: Sendable {
    let function: UInt8
    let address: UInt16
    /// The registers or bits to read or write.
    let count: Int
    /// Fixed values to write.
    let data: [UInt8]
    /// The bytes that parameters add.
    let parameterSize: Int

    private var isRead: Bool { function <= 4 }
    private var isSingle: Bool { function == 5 || function == 6 }

    /// The bytes of values in the reply.
    var dataCount: Int { isRead ? function <= 2 ? (count + 7) / 8 : 2 * count : 0 }

    init(function: UInt8, address: UInt16, count: Int) {
        self.function = function
        self.address = address
        self.count = count
        data = []
        parameterSize = 0
    }

    init?(_ reader: MappingReader, parameters: [Parameter]) {
        let function = reader.integer("function", in: 1...16)
        let address = reader.integer("register", in: 0...0xFFFF)
        guard let function, let address else { return nil }
        self.function = UInt8(function)
        self.address = UInt16(address)
        parameterSize = parameters.reduce(0) { $0 + ($1.size ?? 0) }
        switch function {
        case 1...4:
            guard let count = reader.integer("count", in: 1...(function <= 2 ? 2000 : 125)) else { return nil }
            self.count = count
            data = []
            if !parameters.isEmpty {
                reader.reportWrong("parameter", found: "", expected: .profileExpectedDataPart)
                return nil
            }
        case 5, 6, 16:
            data = reader.optional("data", reader.bytes) ?? []
            let size = data.count + parameterSize
            count = size / 2
            guard function == 16 ? size >= 2 && size.isMultiple(of: 2) && size <= 246 : size == 2 else {
                reader.reportWrong("data", found: "\(size)", expected: .profileExpectedRegisters)
                return nil
            }
        default:
            reader.reportUnknown("function", found: "\(function)", known: ["1", "2", "3", "4", "5", "6", "16"])
            return nil
        }
    }

    /// The request without address and check; `values` are the bytes of the parameters.
    func unit(_ values: [UInt8]) -> [UInt8] {
        let start = [function, UInt8(address >> 8), UInt8(address & 0xFF)]
        if isSingle { return start + data + values }
        let counted = start + [UInt8(count >> 8), UInt8(count & 0xFF)]
        return isRead ? counted : counted + [UInt8(2 * count)] + data + values
    }

    /// What the reply looks like.
    func reply(_ kind: ModbusKind, unit: UInt8) -> ReplyShape {
        let values: [UInt8?]
        if isRead {
            values = [function, UInt8(dataCount)] + Array(repeating: nil, count: dataCount)
        } else if isSingle {
            let echo: [UInt8?] = data.map(Optional.some) + Array(repeating: nil, count: 2 - data.count)
            values = [function, UInt8(address >> 8), UInt8(address & 0xFF)] + echo
        } else {
            values = self.unit([]).prefix(5).map(Optional.some)
        }
        return ReplyShape(kind.pattern(unit: unit, values, valuesAt: isRead ? 2 : nil))
    }

    /// The exceptions: 05 and 06 say that the instrument is occupied, any other that it refuses.
    func exceptions(_ kind: ModbusKind, unit: UInt8) -> [(ReplyShape, Command.Alternative)] {
        let codes: [(UInt8?, NegativeReply.Meaning)] = [(5, .busy), (6, .busy), (nil, .refused)]
        return codes.map { code, meaning in
            (ReplyShape(kind.pattern(unit: unit, [function | 0x80, code], valuesAt: nil)), .negative(meaning))
        }
    }
}

extension ModbusKind {
    /// The frame of a unit's request or reply.
    func frame(unit: UInt8, _ body: [UInt8], transaction: UInt16) -> [UInt8] {
        switch self {
        case .rtu: return [unit] + body + Checksum(.crc16).bytes(over: [unit] + body)
        case .tcp:
            let count = body.count + 1
            return [
                UInt8(transaction >> 8), UInt8(transaction & 0xFF), 0, 0, UInt8(count >> 8), UInt8(count & 0xFF), unit,
            ] + body
        case .ascii:
            let bytes = [unit] + body
            return [0x3A] + (bytes + Checksum(.twosComplement).bytes(over: bytes)).flatMap(hexadecimalDigits)
                + [0x0D, 0x0A]
        }
    }

    /// What a frame with these bytes looks like; nil bytes may be anything.
    func pattern(unit: UInt8, _ body: [UInt8?], valuesAt: Int?) -> FramePattern {
        let count = body.count
        let values = valuesAt.map { $0..<count } ?? 0..<0
        switch self {
        case .rtu:
            return FramePattern(
                known: [unit] + body + [nil, nil], check: .bytes(Checksum(.crc16), at: count + 1),
                values: shifted(values, 1))
        case .tcp:
            return FramePattern(
                known: [nil, nil, 0, 0, UInt8((count + 1) >> 8), UInt8((count + 1) & 0xFF), unit] + body,
                check: .none, values: shifted(values, 7))
        case .ascii:
            let digits = ([unit] + body).flatMap { byte -> [UInt8?] in
                byte.map { hexadecimalDigits($0).map(Optional.some) } ?? [nil, nil]
            }
            let range = values.isEmpty ? values : 3 + 2 * values.lowerBound..<3 + 2 * values.upperBound
            return FramePattern(known: [0x3A] + digits + [nil, nil, 0x0D, 0x0A], check: .modbusLRC, values: range)
        }
    }

    private func shifted(_ range: Range<Int>, _ count: Int) -> Range<Int> {
        range.isEmpty ? 0..<0 : range.lowerBound + count..<range.upperBound + count
    }
}
