import Glibc
import Synchronization

/// The right of one process to be the lane of a data directory, held until it is released.
///
/// The kernel gives the lock back when the process ends, however it ends; a stale file means nothing.
final class DirectoryLock: Sendable {
    private let descriptor: Mutex<Int32?>

    /// Takes the lock.
    ///
    /// - Throws: ``JournalError/locked(path:process:)`` or ``JournalError/notWritable(path:detail:)``.
    init(directory: String) throws(JournalError) {
        let path = "\(directory)/lane.lock"
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw .notWritable(path: path, detail: String(cString: strerror(errno))) }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            let code = errno
            var buffer = [UInt8](repeating: 0, count: 20)
            let count = max(0, read(descriptor, &buffer, buffer.count))
            close(descriptor)
            guard code == EWOULDBLOCK else {
                throw .notWritable(path: path, detail: String(cString: strerror(code)))
            }
            let process = String(decoding: buffer[..<count].prefix { $0 >= 0x30 && $0 <= 0x39 }, as: UTF8.self)
            throw .locked(path: directory, process: process.isEmpty ? "?" : process)
        }
        // Who holds it, for the message that another process shows; the lock itself does not depend on it.
        let process = Array("\(getpid())\n".utf8)
        _ = ftruncate(descriptor, 0)
        _ = pwrite(descriptor, process, process.count, 0)
        self.descriptor = Mutex(descriptor)
    }

    /// Gives the lock back; a second time does nothing.
    func release() {
        descriptor.withLock { held in
            if let descriptor = held { close(descriptor) }
            held = nil
        }
    }

    deinit { release() }
}
