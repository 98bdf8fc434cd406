import Metrology
import Plant

/// The dynamometer controller NHC-03: requests of seven bytes `08 c 07 p1 p2 p3 SUM8`, answered when asked.
///
/// The value of an answer's first byte is not in the source, only that `15` is an error: this one says `06`.
struct NHC03: WireInstrument {
    /// What a control letter starts.
    private enum Mode: Character {
        case speed = "1"
        case force = "2"
        case power = "7"
        case variable = "Q"
    }

    /// The numbers that requests E and F read and write.
    private enum Variable {
        /// Hundredths of km/h.
        static let speed: UInt8 = 200
        /// Whole newtons, and tenths of them.
        static let (force, forceTenths): (UInt8, UInt8) = (201, 202)
        /// Hundredths of kW.
        static let power: UInt8 = 228
        /// kg.
        static let baseInertia: UInt8 = 6
    }

    private var variables: [UInt8: UInt16] = [:]
    private var mode: Mode?
    private var buffer: [UInt8] = []

    private static let length = 7
    private static let accepted: UInt8 = 0x06
    private static let refused: UInt8 = 0x15

    init(_ surroundings: Surroundings) {
        variables[Variable.baseInertia] = UInt16(surroundings.host.baseInertia.rounded())
    }

    let nextEvent: LaneInstant? = nil

    mutating func act(_ surroundings: Surroundings) -> [UInt8]? { nil }

    mutating func forgetPartialFrame() { buffer.removeAll() }

    mutating func receive(_ bytes: [UInt8], _ surroundings: Surroundings) -> [[UInt8]] {
        buffer += bytes
        var replies: [[UInt8]] = []
        while let start = buffer.firstIndex(of: 0x08), buffer.count - start >= Self.length {
            buffer.removeFirst(start)
            let frame = Array(buffer.prefix(Self.length))
            buffer.removeFirst(Self.length)
            guard frame[2] == 0x07, Wire.sum(frame[..<6]) == frame[6],
                let reply = answer(frame[1], Array(frame[3...5]), surroundings)
            else {
                surroundings.log.rejected()
                replies.append([Self.refused])
                continue
            }
            surroundings.log.received(String(UnicodeScalar(frame[1])))
            replies.append(reply)
        }
        if !buffer.contains(0x08) { buffer.removeAll() }
        return replies
    }

    private mutating func answer(_ command: UInt8, _ data: [UInt8], _ surroundings: Surroundings) -> [UInt8]? {
        let letter = Character(UnicodeScalar(command))
        switch letter {
        case "C": return live(surroundings.observe())
        case "D":
            let isUp = surroundings.observe().lift == .up
            return Wire.summed([Self.accepted] + Wire.bytes(isUp ? 0b01 : 0b10))
        case "E": return variables[data[0]].map { Wire.summed([Self.accepted] + Wire.bytes($0)) }
        case "F":
            variables[data[0]] = Wire.number(data[1], data[2])
            // A new number counts at once in the mode that uses it.
            if mode != nil { brake(surroundings) }
        case "0":
            mode = nil
            surroundings.host.command { $0.brake(.off) }
        case "1", "2", "7", "Q":
            mode = Mode(rawValue: letter)
            brake(surroundings)
        case "5": surroundings.host.command { $0.move(lift: .up) }
        case "6": surroundings.host.command { $0.move(lift: .down) }
        case "J": surroundings.host.command { $0.motor(isOn: true) }
        case "K": surroundings.host.command { $0.motor(isOn: false) }
        // Timers, distance and response times are not looked at by this lane; the other modes are not simulated.
        case "9", "H", "I", "R", "S", "a", "b", "c": break
        default: return nil
        }
        return [Self.accepted]
    }

    /// Power in hundredths of kW, force in whole newtons and tenths, speed in hundredths of km/h.
    private func live(_ seen: PlantSnapshot) -> [UInt8] {
        let power = seen.shownBrakeForce * seen.shownRollerSpeed / 3600
        let tenths = (seen.shownBrakeForce * 10).rounded()
        return NHC03Frame.live(power: power, force: tenths / 10, speed: seen.shownRollerSpeed)
    }

    private func brake(_ surroundings: Surroundings) {
        func number(_ variable: UInt8) -> Double { Double(variables[variable] ?? 0) }
        let command: BrakeCommand =
            switch mode {
            case .speed: .speed(Speed(number(Variable.speed) / 100))
            case .force: .force(Force(number(Variable.force) + number(Variable.forceTenths) / 10))
            case .power, .variable: .power(Power(number(Variable.power) / 100))
            case .none: .off
            }
        surroundings.host.command { $0.brake(command) }
    }
}

/// Frames of the NHC-03.
public enum NHC03Frame {
    /// A host's request.
    ///
    /// - Parameter command: its letter.
    public static func request(_ command: Character, _ data: [UInt8] = [0, 0, 0]) -> [UInt8] {
        Wire.summed([0x08, command.asciiValue ?? 0, 0x07] + data)
    }

    /// The reply to C: kW, N, km/h.
    public static func live(power: Double, force: Double, speed: Double) -> [UInt8] {
        let tenths = Int((max(0, force) * 10).rounded())
        return Wire.summed(
            [0x06] + Wire.unsignedWord(power, scale: 100) + Wire.unsignedWord(Double(tenths / 10))
                + [UInt8(tenths % 10)] + Wire.unsignedWord(speed, scale: 100))
    }
}
