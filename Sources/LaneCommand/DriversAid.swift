import Foundation
import Instruments
import Lane
import Messages
import Metrology
import Procedures

/// The driver's aid (司机助) in a terminal: a block of lines redrawn in place, or plain lines where that is not
/// possible.
struct DriversAid {
    private let catalogue: Catalogue
    private let style: Style
    private var drawnLines = 0
    private var lastDrawn: ContinuousClock.Instant?
    private var lastPlainSecond = -1
    private var lastStage: StageKind?
    private var prompt = ""

    init(_ catalogue: Catalogue, _ style: Style) {
        self.catalogue = catalogue
        self.style = style
    }

    /// Shows what happened.
    mutating func show(_ event: LaneEvent) {
        switch event {
        case .frame(let frame, let status):
            if style.isTerminal { draw(frame, status) } else { print(frame, status) }
        case .prompt(let message):
            prompt = catalogue.text(message)
            if !style.isTerminal { Output.line("> \(prompt)") }
        case .trouble(let role, let error):
            let text = "! \(role.rawValue): \(catalogue.text(error.message)) [\(error.message.code.rawValue)]"
            if style.isTerminal { erase() }
            Output.line(style.bad(text))
        case .sealed:
            break
        }
    }

    /// Takes the block off the screen, for what is printed next.
    mutating func erase() {
        guard style.isTerminal, drawnLines > 0 else { return }
        FileHandle.standardOutput.write(Data("\u{1B}[\(drawnLines)A\u{1B}[J".utf8))
        drawnLines = 0
    }

    // MARK: On a terminal

    private mutating func draw(_ frame: Frame, _ status: ProcedureStatus) {
        // Ten pictures a second of life are enough for an eye, however fast the lane runs.
        let now = ContinuousClock.now
        if let lastDrawn, lastDrawn.duration(to: now) < .milliseconds(100), status.stage != .finished { return }
        lastDrawn = now
        let lines = block(frame, status)
        erase()
        FileHandle.standardOutput.write(Data((lines.joined(separator: "\n") + "\n").utf8))
        drawnLines = lines.count
    }

    private func block(_ frame: Frame, _ status: ProcedureStatus) -> [String] {
        let stage = stageText(status)
        let counters = status.counters
        return [
            style.strong("── \(stage)  \(brief(status.stageTime.seconds, places: 0)) s ") + bar(status.progress),
            text(
                .aidSpeed,
                [
                    "target": .text(status.targetSpeed.map { brief($0.value) } ?? "–"),
                    "band": .text(status.speedTolerance.map { brief($0.value) } ?? "–"),
                    "actual": .text(value(frame[.rollerSpeed])), "rpm": .text(value(frame[.engineSpeed], places: 0)),
                ]) + "  " + gauge(frame, status),
            text(
                .aidLoad,
                [
                    "set": .text(status.brakeForce.map { brief($0.value, places: 0) } ?? "–"),
                    "force": .text(value(frame[.rollerForce], places: 0)), "power": .text(power(frame)),
                ]),
            text(
                .aidRaw,
                [
                    "co": .text(value(frame[.carbonMonoxide], places: 2)),
                    "co2": .text(value(frame[.carbonDioxide], places: 2)),
                    "hc": .text(value(frame[.hydrocarbons], places: 0)),
                    "no": .text(value(frame[.nitricOxide], places: 0)),
                    "o2": .text(value(frame[.oxygen], places: 2)),
                ]),
            text(
                .aidCorrected,
                [
                    "co": .text(corrected(status, "co", 2)), "hc": .text(corrected(status, "hc", 0)),
                    "no": .text(corrected(status, "no", 0)),
                    "df": .text(status.factors.map { brief($0.dilution, places: 3) } ?? "–"),
                    "kh": .text(status.factors.map { brief($0.humidity, places: 3) } ?? "–"),
                ]),
            text(
                .aidCounters,
                [
                    "sc": .integer(counters.speedContinuous), "st": .integer(counters.speedCumulative),
                    "tc": .integer(counters.torqueContinuous), "tt": .integer(counters.torqueCumulative),
                ]),
            style.strong(prompt),
            style.faint(text(.aidAbort, [:])),
        ]
    }

