import Foundation
import Instruments
import Lane
import Messages
import Metrology
import Procedures

/// What the driver's aid says in words and numbers: of each instrument that stands on the lane, and of what the method
/// asks of the driver.
struct AidWords {
    private let catalogue: Catalogue

    init(_ catalogue: Catalogue) { self.catalogue = catalogue }

    /// How a test is broken off.
    var abort: String { text(.aidAbort, [:]) }

    /// The stage, with the method's mode before it.
    func stage(_ status: ProcedureStatus) -> String {
        let words = catalogue.text(status.stage.message)
        return status.mode.map { "\($0.uppercased()) \(words)" } ?? words
    }

    /// What the driver does after what is to be done now.
    func following(_ message: Message) -> String { text(.aidFollowing, ["next": .message(message)]) }

    /// The lines between the stage and the instruction.
    func lines(_ frame: Frame, _ status: ProcedureStatus, _ style: Style) -> [String] {
        var lines: [String] = []
        if isRead(.rollerSpeed, frame) { lines.append(speed(frame, status) + "  " + gauge(frame, status, style)) }
        if !status.trace.isEmpty { lines.append(trace(status)) }
        if let target = status.targetEngineSpeed { lines.append(engine(frame, target, status)) }
        if isRead(.rollerForce, frame) { lines.append(load(frame, status)) }
        if isRead(.carbonMonoxide, frame) { lines.append(raw(frame)) }
        if !status.corrected.isEmpty { lines.append(corrected(status)) }
        if isRead(.opacity, frame) || isRead(.lightAbsorption, frame) { lines.append(smoke(frame)) }
        if isRead(.nitrogenOxides, frame) || isRead(.benchNitricOxide, frame) { lines.append(bench(frame)) }
        if isRead(.exhaustFlow, frame) { lines.append(flow(frame)) }
        if status.counters != BandCounters() { lines.append(counters(status.counters)) }
        if !status.readings.isEmpty { lines.append(readings(status)) }
        return lines
    }

    /// One line for where nothing can be redrawn.
    func plain(_ frame: Frame, _ status: ProcedureStatus) -> String {
        var parts = ["\(Int(frame.time.seconds)) s", stage(status)]
        let turns = status.targetSpeed != nil || frame[.rollerSpeed].valid != nil
        if turns {
            let target = status.targetSpeed.map { brief($0.value) } ?? "–"
            parts.append("\(shown(frame[.rollerSpeed])) (\(target)) km/h")
            parts.append("\(power(frame)) kW")
        }
        if let target = status.targetEngineSpeed {
            parts.append("\(shown(frame[.engineSpeed], places: 0)) (\(brief(target.value, places: 0))) r/min")
        } else if !turns, frame[.engineSpeed].valid != nil {
            parts.append("\(shown(frame[.engineSpeed], places: 0)) r/min")
        }
        for (symbol, unit, places) in [("co", "%", 2), ("hc", "ppm", 0), ("no", "ppm", 0)] {
            guard let value = status.corrected[symbol] else { continue }
            parts.append("\(symbol.uppercased()) \(brief(value, places: places)) \(unit)")
        }
        for reading in status.readings { parts.append(Self.shown(reading)) }
        return parts.joined(separator: "  ")
    }

    // MARK: Checks

    /// The check, and the step with its name in scripts.
    func step(_ status: ProcedureStatus, of check: String) -> String {
        [check, catalogue.text(status.stage.message), status.mode].compactMap { $0 }.joined(separator: " · ")
    }

    /// What the step reads, how near it is to rest, and how long it takes.
    func checkLines(_ status: ProcedureStatus) -> [String] {
        let isAbout: (StatusReading) -> Bool = { ["stability", "countdown"].contains($0.symbol) }
        let parts = [status.readings.filter { !isAbout($0) }, status.readings.filter(isAbout)]
        return parts.filter { !$0.isEmpty }.map { $0.map(Self.shown).joined(separator: "   ") }
    }

