import CPseudoTerminal
import Foundation
import Glibc
import Instruments
import Synchronization

/// A pseudo-terminal whose other end is a small instrument on a thread of its own.
final class PseudoTerminal: Sendable {
    /// The terminal's path under /dev/pts.
    let path: String
    private let slave: Int32
    private let stop: (read: Int32, write: Int32)
    private let far: FarEnd
    private let isOpen = Mutex(true)

    /// Opens a terminal; `answer` takes what has been received so far and returns the bytes to send, or nil to wait
    /// for more.
    init(_ answer: @escaping @Sendable ([UInt8]) -> [UInt8]? = { _ in nil }) throws {
        var master: Int32 = -1
        var slave: Int32 = -1
        var name = [CChar](repeating: 0, count: 128)
        let problem = pseudo_terminal_open(&master, &slave, &name, UInt(name.count))
        guard problem == 0 else { throw POSIXError(POSIXErrorCode(rawValue: problem) ?? .EIO) }
        var ends: [Int32] = [-1, -1]
        // A pair of sockets, since a pipe's ends are inherited by every program that is started.
        let kind = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
        guard socketpair(AF_UNIX, kind, 0, &ends) == 0 else { throw POSIXError(.EMFILE) }
        self.slave = slave
        stop = (ends[0], ends[1])
        path = String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        far = FarEnd(master: master, answer)
        // The thread keeps the far end alive and not the terminal, which ends it.
        let (far, reading) = (far, ends[0])
        Thread { far.run(until: reading) }.start()
    }

    deinit {
        hangUp()
        close(stop.read)
        close(stop.write)
    }

    /// Everything received since the start.
    var received: [UInt8] { far.received }

    /// Waits until at least as many bytes have been received, at most two seconds.
    func waitForBytes(_ count: Int) async -> [UInt8] {
        // On a thread of its own: what is waited for may need the pool's.
        await withCheckedContinuation { continuation in
            Thread.detachNewThread { [far] in continuation.resume(returning: far.waitForBytes(count)) }
        }
    }

    /// The speed that the terminal was set to (`B9600`…).
    var speed: speed_t {
        var settings = termios()
        return tcgetattr(far.master, &settings) == 0 ? cfgetospeed(&settings) : 0
    }

    /// Whether only root can open it once more (`TIOCGEXCL`, a macro that Swift does not import).
    var isExclusive: Bool {
        var flag: CInt = 0
        return ioctl(slave, 0x8004_5440, &flag) == 0 && flag != 0
    }

    /// Sends bytes on the instrument's own accord.
    func send(_ bytes: [UInt8]) { far.send(bytes) }

    /// Closes both ends, as pulling an adapter does.
    func hangUp() {
        let wasOpen = isOpen.withLock { isOpen in
            defer { isOpen = false }
            return isOpen
        }
        guard wasOpen else { return }
        _ = write(stop.write, [1], 1)
        far.ended.wait()
        close(slave)
        close(far.master)
    }
}

/// The instrument at the other end of a terminal.
private final class FarEnd: Sendable {
    let master: Int32
    let ended = DispatchSemaphore(value: 0)
    private let answer: @Sendable ([UInt8]) -> [UInt8]?
    private let bytes = Mutex<[UInt8]>([])
    private let arrived = DispatchSemaphore(value: 0)

    init(master: Int32, _ answer: @escaping @Sendable ([UInt8]) -> [UInt8]?) {
        (self.master, self.answer) = (master, answer)
    }

    var received: [UInt8] { bytes.withLock { $0 } }

    func waitForBytes(_ count: Int) -> [UInt8] {
        let deadline = DispatchTime.now() + .seconds(2)
        while received.count < count, arrived.wait(timeout: deadline) == .success {}
        return received
    }

    func send(_ bytes: [UInt8]) { _ = write(master, bytes, bytes.count) }

    /// Answers until there is something to read from `stop`, or the line is gone.
    func run(until stop: Int32) {
        var pending: [UInt8] = []
        defer { ended.signal() }
        while true {
            var entries = [
                pollfd(fd: master, events: Int16(POLLIN), revents: 0),
                pollfd(fd: stop, events: Int16(POLLIN), revents: 0),
            ]
            guard poll(&entries, 2, -1) > 0, entries[1].revents == 0 else { return }
            var buffer = [UInt8](repeating: 0, count: 512)
            let count = read(master, &buffer, buffer.count)
            guard count > 0 else { return }
            let input = buffer.prefix(count)
            bytes.withLock { $0 += input }
            arrived.signal()
            pending += input
            if let reply = answer(pending) {
                pending = []
                send(reply)
            }
        }
    }
}

/// A symbolic link in a folder of its own, which can be pointed at another terminal.
final class PortLink: Sendable {
    let path: String
    private let folder: String

    init(to target: String) throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        path = folder + "/port"
        try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: target)
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    /// Points the link elsewhere; nil removes it.
    func point(to target: String?) throws {
        try FileManager.default.removeItem(atPath: path)
        if let target { try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: target) }
    }
}
