import Metrology
import Plant

/// Instruments that speak the AK protocol (AK-Protokoll), over a serial line or TCP: `02 x CODE 20 Kn [20 data] 03`,
/// answered by `02 x CODE 20 s [20 data] 03`. x does not matter and is echoed, but is the address on a line that several
/// share (RS-485); s is a digit that changes whenever the errors do, and 0 without errors.
struct AKInstrument: AnsweringInstrument {
    enum Kind {
        case gasAnalyzer
        case nitrogenOxides
        case opacimeter
    }

    private let kind: Kind
    private var bench: BenchActions
    private var meter: OpacityMeter
    private var isRemote = false
    private var state = State.standby
    private var errors: [Int] = []
    private var errorDigit = 0
    var received: [UInt8] = []

    /// Set to this, a blank, it is alone on its line and answers whatever the byte is.
    static let noAddress: UInt8 = 0x20

    /// What the instrument does, by the code that begins it.
    private enum State: String {
        case standby = "STBY"
        case pause = "SPAU"
        case measuring = "SMGA"
        case zeroing = "SNGA"
        case spanGas = "SEGA"
        case purging = "SPUL"
        case leakCheck = "SLEC"

        /// What it draws from then, or does by itself.
        var action: BenchActions.Action {
            switch self {
            case .standby, .pause: .idle
            case .measuring: .sampling(.probe)
            case .zeroing: .timed(.zero)
            case .spanGas: .sampling(.calibrationGas)
            case .purging: .timed(.purge)
            case .leakCheck: .timed(.leak)
            }
        }
    }

    /// The numbers of ASTF; each device has its own.
    private enum ErrorNumber {
        static let (cold, lowFlow, zeroFailed, leak) = (1, 2, 3, 4)
    }

    init(_ kind: Kind, switchedOn: LaneInstant, warmUp: LaneSpan) {
        self.kind = kind
        bench = BenchActions(
            kind == .nitrogenOxides ? .nitrogenOxides : .analyzer, switchedOn: switchedOn, warmUp: warmUp)
        meter = OpacityMeter(switchedOn: switchedOn, warmUp: warmUp)
    }

    var nextEvent: LaneInstant? { bench.ends }

    mutating func catchUp(_ surroundings: Surroundings) {
        let wasBusy = bench.timed != nil
        bench.catchUp(surroundings)
        if wasBusy, bench.timed == nil { state = .standby }
    }

    func beginning(of bytes: [UInt8]) -> RequestBeginning {
        if let noise = RequestBeginning.after(0x02, in: bytes) { return noise }
        // A second beginning before the end: the first was cut off.
        if let again = bytes.dropFirst().firstIndex(of: 0x02), !bytes[..<again].contains(0x03) { return .noise(again) }
        guard let end = bytes.firstIndex(of: 0x03) else { return bytes.count > 256 ? .noise(1) : .unfinished }
        return end >= 6 ? .whole(end + 1) : .damaged(end + 1)
    }

    mutating func answer(_ request: [UInt8], _ surroundings: Surroundings) -> Answer {
        guard surroundings.unit == Self.noAddress || request[1] == surroundings.unit else { return .notForUs }
        let text = String(decoding: request[2..<request.count - 1], as: UTF8.self)
        let items = text.split(separator: " ").map(String.init)
        let code = items.first ?? ""
        noticeErrors(surroundings)
        func reply(_ code: String, _ data: [String]) -> [UInt8] {
            request.prefix(2) + Array(([code, String(errorDigit)] + data).joined(separator: " ").utf8) + [0x03]
        }
        guard let first = code.first, "ASE".contains(first), let data = carryOut(code, items, surroundings) else {
            surroundings.log.rejected()
            return .done("????", reply("????", []))
        }
        return .done(code, reply(code, data))
    }

    /// The data of the reply; nil for a code that is not known.
    private mutating func carryOut(_ code: String, _ items: [String], _ surroundings: Surroundings) -> [String]? {
        guard items.count > 1, items[1].first == "K", let channel = Int(items[1].dropFirst()) else { return ["SE"] }
        if code == "AKEN" {
            let names = [name, "SIM-1", "0001"]
            return names.indices.contains(channel) ? [names[channel]] : [items[1], "NA"]
        }
        guard channel == 0 else { return [items[1], "NA"] }
        switch code {
        case "ASTZ": return [isRemote ? "SREM" : "SMAN", state.rawValue]
        case "ASTF": return errors.map(String.init)
        case "AKON": return values(surroundings)
        case "SREM":
            isRemote = true
            return []
        case "SMAN":
            isRemote = false
            return []
        default: return control(code, surroundings)
        }
    }

    private mutating func control(_ code: String, _ surroundings: Surroundings) -> [String]? {
        guard code == "SRES" || State(rawValue: code) != nil else { return nil }
        guard isRemote else { return ["OF"] }
        // A reset and standing by are obeyed at any time.
        let wanted = State(rawValue: code) ?? .standby
        if wanted == .standby {
            bench.stop(surroundings)
        } else if bench.timed != nil || meter.isCalibrating(at: surroundings.now) || !bench.isWarm(surroundings) {
            return ["BS"]
        } else if kind == .opacimeter {
            if wanted == .zeroing { meter.calibrate(surroundings) }
        } else {
            bench.stop(surroundings)
            if wanted.action != .idle { _ = bench.begin(wanted.action, surroundings) }
        }
        state = kind == .opacimeter && wanted == .zeroing ? .standby : wanted
        return []
    }

    private mutating func noticeErrors(_ surroundings: Surroundings) {
        var now: [Int] = []
        if !bench.isWarm(surroundings) { now.append(ErrorNumber.cold) }
        if kind != .opacimeter, bench.flowIsLow(surroundings.observe()) { now.append(ErrorNumber.lowFlow) }
        if bench.zeroFailed { now.append(ErrorNumber.zeroFailed) }
        if bench.leakFailed { now.append(ErrorNumber.leak) }
        guard now != errors else { return }
        errors = now
        errorDigit = now.isEmpty ? 0 : errorDigit % 9 + 1
    }

    private var name: String {
        switch kind {
        case .gasAnalyzer: "SIMGAS"
        case .nitrogenOxides: "SIMNOX"
        case .opacimeter: "SIMOPA"
        }
    }

    /// While the instrument is cold its numbers are marked with `#`, as numbers are that must not be used.
    private func values(_ surroundings: Surroundings) -> [String] {
        let seen = surroundings.observe()
        let numbers: [(Double, Int)]
        switch kind {
        case .gasAnalyzer:
            let gas = bench.gas(seen)
            numbers = [
                (gas.carbonMonoxide, 2), (gas.carbonDioxide, 2), (gas.hydrocarbons, 0), (gas.nitricOxide, 1),
                (gas.oxygen, 2),
            ]
        case .nitrogenOxides:
            let gas = bench.gas(seen)
            numbers = [(gas.nitricOxide + gas.nitrogenDioxide, 0), (gas.nitricOxide, 1), (gas.nitrogenDioxide, 1)]
        case .opacimeter:
            let shown = meter.live(seen.smoke)
            numbers = [(shown.opacity, 1), (shown.absorption, 2)]
        }
        let mark = bench.isWarm(surroundings) ? "" : "#"
        return numbers.map { mark + Wire.decimal($0.0, places: $0.1) }
    }
}
