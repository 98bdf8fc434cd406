import Metrology
import Plant

/// The gas analyzers with the public protocol of one-byte commands: an action is answered by `06`, data by a frame whose
/// layout differs a little from model to model. A value that cannot be trusted is FF00; `15` refuses.
struct NHA506: AnsweringInstrument {
    enum Model {
        case nha506
        case nha501A
        case mqw511
        case mq550
        case sv5Q
    }

    private let model: Model
    private var bench: BenchActions
    private var answeredAt: LaneInstant?
    var received: [UInt8] = []

    /// The mark of a value that cannot be trusted.
    private static let invalid: [UInt8] = [0xFF, 0x00]
    /// An MQ-550 that is asked again sooner than this is still busy.
    private static let rest = LaneSpan(nanoseconds: 100_000_000)

    init(_ model: Model = .nha506, switchedOn: LaneInstant, warmUp: LaneSpan) {
        self.model = model
        bench = BenchActions(switchedOn: switchedOn, warmUp: warmUp)
    }

    var nextEvent: LaneInstant? { bench.ends }

    mutating func catchUp(_ surroundings: Surroundings) { bench.catchUp(surroundings) }

    func beginning(of bytes: [UInt8]) -> RequestBeginning { .whole(1) }

    func refusal(of request: [UInt8]) -> [UInt8] { [0x15] }

    mutating func answer(_ request: [UInt8], _ surroundings: Surroundings) -> Answer {
        let command = request[0]
        var reply: [UInt8] = [0x06]
        switch command {
        case 0x01, 0x02:
            guard bench.sample(command == 0x01 ? .probe : .closed, surroundings) else { return .refused }
        case 0x03:
            if model == .mq550, let last = answeredAt, surroundings.now - last < Self.rest { return .refused }
            answeredAt = surroundings.now
            reply = data(surroundings)
        // Strokes, cylinders, fuels and ignition change nothing that this lane shows.
        case 0x04...0x07 where model != .sv5Q, 0x0A where model != .sv5Q, 0x0B where model != .sv5Q: break
        case 0x2D where model == .sv5Q, 0x2E where model == .sv5Q, 0x24 where model == .sv5Q: break
        case 0x25 where model == .sv5Q: break
        case 0x0C where model == .nha501A || model == .nha506:
            guard bench.timed == nil, bench.sample(.closed, surroundings), bench.begin(.timed(.zero), surroundings)
            else { return .refused }
        case 0x10 where model == .mqw511 || model == .nha506: break
        case 0x14 where model == .nha506:
            reply = [!bench.isWarm(surroundings) ? 0x48 : bench.timed == nil ? 0x57 : 0x5A]
        default: return .refused
        }
        return .done(Wire.code(command), reply)
    }

    private func data(_ surroundings: Surroundings) -> [UInt8] {
        let seen = surroundings.observe()
        let gas = bench.gas(seen)
        let isReady = bench.isWarm(surroundings) && bench.timed == nil
        func word(_ value: Double, _ scale: Double = 1) -> [UInt8] {
            isReady ? Wire.word(value, scale: scale) : Self.invalid
        }
        let lambda = word(surroundings.lambda(of: gas), 100)
        let speed = Wire.word(seen.shownEngineSpeed)
        let oil = Wire.word(seen.oilTemperature, scale: model == .nha506 ? 10 : 1)
        let gases =
            word(gas.hydrocarbons) + word(gas.carbonMonoxide, 100) + word(gas.carbonDioxide, 100)
            + word(gas.oxygen, 100) + word(gas.nitricOxide)
        switch model {
        case .nha506, .nha501A, .mqw511: return NHA506Frame.summed([0x06] + gases + speed + oil + lambda)
        case .mq550:
            let words = gases + speed + lambda
            let sum = stride(from: 0, to: words.count, by: 2).reduce(UInt16(0)) {
                $0 &+ Wire.number(words[$1], words[$1 + 1])
            }
            return [0x06] + words + Wire.bytes(sum)
        case .sv5Q:
            let ordered =
                word(gas.carbonMonoxide, 100) + word(gas.carbonDioxide, 100) + word(gas.hydrocarbons)
                + word(gas.oxygen, 100) + word(gas.nitricOxide)
            // Its clock stands at the minute of the description's example.
            return Wire.summed([0x06] + ordered + lambda + oil + speed + [26, 11, 21, 8, 30])
        }
    }
}

/// The check of the public protocol's data.
public enum NHA506Frame {
    /// A frame with the 16-bit sum of its bytes behind them, high byte first.
    public static func summed(_ bytes: [UInt8]) -> [UInt8] {
        bytes + Wire.bytes(bytes.reduce(UInt16(0)) { $0 &+ UInt16($1) })
    }
}
