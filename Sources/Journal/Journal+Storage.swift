import Glibc

extension Journal {
    /// What about the storage keeps a test from being begun now; nil if nothing does.
    ///
    /// It is looked at anew each time, so that a lane that was locked by it is free again when the cause is gone. Only the
    /// state of directory and file system is looked at; that writing succeeds is shown by beginning a test.
    ///
    /// - Returns: ``JournalError/vanished(path:)``, ``JournalError/notWritable(path:detail:)``,
    ///   ``JournalError/spaceLow(path:free:needed:)`` or nil.
    public func storageProblem() -> JournalError? {
        do {
            try requirePresence()
        } catch {
            return error
        }
        if isReadOnly(directory) { return .notWritable(path: directory, detail: String(cString: strerror(EROFS))) }
        if let free = bytesFree(under: directory), free < reserve {
            return .spaceLow(path: directory, free: free, needed: reserve)
        }
        return nil
    }

    /// The bytes that may still be written in the data directory; nil if the system does not say.
    public var freeBytes: Int? { bytesFree(under: directory) }

    /// - Throws: ``JournalError/vanished(path:)`` if another file, or none, is where the journal was opened.
    func requirePresence() throws(JournalError) {
        guard FileIdentity(path) == file else { throw .vanished(path: path) }
    }
}

/// Which file it is, whatever its name.
struct FileIdentity: Hashable, Sendable {
    private let device: UInt64
    private let inode: UInt64

    /// The file of a name; nil if there is none.
    init?(_ path: String) {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        (device, inode) = (UInt64(status.st_dev), UInt64(status.st_ino))
    }
}
