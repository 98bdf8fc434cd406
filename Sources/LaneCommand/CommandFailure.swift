import ArgumentParser
import Assurance
import Evidence
import Foundation
import Instruments
import Journal
import Lane
import Messages
import Procedures
import Uplink

/// The exit codes of this program, after sysexits.h.
extension ExitCode {
    /// The command was used wrongly.
    static let usage = ExitCode(64)
    /// Input data was wrong: a record that does not verify or recompute.
    static let data = ExitCode(65)
    /// An input file is not there or not readable.
    static let noInput = ExitCode(66)
    /// A device or service is not available.
    static let unavailable = ExitCode(69)
    /// Something that cannot happen did.
    static let software = ExitCode(70)
    /// The operating system refused something.
    static let osError = ExitCode(71)
    /// An output cannot be created.
    static let cannotCreate = ExitCode(73)
    /// What the command had to say could not be written.
    static let ioError = ExitCode(74)
    /// Not now; trying again may help.
    static let tryAgain = ExitCode(75)
    /// Whoever asks may not do this, or is not signed in.
    static let notPermitted = ExitCode(77)
    /// The configuration is wrong.
    static let configuration = ExitCode(78)
}

/// Why a command ended without doing what it was asked.
struct CommandFailure: Error {
    /// The exit code.
    let code: ExitCode
    /// What to tell the person.
    let message: Message?
    /// The problems of documents, each with its place.
    let problems: [Problem]
    /// What keeps the lane from testing.
    var lockouts: [Lockout] = []

    init(_ code: ExitCode, _ message: MessageCode, _ arguments: [String: MessageArgument] = [:]) {
        self.code = code
        self.message = Message(message, arguments)
        problems = []
    }

    /// The failure that an error of the lane amounts to; nil for errors of the command line itself.
    init?(_ error: any Error) {
        switch error {
        case let problems as Problems:
            let isMissing = problems.all.allSatisfy { $0.message.code == .documentUnreadable }
            code = isMissing ? .noInput : .configuration
            message = nil
            self.problems = problems.all
        case let error as OrderProblems:
            (code, message) = (.configuration, nil)
            self.problems = error.all.map { Problem($0.message, at: SourceLocation(file: $0.member)) }
        case let error as CheckProblems:
            (code, message) = (.configuration, nil)
            self.problems = error.all.map { Problem($0.message, at: SourceLocation(file: $0.member)) }
        case LaneError.checkWithoutAssurance:
            (code, message, problems) = (.configuration, LaneError.checkWithoutAssurance.message, [])
        case let error as LaneLocked:
            (code, message, problems) = (.tryAgain, nil, [])
            lockouts = error.lockouts
        case let error as JournalError:
            (code, message, problems) = (error.isTemporary ? .tryAgain : .cannotCreate, error.message, [])
        case let error as InstrumentError:
            (code, message, problems) = (.unavailable, error.message, [])
        case let error as PortAddressError:
            (code, message, problems) = (.configuration, error.message, [])
        case let error as SigningKeyError:
            (code, message, problems) = (.configuration, error.message, [])
        case let error as KeyRegisterError:
            (code, message, problems) = (.configuration, error.message, [])
        case let error as TrustFileError:
            (code, message, problems) = (.noInput, error.message, [])
        case let error as PeopleError:
            (code, message, problems) = (error.exitCode, error.message, [])
        case let error as BackupError:
            (code, message, problems) = (error.exitCode, error.message, [])
        case let error as TransportSecurityError:
            (code, message, problems) = (.configuration, error.message, [])
        case LaneError.chainRefused(let reason):
            (code, message, problems) = (.data, LaneError.chainRefused(reason).message, [])
        case let error as LaneError:
            (code, message, problems) = (.osError, error.message, [])
        case let error as any MessageError:
            (code, message, problems) = (.software, error.message, [])
        default: return nil
        }
    }

    /// Writes the text to standard error, in the language that the command line asks for.
    func report() {
        let catalogue = Catalogue(Output.language(CommandLine.arguments))
        var text = problems.map { catalogue.text($0) }.joined(separator: "\n")
        if let message { text = "lane: \(catalogue.text(message)) [\(message.code.rawValue)]" }
        if !lockouts.isEmpty {
            let words = LockoutText(catalogue: catalogue)
            text =
                (["lane: \(catalogue.text(Message(.commandLaneLocked))) [\(MessageCode.commandLaneLocked.rawValue)]"]
                + lockouts.flatMap(words.lines)).joined(separator: "\n")
        }
        StandardStream.errors.write(text + "\n")
    }
}

extension PeopleError {
    /// Who may not, what is typed wrongly, and what is wrong with the list.
    fileprivate var exitCode: ExitCode {
        switch self {
        case .refused, .lockedOut, .notPermitted, .supervisorNeeded, .nobody: .notPermitted
        case .tooEarly: .tryAgain
        case .firstIsSupervisor, .passwordShort: .usage
        case .unreadable: .noInput
        case .unwritable: .cannotCreate
        }
    }
}

extension BackupError {
    /// What is wrong with what was given, and what with the place that it goes to.
    fileprivate var exitCode: ExitCode {
        switch self {
        case .changed, .damaged: .data
        case .empty, .unreadable: .noInput
        case .targetExists, .unwritable: .cannotCreate
        case .passphraseNeeded: .usage
        }
    }
}

extension JournalError {
    /// Whether the same call may succeed later, without anything being mended.
    var isTemporary: Bool {
        switch self {
        case .busy, .locked: true
        default: false
        }
    }
}
