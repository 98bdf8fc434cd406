import Plant

/// The vehicle's engine control unit, as it answers ISO 15031-5 requests.
struct ControlUnit {
    let diagnosis: Diagnosis
    let ignition: Vehicle.Ignition
    let seen: PlantSnapshot

    /// The message that answers a request; nil for silence, as for what the vehicle does not know.
    func answer(_ request: [UInt8]) -> [UInt8]? {
        guard let mode = request.first else { return nil }
        switch (mode, request.count) {
        case (0x01, 2): return data(request[1]).map { [0x41, request[1]] + $0 }
        case (0x03, 1): return codes(0x43, diagnosis.troubleCodes)
        case (0x04, 1): return [0x44]
        case (0x07, 1): return codes(0x47, [])
        case (0x0A, 1): return codes(0x4A, diagnosis.troubleCodes)
        case (0x09, 2): return information(request[1]).map { [0x49, request[1]] + $0 }
        default: return nil
        }
    }

    private static let parameters: [UInt8] = [
        0x01, 0x04, 0x05, 0x0B, 0x0C, 0x0D, 0x0F, 0x10, 0x11, 0x1C, 0x1F, 0x20, 0x21, 0x31, 0x33, 0x34, 0x40, 0x42,
        0x44, 0x49, 0x5C,
    ]
    private static let infotypes: [UInt8] = [0x02, 0x04, 0x06, 0x0A]

