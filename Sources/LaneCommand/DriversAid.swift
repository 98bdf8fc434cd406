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
    private let desk: EntryDesk?
    private let check: String?
    private var drawnLines = 0
    private var lastDrawn: ContinuousClock.Instant?
    private var lastPlainSecond = -1
    private var lastStage: StageKind?
    private var lastMode: String?
    private var prompt = ""

    /// - Parameters:
    ///   - desk: where a person types; nil where nobody does.
    ///   - check: the check, whose own readings are shown and nothing else of the lane; nil for a test.
    init(_ catalogue: Catalogue, _ style: Style, _ desk: EntryDesk? = nil, check: Message? = nil) {
        self.check = check.map(catalogue.text)
        self.desk = desk
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
            let (name, trouble) = (catalogue.text(role.message), catalogue.text(error.message))
            let text = "! \(name): \(trouble) [\(error.message.code.rawValue)]"
            if style.isTerminal { erase() }
            Output.line(style.bad(text))
        case .sealed:
            break
        }
    }

    /// Takes the block off the screen, for what is printed next.
    mutating func erase() {
        guard style.isTerminal, drawnLines > 0 else { return }
        StandardStream.output.write("\u{1B}[\(drawnLines)A\u{1B}[J")
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
        // What is wider than the screen is cut off: wrapped, the block would no longer be as high as it was drawn.
        let text = "\u{1B}[?7l" + lines.joined(separator: "\n") + "\u{1B}[?7h\n"
        StandardStream.output.write(text)
        drawnLines = lines.count
    }

    private func block(_ frame: Frame, _ status: ProcedureStatus) -> [String] {
        let columns = ScreenText.columns
        let stage = check.map { words.step(status, of: $0) } ?? words.stage(status)
        let head = style.strong("── \(stage)  \(brief(status.stageTime.seconds, places: 0)) s ") + bar(status.progress)
        let instruction = status.instruction.map(catalogue.text) ?? prompt
        var lines = [head] + (check == nil ? words.lines(frame, status, style) : words.checkLines(status))
        lines += ScreenText.wrapped(instruction, columns: columns).map(style.strong)
        if let following = status.following {
            lines += ScreenText.wrapped(words.following(following), columns: columns).map(style.faint)
        }
        guard let desk else { return lines + [style.faint(words.abort)] }
        if let asked = words.asked(status) { lines += ScreenText.wrapped(asked, columns: columns) }
        for problem in desk.problems {
            lines += ScreenText.wrapped("! " + catalogue.text(problem), columns: columns).map(style.bad)
        }
        let keys = check == nil ? words.keysOfTest : words.keys(status)
        lines += ScreenText.wrapped(keys, columns: columns).map(style.faint)
        return lines + ["> " + desk.typed + "▏"]
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
        let isNew = status.stage != lastStage || (check != nil && status.mode != lastMode)
        guard isNew || (second >= lastPlainSecond + 5 && second % 5 == 0) else { return }
        lastPlainSecond = second
        lastStage = status.stage
        lastMode = status.mode
        Output.line(check == nil ? words.plain(frame, status) : words.plainCheck(frame, status))
        if isNew, desk != nil, let asked = words.asked(status) { Output.line(asked) }
    }
}
