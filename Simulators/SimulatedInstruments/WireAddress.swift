extension SimulatedModel {
    /// The address that it is set to when it is new.
    var usualUnit: UInt8 {
        switch self {
        case .opa100: 0
        case .akAnalyzer, .akNitrogenOxides, .akOpacimeter: AKInstrument.noAddress
        default: 1
        }
    }
}

/// Frames that another instrument on the line might have sent.
extension SimulatedModel {
    /// A reply with another address in it and a check that agrees; nil where frames have no address.
    func readdressed(_ frame: [UInt8]) -> [UInt8]? {
        guard frame.count > 4 else { return nil }
        switch self {
        case .dwspT5, .rz1, .genericWeather, .xyMD02, .metSENS300, .modbusDynamometer, .inverterAMB, .inverterAMB100,
            .inverterSB60:
            let body = [frame[0] + 1] + frame.dropFirst().dropLast(2)
            return body + ModbusWire.crc(body)
        case .modbusDynamometerTCP:
            guard frame.count > 7 else { return nil }
            return frame.prefix(6) + [frame[6] + 1] + frame.dropFirst(7)
        case .nhf1:
            guard var message = ModbusASCII.decode(frame) else { return nil }
            message[0] += 1
            return ModbusASCII.encode(message)
        case .opa100, .mgt300:
            // STX, three letters, a separator, the address.
            guard frame.count > 9 else { return nil }
            let body = Array(frame[1..<5]) + [frame[5] + 1] + frame[6..<frame.count - 3]
            return [frame[0]] + body + Wire.hexDigits(Wire.sum(body)) + [0x03]
        case .vmt2000:
            // Behind the address the check begins.
            return frame.prefix(3) + [frame[3] ^ 0x80] + frame.dropFirst(4)
        default: return nil
        }
    }
}