    /// A band from 3 km/h below to 3 km/h above the target, with the actual speed in it.
    private func gauge(_ frame: Frame, _ status: ProcedureStatus) -> String {
        guard let target = status.targetSpeed, let band = status.speedTolerance, let speed = frame[.rollerSpeed].valid
        else { return "" }
        let span = 3.0
        let cells = 31
        var row = [String](repeating: " ", count: cells)
        func cell(_ offset: Double) -> Int { Int(((offset + span) / (2 * span) * Double(cells - 1)).rounded()) }
        row[cell(-band.value)] = "["
        row[cell(band.value)] = "]"
        row[cell(0)] = "·"
        let offset = max(-span, min(span, (speed - target).value))
        let isInside = abs((speed - target).value) <= band.value
        row[cell(offset)] = isInside ? style.good("●") : style.bad("●")
        return row.joined()
    }

    private func bar(_ progress: Double) -> String {
        let width = 30
        let full = Int((progress * Double(width)).rounded())
        return style.faint("▕") + String(repeating: "█", count: full) + String(repeating: "░", count: width - full)
            + style.faint("▏") + " \(brief(progress * 100, places: 0)) %"
    }

    // MARK: Plain lines

    private mutating func print(_ frame: Frame, _ status: ProcedureStatus) {
        let second = Int(frame.time.seconds)
        let isNew = status.stage != lastStage
        guard isNew || (second >= lastPlainSecond + 5 && second % 5 == 0) else { return }
        lastPlainSecond = second
        lastStage = status.stage
        Output.line(
            text(
                .aidPlain,
                [
                    "time": .text(String(second)), "stage": .text(stageText(status)),
                    "target": .text(status.targetSpeed.map { brief($0.value) } ?? "–"),
                    "actual": .text(value(frame[.rollerSpeed])), "power": .text(power(frame)),
                    "co": .text(corrected(status, "co", 2)), "hc": .text(corrected(status, "hc", 0)),
                    "no": .text(corrected(status, "no", 0)),
                ]))
    }

    // MARK: Words

    private func text(_ code: MessageCode, _ arguments: [String: MessageArgument]) -> String {
        catalogue.text(Message(code, arguments))
    }

    private func stageText(_ status: ProcedureStatus) -> String {
        let words = catalogue.text(Message(Self.code(status.stage)))
        return status.mode.map { "\($0.uppercased()) \(words)" } ?? words
    }

    private func value<Unit>(_ reading: Reading<Unit>, places: Int = 1) -> String {
        reading.valid.map { brief($0.value, places: places) } ?? "–"
    }

    private func power(_ frame: Frame) -> String {
        guard let force = frame[.rollerForce].valid, let speed = frame[.rollerSpeed].valid else { return "–" }
        return brief((force * speed).value)
    }

    private func corrected(_ status: ProcedureStatus, _ gas: String, _ places: Int) -> String {
        status.corrected[gas].map { brief($0, places: places) } ?? "–"
    }

    private static func code(_ stage: StageKind) -> MessageCode {
        switch stage {
        case .warmUp: .stageWarmUp
        case .zero: .stageZero
        case .ambient: .stageAmbient
        case .background: .stageBackground
        case .rest: .stageRest
        case .probe: .stageProbe
        case .condition: .stageCondition
        case .fuelChange: .stageFuelChange
        case .fullScale: .stageFullScale
        case .idle: .stageIdle
        case .hold: .stageHold
        case .release: .stageRelease
        case .accelerate: .stageAccelerate
        case .stabilise: .stageStabilise
        case .measure: .stageMeasure
        case .flowMeter: .stageFlowMeter
        case .trailing: .stageTrailing
        case .finished: .stageFinished
        }
    }
}