    /// One line of a check for where nothing can be redrawn.
    func plainCheck(_ frame: Frame, _ status: ProcedureStatus) -> String {
        (["\(Int(frame.time.seconds)) s", stage(status)] + status.readings.map(Self.shown)).joined(separator: "  ")
    }

    /// What is to be read off reference instruments, with what is taken otherwise; nil where nothing is.
    func asked(_ status: ProcedureStatus) -> String? {
        guard !status.entries.isEmpty else { return nil }
        let fields = status.entries.map { entry in
            let field = "\(catalogue.text(entry.name)) (\(entry.channel.unit.symbol))"
            return entry.nominal.map { "\(field) [\($0)]" } ?? (entry.isOptional ? "\(field) [–]" : field)
        }
        return text(.entryAsked, ["fields": .text(fields.joined(separator: ", "))])
    }

    /// The keys during a test.
    var keysOfTest: String { text(.entryKeys, [:]) }

    /// The keys that mean something now.
    func keys(_ status: ProcedureStatus) -> String {
        if status.isQuestion { return text(.entryQuestionKeys, [:]) }
        if !status.entries.isEmpty { return text(.entryHow, [:]) }
        return text(status.stage == .connect ? .entryKeys : .entryWaitingKeys, [:])
    }

    // MARK: Lines

    private func speed(_ frame: Frame, _ status: ProcedureStatus) -> String {
        text(
            .aidSpeed,
            [
                "target": .text(status.targetSpeed.map { brief($0.value) } ?? "–"),
                "band": .text(status.speedTolerance.map { brief($0.value) } ?? "–"),
                "actual": .text(shown(frame[.rollerSpeed])), "rpm": .text(shown(frame[.engineSpeed], places: 0)),
            ])
    }

    private func engine(_ frame: Frame, _ target: EngineSpeed, _ status: ProcedureStatus) -> String {
        text(
            .aidEngine,
            [
                "target": .text(brief(target.value, places: 0)),
                "band": .text(status.engineSpeedTolerance.map { brief($0.value, places: 0) } ?? "–"),
                "actual": .text(shown(frame[.engineSpeed], places: 0)),
            ])
    }

    /// The speeds in one, two, three, five and ten seconds.
    private func trace(_ status: ProcedureStatus) -> String {
        let coming = [1, 2, 3, 5, 10].filter { $0 <= status.trace.count }.map { seconds in
            "+\(seconds) s \(brief(status.trace[seconds - 1].value))"
        }
        return text(.aidTrace, ["speeds": .text(coming.joined(separator: "  "))])
    }

    private func load(_ frame: Frame, _ status: ProcedureStatus) -> String {
        text(
            .aidLoad,
            [
                "set": .text(status.brakeForce.map { brief($0.value, places: 0) } ?? "–"),
                "force": .text(shown(frame[.rollerForce], places: 0)), "power": .text(power(frame)),
            ])
    }

    private func raw(_ frame: Frame) -> String {
        text(
            .aidRaw,
            [
                "co": .text(shown(frame[.carbonMonoxide], places: 2)),
                "co2": .text(shown(frame[.carbonDioxide], places: 2)),
                "hc": .text(shown(frame[.hydrocarbons], places: 0)),
                "no": .text(shown(frame[.nitricOxide], places: 0)), "o2": .text(shown(frame[.oxygen], places: 2)),
            ])
    }

    private func corrected(_ status: ProcedureStatus) -> String {
        func value(_ gas: String, _ places: Int) -> MessageArgument {
            .text(status.corrected[gas].map { brief($0, places: places) } ?? "–")
        }
        return text(
            .aidCorrected,
            [
                "co": value("co", 2), "hc": value("hc", 0), "no": value("no", 0),
                "df": .text(status.factors.map { brief($0.dilution, places: 3) } ?? "–"),
                "kh": .text(status.factors.map { brief($0.humidity, places: 3) } ?? "–"),
            ])
    }

