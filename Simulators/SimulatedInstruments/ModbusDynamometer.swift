import Metrology
import Plant

/// A dynamometer with the register map that this project proposes to integrators (`Docs/Instruments.md`), over Modbus RTU
/// or TCP. It takes the load off by itself when it has not been asked for anything for two seconds.
struct ModbusDynamometer: ModbusSlave {
    let wire: ModbusWire
    var received: [UInt8] = []
    private var mode = 0
    /// Set points of speed, force and power, by the first of their two registers.
    private var setpoints: [Int: Float] = [1: 0, 3: 0, 5: 0]
    private var liftMoves: LaneInstant?
    private var askedAt: LaneInstant

    private static let watchdog = LaneSpan(nanoseconds: 2_000_000_000)
    private static let lifting = LaneSpan(nanoseconds: 3_000_000_000)
    private static let (liftRegister, motorRegister) = (7, 8)

    init(_ wire: ModbusWire, switchedOn: LaneInstant) {
        self.wire = wire
        askedAt = switchedOn
    }

    var nextEvent: LaneInstant? { mode == 0 ? nil : askedAt + Self.watchdog }

    mutating func act(_ surroundings: Surroundings) -> [UInt8]? {
        guard mode != 0, surroundings.now >= askedAt + Self.watchdog else { return nil }
        mode = 0
        brake(surroundings)
        return nil
    }

    mutating func catchUp(_ surroundings: Surroundings) {
        _ = act(surroundings)
        askedAt = surroundings.now
        if let end = liftMoves, surroundings.now >= end { liftMoves = nil }
    }

    mutating func registers(_ function: UInt8, _ surroundings: Surroundings) -> [Int: UInt16] {
        function == 4 ? input(surroundings.observe()) : holding(surroundings.observe())
    }

    private func input(_ seen: PlantSnapshot) -> [Int: UInt16] {
        let power = seen.shownBrakeForce * seen.shownRollerSpeed / 3600
        let words =
            Self.words(Float(seen.shownRollerSpeed)) + Self.words(Float(seen.shownBrakeForce))
            + Self.words(Float(power)) + [UInt16(max(0, min(1000, (seen.brakeDuty * 10).rounded())))]
            + [liftMoves == nil ? 0 : 0b10]
        return Dictionary(uniqueKeysWithValues: words.enumerated().map { ($0.offset, $0.element) })
    }

    private func holding(_ seen: PlantSnapshot) -> [Int: UInt16] {
        var registers = [
            0: UInt16(mode), Self.liftRegister: seen.lift == .up ? 1 : 0, Self.motorRegister: seen.motorRuns ? 1 : 0,
        ]
        for (address, value) in setpoints {
            (registers[address], registers[address + 1]) = (Self.words(value)[0], Self.words(value)[1])
        }
        return registers
    }

    private static func words(_ value: Float) -> [UInt16] {
        [UInt16(value.bitPattern >> 16), UInt16(value.bitPattern & 0xFFFF)]
    }

    mutating func write(
        _ values: [UInt16], to address: Int, _ surroundings: Surroundings
    ) throws(ModbusException) {
        switch (address, values.count) {
        case (0, 1):
            guard values[0] <= 3 else { throw .value }
            mode = Int(values[0])
            brake(surroundings)
        case (1, 2), (3, 2), (5, 2):
            let value = Float(bitPattern: UInt32(values[0]) << 16 | UInt32(values[1]))
            guard value.isFinite, value >= 0 else { throw .value }
            setpoints[address] = value
            // A new number counts at once in the mode that uses it.
            if mode != 0 { brake(surroundings) }
        case (Self.liftRegister, 1):
            guard values[0] <= 1 else { throw .value }
            guard liftMoves == nil, surroundings.observe().shownRollerSpeed < 1 else { throw .busy }
            liftMoves = surroundings.now + Self.lifting
            surroundings.host.command { $0.move(lift: values[0] == 1 ? .up : .down) }
        case (Self.motorRegister, 1):
            guard values[0] <= 1 else { throw .value }
            surroundings.host.command { $0.motor(isOn: values[0] == 1) }
        default: throw .address
        }
    }

    private func brake(_ surroundings: Surroundings) {
        func setpoint(_ address: Int) -> Double { Double(setpoints[address] ?? 0) }
        let command: BrakeCommand =
            switch mode {
            case 1: .speed(Speed(setpoint(1)))
            case 2: .force(Force(setpoint(3)))
            case 3: .power(Power(setpoint(5)))
            default: .off
            }
        surroundings.host.command { $0.brake(command) }
    }
}
