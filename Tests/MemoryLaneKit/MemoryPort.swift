public import Instruments
public import SimulatedInstruments

/// A port to a simulated instrument in memory, with the lane's clock for its own.
public final class MemoryPort: PortOpener, SerialPort, ModbusPort {
    private let lane: MemoryLane
    private let wire: MemoryWire

    /// Creates the port of a wire of a lane.
    public init(_ lane: MemoryLane, _ wire: MemoryWire) {
        self.lane = lane
        self.wire = wire
    }

    /// None.
    public let descriptor: Int32? = nil
    /// It stands for one.
    public let isPseudoTerminal = true

    // MARK: PortOpener

    /// The lane's time.
    public var uptime: Duration { .nanoseconds(lane.now) }

    /// Opens it for bytes.
    public func openSerial(_ line: LineSettings) throws(PortFailure) -> any SerialPort { try open() }

    /// Opens it for whole frames.
    public func openModbus(_ line: LineSettings, unit: UInt8) throws(PortFailure) -> any ModbusPort { try open() }

    private func open() throws(PortFailure) -> MemoryPort {
        lane.advance(to: lane.now)
        wire.bringUpToDate()
        guard wire.isConnected else { throw .notFound }
        wire.discardUnread()
        return self
    }

    // MARK: Port

    /// Waits until bytes have come through, while the lane's time passes.
    public func waitForInput(upTo time: Duration) throws(PortFailure) -> Bool {
        let (seconds, attoseconds) = time.components
        switch lane.wait(for: wire, upTo: seconds * 1_000_000_000 + attoseconds / 1_000_000_000) {
        case .input: return true
        case .timeIsOver: return false
        case .hungUp: throw .hungUp
        }
    }

    /// What has come through.
    public func read() throws(PortFailure) -> [UInt8] {
        guard wire.isConnected else { throw .hungUp }
        return wire.read()
    }

    /// Sends bytes.
    public func write(_ bytes: [UInt8]) throws(PortFailure) {
        guard wire.take(bytes) else { throw .hungUp }
    }

    /// There is nothing to close.
    public func close() {}

    // MARK: Modbus

    /// What libmodbus does on a real line: the length from the function, the check bytes, one frame.
    public func exchange(
        _ request: [UInt8], replyTimeout: Duration, byteTimeout: Duration
    ) throws(PortFailure) -> ModbusAnswer {
        _ = wire.read()
        try write(request)
        var reply: [UInt8] = []
        var patience = replyTimeout
        while true {
            guard try waitForInput(upTo: patience) else { return .timedOut }
            reply += try read()
            patience = byteTimeout
            guard let length = Self.length(of: reply), reply.count >= length else { continue }
            // What follows the frame is flushed before the next request.
            let frame = Array(reply.prefix(length))
            return Self.checkBytes(frame.dropLast(2)) == Array(frame.suffix(2)) ? .frame(frame) : .damaged(frame)
        }
    }

    private static func length(of reply: [UInt8]) -> Int? {
        guard reply.count >= 3 else { return nil }
        if reply[1] & 0x80 != 0 { return 5 }
        return reply[1] <= 4 ? 5 + Int(reply[2]) : 8
    }

    /// CRC-16/MODBUS, low byte first.
    private static func checkBytes(_ bytes: some Sequence<UInt8>) -> [UInt8] {
        var sum: UInt16 = 0xFFFF
        for byte in bytes {
            sum ^= UInt16(byte)
            for _ in 0..<8 { sum = sum & 1 == 1 ? sum >> 1 ^ 0xA001 : sum >> 1 }
        }
        return [UInt8(sum & 0xFF), UInt8(sum >> 8)]
    }
}