    private func smoke(_ frame: Frame) -> String {
        text(
            .aidSmoke,
            [
                "k": .text(shown(frame[.lightAbsorption], places: 2)), "n": .text(shown(frame[.opacity])),
                "temperature": .text(shown(frame[.smokeTemperature], places: 0)),
            ])
    }

    private func bench(_ frame: Frame) -> String {
        text(
            .aidBench,
            [
                "nox": .text(shown(frame[.nitrogenOxides], places: 0)),
                "no": .text(shown(frame[.benchNitricOxide], places: 0)),
                "no2": .text(shown(frame[.nitrogenDioxide], places: 0)),
                "co2": .text(shown(frame[.benchCarbonDioxide], places: 2)),
            ])
    }

    private func flow(_ frame: Frame) -> String {
        text(
            .aidFlow,
            [
                "flow": .text(shown(frame[.exhaustFlow], places: 2)),
                "o2": .text(shown(frame[.dilutedOxygen], places: 2)),
                "temperature": .text(shown(frame[.flowTemperature])),
                "pressure": .text(shown(frame[.flowPressure])),
            ])
    }

    private func counters(_ counters: BandCounters) -> String {
        text(
            .aidCounters,
            [
                "sc": .integer(counters.speedContinuous), "st": .integer(counters.speedCumulative),
                "tc": .integer(counters.torqueContinuous), "tt": .integer(counters.torqueCumulative),
            ])
    }

    private func readings(_ status: ProcedureStatus) -> String {
        text(.aidReadings, ["readings": .text(status.readings.map(Self.shown).joined(separator: "   "))])
    }

    /// A band from 3 km/h below to 3 km/h above the target, with the actual speed in it.
    private func gauge(_ frame: Frame, _ status: ProcedureStatus, _ style: Style) -> String {
        guard let target = status.targetSpeed, let band = status.speedTolerance, let speed = frame[.rollerSpeed].valid
        else { return "" }
        let span = 3.0
        let cells = 31
        var row = [String](repeating: " ", count: cells)
        func cell(_ offset: Double) -> Int {
            Int(((max(-span, min(span, offset)) + span) / (2 * span) * Double(cells - 1)).rounded())
        }
        row[cell(-band.value)] = "["
        row[cell(band.value)] = "]"
        row[cell(0)] = "·"
        let offset = (speed - target).value
        row[cell(offset)] = abs(offset) <= band.value ? style.good("●") : style.bad("●")
        return row.joined()
    }

    // MARK: Words

    private func text(_ code: MessageCode, _ arguments: [String: MessageArgument]) -> String {
        catalogue.text(Message(code, arguments))
    }

    /// Whether an instrument on the lane reads a channel.
    private func isRead(_ channel: ChannelID, _ frame: Frame) -> Bool { frame.samples[channel] != nil }

    private func shown<Unit>(_ reading: Reading<Unit>, places: Int = 1) -> String {
        reading.valid.map { brief($0.value, places: places) } ?? "–"
    }

    private static func shown(_ reading: StatusReading) -> String {
        // How near readings are to rest, and how long a step goes on, need no words.
        if reading.symbol == "stability" {
            let full = Int((max(0, min(100, reading.value)) / 10).rounded())
            return "▕" + String(repeating: "█", count: full) + String(repeating: "░", count: 10 - full) + "▏ "
                + "\(brief(reading.value, places: 0)) %"
        }
        if reading.symbol == "countdown" { return "⏳ \(brief(reading.value, places: 0)) s" }
        return "\(reading.symbol) \(brief(reading.value, places: reading.places)) \(reading.unit)"
            .trimmingCharacters(in: .whitespaces)
    }

    private func power(_ frame: Frame) -> String {
        guard let force = frame[.rollerForce].valid, let speed = frame[.rollerSpeed].valid else { return "–" }
        return brief((force * speed).value)
    }
}
