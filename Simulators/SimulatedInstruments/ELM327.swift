import Metrology
import Plant

/// An ELM327 adapter to the vehicle's diagnosis: lines of ASCII, each answered and followed by a prompt `>`.
struct ELM327: WireInstrument {
    private(set) var diagnosis: Diagnosis
    private let ignition: Vehicle.Ignition
    /// Whether the vehicle has a J1939 bus.
    let hasTruckBus: Bool
    private(set) var settings = Settings()
    private var hasProtocol = false
    private var line: [UInt8] = []
    /// An answer that takes its time.
    private var pending: (due: LaneInstant, reply: [UInt8])?
    private var echo: [UInt8] = []

    struct Settings {
        var echoes = true
        var lineFeeds = false
        var spaces = true
        var headers = false
        /// 0 searches for the protocol, 6 is CAN with 11 bits at 500 kbit/s.
        var busProtocol: Character = "0"
    }

    /// How long the adapter searches for the vehicle's protocol: 3 to 5 s.
    private static let search = LaneSpan(nanoseconds: 3_200_000_000)
    /// How long it waits for a control unit that does not answer, and how long a control unit takes.
    static let (patience, thinking) = (LaneSpan(nanoseconds: 200_000_000), LaneSpan(nanoseconds: 15_000_000))

    init(_ surroundings: Surroundings) {
        let vehicle = surroundings.host.vehicle
        (diagnosis, ignition, hasTruckBus) = (vehicle.diagnosis, vehicle.ignition, vehicle.hasTruckBus)
    }

    var nextEvent: LaneInstant? { pending?.due }

    mutating func act(_ surroundings: Surroundings) -> [UInt8]? {
        guard let (due, reply) = pending, surroundings.now >= due else { return nil }
        pending = nil
        return reply
    }

    mutating func forgetPartialFrame() {}

    mutating func receive(_ bytes: [UInt8], _ surroundings: Surroundings) -> [[UInt8]] {
        var replies: [[UInt8]] = []
        for byte in bytes {
            if pending != nil {
                // Whoever speaks before the prompt interrupts.
                pending = nil
                replies.append(text(["STOPPED"]))
                continue
            }
            if settings.echoes { echo.append(byte) }
            if byte != 0x0D {
                if byte > 0x20, line.count < 64 { line.append(byte) }
                continue
            }
            let command = String(decoding: line, as: UTF8.self).uppercased()
            line.removeAll()
            if !echo.isEmpty { replies.append(echo) }
            echo.removeAll()
            if let reply = answer(command, surroundings) { replies.append(reply) }
        }
        return replies
    }

    private func text(_ lines: [String]) -> [UInt8] {
        let end = settings.lineFeeds ? "\r\n" : "\r"
        return Array((lines.joined(separator: end) + end + end + ">").utf8)
    }

    private mutating func answer(_ command: String, _ surroundings: Surroundings) -> [UInt8]? {
        if command.isEmpty { return text([]) }
        surroundings.log.received(command.hasPrefix("AT") ? "AT" : String(command.prefix(4)))
        if settings.busProtocol == "A", !command.hasPrefix("AT") || command.hasPrefix("ATMP") {
            // A digit behind the group of a monitoring is the number of messages to wait for.
            let digits = command.hasPrefix("ATMP") ? command.dropFirst(4) : Substring(command)
            ask(group: digits.count.isMultiple(of: 2) ? digits : digits.dropLast(), surroundings)
            return nil
        }
        if command.hasPrefix("AT") {
            guard let reply = configure(String(command.dropFirst(2))) else {
                surroundings.log.rejected()
                return text(["?"])
            }
            return text([reply])
        }
        guard let request = bytesOf(command) else {
            surroundings.log.rejected()
            return text(["?"])
        }
        return ask(request, surroundings)
    }

    // MARK: The adapter

    private mutating func configure(_ command: String) -> String? {
        func isOn(_ key: String) -> Bool? {
            guard command.count == key.count + 1, command.hasPrefix(key) else { return nil }
            return command.hasSuffix("1") ? true : command.hasSuffix("0") ? false : nil
        }
        if command == "Z" || command == "WS" || command == "D" {
            settings = Settings()
            hasProtocol = false
            return command == "D" ? "OK" : "\r\rELM327 v1.5"
        }
        if command == "I" { return "ELM327 v1.5" }
        if command == "@1" { return "OBDII to RS232 Interpreter" }
        if command == "RV" { return "13.8V" }
        if command == "DPN" { return settings.busProtocol == "0" ? "A\(ownProtocol)" : String(settings.busProtocol) }
        if command == "DP" {
            if settings.busProtocol == "A" { return "SAE J1939 (CAN 29/250)" }
            let name = diagnosis.bus == .can ? "ISO 15765-4 (CAN 11/500)" : "ISO 9141-2"
            return settings.busProtocol == "0" ? "AUTO, " + name : name
        }
        if command.hasPrefix("SP"), let digit = command.last, "0123456789ABC".contains(digit) {
            settings.busProtocol = command == "SPA6" ? "0" : digit
            hasProtocol = false
            return "OK"
        }
        if let value = isOn("E") {
            settings.echoes = value
        } else if let value = isOn("L") {
            settings.lineFeeds = value
        } else if let value = isOn("S") {
            settings.spaces = value
        } else if let value = isOn("H") {
            settings.headers = value
        } else if !["ST", "AT", "AL", "M", "PC", "SH", "CAF"].contains(where: command.hasPrefix) {
            return nil
        }
        return "OK"
    }

    // MARK: The vehicle

