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
    private let words: AidWords
    private var drawnLines = 0
    private var lastDrawn: ContinuousClock.Instant?
    private var lastPlainSecond = -1
    private var lastStage: StageKind?
    private var prompt = ""

    init(_ catalogue: Catalogue, _ style: Style) {
        self.catalogue = catalogue
        self.style = style
        words = AidWords(catalogue)
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
        let stage = words.stage(status)
        let head = style.strong("── \(stage)  \(brief(status.stageTime.seconds, places: 0)) s ") + bar(status.progress)
        let instruction = status.instruction.map(catalogue.text) ?? prompt
        var lines = [head] + words.lines(frame, status, style)
        lines.append(style.strong(instruction))
        if let following = status.following { lines.append(style.faint(words.following(following))) }
        lines.append(style.faint(words.abort))
        return lines
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
        Output.line(words.plain(frame, status))
    }
}
