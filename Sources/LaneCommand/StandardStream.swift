import ArgumentParser
import Glibc
import Messages
import Synchronization

/// Standard output or standard error, either of which may be full or gone before the program is done.
///
/// A lane does not end its test for want of somebody who reads along: what cannot be written is dropped, and
/// ``loss`` says so when the command has done its work. Foundation's file handles would end the program instead.
final class StandardStream: Sendable {
    /// Where commands write what they were asked for.
    static let output = StandardStream(STDOUT_FILENO)
    /// Where commands write what went wrong.
    static let errors = StandardStream(STDERR_FILENO)

    private let descriptor: Int32
    private let failure = Mutex<Int32?>(nil)

    /// How long a stream that somebody else made non-blocking may be full before it is given up, ms.
    private static let patience: Int32 = 1000

    private init(_ descriptor: Int32) { self.descriptor = descriptor }

    /// Makes the program live on when nobody reads its output, and puts the null device where a standard stream was
    /// closed before it started: a journal or a port that got its number would be written into.
    static func prepare() {
        signal(SIGPIPE, SIG_IGN)
        for standard in STDIN_FILENO...STDERR_FILENO where fcntl(standard, F_GETFD) < 0 {
            let null = open("/dev/null", O_RDWR)
            guard null >= 0, null != standard else { continue }
            dup2(null, standard)
            close(null)
        }
    }

    /// The `errno` of the first write that failed; nil if everything was written.
    var loss: Int32? { failure.withLock { $0 } }

    /// Writes text. After a first failure nothing more is written: output that ends early is seen to be incomplete, and
    /// output with a hole is not.
    func write(_ text: String) { write(Array(text.utf8)) }

    /// Writes bytes, as ``write(_:)-(String)``.
    func write(_ bytes: [UInt8]) {
        failure.withLock { failure in
            guard failure == nil else { return }
            var rest = bytes[...]
            while !rest.isEmpty {
                let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
                if count < 0, errno == EINTR { continue }
                if count < 0, errno == EAGAIN {
                    var entry = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                    if poll(&entry, 1, Self.patience) > 0 { continue }
                    failure = EAGAIN
                    return
                }
                guard count > 0 else {
                    failure = count < 0 ? errno : EIO
                    return
                }
                rest = rest.dropFirst(count)
            }
        }
    }

    /// Complains about output that was lost, once a command has succeeded otherwise.
    ///
    /// Nobody is told who has left of himself, such as `head`: other programs end silently then, too.
    ///
    /// - Throws: ``CommandFailure``.
    func requireWritten() throws(CommandFailure) {
        guard let loss, loss != EPIPE else { return }
        throw CommandFailure(.ioError, .commandOutputLost, ["detail": .text(String(cString: strerror(loss)))])
    }
}
