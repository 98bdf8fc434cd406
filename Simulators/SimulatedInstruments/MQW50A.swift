import Metrology
import Plant

/// The MQW-50A gas analyzer (五组分排气分析仪) and its relatives, which differ in the data they answer with.
struct MQW50A: AnsweringInstrument {
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
    private var bench: BenchActions
    private var settings = MQW50AStatus()
    var received: [UInt8] = []

    init(_ model: Model, switchedOn: LaneInstant, warmUp: LaneSpan) {
        self.model = model
        bench = BenchActions(switchedOn: switchedOn, warmUp: warmUp)
    }

    var nextEvent: LaneInstant? { bench.ends }

    mutating func catchUp(_ surroundings: Surroundings) { bench.catchUp(surroundings) }

    /// The longest request is 69 with 15 bytes; nothing can wait for more.
    func beginning(of bytes: [UInt8]) -> RequestBeginning {
        MingquanFrame.beginning(of: bytes, lead: 0x02, lengths: 4...17)
    }

    func refusal(of request: [UInt8]) -> [UInt8] { MingquanFrame.refusal(of: request) }

    // MARK: Commands

    mutating func answer(_ request: [UInt8], _ surroundings: Surroundings) -> Answer {
        let (command, data) = (request[1], MingquanFrame.data(request))
        let takesSetting = [0x68, 0x6C, 0x6D, 0x6E, 0x76].contains(command)
        guard data.count == (takesSetting ? 1 : 0) else { return .refused }
        let reply: [UInt8]?
        switch command {
        case 0x60, 0xA3, 0xA8:
            reply = model.dataCommands.contains(command) ? self.data(surroundings).frame(answering: command) : nil
        case 0x8C: reply = MQW50AFrame.frame(0x06, 0x8C, Wire.word(BottledGas.propaneEquivalence, scale: 1000))
        case 0x61: reply = status(surroundings).frame
        case 0x78, 0x7A:
            bench.stop(surroundings)
            reply = MQW50AFrame.acknowledgement(of: command)
        case 0x77: reply = reset(surroundings)
        // Keyboard lock and screen change nothing on the wire.
        case 0x6A, 0x6B, 0x88, 0x89: reply = MQW50AFrame.acknowledgement(of: command)
        default: reply = takesSetting ? set(command, data[0]) : start(command, surroundings)
        }
        return reply.map { .done(Wire.code(command), $0) } ?? .refused
    }

    private static let actions: [UInt8: BenchActions.Action] = [
        0x62: .timed(.background), 0x63: .timed(.ambient), 0x64: .timed(.residue), 0x65: .timed(.purge),
        0x80: .timed(.purge), 0x66: .timed(.leak), 0x67: .timed(.zero), 0x79: .sampling(.probe),
        0x7B: .sampling(.probe), 0x7C: .sampling(.room), 0x7D: .sampling(.zeroGas),
        0x7E: .sampling(.calibrationGas), 0x7F: .sampling(.checkGas),
    ]

    private mutating func start(_ command: UInt8, _ surroundings: Surroundings) -> [UInt8]? {
        // Whatever runs must be stopped first.
        guard let wanted = Self.actions[command], bench.begin(wanted, surroundings) else { return nil }
        return MQW50AFrame.acknowledgement(of: command)
    }

    private mutating func reset(_ surroundings: Surroundings) -> [UInt8] {
        bench.stop(surroundings)
        bench.forget()
        settings = MQW50AStatus()
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

    // MARK: Answers

    private func data(_ surroundings: Surroundings) -> MQW50AData {
        let seen = surroundings.observe()
        var data = MQW50AData()
        let gas = bench.gas(seen)
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
        data.linePressure = bench.linePressure(seen, surroundings)
        data.lambda = surroundings.lambda(of: gas)
        data.airPressure = seen.air.pressure
        return data
    }

    private func status(_ surroundings: Surroundings) -> MQW50AStatus {
        guard bench.isWarm(surroundings) else {
            var status = MQW50AStatus()
            status.warmingUp = true
            return status
        }
        let seen = surroundings.observe()
        var status = settings
        status.waitingForZero = !bench.isZeroed
        status.zeroFailed = bench.zeroFailed
        status.residueHigh = bench.residueIsHigh
        status.leakFailed = bench.leakFailed
        status.pumpOn = bench.isPumping(seen)
        status.lowFlow = bench.flowIsLow(seen)
        if let timed = bench.timed {
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
