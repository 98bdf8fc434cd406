import Metrology
import Plant

/// The BNTD controller of an eddy-current dynamometer (电涡流测功机控制器).
struct BNTD: WireInstrument {
    /// How often it streams, lane time.
    private static let period = LaneSpan(nanoseconds: 50_000_000)

    /// Older firmware sends no key of the remote control.
    private let sendsKey: Bool
    private var next: LaneInstant
    private var buffer: [UInt8] = []
    private var mode = "II"
    /// The numbers that the four modes run with, by the command that sets them.
    private var setpoints: [String: Float] = [:]

    init(sendsKey: Bool = true, switchedOn: LaneInstant) {
        self.sendsKey = sendsKey
        next = switchedOn + Self.period
    }

    var nextEvent: LaneInstant? { next }

    mutating func act(_ surroundings: Surroundings) -> [UInt8]? {
        let now = surroundings.now
        guard now >= next else { return nil }
        // A late frame is sent once, not made up for.
        next = next + Self.period
        if next < now { next = now + Self.period }
        let seen = surroundings.observe()
        let frame = BNTDStreamFrame(
            mode: mode, speed: Float(seen.shownRollerSpeed), force: Float(seen.shownBrakeForce),
            duty: Float(seen.brakeDuty)
        ).frame
        return sendsKey ? frame : Array(frame.prefix(15)) + frame.suffix(1)
    }

    mutating func forgetPartialFrame() { buffer.removeAll() }

    mutating func receive(_ bytes: [UInt8], _ surroundings: Surroundings) -> [[UInt8]] {
        buffer += bytes
        while let start = buffer.firstIndex(of: 0x58), buffer.count - start >= BNTDCommand.length {
            buffer.removeFirst(start)
            if let command = BNTDCommand(frame: Array(buffer.prefix(BNTDCommand.length))) {
                buffer.removeFirst(BNTDCommand.length)
                execute(command, surroundings)
            } else {
                surroundings.log.rejected()
                // The byte was no beginning, or the frame is damaged: look for the next one.
                buffer.removeFirst()
            }
        }
        if !buffer.contains(0x58) { buffer.removeAll() }
        return []
    }

    private mutating func execute(_ command: BNTDCommand, _ surroundings: Surroundings) {
        switch command.name {
        case "SS", "SF", "SP", "SI":
            guard command.value.isFinite, command.value >= 0 else { return surroundings.log.rejected() }
            setpoints[command.name] = command.value
            // A new number counts at once in the mode that uses it.
            if mode.last == command.name.last { brake(surroundings) }
        case "BS", "BF", "BP", "BI":
            mode = command.name
            brake(surroundings)
        case "BQ":
            mode = "II"
            brake(surroundings)
        case "JU": surroundings.host.command { $0.move(lift: .up) }
        case "JD": surroundings.host.command { $0.move(lift: .down) }
        case "EB": surroundings.host.command { $0.motor(isOn: true) }
        case "ES": surroundings.host.command { $0.motor(isOn: false) }
        case "SZ": surroundings.host.command { $0.zeroForce() }
        // Relays, keys and the doors of its calibration change nothing that this lane shows.
        case "EY", "EN", "SK", "DF", "DS": break
        default: return surroundings.log.rejected()
        }
        surroundings.log.received(command.name)
    }

    private func brake(_ surroundings: Surroundings) {
        func setpoint(_ name: String) -> Double { Double(setpoints[name] ?? 0) }
        let command: BrakeCommand =
            switch mode {
            case "BS": .speed(Speed(setpoint("SS")))
            case "BF": .force(Force(setpoint("SF")))
            case "BP": .power(Power(setpoint("SP")))
            case "BI": .duty(Percentage(min(100, setpoint("SI"))))
            default: .off
            }
        surroundings.host.command { $0.brake(command) }
    }
}
