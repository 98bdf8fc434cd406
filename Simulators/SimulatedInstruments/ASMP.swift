import Metrology
import Plant

/// MAHA's ASM-P and LPS dynamometers: `B4 11`, a letter, and text in customary units; `06` accepts, `15` means that it
/// cannot be done now. One source only.
///
/// Which bytes the two digits of the check are made of is not in it: here the exclusive or of everything between them
/// and the frame's first byte. In a frame to write a number they are not looked at.
struct ASMP: AnsweringInstrument {
    private var variables: [Int: Double] = [:]
    private var mode: Character?
    var received: [UInt8] = []

    private static let accepted: [UInt8] = [0x06]
    private static let occupied: [UInt8] = [0x15]
    private static let (kilowattsPerHorsepower, newtonsPerPoundForce) = (0.7457, 4.448_22)
    private static let kilometresPerMile = 1.609_344
    /// Numbers of speed (mph), force (lbf), power (hp) and base inertia (lb), as they are numbered in the NHC-03.
    private static let (speed, force, power, inertia) = (200, 201, 228, 6)
    private static let poundsPerKilogram = 2.204_622_6

    init(_ surroundings: Surroundings) {
        variables[Self.inertia] = surroundings.host.baseInertia * Self.poundsPerKilogram
    }

    func beginning(of bytes: [UInt8]) -> RequestBeginning {
        if let noise = RequestBeginning.after(0xB4, in: bytes) { return noise }
        guard bytes.count >= 2 else { return .unfinished }
        guard bytes[1] == 0x11 else { return .noise(1) }
        guard bytes.count >= 3 else { return .unfinished }
        let end: UInt8
        switch Character(UnicodeScalar(bytes[2])) {
        case "C", "D", "E": end = 0x05
        case "F": end = 0x24
        default: return .whole(3)
        }
        guard let place = bytes.firstIndex(of: end) else {
            return bytes.count > 64 ? .damaged(bytes.count) : .unfinished
        }
        return .whole(place + 1)
    }

    func refusal(of request: [UInt8]) -> [UInt8] { Self.occupied }

    mutating func answer(_ request: [UInt8], _ surroundings: Surroundings) -> Answer {
        let letter = Character(UnicodeScalar(request[2]))
        let body = request.count > 4 ? String(decoding: request[3..<request.count - 1], as: UTF8.self) : ""
        var reply = Self.accepted
        switch letter {
        case "C": reply = live(surroundings.observe())
        case "D": reply = state(surroundings.observe())
        case "E":
            guard let number = Int(body), let value = variables[number] else { return .refused }
            reply = Self.framed("=\(Wire.decimal(value, places: 2)) \(Self.unit(of: number))\r\u{17}")
        case "F":
            guard write(body) else { return .refused }
            // A new number counts at once in the mode that uses it.
            if mode != nil { brake(surroundings) }
        case "0", "1", "2", "7", "Q":
            mode = letter == "0" ? nil : letter
            brake(surroundings)
        case "5", "6":
            guard surroundings.observe().shownRollerSpeed < 1 else { return .refused }
            surroundings.host.command { $0.move(lift: letter == "5" ? .up : .down) }
        case "J", "K": surroundings.host.command { $0.motor(isOn: letter == "J") }
        // Timers, distance and response times are not looked at by this lane.
        case "9", "H", "I", "R", "S", "a", "b", "c": break
        default: return .refused
        }
        return .done(String(letter), reply)
    }

    /// `201=252.9 lbf`, a carriage return and what follows it.
    private mutating func write(_ text: String) -> Bool {
        let halves = text.split(separator: "=", maxSplits: 1)
        guard halves.count == 2, let number = Int(halves[0]),
            let value = Double(halves[1].prefix { $0.isNumber || $0 == "." || $0 == "-" }), value >= 0
        else { return false }
        variables[number] = value
        return true
    }

    private static func unit(of number: Int) -> String {
        switch number {
        case speed: "mph"
        case force: "lbf"
        case power: "hp"
        case inertia: "lb"
        default: ""
        }
    }

    private func brake(_ surroundings: Surroundings) {
        func number(_ variable: Int) -> Double { variables[variable] ?? 0 }
        let command: BrakeCommand =
            switch mode {
            case "1": .speed(Speed(number(Self.speed) * Self.kilometresPerMile))
            case "2": .force(Force(number(Self.force) * Self.newtonsPerPoundForce))
            case "7", "Q": .power(Power(number(Self.power) * Self.kilowattsPerHorsepower))
            default: .off
            }
        surroundings.host.command { $0.brake(command) }
    }

    /// Power in six places, force and speed in seven; the words around them are not in the source.
    private func live(_ seen: PlantSnapshot) -> [UInt8] {
        let power = seen.shownBrakeForce * seen.shownRollerSpeed / 3600 / Self.kilowattsPerHorsepower
        let force = seen.shownBrakeForce / Self.newtonsPerPoundForce
        let speed = seen.shownRollerSpeed / Self.kilometresPerMile
        return Self.framed(
            "PWR=\(Self.place(power, 6)) hp FRC=\(Self.place(force, 7)) lbf SPD=\(Self.place(speed, 7)) mph  ")
    }

    /// Sixteen digits, of which the first two are taken for the ends of the lift.
    private func state(_ seen: PlantSnapshot) -> [UInt8] {
        let lift = seen.lift == .up ? "10" : "01"
        return Self.framed(lift + String(repeating: "0", count: 14) + "\u{17}")
    }

    private static func place(_ value: Double, _ width: Int) -> String {
        let text = Wire.decimal(value, places: 1)
        return String(repeating: " ", count: max(0, width - text.count)) + text
    }

    private static func framed(_ text: String) -> [UInt8] {
        let bytes = Array(text.utf8)
        return [0x02] + bytes + Wire.hexDigits(bytes.reduce(0, ^)) + [0x24]
    }
}
