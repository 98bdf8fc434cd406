public import Evidence
import GRDB
import Glibc
public import Messages

/// Why the journal could not do what it was asked to.
public enum JournalError: MessageError, Equatable {
    /// The data directory is not there, or is no directory.
    case directoryMissing(path: String)
    /// There is a directory and no journal in it: nothing has been measured.
    case nothingYet(directory: String)
    /// The journal is open and no longer where it was opened: removed, moved, or its medium taken away.
    case vanished(path: String)
    /// Directory or file cannot be written.
    case notWritable(path: String, detail: String)
    /// Another lane process uses the directory; `process` is its number as it wrote it down.
    case locked(path: String, process: String)
    /// The file is no database, is damaged, or belongs to another program.
    case notADatabase(path: String, detail: String)
    /// A newer version of the program wrote the database.
    case newerSchema(path: String)
    /// The storage is full. What was being written is not there; everything before is.
    case diskFull(path: String)
    /// There is less room than a test needs.
    case spaceLow(path: String, free: Int, needed: Int)
    /// The system could not read or write.
    case inputOutput(path: String, detail: String)
    /// Another program holds the database.
    case busy(path: String, detail: String)
    /// Stored bytes no longer fit their digest.
    case damaged(item: String)
    /// There is no such test, record, artifact or delivery.
    case unknown(item: String)
    /// The record was removed after its retention term; its digest is kept.
    case removed(counter: Int)
    /// The journal is of another lane.
    case otherLane(found: String, expected: String)
    /// A test of this id was begun before.
    case testExists(id: String)
    /// The test is sealed.
    case testSealed(id: String)
    /// A frame of this tick is stored already.
    case frameExists(test: String, tick: Int)
    /// A record that does not stand where it says, or whose parts do not fit together.
    case sealMismatch(reason: Finding)
    /// A delivery is not in the state that the step needs.
    case wrongState(delivery: Int, found: DeliveryState, expected: DeliveryState)
    /// A copy of the journal would replace another file.
    case backupExists(path: String)
    /// The copy of the journal cannot be made.
    case backupFailed(path: String, detail: String)
    /// The journal cannot be tidied while a test is not sealed.
    case testsOpen(count: Int)
    /// An exported file would replace another.
    case exportConflict(path: String)
    /// An exported file cannot be written.
    case exportFailed(path: String, detail: String)
    /// The database refused for a reason that should not occur.
    case refused(detail: String)

    /// What to tell the operator.
    public var message: Message {
        switch self {
        case .nothingYet(let directory): Message(.journalNothingYet, ["directory": .text(directory)])
        case .directoryMissing(let path): Message(.journalDirectoryMissing, ["path": .text(path)])
        case .vanished(let path): Message(.journalVanished, ["path": .text(path)])
        case .notWritable(let path, let detail):
            Message(.journalNotWritable, ["path": .text(path), "detail": .text(detail)])
        case .locked(let path, let process):
            Message(.journalLocked, ["path": .text(path), "process": .text(process)])
        case .notADatabase(let path, let detail):
            Message(.journalNotADatabase, ["path": .text(path), "detail": .text(detail)])
        case .newerSchema(let path): Message(.journalNewerSchema, ["path": .text(path)])
        case .diskFull(let path): Message(.journalDiskFull, ["path": .text(path)])
        case .spaceLow(let path, let free, let needed):
            Message(.journalSpaceLow, ["path": .text(path), "free": .integer(free), "needed": .integer(needed)])
        case .inputOutput(let path, let detail):
            Message(.journalInputOutput, ["path": .text(path), "detail": .text(detail)])
        case .busy(let path, let detail): Message(.journalBusy, ["path": .text(path), "detail": .text(detail)])
        case .damaged(let item): Message(.journalDamaged, ["item": .text(item)])
        case .unknown(let item): Message(.journalUnknownItem, ["item": .text(item)])
        case .removed(let counter): Message(.journalRemoved, ["counter": .integer(counter)])
        case .otherLane(let found, let expected):
            Message(.journalOtherLane, ["found": .text(found), "expected": .text(expected)])
        case .testExists(let id): Message(.journalTestExists, ["test": .text(id)])
        case .testSealed(let id): Message(.journalTestSealed, ["test": .text(id)])
        case .frameExists(let test, let tick):
            Message(.journalFrameExists, ["test": .text(test), "tick": .integer(tick)])
        case .sealMismatch(let reason):
            Message(.journalSealMismatch, ["place": .text(reason.place), "reason": .message(reason.message)])
        case .wrongState(let delivery, let found, let expected):
            Message(
                .journalWrongState,
                [
                    "number": .integer(delivery), "found": .text(found.rawValue), "expected": .text(expected.rawValue),
                ])
        case .backupExists(let path): Message(.journalBackupExists, ["path": .text(path)])
        case .backupFailed(let path, let detail):
            Message(.journalBackupFailed, ["path": .text(path), "detail": .text(detail)])
        case .testsOpen(let count): Message(.journalTestsOpen, ["count": .integer(count)])
        case .exportConflict(let path): Message(.journalExportConflict, ["path": .text(path)])
        case .exportFailed(let path, let detail):
            Message(.journalExportFailed, ["path": .text(path), "detail": .text(detail)])
        case .refused(let detail): Message(.journalRefused, ["detail": .text(detail)])
        }
    }

    /// What an error of the database means for the journal at `path`.
    init(_ error: any Error, path: String) {
        if let known = error as? JournalError {
            self = known
            return
        }
        guard let error = error as? DatabaseError else {
            self = .refused(detail: "\(error)")
            return
        }
        let detail = "\(error.message ?? "") (SQLite \(error.extendedResultCode.rawValue))"
        switch error.resultCode {
        case .SQLITE_FULL: self = .diskFull(path: path)
        // SQLite reports a full disk as an I/O error where it grows its shared memory or its files.
        case .SQLITE_IOERR:
            self =
                if hasNoRoom(DurableFile.directory(of: path)) {
                    .diskFull(path: path)
                } else if isReadOnly(DurableFile.directory(of: path)) {
                    .notWritable(path: path, detail: detail)
                } else {
                    .inputOutput(path: path, detail: detail)
                }
        case .SQLITE_READONLY, .SQLITE_CANTOPEN, .SQLITE_PERM, .SQLITE_AUTH:
            self = .notWritable(path: path, detail: detail)
        case .SQLITE_NOTADB, .SQLITE_CORRUPT: self = .notADatabase(path: path, detail: detail)
        case .SQLITE_BUSY, .SQLITE_LOCKED: self = .busy(path: path, detail: detail)
        default: self = .refused(detail: detail)
        }
    }
}

/// The bytes that an ordinary user may still write under a directory; nil if the system does not say.
func bytesFree(under directory: String) -> Int? {
    var status = statvfs()
    guard statvfs(directory, &status) == 0 else { return nil }
    let (bytes, overflow) = Int(clamping: status.f_bavail).multipliedReportingOverflow(
        by: Int(clamping: status.f_frsize))
    return overflow ? .max : bytes
}

/// Whether the file system is mounted, or was mounted again after errors, for reading alone.
func isReadOnly(_ directory: String) -> Bool {
    var status = statvfs()
    return statvfs(directory, &status) == 0 && Int(status.f_flag) & Int(ST_RDONLY) != 0
}

private func hasNoRoom(_ directory: String) -> Bool { bytesFree(under: directory).map { $0 < 65_536 } ?? false }
