public import Plant
import Metrology

/// The gas analyzer NHA-503 and its relatives with the lane protocol: commands of one byte, replies with an 8-bit sum,
/// and actions that the host asks about by sending their command again.
///
/// The NHA-506I takes data in the frame of their command and numbers its pumps otherwise; the FLA-502 gives CO in
/// thousandths, its state with the data, and has other numbers from 11 on.
struct NHA503: WireInstrument {
    enum Model {
        case nha503
        case nha506I
        case fla502

        /// The commands that pump from the room and through the probe.
        var pumps: (room: UInt8, probe: UInt8) { self == .nha506I ? (34, 35) : (3, 4) }
        /// The commands for the state and for what is left of the warm-up.
        var questions: (state: UInt8, warmUp: UInt8) { self == .fla502 ? (34, 35) : (38, 39) }
        /// The commands for data.
        var dataCommands: [UInt8] { self == .nha503 ? [1, 129] : [1] }

        /// How many bytes follow a command in its own frame, their sum included; 0 where they come after an
        /// acknowledgement, or not at all.
        func dataLength(_ command: UInt8) -> Int {
            switch (self, command) {
            case (.nha506I, 9), (.nha506I, 36): 9
            case (.nha506I, 27), (.nha506I, 29...31): 3
            case (.fla502, 40): 2
            default: 0
            }
        }
    }

    /// Actions that are polled with their own command.
    private enum Polled: UInt8 {
        case leak = 7
        case zero = 8
        case calibrate = 10
        case check = 12

        /// Zero takes about 30 s; the others' times are not in the sources.
        var length: LaneSpan { LaneSpan(nanoseconds: self == .leak ? 15_000_000_000 : 30_000_000_000) }

        var inlet: SampleInlet {
            switch self {
            case .leak: .closed
            case .zero: .room
            case .calibrate: .calibrationGas
            case .check: .checkGas
            }
        }
    }

    private let model: Model
    private let warmUntil: LaneInstant
    private var cells = GasCells()
    private var isMeasuring = false
    private var running: (action: Polled, ends: LaneInstant)?
    /// How the last action ended, until the host has been told.
    private var ended: (action: Polled, isGood: Bool)?
    /// What the bottle for calibrating is said to hold.
    private var calibrationGas = BottledGas(propane: 3200, carbonMonoxide: 3.5, carbonDioxide: 12, nitricOxide: 1500)
    /// The command whose data come next, and how many bytes they are.
    private var awaited: (command: UInt8, length: Int)?
    private var buffer: [UInt8] = []

    init(_ model: Model = .nha503, switchedOn: LaneInstant, warmUp: LaneSpan) {
        self.model = model
        warmUntil = switchedOn + warmUp
    }

    var nextEvent: LaneInstant? { running?.ends }

    mutating func act(_ surroundings: Surroundings) -> [UInt8]? {
        endAction(surroundings)
        return nil
    }

    mutating func forgetPartialFrame() {
        buffer.removeAll()
        awaited = nil
    }

    mutating func receive(_ bytes: [UInt8], _ surroundings: Surroundings) -> [[UInt8]] {
        endAction(surroundings)
        buffer += bytes
        var replies: [[UInt8]] = []
        while let command = buffer.first {
            if let (waiting, length) = awaited {
                guard buffer.count >= length else { break }
                replies.append(take(Array(buffer.prefix(length)), of: waiting, surroundings))
                buffer.removeFirst(length)
                awaited = nil
                continue
            }
            let more = model.dataLength(command)
            guard buffer.count > more else { break }
            let data = Array(buffer[1..<1 + more])
            buffer.removeFirst(1 + more)
            let answered = more > 0 ? take(data, of: command, surroundings) : answer(command, surroundings)
            guard let reply = answered else {
                surroundings.log.rejected()
                replies.append([0x15])
                continue
            }
            surroundings.log.received(String(command))
            replies.append(reply)
        }
        return replies
    }

