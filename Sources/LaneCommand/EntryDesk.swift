import Lane
import Messages
import Procedures
import Synchronization

/// What a person types during a test or check: knows what the step asks for, tells the panel what a line means, and keeps
/// for the screen what was typed and what is wrong with it.
final class EntryDesk: Sendable {
    private struct State {
        var step: String?
        var entries: [ReferenceEntry] = []
        var isQuestion = false
        var typed = ""
        var problems: [Message] = []
    }

    private let panel: OperatorPanel
    private let state = Mutex(State())

    init(_ panel: OperatorPanel) { self.panel = panel }

    /// What was typed of the line that is not finished.
    var typed: String { state.withLock { $0.typed } }

    /// What is wrong with the line before.
    var problems: [Message] { state.withLock { $0.problems } }

    /// Hears what the step asks for.
    func follow(_ status: ProcedureStatus) {
        state.withLock { state in
            if state.step != status.mode { state.problems = [] }
            (state.step, state.entries, state.isQuestion) = (status.mode, status.entries, status.isQuestion)
        }
    }

    /// Hears what has been typed so far.
    func show(_ typed: String) { state.withLock { $0.typed = typed } }

    /// Takes a line: `a` breaks off, `e` is the emergency stop, an empty one confirms; anything else is what the step asks
    /// for.
    ///
    /// - Returns: what is wrong with it; empty if it was taken.
    func take(_ line: String, confirms: Bool) -> [Message] {
        let words = String(line.drop(while: \.isWhitespace))
        let (entries, isQuestion) = state.withLock { state in
            (state.typed, state.problems) = ("", [])
            return (state.entries, state.isQuestion)
        }
        // Where channels may be named, only the letter alone is a key.
        let key = entries.isEmpty ? words.first : words.count == 1 ? words.first : nil
        switch key {
        case "a": panel.post(.operatorAbort)
        case "e": panel.post(.emergencyStop)
        case "y" where isQuestion: panel.post(.confirmed)
        case "n" where isQuestion: panel.post(.denied)
        case _ where !confirms: break
        case _ where isQuestion: return refuse([Message(.entryYesOrNo)])
        case _ where !entries.isEmpty:
            switch EntryLine(words, for: entries) {
            case .values(let values): panel.post(values.isEmpty ? .confirmed : .entered(values))
            case .problems(let problems): return refuse(problems)
            }
        default:
            // What it confirms is known by the procedure that waits for it.
            panel.post(.probeInserted)
            panel.post(.confirmed)
        }
        return []
    }

    private func refuse(_ problems: [Message]) -> [Message] {
        state.withLock { $0.problems = problems }
        return problems
    }
}
