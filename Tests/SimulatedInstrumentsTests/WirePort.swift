import Instruments
import Metrology
import Plant
import SimulatedInstruments

/// A port to one simulated instrument in memory, whose speed the driver sets, on a clock that only waiting moves.
final class WirePort: PortOpener, SerialPort, ModbusPort {
    let lane: MemoryLane
    private let wire: MemoryWire
    let descriptor: Int32? = nil
    let isPseudoTerminal = true

    init(_ request: InstrumentRequest, faults: [Fault] = []) throws {
        lane = try MemoryLane(instruments: [request], vehicle: Vehicle.embedded("clean"), seed: 1)
        for fault in faults { try lane.lane.inject(fault, on: request.role) }
        wire = lane.wires[0]
    }

    deinit { lane.stop() }

    var received: Set<String> { Set(lane.lane.snapshot().instruments[0].frames.received.keys) }

    // MARK: PortOpener

    var uptime: Duration { .nanoseconds(lane.now) }

    func openSerial(_ line: LineSettings) throws(PortFailure) -> any SerialPort { open(line) }

    func openModbus(_ line: LineSettings, unit: UInt8) throws(PortFailure) -> any ModbusPort { open(line) }

    private func open(_ line: LineSettings) -> WirePort {
        lane.advance(to: lane.now)
        wire.bringUpToDate()
        wire.set(hostSpeed: line.baud)
        wire.discardUnread()
        return self
    }

    // MARK: Port

    func waitForInput(upTo time: Duration) throws(PortFailure) -> Bool {
        switch lane.wait(for: wire, upTo: Int64(time / .nanoseconds(1))) {
        case .input: return true
        case .timeIsOver: return false
        case .hungUp: throw .hungUp
        }
    }

    func read() throws(PortFailure) -> [UInt8] { wire.read() }

    func write(_ bytes: [UInt8]) throws(PortFailure) {
        guard wire.take(bytes) else { throw .hungUp }
    }

    func close() {}

    /// The first frame that comes, by its own length, if its unit is the one that was asked.
    func exchange(
        _ request: [UInt8], replyTimeout: Duration, byteTimeout: Duration
    ) throws(PortFailure) -> ModbusAnswer {
        _ = wire.read()
        try write(request)
        var reply: [UInt8] = []
        while try waitForInput(upTo: reply.isEmpty ? replyTimeout : byteTimeout) {
            reply += wire.read()
            guard reply.count >= 3 else { continue }
            let length = reply[1] & 0x80 != 0 ? 5 : reply[1] <= 4 ? 5 + Int(reply[2]) : 8
            if reply.count >= length { return .frame(Array(reply.prefix(length))) }
        }
        return reply.isEmpty ? .timedOut : .damaged(reply)
    }
}
