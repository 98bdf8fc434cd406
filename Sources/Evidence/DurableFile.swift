package import Glibc

/// Files that are either wholly there after a power loss or not there at all.
///
/// A file is written beside its place, synchronised, and then given its name in one step; the directory is
/// synchronised last. The calls block: never call them from Swift's cooperative pool with slow storage behind.
package enum DurableFile {
    /// What the system said.
    package struct Failure: Error {
        /// The file concerned.
        package let path: String
        /// The value of `errno`.
        package let code: Int32

        package init(path: String, code: Int32 = errno) {
            self.path = path
            self.code = code
        }

        /// The system's words for the error.
        package var words: String { String(cString: strerror(code)) }
    }

    /// Writes a new file and never replaces one.
    ///
    /// - Returns: false if something of that name is there already; it is then untouched.
    package static func create(_ bytes: [UInt8], at path: String, mode: mode_t) throws(Failure) -> Bool {
        let temporary = try write(bytes, beside: path, mode: mode)
        defer { temporary.discard() }
        if link(temporary.path, path) != 0 {
            if errno == EEXIST { return false }
            // A memory stick's file system has no hard links; there a look must do instead of one atomic step.
            guard errno == EPERM || errno == ENOTSUP else { throw Failure(path: path) }
            if access(path, F_OK) == 0 { return false }
            guard rename(temporary.path, path) == 0 else { throw Failure(path: path) }
        }
        FailPoint.fileNamed.pass()
        try synchronizeDirectory(of: path)
        return true
    }

    /// Writes a file, in place of the one that may be there.
    package static func replace(_ bytes: [UInt8], at path: String, mode: mode_t) throws(Failure) {
        let temporary = try write(bytes, beside: path, mode: mode)
        defer { temporary.discard() }
        guard rename(temporary.path, path) == 0 else { throw Failure(path: path) }
        FailPoint.fileNamed.pass()
        try synchronizeDirectory(of: path)
    }

    /// Gives a file that is written the name it shall have, unless something has that name.
    ///
    /// - Returns: false if something of that name is there already; both files are then untouched.
    package static func name(_ temporary: String, _ path: String) throws(Failure) -> Bool {
        let descriptor = open(temporary, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        guard descriptor >= 0 else { throw Failure(path: temporary) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw Failure(path: temporary) }
        if link(temporary, path) != 0 {
            if errno == EEXIST { return false }
            throw Failure(path: path)
        }
        FailPoint.fileNamed.pass()
        unlink(temporary)
        try synchronizeDirectory(of: path)
        return true
    }

    /// Whether there is something of that name, be it a symbolic link that leads nowhere.
    ///
    /// - Throws: ``Failure`` if that cannot be told, such as in a directory that this user may not enter: “not to be
    ///   seen” is never taken for “not there”.
    package static func exists(_ path: String) throws(Failure) -> Bool {
        var status = stat()
        if lstat(path, &status) == 0 { return true }
        guard errno == ENOENT else { throw Failure(path: path) }
        return false
    }

    /// The content of a regular file; symbolic links are not followed.
    package static func read(_ path: String) throws(Failure) -> (bytes: [UInt8], mode: mode_t) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        guard descriptor >= 0 else { throw Failure(path: path) }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw Failure(path: path) }
        guard status.st_mode & S_IFMT == S_IFREG else { throw Failure(path: path, code: EINVAL) }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(Int(status.st_size))
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = Glibc.read(descriptor, &buffer, buffer.count)
            if count == 0 { break }
            if count < 0 {
                if errno == EINTR { continue }
                throw Failure(path: path)
            }
            bytes += buffer[0..<count]
        }
        return (bytes, status.st_mode & 0o7777)
    }

    private static func write(
        _ bytes: [UInt8], beside path: String, mode: mode_t
    ) throws(Failure) -> UnfinishedFile {
        let temporary = try UnfinishedFile(beside: path, mode: mode)
        // The mode again, since the umask may have taken bits away.
        var failed = fchmod(temporary.descriptor, mode) != 0
        var written = 0
        while !failed, written < bytes.count {
            let count = bytes[written...].withUnsafeBytes {
                Glibc.write(temporary.descriptor, $0.baseAddress, $0.count)
            }
            if count >= 0 { written += count } else { failed = errno != EINTR }
        }
        FailPoint.fileWritten.pass()
        failed = failed || fsync(temporary.descriptor) != 0
        FailPoint.fileSynchronised.pass()
        guard !failed else {
            let failure = Failure(path: path)
            temporary.discard()
            throw failure
        }
        return temporary
    }

    /// The directory that holds a file.
    package static func directory(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    /// Waits until the names in the directory of a file are on disk.
    package static func synchronizeDirectory(of path: String) throws(Failure) {
        let descriptor = open(directory(of: path), O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw Failure(path: path) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw Failure(path: path) }
    }
}
