import Metrology
import Plant

/// The MQW-50A gas analyzer (五组分排气分析仪) and its relatives, which differ in the data they answer with.
struct MQW50A: WireInstrument {
    /// What the analyzer is occupied with.
    private enum Action: Hashable {
        case idle
        case sampling(SampleInlet)
        case timed(Timed)
    }

    /// Actions that end by themselves.
    private enum Timed: Hashable {
        case zero, background, ambient, residue, leak, purge

        /// Zero and purge take about 30 s; the checks' times are not in the sources.
        var length: LaneSpan {
            let seconds: Int64 = self == .zero || self == .purge ? 30 : 15
            return LaneSpan(nanoseconds: seconds * 1_000_000_000)
        }

        var inlet: SampleInlet {
            switch self {
            case .zero, .ambient: .room
            case .background, .residue: .probe
            case .purge: .purge
            case .leak: .closed
            }
        }
    }

    /// The models of the family.
    enum Model {
        case mqw50A
        case mqw50B
        case mqw5105
        case gasBoard5160

        /// The commands for data that it knows.
        var dataCommands: [UInt8] {
            switch self {
            case .mqw50A: [0x60]
            case .mqw50B: [0x60, 0xA3]
            case .mqw5105: [0x60, 0xA3]
            case .gasBoard5160: [0x60, 0xA3, 0xA8]
            }
        }
    }

    private let model: Model
    private let warmUntil: LaneInstant
    private var action = Action.idle
    private var actionEnds: LaneInstant?
    private var settings = MQW50AStatus()
    private var cells = GasCells()
    private var buffer: [UInt8] = []

    init(_ model: Model, switchedOn: LaneInstant, warmUp: LaneSpan) {
        self.model = model
        warmUntil = switchedOn + warmUp
        settings.waitingForZero = true
    }

    var nextEvent: LaneInstant? { actionEnds }

    mutating func act(_ surroundings: Surroundings) -> [UInt8]? {
        endTimedAction(surroundings)
        return nil
    }

    mutating func forgetPartialFrame() { buffer.removeAll() }

    // MARK: Framing

    mutating func receive(_ bytes: [UInt8], _ surroundings: Surroundings) -> [[UInt8]] {
        endTimedAction(surroundings)
        buffer += bytes
        var replies: [[UInt8]] = []
        while let reply = nextReply(surroundings) { replies.append(reply) }
        return replies
    }

    private mutating func nextReply(_ surroundings: Surroundings) -> [UInt8]? {
        if let start = buffer.firstIndex(of: 0x02) { buffer.removeFirst(start) } else { buffer.removeAll() }
        guard buffer.count >= 3 else { return nil }
        let (command, length) = (buffer[1], Int(buffer[2]) + 1)
        // The longest request is 69 with 15 bytes; nothing can wait for more.
        guard (4...17).contains(length) else {
            buffer.removeAll()
            return refuse(command, surroundings)
        }
        guard buffer.count >= length else { return nil }
        let frame = Array(buffer.prefix(length))
        buffer.removeFirst(length)
        guard frame.reduce(0, &+) == 0 else { return refuse(command, surroundings) }
        return answer(command, Array(frame[3..<length - 1]), surroundings)
    }

    private func refuse(_ command: UInt8, _ surroundings: Surroundings) -> [UInt8] {
        surroundings.log.rejected()
        return MQW50AFrame.refusal(of: command)
    }

    // MARK: Commands

    private mutating func answer(_ command: UInt8, _ data: [UInt8], _ surroundings: Surroundings) -> [UInt8] {
        let takesSetting = [0x68, 0x6C, 0x6D, 0x6E, 0x76].contains(command)
        guard data.count == (takesSetting ? 1 : 0) else { return refuse(command, surroundings) }
        let reply: [UInt8]?
        switch command {
        case 0x60, 0xA3, 0xA8:
            reply = model.dataCommands.contains(command) ? self.data(surroundings).frame(answering: command) : nil
        case 0x8C: reply = MQW50AFrame.frame(0x06, 0x8C, Wire.word(ReferenceGas.propaneEquivalence, scale: 1000))
        case 0x61: reply = status(surroundings).frame
        case 0x78, 0x7A: reply = stop(command, surroundings)
        case 0x77: reply = reset(surroundings)
        // Keyboard lock and screen change nothing on the wire.
        case 0x6A, 0x6B, 0x88, 0x89: reply = MQW50AFrame.acknowledgement(of: command)
        default: reply = takesSetting ? set(command, data[0]) : start(command, surroundings)
        }
        guard let reply else { return refuse(command, surroundings) }
        surroundings.log.received(code(command))
        return reply
    }

    private func code(_ command: UInt8) -> String { String(command, radix: 16, uppercase: true) }

