import Metrology
import Plant

/// The Foshan FGA-4100 gas analyzer: `7E 01 F4 0A 7E`, a payload whose first byte counts the others, and the ones'
/// complement of the payload's sum. One source only.
///
/// What ten bytes of the data and fourteen of the pump's answer hold is not in it: here they are zero. A command that
/// cannot be carried out now is not answered, since no refusal is described.
struct FGA4100: AnsweringInstrument {
    private var bench: BenchActions
    var received: [UInt8] = []

    private static let request: [UInt8] = [0x7E, 0x01, 0xF4, 0x0A, 0x7E]
    private static let reply: [UInt8] = [0x7E, 0x01, 0xC6, 0x38]

    init(switchedOn: LaneInstant, warmUp: LaneSpan) { bench = BenchActions(switchedOn: switchedOn, warmUp: warmUp) }

    var nextEvent: LaneInstant? { bench.ends }

    mutating func catchUp(_ surroundings: Surroundings) { bench.catchUp(surroundings) }

    func beginning(of bytes: [UInt8]) -> RequestBeginning {
        if let noise = RequestBeginning.after(0x7E, in: bytes) { return noise }
        let head = Self.request
        guard bytes.starts(with: head) || head.starts(with: bytes) else { return .noise(1) }
        guard bytes.count > head.count else { return .unfinished }
        let length = head.count + Int(bytes[head.count]) + 2
        guard (11...17).contains(length) else { return .damaged(bytes.count) }
        guard bytes.count >= length else { return .unfinished }
        let payload = bytes[head.count..<length - 1]
        return ~Wire.sum(payload) == bytes[length - 1] ? .whole(length) : .damaged(length)
    }

    mutating func answer(_ request: [UInt8], _ surroundings: Surroundings) -> Answer {
        switch Array(request[5..<request.count - 1]) {
        case [0x04, 0x00, 0x01, 0x02, 0x02]: return .done("02", data(surroundings))
        case [0x0A, 0x00, 0x01, 0x0E, 0x02, 0x01, 0, 0, 0, 0, 0]: return pump(.probe, surroundings)
        case [0x0A, 0x00, 0x01, 0x0E, 0x02, 0x00, 0, 0, 0, 0, 0]: return pump(.closed, surroundings)
        case [0x04, 0x00, 0x01, 0x16, 0x45]:
            guard bench.timed == nil, bench.sample(.closed, surroundings), bench.begin(.timed(.zero), surroundings)
            else { return .refused }
            return .done("16", Self.reply + [0x7E] + Self.checked([0x05, 0x01, 0x01, 0x16, 0x00, 0x00]))
        default: return .refused
        }
    }

    private mutating func pump(_ inlet: SampleInlet, _ surroundings: Surroundings) -> Answer {
        guard bench.sample(inlet, surroundings) else { return .refused }
        return .done("0E", Self.reply + [0x7E] + Self.checked([0x01, 0x81]) + [UInt8](repeating: 0, count: 14))
    }

    /// Eight numbers of four digits with a check of their own.
    private func data(_ surroundings: Surroundings) -> [UInt8] {
        let seen = surroundings.observe()
        let gas = bench.gas(seen)
        let values: [(Double, Double)] = [
            (gas.hydrocarbons, 1), (gas.carbonMonoxide, 100), (gas.carbonDioxide, 10), (gas.oxygen, 10),
            (gas.nitricOxide, 1), (surroundings.lambda(of: gas), 100), (seen.shownEngineSpeed, 1),
            (seen.oilTemperature, 10),
        ]
        let digits = values.flatMap { Wire.digits($0.0, scale: $0.1, count: 4) }
        return Self.reply + [0x7E, 0x01, 0x81, 0x7D] + [UInt8](repeating: 0, count: 10) + Self.checked(digits)
    }

    private static func checked(_ payload: [UInt8]) -> [UInt8] { payload + [~Wire.sum(payload)] }
}
