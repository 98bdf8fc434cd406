import Glibc
public import Messages

/// Why there is no key to sign with.
public enum SigningKeyError: MessageError, Equatable {
    /// The directory may be entered by others than its owner; `mode` is octal.
    case directoryOpenToOthers(path: String, mode: String)
    /// The file may be read or written by others than its owner; `mode` is octal.
    case fileOpenToOthers(path: String, mode: String)
    /// The system does not let this user look into the file or directory: it is another user's, or its mode is wrong.
    case notPermitted(path: String)
    /// The private key's file is not there, though the register names it.
    case missing(path: String)
    /// The file or directory cannot be read.
    case unreadable(path: String, detail: String)
    /// The file or directory cannot be written.
    case unwritable(path: String, detail: String)
    /// The file is not a private key of the algorithm in PEM.
    case malformed(path: String)
    /// The file is encrypted, and there is no passphrase.
    case passphraseMissing(path: String)
    /// The file is encrypted under another passphrase, or damaged.
    case passphraseWrong(path: String)
    /// The cryptographic library failed.
    case signingFailed(detail: String)

    /// What to tell the person who starts the lane.
    public var message: Message {
        switch self {
        case .directoryOpenToOthers(let path, let mode):
            Message(.keyDirectoryOpenToOthers, ["path": .text(path), "mode": .text(mode)])
        case .fileOpenToOthers(let path, let mode):
            Message(.keyFileOpenToOthers, ["path": .text(path), "mode": .text(mode)])
        case .notPermitted(let path): Message(.keyNotPermitted, ["path": .text(path)])
        case .missing(let path): Message(.keyMissing, ["path": .text(path)])
        case .unreadable(let path, let detail):
            Message(.keyUnreadable, ["path": .text(path), "detail": .text(detail)])
        case .unwritable(let path, let detail):
            Message(.keyUnwritable, ["path": .text(path), "detail": .text(detail)])
        case .malformed(let path): Message(.keyMalformed, ["path": .text(path)])
        case .passphraseMissing(let path): Message(.keyPassphraseMissing, ["path": .text(path)])
        case .passphraseWrong(let path): Message(.keyPassphraseWrong, ["path": .text(path)])
        case .signingFailed(let detail): Message(.keySigningFailed, ["detail": .text(detail)])
        }
    }

    /// What the system's refusal to let a file or directory be read means.
    package init(reading failure: DurableFile.Failure) {
        self =
            failure.isOfPermission
            ? .notPermitted(path: failure.path) : .unreadable(path: failure.path, detail: failure.words)
    }

    /// What the system's refusal to let a file or directory be written means.
    package init(writing failure: DurableFile.Failure, to path: String) {
        self = failure.isOfPermission ? .notPermitted(path: path) : .unwritable(path: path, detail: failure.words)
    }

    /// Whether a file is there; where that cannot be told, the reason is thrown.
    static func isThere(_ path: String) throws(SigningKeyError) -> Bool {
        do { return try DurableFile.exists(path) } catch { throw SigningKeyError(reading: error) }
    }
}

extension DurableFile.Failure {
    /// Whether this user may not do it, while another might.
    fileprivate var isOfPermission: Bool { code == EACCES || code == EPERM }
}