    private mutating func start(_ command: UInt8, _ surroundings: Surroundings) -> [UInt8]? {
        let wanted: Action
        switch command {
        case 0x62: wanted = .timed(.background)
        case 0x63: wanted = .timed(.ambient)
        case 0x64: wanted = .timed(.residue)
        case 0x65, 0x80: wanted = .timed(.purge)
        case 0x66: wanted = .timed(.leak)
        case 0x67: wanted = .timed(.zero)
        case 0x79, 0x7B: wanted = .sampling(.probe)
        case 0x7C: wanted = .sampling(.room)
        case 0x7D: wanted = .sampling(.zeroGas)
        case 0x7E: wanted = .sampling(.calibrationGas)
        case 0x7F: wanted = .sampling(.checkGas)
        default: return nil
        }
        // Whatever runs must be stopped first.
        guard surroundings.now >= warmUntil, action == .idle else { return nil }
        action = wanted
        switch wanted {
        case .idle: break
        case .sampling(let inlet): surroundings.host.command { $0.draw(from: inlet) }
        case .timed(let timed):
            actionEnds = surroundings.now + timed.length
            surroundings.host.command { $0.draw(from: timed.inlet) }
        }
        return MQW50AFrame.acknowledgement(of: command)
    }

    private mutating func stop(_ command: UInt8, _ surroundings: Surroundings) -> [UInt8] {
        action = .idle
        actionEnds = nil
        surroundings.host.command { $0.draw(from: .closed) }
        return MQW50AFrame.acknowledgement(of: command)
    }

    private mutating func reset(_ surroundings: Surroundings) -> [UInt8] {
        _ = stop(0x78, surroundings)
        settings = MQW50AStatus()
        settings.waitingForZero = true
        cells.forget()
        return MQW50AFrame.acknowledgement(of: 0x77)
    }

    private mutating func set(_ command: UInt8, _ value: UInt8) -> [UInt8]? {
        guard value <= (command == 0x6C ? 2 : 1) else { return nil }
        switch command {
        case 0x68: settings.zeroGasIsNitrogen = value == 1
        case 0x6D: settings.doubleIgnition = value == 1
        case 0x6E: settings.stroke = value == 1
        // Fuel and auto-zero show in no status bit.
        default: break
        }
        return MQW50AFrame.acknowledgement(of: command)
    }

    private mutating func endTimedAction(_ surroundings: Surroundings) {
        guard case .timed(let timed) = action, let ends = actionEnds, surroundings.now >= ends else { return }
        let seen = surroundings.observe()
        switch timed {
        case .zero:
            settings.zeroFailed = seen.flow < GasPath.flowLimit || !cells.zero(surroundings.errors)
            if !settings.zeroFailed { settings.waitingForZero = false }
        case .residue:
            settings.residueHigh = seen.sample.hydrocarbons - seen.ambient.hydrocarbons > GasPath.residueLimit
        case .leak: settings.leakFailed = seen.leak > GasPath.leakLimit
        case .background, .ambient, .purge: break
        }
        action = .idle
        actionEnds = nil
        surroundings.host.command { $0.draw(from: .closed) }
    }

    // MARK: Answers

    private func data(_ surroundings: Surroundings) -> MQW50AData {
        let seen = surroundings.observe()
        var data = MQW50AData()
        let gas = cells.shown(seen.sample)
        data.carbonMonoxide = gas.carbonMonoxide
        data.carbonDioxide = gas.carbonDioxide
        data.hydrocarbons = gas.hydrocarbons
        data.nitricOxide = gas.nitricOxide
        data.nitrogenDioxide = gas.nitrogenDioxide
        data.oxygen = gas.oxygen
        data.relativeHumidity = seen.air.relativeHumidity
        data.oilTemperature = seen.oilTemperature
        data.airTemperature = seen.air.temperature
        data.engineSpeed = seen.shownEngineSpeed
        // The pump draws the line some kilopascals below the room, more when something blocks it.
        data.linePressure = seen.air.pressure - (seen.inlet == .closed ? 0 : 2.5 + 8 * (1 - seen.flow))
        data.lambda = ShownLambda.of(gas)
        data.airPressure = seen.air.pressure
        return data
    }

    private func status(_ surroundings: Surroundings) -> MQW50AStatus {
        if surroundings.now < warmUntil {
            var status = MQW50AStatus()
            status.warmingUp = true
            return status
        }
        let seen = surroundings.observe()
        var status = settings
        status.pumpOn = seen.inlet != .closed
        status.lowFlow = status.pumpOn && seen.flow < GasPath.flowLimit
        if case .timed(let timed) = action {
            status.busy = true
            status.zeroing = timed == .zero
            status.readingResidue = timed == .residue
            status.leakChecking = timed == .leak
            status.readingAmbient = timed == .ambient
            status.readingBackground = timed == .background
            status.purging = timed == .purge
        }
        return status
    }
}
