import CPseudoTerminal
import Foundation

/// The C library's text for an error number.
func errorText(_ code: Int32) -> String { String(cString: strerror(code)) }

/// Throws what the last failed system call left in `errno`.
func failure(_ call: String) -> SimulationError { .system(call: call, errno: errno) }

/// A pseudo-terminal pair: the instrument's side is the master, the host opens the slave by its path.
///
/// The slave stays open here too: without that, the master would report a hang-up whenever no host has it open.
struct PseudoTerminal: Sendable {
    let master: Int32
    let slave: Int32
    let path: String

    init() throws(SimulationError) {
        var (master, slave): (Int32, Int32) = (-1, -1)
        var name = [CChar](repeating: 0, count: 128)
        let problem = pseudo_terminal_open(&master, &slave, &name, UInt(name.count))
        guard problem == 0 else { throw .system(call: "open a pseudo-terminal", errno: problem) }
        self.master = master
        self.slave = slave
        path = String(decoding: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
        _ = fcntl(master, F_SETFL, fcntl(master, F_GETFL) | O_NONBLOCK)
    }

    func close() {
        Glibc.close(slave)
        Glibc.close(master)
    }

    /// Bytes that wait for the host to read them.
    var unread: Int {
        var count: Int32 = 0
        return ioctl(slave, UInt(FIONREAD), &count) == 0 ? Int(count) : 0
    }

    /// Throws away what the host has not read.
    func discardUnread() { tcflush(slave, TCIFLUSH) }

    /// Bits per second that the host has set; nil for a rate without a number here.
    var hostLineSpeed: Int? {
        var settings = termios()
        guard tcgetattr(master, &settings) == 0 else { return nil }
        let speed = cfgetospeed(&settings)
        let known: [(Int32, Int)] = [
            (B1200, 1200), (B2400, 2400), (B4800, 4800), (B9600, 9600), (B19200, 19200), (B38400, 38400),
            (B57600, 57600), (B115200, 115_200),
        ]
        return known.first { speed_t($0.0) == speed }?.1
    }
}

/// A pipe that ends another thread's wait.
struct WakeUp: Sendable {
    let descriptor: Int32
    private let writing: Int32

    init() throws(SimulationError) {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw failure("pipe") }
        for end in ends {
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
            _ = fcntl(end, F_SETFL, O_NONBLOCK)
        }
        (descriptor, writing) = (ends[0], ends[1])
    }

    func signal() {
        var byte: UInt8 = 1
        // A full pipe wakes as well as one more byte would.
        _ = write(writing, &byte, 1)
    }

    func drain() {
        var bytes = [UInt8](repeating: 0, count: 64)
        while read(descriptor, &bytes, bytes.count) > 0 {}
    }

    func close() {
        Glibc.close(descriptor)
        Glibc.close(writing)
    }
}

/// Waits for input on any of the descriptors; returns those that have some or are at their end.
///
/// - Parameter nanoseconds: how long at most; nil for as long as it takes.
func waitForInput(_ descriptors: [Int32], nanoseconds: Int64?) -> [Int32] {
    var polled = descriptors.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
    switch nanoseconds {
    case .none: _ = poll(&polled, nfds_t(polled.count), -1)
    case .some(let wait) where wait < 1_000_000:
        // poll counts in milliseconds, too coarse for a lane that runs fast; input waits this little as well.
        var time = timespec(tv_sec: 0, tv_nsec: Int(wait))
        nanosleep(&time, nil)
        _ = poll(&polled, nfds_t(polled.count), 0)
    case .some(let wait): _ = poll(&polled, nfds_t(polled.count), Int32(min(wait / 1_000_000, 60_000)))
    }
    return polled.filter { $0.revents != 0 }.map(\.fd)
}

/// All bytes that a non-blocking descriptor has at the moment.
func readAvailable(_ descriptor: Int32) -> [UInt8] {
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 1024)
    while true {
        let count = read(descriptor, &chunk, chunk.count)
        guard count > 0 else { return bytes }
        bytes += chunk.prefix(count)
        if count < chunk.count { return bytes }
    }
}

/// A thread of its own for blocking work, which never runs on Swift's cooperative pool.
struct Worker: Sendable {
    private let finished = Signal()

    init(_ name: String, _ work: @escaping @Sendable () -> Void) {
        let thread = Thread { [finished] in
            work()
            finished.give()
        }
        thread.name = name
        thread.start()
    }

    /// Waits until the work has ended.
    func join() { finished.wait() }
}

/// Something that happens once, and can be waited for.
///
/// `@unchecked Sendable` is right because `hasHappened` is private and only ever touched while `condition` is locked.
final class Signal: @unchecked Sendable {
    private let condition = NSCondition()
    private var hasHappened = false

    func give() {
        condition.lock()
        hasHappened = true
        condition.broadcast()
        condition.unlock()
    }

    func wait() {
        condition.lock()
        while !hasHappened { condition.wait() }
        condition.unlock()
    }
}
