import CModbus
import Foundation
import Metrology
import Plant
import Synchronization

/// The DWSP-T5 weather station (气象站): Modbus RTU, function 04, registers 0…2.
///
/// libmodbus speaks for it, so that the simulator's Modbus is not this project's own. Its end of a socket pair stands
/// in for the serial line, whose thread carries the bytes to and fro and spoils them when a fault says so.
final class DWSPT5: WireInstrument, Sendable {
    let nextEvent: LaneInstant? = nil

    private let lineSide: Int32
    private let serverSide: Int32
    private let worker: Worker
    private let isStopping: AtomicFlag
    private let view: View

    /// What the server thread sees of the lane, in the place of its line's thread.
    private final class View: Sendable {
        let surroundings: Guarded<Surroundings>
        init(_ surroundings: Surroundings) { self.surroundings = Guarded(surroundings) }
    }

    private final class AtomicFlag: Sendable {
        let value = Atomic(false)
    }

    init(_ surroundings: Surroundings) throws(SimulationError) {
        var ends: [Int32] = [-1, -1]
        guard socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0, &ends) == 0 else {
            throw failure("socketpair")
        }
        (lineSide, serverSide) = (ends[0], ends[1])
        _ = fcntl(lineSide, F_SETFL, fcntl(lineSide, F_GETFL) | O_NONBLOCK)
        let flag = AtomicFlag()
        let view = View(surroundings)
        (isStopping, self.view) = (flag, view)
        let (log, server, unit) = (surroundings.log, ends[1], surroundings.unit)
        worker = Worker("DWSP-T5 server") {
            // libmodbus writes as to a terminal: where the lane has stopped meanwhile, that must not end the program.
            var signals = sigset_t()
            sigemptyset(&signals)
            sigaddset(&signals, SIGPIPE)
            pthread_sigmask(SIG_BLOCK, &signals, nil)
            Self.serve(server, Int32(unit), log, isStopping: { flag.value.load(ordering: .acquiring) }) {
                view.surroundings.withLock { $0 }.observe()
            }
        }
    }

    var relay: Int32? { lineSide }

    func receive(_ bytes: [UInt8], _ surroundings: Surroundings) -> [[UInt8]] {
        view.surroundings.withLock { $0 = surroundings }
        // A few bytes into an empty socket buffer are taken whole.
        _ = bytes.withUnsafeBytes { send(lineSide, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
        return []
    }

    func act(_ surroundings: Surroundings) -> [UInt8]? { nil }

    /// libmodbus itself gives up on a frame whose next byte does not come within half a second.
    func forgetPartialFrame() {}

    func end() {
        isStopping.value.store(true, ordering: .releasing)
        shutdown(lineSide, Int32(SHUT_RDWR))
        worker.join()
        close(lineSide)
        close(serverSide)
    }

    /// The three registers: kPa in hundredths, °C and % in tenths.
    static func registers(_ air: RoomAir) -> [UInt16] {
        func register(_ value: Double, _ scale: Double) -> UInt16 {
            UInt16(bitPattern: Int16(max(-32768, min(32767, (value * scale).rounded()))))
        }
        return [register(air.pressure, 100), register(air.temperature, 10), register(air.relativeHumidity, 10)]
    }

    private static func serve(
        _ descriptor: Int32, _ unit: Int32, _ log: FrameLog, isStopping: () -> Bool, observe: () -> PlantSnapshot
    ) {
        guard let mapping = modbus_mapping_new(0, 0, 0, 3) else { return }
        defer { modbus_mapping_free(mapping) }
        var request = [UInt8](repeating: 0, count: Int(MODBUS_RTU_MAX_ADU_LENGTH))
        while !isStopping() {
            // The device name is never opened: the descriptor is given instead.
            guard let context = modbus_new_rtu("/dev/null", 9600, CChar(UInt8(ascii: "N")), 8, 1) else { return }
            // Not modbus_close: it would restore line settings that were never read.
            defer { modbus_free(context) }
            modbus_set_slave(context, unit)
            modbus_set_socket(context, descriptor)
            // After a request for another slave libmodbus waits for that slave's answer, which nobody here will give:
            // a fresh context does not.
            var isForUs = true
            while isForUs, !isStopping() {
                let length = modbus_receive(context, &request)
                let problem = errno
                isForUs = length != 0
                if length < 0, !isStopping() { log.rejected() }
                if length < 0, problem == ECONNRESET { return }
                guard length > 0 else { continue }
                for (index, value) in registers(observe().air).enumerated() {
                    mapping.pointee.tab_input_registers[index] = value
                }
                let code = String(request[1], radix: 16)
                log.received(code.count == 1 ? "0" + code : code)
                modbus_reply(context, request, length, mapping)
            }
        }
    }
}
