import CLinux
import Foundation
import Glibc
public import Instruments

/// A process beside the lane that unloads the dynamometer if the lane dies (看护进程).
///
/// The lane holds the writing end of a pipe; the guard waits at the other. As long as the lane lives nothing is
/// written. A word of farewell ends the guard; an end of file without it means that the lane was killed, and the
/// guard sends the unload. The guard ignores the terminal's signals, so that what ends the lane does not end it too.
public final class DynamometerGuard: Sendable {
    private let pipe: Int32
    private let process: pid_t

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
        var ends: [Int32] = [-1, -1]
        guard linux_pipe_cloexec(&ends) == 0 else { return nil }
        guard let process = Self.spawn(executable, input: ends[0]) else {
            close(ends[0])
            close(ends[1])
            return nil
        }
        close(ends[0])
        pipe = ends[1]
        self.process = process
        guard let message = try? JSONEncoder().encode(Orders(unload: unload, note: note)) else {
            close(pipe)
            return nil
        }
        write(Array(message) + [0x0A])
    }

    /// Ends the guard: the lane has unloaded the dynamometer itself.
    ///
    /// Blocks until the process is gone, some milliseconds.
    public func dismiss() {
        write(Self.farewell)
        close(pipe)
        var status: Int32 = 0
        waitpid(process, &status, 0)
    }

    /// Leaves the unload to the guard: the lane could not do it.
    public func abandon() { close(pipe) }

    private func write(_ bytes: [UInt8]) {
        // A guard that is gone already gives EPIPE; the lane goes on without it, as it would without a guard.
        bytes.withUnsafeBytes { _ = Glibc.write(pipe, $0.baseAddress, $0.count) }
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