    /// Four bytes that say which of the 32 numbers behind `first` are known.
    private func mask(_ known: [UInt8], from first: UInt8) -> [UInt8] {
        var bits: UInt32 = 0
        for number in known where number > first && number - first <= 32 { bits |= 1 << UInt32(32 - (number - first)) }
        return [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: bits >> $0) }
    }

    private func data(_ parameter: UInt8) -> [UInt8]? {
        func percent(_ share: Double) -> [UInt8] { [Wire.byte(share * 255)] }
        switch parameter {
        case 0x00, 0x20, 0x40: return mask(Self.parameters, from: parameter)
        case 0x01: return readiness
        case 0x04: return percent(seen.engineLoad)
        case 0x05: return [Wire.byte(seen.coolantTemperature + 40)]
        case 0x0B: return [Wire.byte(ignition == .spark ? 30 + 70 * seen.engineLoad : 101 + 80 * seen.engineLoad)]
        case 0x0C: return Wire.unsignedWord(seen.engineSpeed, scale: 4)
        case 0x0D: return [Wire.byte(seen.rollerSpeed)]
        case 0x0F: return [Wire.byte(seen.air.temperature + 8 + 40)]
        // Air flow in g/s: the density of air is 1.204 g/L at 20 °C.
        case 0x10: return Wire.unsignedWord(seen.exhaustFlow * 1.204, scale: 100)
        case 0x11: return percent(ignition == .spark ? 0.12 + 0.78 * seen.throttle : 0.9)
        // China's own diagnosis, stage 6, and EOBD for what is older; here all cars have the latter.
        case 0x1C: return [0x06]
        case 0x1F: return Wire.unsignedWord(seen.time)
        case 0x21: return Wire.unsignedWord(diagnosis.isLampOn ? 321 : 0)
        case 0x31: return Wire.unsignedWord(4321)
        case 0x33: return [Wire.byte(seen.air.pressure)]
        case 0x34:
            // Equivalence ratio in 1/32768, current in 1/256 mA about 128.
            return Wire.unsignedWord(min(1.99, ShownLambda.of(seen.tailPipe)), scale: 32_768) + [0x80, 0x00]
        case 0x42: return Wire.unsignedWord(13_800)
        case 0x44: return Wire.unsignedWord(1, scale: 32_768)
        case 0x49: return percent(0.15 + 0.65 * seen.throttle)
        case 0x5C: return [Wire.byte(seen.oilTemperature + 40)]
        default: return nil
        }
    }

    /// Lamp and number of codes, then which monitors there are and which of them are not complete.
    private var readiness: [UInt8] {
        let isDiesel = ignition == .compression
        // Catalyst, oxygen sensor and its heater; for diesels both catalysts, boost, sensor and particle filter.
        let monitors: UInt8 = isDiesel ? 0b1110_1011 : 0b0110_0001
        var incomplete: UInt8 = 0
        var left = diagnosis.incompleteMonitors
        for bit in 0..<8 where left > 0 && monitors & (1 << bit) != 0 {
            incomplete |= 1 << bit
            left -= 1
        }
        return [
            (diagnosis.isLampOn ? 0x80 : 0) | UInt8(min(127, diagnosis.troubleCodes.count)),
            (isDiesel ? 0x08 : 0) | 0x07, monitors, incomplete,
        ]
    }

    /// Two bytes for each code behind their number: the first two bits are the letter.
    private func codes(_ mode: UInt8, _ codes: [String]) -> [UInt8] {
        let words = codes.compactMap { code -> UInt16? in
            guard let letter = code.first, let group = "PCBU".firstIndex(of: letter), code.count == 5,
                let digits = UInt16(code.dropFirst(), radix: 16), digits < 0x4000
            else { return nil }
            return UInt16("PCBU".distance(from: "PCBU".startIndex, to: group)) << 14 | digits
        }
        return [mode, UInt8(min(127, words.count))] + words.prefix(127).flatMap(Wire.bytes)
    }

    /// The transmission's control unit, which knows little but what every one must; nil for silence.
    func transmissionAnswer(_ request: [UInt8]) -> [UInt8]? {
        guard let transmission = diagnosis.transmission else { return nil }
        switch request {
        case [0x01, 0x00]: return [0x41, 0x00] + mask([0x01, 0x0C, 0x0D], from: 0)
        // Components are all that it monitors.
        case [0x01, 0x01]:
            let count = UInt8(min(127, transmission.troubleCodes.count))
            let components: UInt8 = (transmission.isComplete ? 0x04 : 0x44) | (ignition == .compression ? 0x08 : 0)
            return [0x41, 0x01, (transmission.isLampOn ? 0x80 : 0) | count, components, 0x00, 0x00]
        case [0x01, 0x0C], [0x01, 0x0D]: return answer(request)
        case [0x03]: return codes(0x43, transmission.troubleCodes)
        case [0x04]: return [0x44]
        case [0x07]: return codes(0x47, [])
        case [0x0A]: return codes(0x4A, transmission.troubleCodes)
        case [0x09, 0x04]: return [0x49, 0x04, 0x01] + Array("SIMULATED-TCU-01".utf8)
        case [0x09, 0x06]: return [0x49, 0x06, 0x01, 0x0B, 0xAD, 0xCA, 0xFE]
        default: return nil
        }
    }

    /// A message as ISO 9141-2 carries it: at most seven bytes, codes by three without their number, texts by four
    /// characters behind a count from 1. The first message of the vehicle's number is filled up in front.
    static func kLineMessages(_ message: [UInt8]) -> [[UInt8]] {
        switch message.first {
        case 0x43, 0x47:
            let codes = message.dropFirst(2)
            let starts =
                codes.isEmpty ? [codes.startIndex] : Array(stride(from: codes.startIndex, to: codes.endIndex, by: 6))
            return starts.map { start in
                let part = codes[start..<min(start + 6, codes.endIndex)]
                return [message[0]] + part + [UInt8](repeating: 0, count: 6 - part.count)
            }
        // Permanent codes came with CAN.
        case 0x4A: return []
        case 0x49 where [0x02, 0x04, 0x0A].contains(message[1]):
            let characters = Array(message.dropFirst(3))
            let filling = (4 - characters.count % 4) % 4
            let text = [UInt8](repeating: 0, count: filling) + characters
            return stride(from: 0, to: text.count, by: 4).map { start -> [UInt8] in
                let head: [UInt8] = [0x49, message[1], UInt8(start / 4 + 1)]
                return head + text[start..<start + 4]
            }
        default: return [message]
        }
    }

    private func information(_ type: UInt8) -> [UInt8]? {
        func padded(_ text: String, _ length: Int) -> [UInt8] {
            let bytes = Array(text.utf8.prefix(length))
            return bytes + [UInt8](repeating: 0, count: length - bytes.count)
        }
        switch type {
        case 0x00: return mask(Self.infotypes, from: 0)
        case 0x02: return [0x01] + padded(diagnosis.vin, 17)
        case 0x04: return [0x01] + padded(diagnosis.calibration, 16)
        case 0x06: return [0x01] + [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: diagnosis.verification >> $0) }
        case 0x0A: return [0x01] + padded("ECM\0-EngineControl", 20)
        default: return nil
        }
    }
}
