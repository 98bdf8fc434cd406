import Foundation
import Instruments
import Metrology
import Plant
import SimulatedInstruments
import Synchronization
import Testing

/// The repository's device profiles, found from this file's place.
enum Profiles {
    static let directory = #filePath.split(separator: "/").dropLast(3).reduce("") { "\($0)/\($1)" } + "/Devices"
    static let all = Result { try DeviceLibrary(directory: directory) }

    static func named(_ id: String) throws -> DeviceProfile { try all.get().profile(id) }

    /// The vehicle that stands on the lane of an instrument.
    static func vehicle(_ profile: DeviceProfile) -> String { profile.id == "elm327-j1939" ? "clean-truck" : "clean" }

    /// Those that have a simulator, in the order of their names, each with the role in which it is simulated.
    static func simulated() throws -> [(profile: DeviceProfile, role: InstrumentRole)] {
        try all.get().profiles.values.sorted { $0.id < $1.id }.compactMap { profile in
            InstrumentRequest.known.contains(InstrumentRequest(profile.role, profile.model))
                ? (profile, profile.role) : nil
        }
    }
}

/// A simulated instrument behind a port in memory, on a clock that only waiting moves: what a driver opens in a test.
final class DriverPort: PortOpener, SerialPort, ModbusPort {
    private struct State {
        var inbox: [UInt8] = []
    }

    private let state = Mutex(State())
    private let shared: Clock
    let descriptor: Int32? = nil
    let isPseudoTerminal = true
    let simulated: MemoryInstrument

    private init(_ simulated: MemoryInstrument, _ clock: Clock) {
        self.simulated = simulated
        shared = clock
    }

    private final class Clock: Sendable {
        let nanoseconds = Atomic<Int64>(0)
    }

    convenience init(
        _ profile: DeviceProfile, vehicle: String? = nil, seed: UInt64 = 1, warmUp: Double = 0
    ) throws {
        let clock = Clock()
        let simulated = try MemoryInstrument(
            profile.role, profile.model, vehicle: Vehicle.embedded(vehicle ?? Profiles.vehicle(profile)), seed: seed,
            warmUp: warmUp
        ) { clock.nanoseconds.load(ordering: .relaxed) }
        self.init(simulated, clock)
    }

    /// The driver of the instrument.
    func driver(_ profile: DeviceProfile) throws -> Instrument {
        let clock = shared
        return Instrument(profile: profile, port: try PortAddress("/dev/simulated"), opener: self) {
            LaneInstant(nanoseconds: clock.nanoseconds.load(ordering: .relaxed))
        }
    }

    /// Lets time pass in steps, so that what the instrument does by itself happens at its moments.
    func pass(_ seconds: Double) {
        for _ in 0..<Int((seconds * 20).rounded()) { step(.milliseconds(50)) }
    }

    private func step(_ time: Duration) {
        shared.nanoseconds.add(time.nanoseconds, ordering: .relaxed)
        let frames = simulated.act()
        state.withLock { state in
            state.inbox += frames.flatMap { $0 }
            // Nobody reads: an operating system keeps so much.
            if state.inbox.count > 4096 { state.inbox.removeFirst(state.inbox.count - 4096) }
        }
    }

    // MARK: PortOpener

    var uptime: Duration { .nanoseconds(shared.nanoseconds.load(ordering: .relaxed)) }

    func openSerial(_ line: LineSettings) throws(PortFailure) -> any SerialPort {
        state.withLock { $0.inbox = [] }
        return self
    }

    func openModbus(_ line: LineSettings, unit: UInt8) throws(PortFailure) -> any ModbusPort { self }

    // MARK: Port

    func waitForInput(upTo time: Duration) throws(PortFailure) -> Bool {
        var left = time
        while state.withLock({ $0.inbox.isEmpty }) {
            guard left > .zero else { return false }
            let part = min(left, .milliseconds(10))
            step(part)
            left -= part
        }
        return true
    }

    func read() throws(PortFailure) -> [UInt8] {
        state.withLock { state in
            defer { state.inbox = [] }
            return state.inbox
        }
    }

    func write(_ bytes: [UInt8]) throws(PortFailure) {
        let frames = simulated.receive(bytes)
        state.withLock { $0.inbox += frames.flatMap { $0 } }
    }

    func exchange(
        _ request: [UInt8], replyTimeout: Duration, byteTimeout: Duration
    ) throws(PortFailure) -> ModbusAnswer {
        try write(request)
        return try waitForInput(upTo: replyTimeout) ? .frame(try read()) : .timedOut([])
    }

    func close() {}
}

extension Duration {
    fileprivate var nanoseconds: Int64 { components.seconds * 1_000_000_000 + components.attoseconds / 1_000_000_000 }
}
