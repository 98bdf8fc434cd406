import Metrology
import Plant

/// The Sensors AMB-II (MicroBench) gas bench. An occupied bench says so and is asked with 0B until it is done; then the
/// command is repeated with mode 1 and no words for its result.
///
/// Its pump runs whenever it is on; 08 switches pump and valves, as the sources list their bits.
struct AMBII: AnsweringInstrument {
    private var bench: BenchActions
    private var hasStarted = false
    /// The command whose result has not been fetched.
    private var unfetched: UInt8?
    private var outputs = Output.pump
    var received: [UInt8] = []

    /// The bits of 08.
    private enum Output {
        static let (calibrationValve, zeroValve, pump): (UInt16, UInt16, UInt16) = (0x01, 0x02, 0x10)
    }

    init(switchedOn: LaneInstant, warmUp: LaneSpan) { bench = BenchActions(switchedOn: switchedOn, warmUp: warmUp) }

    var nextEvent: LaneInstant? { hasStarted ? bench.ends ?? waitForWarmth : LaneInstant(nanoseconds: 0) }

    /// Until the bench is warm its pump stands.
    private var waitForWarmth: LaneInstant? { bench.action == .idle && inlet != .closed ? bench.warmUntil : nil }

    mutating func catchUp(_ surroundings: Surroundings) {
        hasStarted = true
        bench.catchUp(surroundings)
        if bench.action == .idle, inlet != .closed { _ = bench.sample(inlet, surroundings) }
    }

    private var inlet: SampleInlet {
        if outputs & Output.pump == 0 { return .closed }
        if outputs & Output.calibrationValve != 0 { return .calibrationGas }
        return outputs & Output.zeroValve != 0 ? .zeroGas : .probe
    }

    func beginning(of bytes: [UInt8]) -> RequestBeginning { AMBFrame.beginning(of: bytes) }

    func refusal(of request: [UInt8]) -> [UInt8] { AMBFrame.reply(request.first ?? 0, .refused) }

    mutating func answer(_ request: [UInt8], _ surroundings: Surroundings) -> Answer {
        let (command, mode, words) = (request[0], request[1], AMBFrame.words(request))
        // The process status and the status are told at any time; all else waits for what is under way.
        if bench.timed != nil, command != 0x04 {
            return .done(Wire.code(command), AMBFrame.reply(command, .busy))
        }
        switch (command, mode) {
        case (0x02, 0x00): return zero(words, surroundings)
        case (0x02, 0x01):
            guard unfetched == 0x02 else { return .refused }
            unfetched = nil
            return .done("02", AMBFrame.reply(0x02, .done, [bench.zeroFailed ? 1 : 0]))
        case (0x03, 0x00) where words.first == 0, (0x03, 0x01) where words.isEmpty:
            return .done("03", AMBFrame.reply(0x03, .done, data(surroundings)))
        case (0x04, 0x00): return .done("04", AMBFrame.reply(0x04, .done, status(surroundings)))
        case (0x08, 0x01) where words.count == 1:
            outputs = words[0]
            _ = bench.sample(inlet, surroundings)
            return .done("08", AMBFrame.reply(0x08, .done, [outputs]))
        case (0x0B, 0x00): return .done("0B", AMBFrame.reply(0x0B))
        default: return .refused
        }
    }

    /// Word 0 chooses zero or a single point, word 1 the gases; a single point needs a bottle's values, whose command is
    /// not described well enough.
    private mutating func zero(_ words: [UInt16], _ surroundings: Surroundings) -> Answer {
        guard words.count == 2, words[0] == 0, bench.isWarm(surroundings) else { return .refused }
        bench.stop(surroundings)
        guard bench.begin(.timed(.zero), surroundings) else { return .refused }
        unfetched = 0x02
        return .done("02", AMBFrame.reply(0x02, .busy))
    }

    /// Concentrations in the units of word 1 all zero: mbar and °C.
    private func data(_ surroundings: Surroundings) -> [UInt16] {
        let seen = surroundings.observe()
        let gas = bench.gas(seen)
        var state: UInt16 = 0
        if bench.flowIsLow(seen) { state |= 0x0001 }
        if !bench.isWarm(surroundings) { state |= 0x0008 }
        return [
            state, AMBFrame.word(gas.hydrocarbons), AMBFrame.word(gas.carbonMonoxide, 100),
            AMBFrame.word(gas.carbonDioxide, 10), AMBFrame.word(gas.oxygen, 100),
            AMBFrame.word(gas.nitricOxide + gas.nitrogenDioxide), AMBFrame.word(seen.shownEngineSpeed),
            AMBFrame.word(seen.oilTemperature), AMBFrame.word(seen.air.temperature),
            AMBFrame.word(bench.linePressure(seen, surroundings), 10),
        ]
    }

    private func status(_ surroundings: Surroundings) -> [UInt16] {
        var words = [UInt16](repeating: 0, count: 10)
        let left = bench.warmUpLeft(surroundings)
        words[9] = AMBFrame.word(left.rounded(.up))
        if left > 0 {
            words[0] = 0x0001
            return words
        }
        if !bench.isZeroed { words[0] |= 0x0002 }
        if surroundings.errors.gain(.oxygen) < GasCells.wornOxygenCell { words[0] |= 0x0010 }
        if bench.flowIsLow(surroundings.observe()) { words[0] |= 0x0020 }
        if bench.zeroFailed { words[1] = 0x0001 }
        return words
    }
}
