import Foundation
import Metrology
import Plant
import SimulatedInstruments
import Synchronization
import Testing

/// A host's end of a simulated serial line, straight on the terminal.
final class TestPort {
    private let descriptor: Int32
    private var received: [UInt8] = []

    struct NoAnswer: Error, CustomStringConvertible {
        let wanted: Int
        let got: [UInt8]
        var description: String { "wanted \(wanted) bytes, got \(got)" }
    }

    init(_ path: String, speed: Int32 = B9600) throws {
        descriptor = open(path, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC)
        try #require(descriptor >= 0, "open \(path): \(String(cString: strerror(errno)))")
        var settings = termios()
        tcgetattr(descriptor, &settings)
        cfmakeraw(&settings)
        cfsetspeed(&settings, speed_t(speed))
        try #require(tcsetattr(descriptor, TCSANOW, &settings) == 0)
        tcflush(descriptor, TCIOFLUSH)
    }

    deinit { close(descriptor) }

    func send(_ bytes: [UInt8]) {
        let count = bytes.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
        #expect(count == bytes.count)
    }

    /// The next bytes that come, waiting at most `milliseconds` for them.
    func read(_ count: Int, milliseconds: Int32 = 5000) throws -> [UInt8] {
        let end = SimulationClock.monotonicNanoseconds() + Int64(milliseconds) * 1_000_000
        while received.count < count {
            let left = (end - SimulationClock.monotonicNanoseconds()) / 1_000_000
            guard left >= 0, isReadable(milliseconds: Int32(left)) else { break }
            var chunk = [UInt8](repeating: 0, count: 512)
            let got = Foundation.read(descriptor, &chunk, chunk.count)
            if got > 0 { received += chunk.prefix(got) } else if got == 0 || errno != EAGAIN { break }
        }
        guard received.count >= count else { throw NoAnswer(wanted: count, got: received) }
        defer { received.removeFirst(count) }
        return Array(received.prefix(count))
    }

    func exchange(_ bytes: [UInt8], _ count: Int) throws -> [UInt8] {
        send(bytes)
        return try read(count)
    }

    /// Whether nothing comes for a while.
    func isSilent(milliseconds: Int32) -> Bool { received.isEmpty && !isReadable(milliseconds: milliseconds) }

    /// Waits until the other side has hung up.
    func hangsUp(milliseconds: Int32 = 5000) -> Bool {
        var polled = pollfd(fd: descriptor, events: 0, revents: 0)
        return poll(&polled, 1, milliseconds) == 1 && polled.revents & Int16(POLLHUP) != 0
    }

    private func isReadable(milliseconds: Int32) -> Bool {
        var polled = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return poll(&polled, 1, milliseconds) == 1
    }
}

/// A clock that stands until it is told to go on. It runs at twice life, so that nothing is paced.
final class ManualTime: Sendable {
    private let nanoseconds = Atomic<Int64>(0)

    var clock: SimulationClock { SimulationClock(speed: 2) { self.nanoseconds.load(ordering: .relaxed) } }

    /// Lets lane time pass.
    func pass(_ seconds: Double) { nanoseconds.add(Int64(seconds * 1e9 / 2), ordering: .relaxed) }
}

/// A started lane that stops at the end of the test.
final class TestLane {
    let lane: SimulatedLane
    let endpoints: [Endpoint]

    init(
        _ instruments: [InstrumentRequest] = InstrumentRequest.wholeLane, vehicle: String = "clean", seed: UInt64 = 1,
        air: RoomAir = .spring, clock: SimulationClock = SimulationClock(speed: 50), warmUp: Double = 30
    ) throws {
        lane = try SimulatedLane(
            instruments: instruments, vehicle: Vehicle.embedded(vehicle), seed: seed, air: air, clock: clock,
            warmUp: LaneSpan(nanoseconds: Int64(warmUp * 1e9)))
        endpoints = try lane.start()
    }

    deinit { lane.stop() }

    func port(_ role: InstrumentRole, speed: Int32 = B9600) throws -> TestPort {
        try TestPort(try #require(lane.endpoints.first { $0.role == role }).path, speed: speed)
    }

    /// Waits until the lane is as wanted; false after ten seconds.
    func becomes(_ condition: (LaneSnapshot) -> Bool) -> Bool {
        let end = SimulationClock.monotonicNanoseconds() + 10_000_000_000
        while !condition(lane.snapshot()) {
            if SimulationClock.monotonicNanoseconds() > end { return false }
            sched_yield()
        }
        return true
    }

    func frames(_ role: InstrumentRole) throws -> FrameCounts {
        try #require(lane.snapshot().instrument(role.rawValue)).frames
    }
}

/// Bytes as manuals print them.
func hex(_ text: String) -> [UInt8] { text.split(separator: " ").compactMap { UInt8($0, radix: 16) } }

/// A path of its own in the temporary folder, whose file is removed with it.
final class TemporaryPath {
    let path: String

    init(_ name: String) {
        path = FileManager.default.temporaryDirectory.appendingPathComponent("lane-\(UUID().uuidString)-\(name)").path
    }

    deinit { unlink(path) }
}