    private mutating func answer(_ command: UInt8, _ surroundings: Surroundings) -> [UInt8]? {
        switch command {
        case _ where model.dataCommands.contains(command): return data(surroundings)
        case 2:
            let air = surroundings.observe().air
            return Wire.summed(
                [0x06] + Wire.word(air.temperature, scale: 10) + Wire.word(air.pressure, scale: 10)
                    + Wire.word(air.relativeHumidity, scale: 10))
        case model.pumps.room: return measure(from: .room, surroundings)
        case model.pumps.probe: return measure(from: .probe, surroundings)
        case 5: return measure(from: .purge, surroundings)
        case 6: return stop(surroundings)
        case 7, 8, 10: return Polled(rawValue: command).flatMap { poll($0, surroundings) }
        case 13: return Wire.word(BottledGas.propaneEquivalence, scale: 1000)
        case model.questions.state: return [status(surroundings)]
        case model.questions.warmUp: return Wire.word(max(0, (warmUntil - surroundings.now).seconds))
        default: return model == .fla502 ? answerFuli(command, surroundings) : answerNanhua(command, surroundings)
        }
    }

    private mutating func answerNanhua(_ command: UInt8, _ surroundings: Surroundings) -> [UInt8]? {
        switch command {
        case 44 where model == .nha503: return longData(surroundings)
        case 9 where model == .nha503, 11 where model == .nha503: return expect(command, 9)
        case 27 where model == .nha503, 29...31 where model == .nha503: return expect(command, 2)
        case 12: return poll(.check, surroundings)
        case 32: return measure(from: .checkGas, surroundings)
        case 33: return stop(surroundings)
        // Marks, strokes, ignition, keyboard, screen and fuels change nothing that this lane shows.
        case 14...26, 40...43: return [0x06]
        default: return nil
        }
    }

    private mutating func answerFuli(_ command: UInt8, _ surroundings: Surroundings) -> [UInt8]? {
        switch command {
        case 9: return expect(command, 9)
        case 36: return measure(from: .calibrationGas, surroundings)
        case 38: return measure(from: .zeroGas, surroundings)
        case 37, 39: return stop(surroundings)
        case 14...26, 41, 42: return [0x06]
        default: return nil
        }
    }

    // MARK: Actions

    private mutating func measure(from inlet: SampleInlet, _ surroundings: Surroundings) -> [UInt8]? {
        guard surroundings.now >= warmUntil, running == nil else { return nil }
        isMeasuring = inlet != .purge
        surroundings.host.command { $0.draw(from: inlet) }
        return [0x06]
    }

    private mutating func stop(_ surroundings: Surroundings) -> [UInt8] {
        isMeasuring = false
        (running, ended) = (nil, nil)
        surroundings.host.command { $0.draw(from: .closed) }
        return [0x06]
    }

    private mutating func expect(_ command: UInt8, _ length: Int) -> [UInt8] {
        awaited = (command, length)
        return [0x06]
    }

    /// Begins an action, or says how it goes: `05` in progress, `00` done, `01` failed.
    private mutating func poll(_ action: Polled, _ surroundings: Surroundings) -> [UInt8]? {
        if let (done, isGood) = ended, done == action {
            ended = nil
            return [isGood ? 0x00 : 0x01]
        }
        if running == nil {
            guard surroundings.now >= warmUntil else { return nil }
            running = (action, surroundings.now + action.length)
            (ended, isMeasuring) = (nil, false)
            surroundings.host.command { $0.draw(from: action.inlet) }
        }
        guard running?.action == action else { return nil }
        guard action == .calibrate || action == .check else { return [0x05] }
        let gas = cells.shown(surroundings.observe().sample)
        return Wire.summed(
            [0x05] + Wire.word(gas.hydrocarbons / BottledGas.propaneEquivalence)
                + Wire.word(gas.carbonMonoxide, scale: 100) + Wire.word(gas.carbonDioxide, scale: 100)
                + Wire.word(gas.oxygen, scale: 100) + Wire.word(gas.nitricOxide)
                + Wire.word(BottledGas.propaneEquivalence, scale: 1000))
    }

    private mutating func endAction(_ surroundings: Surroundings) {
        guard let (action, ends) = running, surroundings.now >= ends else { return }
        let seen = surroundings.observe()
        let isGood =
            switch action {
            case .leak: seen.leak <= GasPath.leakLimit
            case .zero: seen.flow >= GasPath.flowLimit && cells.zero(surroundings.errors)
            case .calibrate: cells.calibrate(to: hexane(calibrationGas), seen: seen.sample)
            case .check: true
            }
        ended = (action, isGood)
        running = nil
        surroundings.host.command { $0.draw(from: .closed) }
    }

