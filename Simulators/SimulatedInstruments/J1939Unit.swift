import Plant

/// What a heavy vehicle's units answer to requests for parameter groups (参数组) on a J1939 bus. Numbers and scales are
/// those of SAE J1939-71 and -73 as they are generally known; no text of the standard was at hand.
struct J1939Unit {
    let diagnosis: Diagnosis
    let seen: PlantSnapshot

    /// The simulated truck's tank for reagent (反应剂) is as full as this, %.
    private static let reagentLevel = 76.0
    /// Failure mode “condition exists”: the simulated codes have no finer one.
    private static let failureMode: UInt8 = 31

    /// The data of a group; nil if nobody sends it.
    func data(_ group: Int) -> [UInt8]? {
        switch group {
        case 0xF004:
            // Torque in percent above -125, speed in eighths of r/min.
            return [0xF0, torque, torque] + low(seen.engineSpeed, 8) + [0xFF, 0xFF, 0xFF]
        case 0xF003: return [0xFF, byte(seen.throttle * 100, 2.5), byte(seen.engineLoad * 100, 1)] + filler(5)
        case 0xFEF1: return [0xFF] + low(seen.rollerSpeed, 256) + filler(5)
        case 0xFEEE:
            return [byte(seen.coolantTemperature + 40, 1), 0xFF] + low(seen.oilTemperature + 273, 32) + filler(4)
        // Behind the catalyst: a twentieth of a ppm above -200.
        case 0xF00F:
            return low(seen.tailPipe.nitricOxide + seen.tailPipe.nitrogenDioxide + 200, 20) + filler(6)
        case 0xFE56: return [byte(Self.reagentLevel, 2.5)] + filler(7)
        case 0xFECA, 0xFED4: return codes(diagnosis.troubleCodes)
        case 0xFECB: return codes([])
        case 0xFECE: return readiness
        case 0xFEEC: return Array(diagnosis.vin.utf8) + [0x2A]
        case 0xD300:
            let number = [0, 8, 16, 24].map { UInt8(truncatingIfNeeded: diagnosis.verification >> $0) }
            let name = Array(diagnosis.calibration.utf8.prefix(16))
            return number + name + [UInt8](repeating: 0, count: 16 - name.count)
        default: return nil
        }
    }

    private var torque: UInt8 { byte(seen.engineLoad * 100 + 125, 1) }

    /// Lamps, then four bytes for each code: number, failure mode and how often; without codes as if number 0 were one.
    private func codes(_ codes: [String]) -> [UInt8] {
        let lamps: [UInt8] = [diagnosis.isLampOn ? 0x40 : 0x00, 0xFF]
        let listed = codes.compactMap { UInt32($0.dropFirst(), radix: 16) }.flatMap { number in
            [
                UInt8(number & 0xFF), UInt8(number >> 8 & 0xFF), UInt8(number >> 16 & 0x7) << 5 | Self.failureMode,
                0x01,
            ]
        }
        let data = lamps + (listed.isEmpty ? [0, 0, 0, 0] : listed)
        return data + filler(max(0, 8 - data.count))
    }

    /// How many codes there are and were, the kind of diagnosis, and which monitors there are and have not run.
    private var readiness: [UInt8] {
        let incomplete: UInt8 = diagnosis.incompleteMonitors > 0 ? 0x01 : 0x00
        return [UInt8(min(250, diagnosis.troubleCodes.count)), 0, 0x14, 0x07, 0x00, 0x1F, 0x00, incomplete]
    }

    private func low(_ value: Double, _ scale: Double) -> [UInt8] {
        let word = Wire.unsignedWord(value, scale: scale)
        return [word[1], word[0]]
    }

    private func byte(_ value: Double, _ scale: Double) -> UInt8 { Wire.byte(value * scale) }
    private func filler(_ count: Int) -> [UInt8] { [UInt8](repeating: 0xFF, count: count) }
}
