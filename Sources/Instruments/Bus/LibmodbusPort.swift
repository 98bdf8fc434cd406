import CModbus
import Glibc

/// A Modbus RTU line to one unit through libmodbus. Used by one thread at a time.
///
/// Requests go out and replies come in as whole frames, so that the wire log holds what was on the wire; libmodbus
/// does the timing, the length and the check bytes.
final class LibmodbusPort: ModbusPort {
    private var context: OpaquePointer?
    private let handle: Int32
    let descriptor: Int32?
    let isPseudoTerminal: Bool

    init(path: String, line: LineSettings, unit: UInt8) throws(PortFailure) {
        let terminal = try TerminalPath(path)
        let parity: CChar =
            switch line.parity {
            case .none: CChar(UInt8(ascii: "N"))
            case .even: CChar(UInt8(ascii: "E"))
            case .odd: CChar(UInt8(ascii: "O"))
            }
        guard
            let context = modbus_new_rtu(
                terminal.resolved, Int32(line.baud), parity, Int32(line.dataBits), Int32(line.stopBits))
        else { throw .opening(errno) }
        var handle: Int32 = -1
        do throws(PortFailure) {
            guard modbus_set_slave(context, Int32(unit)) == 0, modbus_connect(context) == 0 else {
                throw .opening(errno)
            }
            handle = modbus_get_socket(context)
            isPseudoTerminal = TerminalPath.isPseudoTerminal(descriptor: handle)
            do throws(PortFailure) {
                #if !Simulation
                    if isPseudoTerminal { throw .pseudoTerminalRefused }
                #endif
                // libmodbus waits with select(2), which cannot hold a higher descriptor.
                guard handle >= 0, handle < 1024 else { throw .failed("too many open files") }
                try claimTerminal(handle, isPseudoTerminal: isPseudoTerminal)
            } catch {
                modbus_close(context)
                throw error
            }
        } catch {
            modbus_free(context)
            throw error
        }
        self.context = context
        self.handle = handle
        descriptor = handle
    }

    deinit { close() }

    func exchange(
        _ request: [UInt8], replyTimeout: Duration, byteTimeout: Duration
    ) throws(PortFailure) -> ModbusAnswer {
        guard let context else { throw .hungUp }
        set(replyTimeout, context, modbus_set_response_timeout)
        set(byteTimeout, context, modbus_set_byte_timeout)
        // libmodbus adds the check bytes itself.
        let body = Array(request.dropLast(2))
        guard modbus_send_raw_request(context, body, Int32(body.count)) == Int32(request.count) else {
            throw .hungUp
        }
        var reply = [UInt8](repeating: Self.filling, count: Int(MODBUS_RTU_MAX_ADU_LENGTH))
        let count = modbus_receive_confirmation(context, &reply)
        if count > 0 { return .frame(Array(reply.prefix(Int(count)))) }
        let problem = errno
        modbus_flush(context)
        if count == 0 { return .damaged(Self.frame(in: reply)) }
        switch problem {
        case ETIMEDOUT: return .timedOut(Self.received(in: reply))
        case EIO, EBADF, ENXIO, ENODEV, ECONNRESET, EPIPE: throw .hungUp
        default: return .damaged(Self.frame(in: reply))
        }
    }

    func waitForInput(upTo time: Duration) throws(PortFailure) -> Bool {
        guard context != nil else { throw .hungUp }
        return try Instruments.waitForInput(on: handle, upTo: time)
    }

    func read() throws(PortFailure) -> [UInt8] {
        guard context != nil else { throw .hungUp }
        var entry = pollfd(fd: handle, events: Int16(POLLIN), revents: 0)
        guard poll(&entry, 1, 0) > 0 else { return [] }
        var bytes = [UInt8](repeating: 0, count: 512)
        // libmodbus opens the port without blocking, and poll(2) has just seen a byte or a hang-up.
        let count = Glibc.read(handle, &bytes, bytes.count)
        if count <= 0, count == 0 || (errno != EAGAIN && errno != EINTR) { throw .hungUp }
        return count > 0 ? Array(bytes.prefix(count)) : []
    }

    func close() {
        guard let context else { return }
        self.context = nil
        modbus_close(context)
        modbus_free(context)
    }

    private func set(
        _ time: Duration, _ context: OpaquePointer, _ setter: (OpaquePointer?, UInt32, UInt32) -> Int32
    ) {
        let (seconds, attoseconds) = time.components
        _ = setter(context, UInt32(clamping: seconds), UInt32(clamping: attoseconds / 1_000_000_000_000))
    }

    /// What stands in the buffer before a reply: a byte that a reply seldom breaks off behind.
    private static let filling: UInt8 = 0xA5

    /// What has come of a reply that is not whole. libmodbus does not tell how much that was, but leaves it in the buffer:
    /// up to the last byte that is another than before, it has come for certain. A last byte that happens to be the same
    /// is missed; none is made up.
    private static func received(in buffer: [UInt8]) -> [UInt8] {
        Array(buffer.prefix((buffer.lastIndex { $0 != filling } ?? -1) + 1))
    }

    /// The frame in a buffer by its own count of bytes, since libmodbus does not tell how many it received.
    private static func frame(in buffer: [UInt8]) -> [UInt8] {
        let isException = buffer[1] & 0x80 != 0
        return Array(buffer.prefix(isException ? 5 : min(5 + Int(buffer[2]), buffer.count)))
    }
}