    /// A bottle as the bench's own cells count it.
    private func hexane(_ bottle: BottledGas) -> GasMixture {
        GasMixture(
            carbonMonoxide: bottle.carbonMonoxide, carbonDioxide: bottle.carbonDioxide,
            hydrocarbons: bottle.propane * BottledGas.propaneEquivalence, nitricOxide: bottle.nitricOxide,
            oxygen: bottle.oxygen)
    }

    /// Data that follow a command: a bottle's gases with their sum, or a reference value without one.
    private mutating func take(_ data: [UInt8], of command: UInt8, _ surroundings: Surroundings) -> [UInt8] {
        guard [9, 11, 36].contains(command) || model.dataLength(command) > 0 else { return [0x00] }
        guard Wire.sum(data.dropLast()) == data.last else {
            surroundings.log.rejected()
            return [0x01]
        }
        func word(_ place: Int) -> Double { Double(Wire.number(data[place], data[place + 1])) }
        if command == 9 {
            calibrationGas = BottledGas(
                propane: word(0), carbonMonoxide: word(2) / 100, carbonDioxide: word(4) / 100, nitricOxide: word(6))
        }
        return [0x00]
    }

    // MARK: Answers

    private func status(_ surroundings: Surroundings) -> UInt8 {
        if surroundings.now < warmUntil { return 0x02 }
        switch running?.action {
        case .leak: return 0x03
        case .zero: return 0x05
        case .calibrate, .check, .none: return isMeasuring ? 0x01 : 0x00
        }
    }

    private func values(_ surroundings: Surroundings) -> NHA503Data {
        let seen = surroundings.observe()
        var data = NHA503Data(gas: cells.shown(seen.sample))
        if model == .fla502 {
            data.carbonMonoxideScale = 1000
            // The sources disagree on whether 3 or 4 is the leak check.
            data.state = status(surroundings) == 0x03 ? 0x04 : isMeasuring ? 0x00 : status(surroundings)
        }
        data.lambda = surroundings.lambda(of: data.gas)
        data.engineSpeed = seen.shownEngineSpeed
        data.oilTemperature = seen.oilTemperature
        data.isFlowLow = seen.inlet != .closed && seen.flow < GasPath.flowLimit
        data.isOxygenCellWorn = surroundings.errors.gain(.oxygen) < GasCells.wornOxygenCell
        return data
    }

    private func data(_ surroundings: Surroundings) -> [UInt8] { values(surroundings).frame }

    /// The newer instruments' 23 bytes: what the two more bytes hold is known only for one bit of the second.
    private func longData(_ surroundings: Surroundings) -> [UInt8] {
        Wire.summed(values(surroundings).bytes + [0, 0])
    }
}

/// What the NHA-503 answers to 129.
public struct NHA503Data: Hashable, Sendable {
    /// HC in ppm, CO, CO2 and O2 in hundredths of a percent, NO in ppm.
    public var gas: GasMixture
    /// r/min.
    public var engineSpeed = 0.0
    /// °C, in tenths.
    public var oilTemperature = 0.0
    /// Sample flow too low.
    public var isFlowLow = false
    /// The oxygen cell is worn out.
    public var isOxygenCellWorn = false
    /// In hundredths; nil for that of the gas.
    var lambda: Double?
    /// Steps of CO in a percent.
    var carbonMonoxideScale = 100.0
    /// What the instrument does, where it says so with its data.
    var state: UInt8?

    /// Creates data of a gas.
    public init(gas: GasMixture) { self.gas = gas }

    var bytes: [UInt8] {
        [0x06] + Wire.word(gas.hydrocarbons) + Wire.word(gas.carbonMonoxide, scale: carbonMonoxideScale)
            + Wire.word(gas.carbonDioxide, scale: 100) + Wire.word(gas.oxygen, scale: 100) + Wire.word(gas.nitricOxide)
            + Wire.word(engineSpeed) + Wire.word(oilTemperature, scale: 10) + (isFlowLow ? [0x88, 0x88] : [0, 0])
            + [state ?? (isOxygenCellWorn ? 1 : 0)] + Wire.word(lambda ?? ShownLambda.of(gas), scale: 100)
    }

    /// The reply of 21 bytes.
    public var frame: [UInt8] { Wire.summed(bytes) }
}
