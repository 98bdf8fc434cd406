import Metrology
import Plant

/// The server to the vehicle's diagnosis by Shenzhen Zhengde Youbang (OBD诊断仪), over TCP: `NH`, the whole length as six
/// digits, XML, `$`. Codes are 0 for good, 2 for failed, 3 for not connected.
struct ZhengdeServer: AnsweringInstrument {
    private let diagnosis: Diagnosis
    private let ignition: Vehicle.Ignition
    var received: [UInt8] = []

    private static let (head, tail, digits) = (Array("NH".utf8), UInt8(ascii: "$"), 6)

    init(_ surroundings: Surroundings) {
        let vehicle = surroundings.host.vehicle
        (diagnosis, ignition) = (vehicle.diagnosis, vehicle.ignition)
    }

    func beginning(of bytes: [UInt8]) -> RequestBeginning {
        if let noise = RequestBeginning.after(Self.head[0], in: bytes) { return noise }
        let start = Self.head.count + Self.digits
        guard bytes.count >= start else { return .unfinished }
        guard bytes.starts(with: Self.head), let length = Int(String(decoding: bytes[2..<start], as: UTF8.self)),
            (start + 1...4096).contains(length)
        else { return .noise(1) }
        guard bytes.count >= length else { return .unfinished }
        return bytes[length - 1] == Self.tail ? .whole(length) : .noise(1)
    }

    mutating func answer(_ request: [UInt8], _ surroundings: Surroundings) -> Answer {
        let text = String(decoding: request, as: UTF8.self)
        let command = Self.element("cmd", of: text)
        guard diagnosis.answers else { return .done(command, reply(command, 3, [])) }
        let unit = ControlUnit(diagnosis: diagnosis, ignition: ignition, seen: surroundings.observe())
        guard let values = values(command, unit) else { return .done(command, reply(command, 2, [])) }
        return .done(command, reply(command, 0, values))
    }

    /// What stands between the first tags of a name.
    private static func element(_ name: String, of text: String) -> String {
        guard let start = text.firstRange(of: "<\(name)>"), let end = text.firstRange(of: "</\(name)>"),
            start.upperBound <= end.lowerBound
        else { return "" }
        return String(text[start.upperBound..<end.lowerBound])
    }

    private func reply(_ command: String, _ code: Int, _ values: [(String, String)]) -> [UInt8] {
        let data = values.map { "<\($0.0)>\($0.1)</\($0.0)>" }.joined()
        let xml = "<response><cmd>\(command)</cmd><code>\(code)</code><msg></msg><data>\(data)</data></response>"
        let length = Self.head.count + Self.digits + xml.utf8.count + 1
        return Self.head + Wire.digits(Double(length), count: Self.digits) + Array(xml.utf8) + [Self.tail]
    }

    private func values(_ command: String, _ unit: ControlUnit) -> [(String, String)]? {
        let seen = unit.seen
        switch command {
        case "GetVCIState", "StartTest", "StopTest": return []
        case "GetRTData":
            return [
                ("Velocity", Wire.decimal(seen.rollerSpeed, places: 0)),
                ("CoolantTemp", Wire.decimal(seen.coolantTemperature, places: 0)),
                ("EngineRev", Wire.decimal(seen.engineSpeed, places: 0)),
            ]
        case "GetVIN": return [("VIN", diagnosis.vin)]
        case "GetLampState": return [("LampState", diagnosis.isLampOn ? "1" : "0")]
        case "GetDTC":
            let codes = diagnosis.troubleCodes
            return [("Count", "\(codes.count)")] + codes.enumerated().map { ("DTC\($0.offset + 1)", $0.element) }
        case "GetECUInfo":
            let number = String(diagnosis.verification, radix: 16, uppercase: true)
            return [("EngineCALID", diagnosis.calibration), ("EngineCVN", number)]
        case "GetSoftwareVersion": return [("Version", "SIM-1.0")]
        default: return nil
        }
    }
}
