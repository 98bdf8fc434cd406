import CSerialPort
import Glibc

/// A serial port through libserialport, never blocking in it.
///
/// Waiting is poll(2)'s business: after a hang-up, libserialport's blocking read returns nothing and spins on the
/// processor until its time is over (seen with version 0.1.1). Used by one thread at a time.
final class LibserialportPort: SerialPort {
    private var port: OpaquePointer?
    let descriptor: Int32?
    let isPseudoTerminal: Bool
    private let handle: Int32

    /// How long the operating system may take to accept bytes; ample for any frame on any line.
    private static let writeTimeout = Duration.seconds(1)

    /// Opens a port and sets its line.
    ///
    /// - Parameter exclusively: whether to claim the port; the unattended unload must work even beside a dying lane.
    init(path: String, line: LineSettings, exclusively: Bool) throws(PortFailure) {
        let terminal = try TerminalPath(path)
        let port = try terminal.withFindablePath { (path) throws(PortFailure) in try Self.open(path) }
        var handle: Int32 = -1
        do throws(PortFailure) {
            guard sp_get_port_handle(port, &handle) == SP_OK, handle >= 0 else { throw Self.lastFailure() }
            // libserialport leaves it open for child processes, which would keep the port claimed.
            guard fcntl(handle, F_SETFD, FD_CLOEXEC) == 0 else { throw .opening(errno) }
            isPseudoTerminal = TerminalPath.isPseudoTerminal(descriptor: handle)
            #if !Simulation
                if isPseudoTerminal { throw .pseudoTerminalRefused }
            #endif
            if exclusively { try claimTerminal(handle, isPseudoTerminal: isPseudoTerminal) }
            try Self.set(line, of: port)
        } catch {
            sp_close(port)
            sp_free_port(port)
            throw error
        }
        self.port = port
        self.handle = handle
        descriptor = handle
    }

    deinit { close() }

    func waitForInput(upTo time: Duration) throws(PortFailure) -> Bool {
        guard port != nil else { throw .hungUp }
        return try Instruments.waitForInput(on: handle, upTo: time)
    }

    func read() throws(PortFailure) -> [UInt8] {
        guard let port else { throw .hungUp }
        var bytes = [UInt8](repeating: 0, count: 512)
        let count = sp_nonblocking_read(port, &bytes, bytes.count).rawValue
        if count > 0 { return Array(bytes.prefix(Int(count))) }
        // A port that has gone reads as empty; asking for the number of waiting bytes, or for the hang-up, tells.
        if count < 0 || sp_input_waiting(port).rawValue < 0 { throw .hungUp }
        var entry = pollfd(fd: handle, events: 0, revents: 0)
        if poll(&entry, 1, 0) > 0 { throw .hungUp }
        return []
    }

    func write(_ bytes: [UInt8]) throws(PortFailure) {
        guard let port else { throw .hungUp }
        let deadline = monotonicTime() + Self.writeTimeout
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { sp_nonblocking_write(port, $0.baseAddress, $0.count).rawValue }
            if count < 0 { throw .hungUp }
            rest = rest.dropFirst(Int(count))
            if rest.isEmpty { return }
            let remaining = deadline - monotonicTime()
            guard remaining > .zero else { throw .failed("output does not drain") }
            var entry = pollfd(fd: handle, events: Int16(POLLOUT), revents: 0)
            _ = poll(&entry, 1, remaining.pollMilliseconds)
            if Int32(entry.revents) & (POLLHUP | POLLERR | POLLNVAL) != 0 { throw .hungUp }
        }
    }

    func close() {
        guard let port else { return }
        self.port = nil
        sp_close(port)
        sp_free_port(port)
    }

    private static func open(_ path: String) throws(PortFailure) -> OpaquePointer {
        var found: OpaquePointer?
        guard sp_get_port_by_name(path, &found) == SP_OK, let port = found else {
            // The path has just been seen, so it is there and is something else.
            throw .failed("not a serial port")
        }
        guard sp_open(port, SP_MODE_READ_WRITE) == SP_OK else {
            let failure = lastFailure()
            sp_free_port(port)
            throw failure
        }
        return port
    }

    private static func set(_ line: LineSettings, of port: OpaquePointer) throws(PortFailure) {
        let parity =
            switch line.parity {
            case .none: SP_PARITY_NONE
            case .even: SP_PARITY_EVEN
            case .odd: SP_PARITY_ODD
            }
        let results = [
            sp_set_baudrate(port, Int32(line.baud)), sp_set_bits(port, Int32(line.dataBits)),
            sp_set_parity(port, parity), sp_set_stopbits(port, Int32(line.stopBits)),
            sp_set_flowcontrol(port, SP_FLOWCONTROL_NONE),
        ]
        guard results.allSatisfy({ $0 == SP_OK }) else { throw lastFailure() }
        // What the driver was told before the line was set belongs to nobody.
        sp_flush(port, SP_BUF_BOTH)
    }

    /// The failure of the call just made.
    private static func lastFailure() -> PortFailure { .opening(sp_last_error_code()) }
}
