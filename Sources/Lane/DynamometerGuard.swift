import CLinux
import Foundation
import Glibc
public import Instruments
import Synchronization

/// A process beside the lane that unloads the dynamometer if the lane dies (看护进程).
///
/// The lane holds one end of a line; the guard waits at the other. As long as the lane lives nothing is written. A word
/// of farewell ends the guard; an end of file without it means that the lane was killed, and the guard sends the unload.
/// The guard ignores the terminal's signals, so that what ends the lane does not end it too.
///
/// The line is a pair of sockets and no pipe: writing to a guard that is gone must not end the lane by a signal.
public final class DynamometerGuard: Sendable {
    private let line: Int32
    /// The guard's process number.
    package let process: Int32
    /// Whether its end has been noticed; from then on its number may be another process's.
    private let isGone = Mutex(false)

    /// The word that a lane says when it ends in good order.
    static let farewell: [UInt8] = Array("done\n".utf8)

    /// What the guard is told: how to unload, and where to leave word that it did.
    package struct Orders: Codable {
        package let unload: UnattendedUnload
        package let note: String?

        package init(unload: UnattendedUnload, note: String?) {
            self.unload = unload
            self.note = note
        }
    }

    /// Starts the guard: `executable guard`, with its orders as JSON on its standard input.
    ///
    /// - Parameter note: the path of a file in which it leaves word if it had to unload; see ``GuardNote``.
    /// - Returns: nil if the process cannot be started.
    public init?(executable: String, unload: UnattendedUnload, note: String? = nil) {
        guard let orders = try? JSONEncoder().encode(Orders(unload: unload, note: note)) else { return nil }
        var ends: [Int32] = [-1, -1]
        guard socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0, &ends) == 0 else {
            return nil
        }
        guard let process = Self.spawn(executable, input: ends[0]) else {
            close(ends[0])
            close(ends[1])
            return nil
        }
        close(ends[0])
        line = ends[1]
        self.process = process
        write(Array(orders) + [0x0A])
    }

    /// Whether the guard is there: its process has not ended.
    public var isAlive: Bool {
        isGone.withLock { isGone in
            if !isGone {
                var status: Int32 = 0
                // Anything but 0 means that it has ended, or that somebody else has heard of its end.
                isGone = waitpid(process, &status, WNOHANG) != 0
            }
            return !isGone
        }
    }

    /// Ends the guard: the lane has unloaded the dynamometer itself.
    ///
    /// Blocks until the process is gone, some milliseconds.
    ///
    /// - Returns: false if it was gone before.
    @discardableResult
    public func dismiss() -> Bool {
        let wasAlive = isAlive
        write(Self.farewell)
        close(line)
        if wasAlive { Self.awaitEnd(of: process) }
        return wasAlive
    }

    /// Leaves the unload to the guard: the lane could not do it.
    public func abandon() {
        let wasAlive = isAlive
        close(line)
        // It tries for a while, and the lane need not wait; but its end is heard, so that nothing is left of it.
        if wasAlive { Thread.detachNewThread { [process] in Self.awaitEnd(of: process) } }
    }

    private static func awaitEnd(of process: Int32) {
        var status: Int32 = 0
        while waitpid(process, &status, 0) < 0, errno == EINTR {}
    }

    private func write(_ bytes: [UInt8]) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.send(line, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            if count < 0, errno == EINTR { continue }
            // A guard that is gone takes nothing; before the next test the lane looks for it and starts another.
            guard count > 0 else { return }
            rest = rest.dropFirst(count)
        }
    }

    private static func spawn(_ executable: String, input: Int32) -> pid_t? {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO)
        posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0)
        // Nothing else of the lane's: a port that the guard held, too, would stay claimed when the lane is dead, and who
        // is not root could not open it to unload.
        linux_spawn_closefrom(&actions, STDERR_FILENO + 1)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // A session of its own: a terminal that hangs up or sends an interrupt does not reach the guard.
        posix_spawnattr_setflags(&attributes, linux_spawn_setsid())
        var process: pid_t = 0
        let arguments: [UnsafeMutablePointer<CChar>?] = [strdup(executable), strdup("guard"), nil]
        defer { for argument in arguments { free(argument) } }
        return posix_spawn(&process, executable, &actions, &attributes, arguments, Glibc.environ) == 0 ? process : nil
    }

    /// What the guard process does; returns when its lane has said farewell, or after the unload.
    ///
    /// - Returns: false if the unload could not be sent.
    public static func keepWatch(input: Int32 = 0) -> Bool {
        for signal in [SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE] { Glibc.signal(signal, SIG_IGN) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        var orders: Orders?
        var hold: GuardHold?
        while true {
            let count = read(input, &buffer, buffer.count)
            if count > 0 { bytes += buffer[..<count] }
            if orders == nil, let end = bytes.firstIndex(of: 0x0A) {
                orders = try? JSONDecoder().decode(Orders.self, from: Data(bytes[..<end]))
                bytes.removeSubrange(...end)
                hold = orders?.note.flatMap { GuardHold(note: $0) }
            }
            if count < 0 && errno == EINTR { continue }
            if count <= 0 { break }
        }
        defer { hold?.release() }
        guard let orders, bytes != farewell else { return true }
        let isUnloaded = send(orders.unload)
        if let note = orders.note { GuardNote(at: Date(), isUnloaded: isUnloaded).write(to: note) }
        return isUnloaded
    }

    private static func send(_ unload: UnattendedUnload) -> Bool {
        // The dying lane's descriptors close one by one; the port may be busy for a moment.
        for _ in 0..<20 {
            do {
                try unload.send()
                return true
            } catch {
                usleep(20_000)
            }
        }
        return false
    }
}
