import Documents
import Foundation
import Glibc
import Instruments
import Lane
import Metrology
import Synchronization

/// A lane's worth of instruments at work: what ten of them cost at twenty reads a second each, and how late a tick
/// comes beside them while something else has a processor to itself.
struct TenDevices {
    private static let devices = 10
    private static let interval = Duration.milliseconds(50)

    /// The argument by which this program becomes a load on one processor.
    static let loadArgument = "load"

    static func run() async throws -> Findings {
        var share = Samples()
        var lateness = Samples()
        var loadedLateness = Samples()
        for _ in 0..<3 {
            let bench = try DeviceBench(count: devices)
            defer { bench.stop() }
            try await bench.begin(every: interval)
            let (processor, start) = (processorSeconds(), monotonicSeconds())
            lateness.add(try await ticks(100))
            share.add((processorSeconds() - processor) / (monotonicSeconds() - start) * 100)
            let load = try Child("/proc/self/exe", [loadArgument])
            // It says when it has begun.
            _ = load.nextLine()
            loadedLateness.add(try await ticks(100))
            load.terminate()
            let (good, expected) = await bench.end()
            guard good >= expected * 9 / 10 else { throw NotMeasured("\(good) of \(expected) reads were good") }
        }
        return Findings(
            lines: [
                Line(
                    name: "ten devices, 20 reads a second each", unit: "% of a core", ours: share,
                    requirement: .below(5)),
                Line(name: "tick lateness beside them, p99", unit: "ms", ours: lateness),
                Line(
                    name: "tick lateness, a processor loaded, p99", unit: "ms", ours: loadedLateness,
                    requirement: .below(2)),
            ],
            notes: [
                "Modbus RTU on ten pseudo-terminals, served by ten other processes that are not counted; a tick is the"
                    + " lane clock's wait for an absolute deadline, ten a second, 100 of them a round"
            ])
    }

    /// How late ticks come, the 99th percentile in milliseconds.
    private static func ticks(_ count: Int) async throws -> Double {
        let time = SystemLaneTime()
        let origin = time.now()
        var late: [Double] = []
        for tick in 1...count {
            let due = origin + LaneSpan(nanoseconds: Int64(tick) * 100_000_000)
            try await time.sleep(until: due)
            late.append((time.now() - due).seconds * 1000)
        }
        return late.sorted()[count * 99 / 100]
    }

    /// Uses a processor until it is ended, or whoever started it is no more.
    static func load() -> Never {
        print("loading")
        fflush(nil)
        let starter = getppid()
        var number: UInt64 = 1
        while getppid() == starter {
            for _ in 0..<10_000_000 { number = number &* 6_364_136_223_846_793_005 &+ 1 }
            if number == 0 { print(number) }
        }
        exit(0)
    }
}

/// A count that several threads add to.
private final class Count: Sendable {
    let value = Mutex(0)
}

/// Ten instruments that poll by themselves.
private final class DeviceBench {
    private let servers: [RegisterServer]
    private let instruments: [Instrument]
    private let good = Count()
    private var began = 0.0
    private var interval = 1.0

    init(count: Int) throws {
        let file = "\(Sources.root)/Devices/weather-stations/dwsp-t5.yaml"
        let text = try String(contentsOfFile: file, encoding: .utf8)
            .replacingOccurrences(of: "poll-interval-ms: 1000", with: "poll-interval-ms: 50")
        let profile = try DeviceProfile(document: try Document(bytes: Array(text.utf8), name: file))
        let time = SystemLaneTime()
        let servers = try (0..<count).map { _ in try RegisterServer() }
        self.servers = servers
        instruments = try servers.map { server in
            Instrument(profile: profile, port: try PortAddress(server.path)) { time.now() }
        }
    }

    func begin(every interval: Duration) async throws {
        for instrument in instruments { try await instrument.connect() }
        began = monotonicSeconds()
        self.interval = Double(interval / .nanoseconds(1)) / 1e9
        for instrument in instruments {
            instrument.startPolling(every: interval) { [good] report in
                if report.readings.count == RegisterServer.values.count { good.value.withLock { $0 += 1 } }
            }
        }
    }

    /// Stops polling.
    ///
    /// - Returns: how many reads brought values, and how many were due.
    func end() async -> (good: Int, expected: Int) {
        for instrument in instruments { instrument.stopPolling() }
        let expected = Int((monotonicSeconds() - began) / interval) * instruments.count
        for instrument in instruments { await instrument.close() }
        return (good.value.withLock { $0 }, expected)
    }

    func stop() { servers.forEach { $0.stop() } }
}
