import Metrology
import Plant

/// The gas analyzer NHA-506 with the public protocol of one-byte commands: an action is answered by `06`, data by 19
/// bytes. A value that cannot be trusted is FF00.
struct NHA506: WireInstrument {
    private let warmUntil: LaneInstant
    private var cells = GasCells()
    private var zeroEnds: LaneInstant?
    private var buffer: [UInt8] = []

    private static let zeroing = LaneSpan(nanoseconds: 30_000_000_000)
    /// The mark of a value that cannot be trusted.
    private static let invalid: [UInt8] = [0xFF, 0x00]

    init(switchedOn: LaneInstant, warmUp: LaneSpan) { warmUntil = switchedOn + warmUp }

    var nextEvent: LaneInstant? { zeroEnds }

    mutating func act(_ surroundings: Surroundings) -> [UInt8]? {
        endZero(surroundings)
        return nil
    }

    mutating func forgetPartialFrame() {}

    mutating func receive(_ bytes: [UInt8], _ surroundings: Surroundings) -> [[UInt8]] {
        endZero(surroundings)
        return bytes.map { command in
            guard let reply = answer(command, surroundings) else {
                surroundings.log.rejected()
                return [0x15]
            }
            let code = String(command, radix: 16, uppercase: true)
            surroundings.log.received(code.count == 1 ? "0" + code : code)
            return reply
        }
    }

    private mutating func answer(_ command: UInt8, _ surroundings: Surroundings) -> [UInt8]? {
        let isReady = surroundings.now >= warmUntil && zeroEnds == nil
        switch command {
        case 0x01:
            guard isReady else { return nil }
            surroundings.host.command { $0.draw(from: .probe) }
        case 0x02:
            guard isReady else { return nil }
            surroundings.host.command { $0.draw(from: .closed) }
        case 0x03: return data(surroundings, isReady: isReady)
        // Strokes, fuels and ignition change nothing that this lane shows.
        case 0x04...0x07, 0x0A, 0x0B, 0x10: break
        case 0x0C:
            guard isReady else { return nil }
            zeroEnds = surroundings.now + Self.zeroing
            surroundings.host.command { $0.draw(from: .room) }
        case 0x14:
            return [surroundings.now < warmUntil ? 0x48 : zeroEnds == nil ? 0x57 : 0x5A]
        default: return nil
        }
        return [0x06]
    }

    private mutating func endZero(_ surroundings: Surroundings) {
        guard let ends = zeroEnds, surroundings.now >= ends else { return }
        if surroundings.observe().flow >= GasPath.flowLimit { _ = cells.zero(surroundings.errors) }
        zeroEnds = nil
        surroundings.host.command { $0.draw(from: .closed) }
    }

    private func data(_ surroundings: Surroundings, isReady: Bool) -> [UInt8] {
        let seen = surroundings.observe()
        let gas = cells.shown(seen.sample)
        func word(_ value: Double, _ scale: Double) -> [UInt8] {
            isReady ? Wire.word(value, scale: scale) : Self.invalid
        }
        let lambda = surroundings.lambda(of: gas)
        let bytes =
            [0x06] + word(gas.hydrocarbons, 1) + word(gas.carbonMonoxide, 100) + word(gas.carbonDioxide, 100)
            + word(gas.oxygen, 100) + word(gas.nitricOxide, 1) + Wire.word(seen.shownEngineSpeed)
            + Wire.word(seen.oilTemperature, scale: 10) + word(lambda, 100)
        return NHA506Frame.summed(bytes)
    }
}

/// The check of the public protocol's data.
public enum NHA506Frame {
    /// A frame with the 16-bit sum of its bytes behind them, high byte first.
    public static func summed(_ bytes: [UInt8]) -> [UInt8] {
        bytes + Wire.bytes(bytes.reduce(UInt16(0)) { $0 &+ UInt16($1) })
    }
}
