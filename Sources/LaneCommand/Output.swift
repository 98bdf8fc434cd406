import ArgumentParser
import Evidence
import Foundation
import Lane
import Messages

/// The options that every command understands.
struct OutputOptions: ParsableArguments {
    @Option(help: help(.helpLanguage))
    var language: String?

    @Option(help: help(.helpShare))
    var share: String?

    /// The catalogue of the person's language.
    var catalogue: Catalogue { Catalogue(Output.language(CommandLine.arguments)) }

    /// The folder with the device profiles.
    ///
    /// - Throws: ``CommandFailure`` if there is none.
    func shareDirectory() throws -> String {
        guard let found = ShareDirectory.find(given: share) else {
            throw CommandFailure(.configuration, .commandNoShare, ["given": .text(share ?? "–")])
        }
        return found
    }

    func validate() throws {
        if let language, Language(rawValue: language) == nil {
            throw ValidationError("--language: \(Language.allCases.map(\.rawValue).joined(separator: ", "))")
        }
    }
}

/// Text and JSON on standard output.
enum Output {
    /// The language that arguments and environment ask for: `--language`, then `LC_ALL`, `LC_MESSAGES`, `LANG`;
    /// English where nothing asks.
    static func language(_ arguments: [String]) -> Language {
        for (index, argument) in arguments.enumerated() {
            if argument == "--language", index + 1 < arguments.count,
                let found = Language(rawValue: arguments[index + 1])
            {
                return found
            }
            if argument.hasPrefix("--language="), let found = Language(rawValue: String(argument.dropFirst(11))) {
                return found
            }
        }
        let environment = ProcessInfo.processInfo.environment
        for name in ["LC_ALL", "LC_MESSAGES", "LANG"] {
            if let found = Language(environmentValue: environment[name]) { return found }
        }
        return .english
    }

    /// Writes one line.
    static func line(_ text: String) { StandardStream.output.write(text + "\n") }

    /// Writes one JSON value on a line.
    static func json(_ value: JSONValue) {
        // What commands print is text and whole numbers; canonical JSON holds all of it.
        line(String(decoding: (try? value.canonicalBytes()) ?? Array("null".utf8), as: UTF8.self))
    }
}

/// A help text in the language of the environment; the parser asks for it before it has read any option.
func help(_ code: MessageCode) -> String { helpCatalogue.text(Message(code)) }

/// A help text for an option.
func help(_ code: MessageCode) -> ArgumentHelp { ArgumentHelp(helpCatalogue.text(Message(code))) }

private let helpCatalogue = Catalogue(Output.language(CommandLine.arguments))
