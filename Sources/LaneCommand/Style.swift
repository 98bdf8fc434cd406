import Foundation
import Glibc

/// Colours on a terminal, plain text elsewhere.
struct Style {
    /// Whether escape sequences may be written.
    let isTerminal: Bool

    /// The style of standard output: escape sequences only on a terminal, and not where `NO_COLOR` is set
    /// (no-color.org).
    static var standardOutput: Style {
        let environment = ProcessInfo.processInfo.environment
        let noColour = environment["NO_COLOR"].map { !$0.isEmpty } ?? false
        return Style(isTerminal: isatty(STDOUT_FILENO) == 1 && !noColour && environment["TERM"] != "dumb")
    }

    func good(_ text: String) -> String { wrapped(text, "32") }
    func bad(_ text: String) -> String { wrapped(text, "31") }
    func strong(_ text: String) -> String { wrapped(text, "1") }
    func faint(_ text: String) -> String { wrapped(text, "2") }

    private func wrapped(_ text: String, _ code: String) -> String {
        isTerminal ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text
    }
}
