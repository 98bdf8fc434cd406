import Metrology
import Plant

/// Brain Bee's line of separators (17): `02 name 17 address 17 CMD [17 data] HH 03`, HH the sum of everything between
/// STX and itself as two digits. One source only.
struct BrainBee: AnsweringInstrument {
    enum Model {
        /// The opacimeter.
        case opa100
        /// The tachometer.
        case mgt300

        var name: String { self == .opa100 ? "OPA" : "RPM" }
    }

    private let model: Model
    private var meter: OpacityMeter
    private var isStandingBy = false
    private var settings = ["CI": "4", "TE": "4"]
    var received: [UInt8] = []

    private static let separator: Character = "\u{17}"

    init(_ model: Model, switchedOn: LaneInstant, warmUp: LaneSpan) {
        self.model = model
        meter = OpacityMeter(switchedOn: switchedOn, warmUp: warmUp)
    }

    func beginning(of bytes: [UInt8]) -> RequestBeginning {
        if let noise = RequestBeginning.after(0x02, in: bytes) { return noise }
        guard let end = bytes.firstIndex(of: 0x03) else { return bytes.count > 128 ? .noise(1) : .unfinished }
        let isIntact = end >= 4 && Wire.hexDigits(Wire.sum(bytes[1..<end - 2])) == Array(bytes[end - 2..<end])
        return isIntact ? .whole(end + 1) : .damaged(end + 1)
    }

    mutating func answer(_ request: [UInt8], _ surroundings: Surroundings) -> Answer {
        let text = String(decoding: request[1..<request.count - 3], as: UTF8.self)
        let items = text.split(separator: Self.separator, omittingEmptySubsequences: false).map(String.init)
        guard items.count >= 3 else { return .refused }
        guard items[0] == model.name, items[1] == "\(surroundings.unit)" else { return .notForUs }
        let data = model == .opa100 ? opacimeter(items[2], surroundings) : tachometer(items, surroundings)
        return data.map { .done(items[2], reply(items[1...2] + $0)) } ?? .refused
    }

    private func reply(_ items: [String]) -> [UInt8] {
        let text = ([model.name] + items).joined(separator: String(Self.separator))
        let bytes = Array(text.utf8)
        return [0x02] + bytes + Wire.hexDigits(Wire.sum(bytes)) + [0x03]
    }

    private mutating func opacimeter(_ command: String, _ surroundings: Surroundings) -> [String]? {
        let isCalibrating = meter.isCalibrating(at: surroundings.now)
        switch command {
        case "VA":
            // The light absorption comes first; what the second item means is not in the source.
            return [Wire.decimal(meter.live(surroundings.observe().smoke).absorption, places: 2), "0"]
        case "ST":
            var bits = 0
            if !meter.isWarm(at: surroundings.now) { bits |= 1 }
            if isStandingBy { bits |= 2 }
            if isCalibrating { bits |= 4 }
            return ["0\(bits)"]
        case "ID": return ["OPA-100"]
        case "SB": isStandingBy = true
        case "AZ":
            guard meter.isWarm(at: surroundings.now), !isCalibrating else { return nil }
            isStandingBy = false
            meter.calibrate(surroundings)
        case "AP": surroundings.host.command { $0.clearSmokePeak() }
        default: return nil
        }
        return []
    }

    private mutating func tachometer(_ items: [String], _ surroundings: Surroundings) -> [String]? {
        let seen = surroundings.observe()
        func digits(_ value: Double, _ count: Int) -> String {
            String(decoding: Wire.digits(value, count: count), as: UTF8.self)
        }
        switch items[2] {
        case "VA": return [digits(seen.shownEngineSpeed, 4)]
        case "VE": return [digits(seen.shownEngineSpeed, 4), digits(seen.oilTemperature, 3)]
        case "CI", "TE":
            if items.count > 3 { settings[items[2]] = items[3] }
            return [settings[items[2]] ?? ""]
        default: return nil
        }
    }
}
