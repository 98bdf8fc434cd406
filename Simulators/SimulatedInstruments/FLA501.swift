import Metrology
import Plant

/// The Fuli FLA-501 gas analyzer: `02 LEN CMD data CS`; LEN counts command and data, CS is the two's complement of the
/// sum. One source only.
///
/// What answers pump and zero is not in it, nor what answers a bad request: here nothing does.
struct FLA501: AnsweringInstrument {
    private var bench: BenchActions
    var received: [UInt8] = []

    /// The one request whose length is not what its LEN says.
    private static let propane: [UInt8] = [0x02, 0x03, 0x18, 0x00, 0xE3]

    init(switchedOn: LaneInstant, warmUp: LaneSpan) { bench = BenchActions(switchedOn: switchedOn, warmUp: warmUp) }

    var nextEvent: LaneInstant? { bench.ends }

    mutating func catchUp(_ surroundings: Surroundings) { bench.catchUp(surroundings) }

    func beginning(of bytes: [UInt8]) -> RequestBeginning {
        if bytes.starts(with: Self.propane) { return .whole(Self.propane.count) }
        if bytes.count < Self.propane.count, Self.propane.starts(with: bytes) { return .unfinished }
        return .of(lead: 0x02, length: 1, more: 3, lengths: 4...6, in: bytes) { Wire.sum($0) == 0 }
    }

    mutating func answer(_ request: [UInt8], _ surroundings: Surroundings) -> Answer {
        switch (request[2], request.count) {
        case (0x40, 4): return .done("40", data(surroundings))
        case (0xA5, 5) where request[3] <= 1:
            return bench.sample(request[3] == 1 ? .probe : .closed, surroundings) ? .done("A5", []) : .refused
        case (0x20, 4):
            guard bench.timed == nil, bench.sample(.closed, surroundings), bench.begin(.timed(.zero), surroundings)
            else { return .refused }
            return .done("20", [])
        case (0x18, 5):
            return .done("18", Self.frame(0x18, Wire.word(BottledGas.propaneEquivalence, scale: 1000)))
        default: return .refused
        }
    }

    private static func frame(_ command: UInt8, _ data: [UInt8]) -> [UInt8] {
        Wire.complemented([0x02, UInt8(data.count + 1), command] + data)
    }

    /// A byte and a word whose meaning is not in the source are zero.
    private func data(_ surroundings: Surroundings) -> [UInt8] {
        let seen = surroundings.observe()
        let gas = bench.gas(seen)
        let words: [(Double, Double)] = [
            (gas.carbonDioxide, 100), (gas.carbonMonoxide, 1000), (gas.hydrocarbons, 1), (gas.oxygen, 100),
            (gas.nitricOxide, 1), (seen.shownEngineSpeed, 1), (seen.oilTemperature, 10),
            (surroundings.lambda(of: gas), 100), (0, 1),
        ]
        return Self.frame(0x40, [0x00] + words.flatMap { Wire.word($0.0, scale: $0.1) })
    }
}
