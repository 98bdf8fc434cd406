package import Instruments
import Metrology
import Plant
package import SimulatedInstruments

/// A port to a simulated instrument in memory, whose speed the driver sets, on a clock that only waiting moves.
package final class SimulatedPort: PortOpener, SerialPort, ModbusPort {
    /// The lane of the instrument.
    package let lane: MemoryLane
    private let wire: MemoryWire
    private let ownsLane: Bool

    /// A port to one instrument of a lane, which outlives it.
    package init(_ lane: MemoryLane, _ wire: MemoryWire) {
        (self.lane, self.wire, ownsLane) = (lane, wire, false)
    }

    /// A port to an instrument on a lane of its own, which ends with the port.
    package init(_ request: InstrumentRequest, faults: [Fault] = []) throws {
        lane = try MemoryLane(instruments: [request], vehicle: Vehicle.embedded("clean"), seed: 1)
        for fault in faults { try lane.lane.inject(fault, on: request.role) }
        (wire, ownsLane) = (lane.wires[0], true)
    }

    deinit { if ownsLane { lane.stop() } }

    /// The commands that the first instrument of the lane has received.
    package var received: Set<String> { Set(lane.lane.snapshot().instruments[0].frames.received.keys) }

    // MARK: PortOpener

    package var uptime: Duration { .nanoseconds(lane.now) }

    package func openSerial(_ line: LineSettings) throws(PortFailure) -> any SerialPort { try open(line) }

    package func openModbus(_ line: LineSettings, unit: UInt8) throws(PortFailure) -> any ModbusPort { try open(line) }

    private func open(_ line: LineSettings) throws(PortFailure) -> SimulatedPort {
        lane.advance(to: lane.now)
        wire.bringUpToDate()
        guard wire.isConnected else { throw .notFound }
        wire.set(hostSpeed: line.baud)
        wire.discardUnread()
        return self
    }

    // MARK: Port

    package let descriptor: Int32? = nil
    package let isPseudoTerminal = true

    package func waitForInput(upTo time: Duration) throws(PortFailure) -> Bool {
        let (seconds, attoseconds) = time.components
        switch lane.wait(for: wire, upTo: seconds * 1_000_000_000 + attoseconds / 1_000_000_000) {
        case .input: return true
        case .timeIsOver: return false
        case .hungUp: throw .hungUp
        }
    }

    package func read() throws(PortFailure) -> [UInt8] {
        guard wire.isConnected else { throw .hungUp }
        return wire.read()
    }

    package func write(_ bytes: [UInt8]) throws(PortFailure) {
        guard wire.take(bytes) else { throw .hungUp }
    }

    package func close() {}

    // MARK: Modbus

    /// What libmodbus does on a real line: the length from the function, the check bytes, one frame.
    package func exchange(
        _ request: [UInt8], replyTimeout: Duration, byteTimeout: Duration
    ) throws(PortFailure) -> ModbusAnswer {
        _ = wire.read()
        try write(request)
        var reply: [UInt8] = []
        var patience = replyTimeout
        while true {
            guard try waitForInput(upTo: patience) else { return .timedOut([]) }
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
