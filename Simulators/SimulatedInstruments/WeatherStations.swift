import Metrology
import Plant

/// Weather stations (气象站) whose registers hold the room's climate: Modbus RTU, unit 1.
struct ModbusWeather: ModbusSlave {
    enum Model {
        case rz1
        case generic
        case xyMD02
        case metSENS300
    }

    let wire = ModbusWire.rtu
    private let model: Model
    var received: [UInt8] = []

    init(_ model: Model) { self.model = model }

    mutating func registers(_ function: UInt8, _ surroundings: Surroundings) -> [Int: UInt16] {
        let air = surroundings.observe().air
        func signed(_ value: Double, _ scale: Double) -> UInt16 {
            UInt16(bitPattern: Int16(max(-32_768, min(32_767, (value * scale).rounded()))))
        }
        func single(_ value: Double) -> [UInt16] {
            let bits = Float(value).bitPattern
            return [UInt16(bits >> 16), UInt16(bits & 0xFFFF)]
        }
        let values: (function: UInt8, first: Int, words: [UInt16])
        switch model {
        case .rz1:
            // Steps of 0.005 °C, 0.02 % and 0.011 kPa; what the fourth register holds is not in the source.
            values = (
                4, 0,
                [
                    signed(air.temperature, 200), signed(air.relativeHumidity, 50), signed(air.pressure, 1 / 0.011),
                    0,
                ]
            )
        case .generic:
            values = (
                3, 0, [signed(air.temperature, 10), signed(air.relativeHumidity, 10), signed(air.pressure * 10, 10)]
            )
        case .xyMD02: values = (4, 1, [signed(air.temperature, 10), signed(air.relativeHumidity, 10)])
        case .metSENS300:
            values = (3, 0, single(air.pressure * 10) + single(air.relativeHumidity) + single(air.temperature))
        }
        guard function == values.function else { return [:] }
        return Dictionary(
            uniqueKeysWithValues: values.words.enumerated().map { (values.first + $0.offset, $0.element) })
    }
}

/// The SG-506 station: sends `SGHJ`, temperature, humidity and pressure, low bytes first, and listens to nothing.
struct SG506: WireInstrument {
    private static let period = LaneSpan(nanoseconds: 1_000_000_000)
    private var ticker: Ticker

    init(switchedOn: LaneInstant) { ticker = Ticker(Self.period, from: switchedOn) }

    var nextEvent: LaneInstant? { ticker.next }

    mutating func act(_ surroundings: Surroundings) -> [UInt8]? {
        guard ticker.strikes(surroundings.now) else { return nil }
        let air = surroundings.observe().air
        let pressure = UInt32(max(0, (air.pressure * 100_000).rounded()))
        return Array("SGHJ".utf8) + Wire.word(air.temperature, scale: 100).reversed()
            + Wire.unsignedWord(air.relativeHumidity, scale: 100).reversed()
            + [0, 8, 16, 24].map { UInt8(truncatingIfNeeded: pressure >> $0) }
    }

    mutating func receive(_ bytes: [UInt8], _ surroundings: Surroundings) -> [[UInt8]] { [] }

    mutating func forgetPartialFrame() {}
}

/// The Vaisala PTU300: lines that end with CR. `SEND` asks for one line of values, `R` for one every second, `S` ends
/// that.
struct PTU300: AnsweringInstrument {
    private static let period = LaneSpan(nanoseconds: 1_000_000_000)
    private var ticker: Ticker?
    var received: [UInt8] = []

    var nextEvent: LaneInstant? { ticker?.next }

    mutating func act(_ surroundings: Surroundings) -> [UInt8]? {
        guard ticker?.strikes(surroundings.now) == true else { return nil }
        return line(surroundings)
    }

    func beginning(of bytes: [UInt8]) -> RequestBeginning {
        guard let end = bytes.firstIndex(of: 0x0D) else { return bytes.count > 80 ? .noise(bytes.count) : .unfinished }
        return .whole(end + 1)
    }

    mutating func answer(_ request: [UInt8], _ surroundings: Surroundings) -> Answer {
        let command = String(decoding: request.dropLast(), as: UTF8.self).uppercased()
        switch command {
        case "SEND": return .done(command, line(surroundings))
        case "R": ticker = Ticker(Self.period, from: surroundings.now)
        case "S": ticker = nil
        default: return .refused
        }
        return .done(command, [])
    }

    private func line(_ surroundings: Surroundings) -> [UInt8] {
        let air = surroundings.observe().air
        return Array(
            ("P= \(Wire.decimal(air.pressure * 10, places: 1)) hPa T= \(Wire.decimal(air.temperature, places: 1)) 'C "
                + "RH= \(Wire.decimal(air.relativeHumidity, places: 1)) %RH\r").utf8)
    }
}

/// Nanhua's EPCS box for climate, oil and engine speed: `02 41 03` is answered by 42 bytes of text.
///
/// What some of them hold, and how the two digits of the check are made, is not in the source: here they are zeros.
struct EPCS: AnsweringInstrument {
    var received: [UInt8] = []

    func beginning(of bytes: [UInt8]) -> RequestBeginning {
        if let noise = RequestBeginning.after(0x02, in: bytes) { return noise }
        guard bytes.count >= 3 else { return .unfinished }
        return bytes[2] == 0x03 ? .whole(3) : .noise(1)
    }

    mutating func answer(_ request: [UInt8], _ surroundings: Surroundings) -> Answer {
        guard request[1] == 0x41 else { return .refused }
        let seen = surroundings.observe()
        let values = [
            Wire.digits(seen.air.temperature + 30, scale: 10, count: 4),
            Wire.digits(seen.air.relativeHumidity, scale: 10, count: 4),
            Wire.digits(seen.air.pressure, scale: 10, count: 4),
            Wire.digits(seen.oilTemperature + 30, scale: 10, count: 4), Wire.digits(seen.shownEngineSpeed, count: 4),
        ]
        let zeros = { (count: Int) in [UInt8](repeating: 0x30, count: count) }
        let reply = [0x02] + zeros(5) + [0x06] + zeros(7) + Array(values.joined(separator: [0x2C])) + [0x2C]
        return .done("A", reply + zeros(2) + [0x03])
    }
}

/// A beat of the lane's time; a late one is made once, not made up for.
struct Ticker {
    private(set) var next: LaneInstant
    private let period: LaneSpan

    init(_ period: LaneSpan, from start: LaneInstant) {
        self.period = period
        next = start + period
    }

    /// Whether it is time; if so, the next beat is set.
    mutating func strikes(_ now: LaneInstant) -> Bool {
        guard now >= next else { return false }
        next = next + period
        if next < now { next = now + period }
        return true
    }
}