    /// The number by which the adapter knows the vehicle's bus: 6 is CAN with 11 bits at 500 kbit/s, 3 is ISO 9141-2.
    private var ownProtocol: Character { diagnosis.bus == .can ? "6" : "3" }

    /// Answers after a while.
    mutating func reply(_ lines: [String], after wait: LaneSpan, _ surroundings: Surroundings) {
        pending = (surroundings.now + wait, text(lines))
    }

    private mutating func ask(_ request: [UInt8], _ surroundings: Surroundings) -> [UInt8]? {
        var prefix: [String] = []
        var wait = Self.thinking
        if !hasProtocol, settings.busProtocol == "0" {
            prefix = ["SEARCHING..."]
            wait = Self.search
        }
        let isReachable = diagnosis.answers && ["0", ownProtocol].contains(settings.busProtocol)
        if !hasProtocol, isReachable, settings.busProtocol == "3" { prefix = ["BUS INIT: ...OK"] }
        guard isReachable else {
            let failure = ["3", "4", "5"].contains(settings.busProtocol) ? "BUS INIT: ...ERROR" : "CAN ERROR"
            let lines = settings.busProtocol == "0" ? prefix + ["UNABLE TO CONNECT"] : [failure]
            pending = (surroundings.now + (prefix.isEmpty ? Self.patience : wait), text(lines))
            return nil
        }
        hasProtocol = true
        let unit = ControlUnit(diagnosis: diagnosis, ignition: ignition, seen: surroundings.observe())
        let answers = lines(of: [unit.answer(request), unit.transmissionAnswer(request)])
        guard !answers.isEmpty else {
            pending = (surroundings.now + (prefix.isEmpty ? Self.patience : wait), text(prefix + ["NO DATA"]))
            return nil
        }
        if request == [0x04] {
            diagnosis.troubleCodes = []
            diagnosis.isLampOn = false
            diagnosis.incompleteMonitors = 8
            if diagnosis.transmission != nil {
                diagnosis.transmission = Diagnosis.Transmission()
                diagnosis.transmission?.isComplete = false
            }
        }
        pending = (surroundings.now + wait, text(prefix + answers))
        return nil
    }

    /// What the control units of engine and transmission say, as the adapter prints it. What both say in several frames
    /// comes frame by frame in turn, since they have the bus in common.
    private func lines(of answers: [[UInt8]?]) -> [String] {
        if diagnosis.bus == .kLine {
            return zip(answers, [UInt8(0x10), 0x18]).flatMap { answer, source in
                answer.map(ControlUnit.kLineMessages)?.map { kLineLine($0, source) } ?? []
            }
        }
        let lines = zip(answers, ["7E8", "7E9"]).compactMap { answer, header in
            answer.map { canLines(of: $0, header: header) }
        }
        return (0..<(lines.map(\.count).max() ?? 0)).flatMap { index in
            lines.compactMap { $0.indices.contains(index) ? $0[index] : nil }
        }
    }

    /// With headers the priority, the receiver and the sender go before, and the sum of all bytes behind.
    private func kLineLine(_ message: [UInt8], _ source: UInt8) -> String {
        guard settings.headers else { return print(message) }
        let bytes = [0x48, 0x6B, source] + message
        return print(bytes + [bytes.reduce(0, &+)])
    }

    /// A message on CAN: more than seven bytes come in frames of ISO 15765-2.
    private func canLines(of message: [UInt8], header: String) -> [String] {
        if message.count <= 7 {
            return [settings.headers ? print([UInt8(message.count)] + message, header: header) : print(message)]
        }
        if settings.headers {
            let length = UInt16(message.count)
            var lines = [print([0x10 | UInt8(length >> 8), UInt8(length & 0xFF)] + message.prefix(6), header: header)]
            for (index, chunk) in pieces(message.dropFirst(6)).enumerated() {
                lines.append(print([0x20 | UInt8((index + 1) & 0xF)] + chunk, header: header))
            }
            return lines
        }
        let length = String(message.count, radix: 16, uppercase: true)
        var lines = [String(repeating: "0", count: 3 - length.count) + length, number(0) + print(message.prefix(6))]
        for (index, chunk) in pieces(message.dropFirst(6)).enumerated() {
            lines.append(number(index + 1) + print(chunk))
        }
        return lines
    }

    private func number(_ index: Int) -> String {
        String(index & 0xF, radix: 16, uppercase: true) + (settings.spaces ? ": " : ":")
    }

    private func pieces(_ bytes: ArraySlice<UInt8>) -> [[UInt8]] {
        stride(from: bytes.startIndex, to: bytes.endIndex, by: 7).map { start in
            let chunk = Array(bytes[start..<min(start + 7, bytes.endIndex)])
            return chunk + [UInt8](repeating: 0, count: 7 - chunk.count)
        }
    }

    func print(_ bytes: some Sequence<UInt8>, header: String? = nil) -> String {
        let digits = bytes.map { byte in
            let text = String(byte, radix: 16, uppercase: true)
            return text.count == 1 ? "0" + text : text
        }
        return ([header].compactMap { $0 } + digits).joined(separator: settings.spaces ? " " : "")
    }

    /// Hexadecimal pairs; a single digit behind them, the number of answers to wait for, is left out.
    private func bytesOf(_ text: String) -> [UInt8]? {
        let digits = text.count.isMultiple(of: 2) ? text : String(text.dropLast())
        guard !digits.isEmpty, text.allSatisfy(\.isHexDigit) else { return nil }
        var bytes: [UInt8] = []
        var rest = Substring(digits)
        while !rest.isEmpty {
            guard let byte = UInt8(rest.prefix(2), radix: 16) else { return nil }
            bytes.append(byte)
            rest = rest.dropFirst(2)
        }
        return bytes
    }
}
