import CPseudoTerminal
import Foundation
import Glibc
import Instruments
import Synchronization

/// A pseudo-terminal whose other end is a small instrument on a thread of its own.
final class PseudoTerminal: Sendable {
    /// The terminal's path under /dev/pts.
    let path: String
    private let master: Int32
    private let slave: Int32
    private let stop: (read: Int32, write: Int32)
    private let state = Mutex(State())
    private let ended = DispatchSemaphore(value: 0)
    private let arrived = DispatchSemaphore(value: 0)

    private struct State {
        var received: [UInt8] = []
        var isOpen = true
    }

    /// Opens a terminal; `answer` takes what has been received so far and returns the bytes to send, or nil to wait
    /// for more.
    init(_ answer: @escaping @Sendable ([UInt8]) -> [UInt8]? = { _ in nil }) throws {
        var master: Int32 = -1
        var slave: Int32 = -1
        var name = [CChar](repeating: 0, count: 128)
        let problem = pseudo_terminal_open(&master, &slave, &name, UInt(name.count))
        guard problem == 0 else { throw POSIXError(POSIXErrorCode(rawValue: problem) ?? .EIO) }
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw POSIXError(.EMFILE) }
        self.master = master
        self.slave = slave
        stop = (ends[0], ends[1])
        path = String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        Thread { self.run(answer) }.start()
    }

    deinit {
        hangUp()
        close(stop.read)
        close(stop.write)
    }

    /// Everything received since the start.
    var received: [UInt8] { state.withLock { $0.received } }

    /// Waits until at least as many bytes have been received, at most two seconds.
    func waitForBytes(_ count: Int) async -> [UInt8] {
        // On a thread of its own: what is waited for may need the pool's.
        await withCheckedContinuation { continuation in
            DispatchQueue.global().async { [self] in
                let deadline = DispatchTime.now() + .seconds(2)
                while received.count < count, arrived.wait(timeout: deadline) == .success {}
                continuation.resume(returning: received)
            }
        }
    }

    /// The speed that the terminal was set to (`B9600`…).
    var speed: speed_t {
        var settings = termios()
        return tcgetattr(master, &settings) == 0 ? cfgetospeed(&settings) : 0
    }

    /// Sends bytes on the instrument's own accord.
    func send(_ bytes: [UInt8]) { _ = write(master, bytes, bytes.count) }

    /// Closes both ends, as pulling an adapter does.
    func hangUp() {
        let wasOpen = state.withLock { state in
            defer { state.isOpen = false }
            return state.isOpen
        }
        guard wasOpen else { return }
        _ = write(stop.write, [1], 1)
        ended.wait()
        close(slave)
        close(master)
    }

    private func run(_ answer: ([UInt8]) -> [UInt8]?) {
        var pending: [UInt8] = []
        defer { ended.signal() }
        while true {
            var entries = [
                pollfd(fd: master, events: Int16(POLLIN), revents: 0),
                pollfd(fd: stop.read, events: Int16(POLLIN), revents: 0),
            ]
            guard poll(&entries, 2, -1) > 0, entries[1].revents == 0 else { return }
            var bytes = [UInt8](repeating: 0, count: 512)
            let count = read(master, &bytes, bytes.count)
            guard count > 0 else { return }
            state.withLock { $0.received += bytes.prefix(count) }
            arrived.signal()
            pending += bytes.prefix(count)
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
