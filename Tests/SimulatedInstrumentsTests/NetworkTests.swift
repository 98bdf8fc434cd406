import Foundation
import Glibc
import Instruments
import Messages
import Metrology
import Plant
import SimulatedInstruments
import Testing

@Suite("Simulated instruments on real ports", .serialized)
struct NetworkTests {
    private func driver(_ id: String, _ lane: SimulatedLane, _ role: InstrumentRole) throws -> Instrument {
        let path = try #require(lane.endpoints.first { $0.role == role }).path
        return Instrument(profile: try Profiles.named(id), port: try PortAddress(path)) { .zero }
    }

    private func lane(_ requests: [InstrumentRequest], vehicle: String = "clean") throws -> SimulatedLane {
        let lane = try SimulatedLane(
            instruments: requests, vehicle: Vehicle.embedded(vehicle), seed: 1, clock: SimulationClock(speed: 2),
            warmUp: .zero)
        _ = try lane.start()
        return lane
    }

    @Test("An instrument of the AK protocol is reached over TCP, is lost with its cable and comes back with it")
    func ak() async throws {
        let analyzer = InstrumentRequest(
            .gasAnalyzer, "Gas analyzer with the AK protocol", link: "tcp:127.0.0.1:0")
        let lane = try lane([analyzer])
        defer { lane.stop() }
        let port = try #require(lane.endpoints.first).path
        #expect(port.hasPrefix("tcp:127.0.0.1:") && port != "tcp:127.0.0.1:0")
        let driver = try driver("ak-analyzer", lane, .gasAnalyzer)
        try await driver.connect()
        var report = await driver.poll()
        #expect(report.failures.isEmpty && report.readings.count == 5)
        #expect(report.conditions?.conditions == [])

        try lane.inject(Fault(.hangUp), on: .gasAnalyzer)
        report = await driver.poll()
        #expect(report.link != .up)
        try lane.clearFaults(on: .gasAnalyzer)
        try await driver.connect()
        report = await driver.poll()
        #expect(report.link == .up && report.readings.count == 5)
        #expect(lane.snapshot().instrument("gas-analyzer")?.hostLineSpeed == nil)
        await driver.close()
    }

    @Test("A connection whose other end says nothing any more is given up within seconds")
    func givenUp() async throws {
        let lane = try lane([
            InstrumentRequest(.gasAnalyzer, "Gas analyzer with the AK protocol", link: "tcp:127.0.0.1:0")
        ])
        defer { lane.stop() }
        let port = try #require(lane.endpoints.first?.path.split(separator: ":").last.flatMap { UInt16($0) })
        let driver = try driver("ak-analyzer", lane, .gasAnalyzer)
        try await driver.connect()
        // The kernel does it: the test looks whether it was asked to, by what the socket to that port says.
        let sockets = try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").compactMap(Int32.init)
            .filter { Self.peer(of: $0) == port }
        #expect(sockets.count == 1)
        for socket in sockets {
            #expect(Self.option(SO_KEEPALIVE, at: SOL_SOCKET, of: socket) == 1)
            let tcp = Int32(IPPROTO_TCP)
            let idle = try #require(Self.option(TCP_KEEPIDLE, at: tcp, of: socket))
            let interval = try #require(Self.option(TCP_KEEPINTVL, at: tcp, of: socket))
            let count = try #require(Self.option(TCP_KEEPCNT, at: tcp, of: socket))
            #expect(idle + interval * count <= 10)
            #expect(try #require(Self.option(TCP_USER_TIMEOUT, at: tcp, of: socket)) <= 10_000)
        }
        await driver.close()
    }

    /// The port at the other end of a socket; nil for what is no connection of IPv4.
    private static func peer(of descriptor: Int32) -> UInt16? {
        var address = sockaddr_in()
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let result = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getpeername(descriptor, $0, &size) }
        }
        return result == 0 && address.sin_family == AF_INET ? UInt16(bigEndian: address.sin_port) : nil
    }

    private static func option(_ name: Int32, at level: Int32, of descriptor: Int32) -> Int32? {
        var value: Int32 = 0
        var size = socklen_t(MemoryLayout<Int32>.size)
        return getsockopt(descriptor, level, name, &value, &size) == 0 ? value : nil
    }

    @Test("A new connection takes the place of one that has been forgotten")
    func takeover() async throws {
        let lane = try lane([InstrumentRequest(.dynamometer, "Modbus dynamometer over TCP", link: "tcp:127.0.0.1:0")])
        defer { lane.stop() }
        let (first, second) = (
            try driver("modbus-dyno-tcp", lane, .dynamometer), try driver("modbus-dyno-tcp", lane, .dynamometer)
        )
        try await first.connect()
        try await second.connect()
        try await second.perform(.brakeForce(Force(400)))
        #expect(lane.snapshot().plant.brakeMode == .force)
        try await second.perform(.brakeOff)
        #expect(lane.snapshot().plant.brakeMode == .off)
        #expect(await second.poll().readings.count == 4)
        await first.close()
        await second.close()
    }

    @Test("An address that is taken, or is none, is told")
    func badAddress() throws {
        let first = try lane([InstrumentRequest(.dynamometer, "Modbus dynamometer over TCP", link: "tcp:127.0.0.1:0")])
        defer { first.stop() }
        for link in [try #require(first.endpoints.first).path, "tcp:127.0.0.1", "tcp:127.0.0.1:99999"] {
            let second = try SimulatedLane(
                instruments: [InstrumentRequest(.gasAnalyzer, "Gas analyzer with the AK protocol", link: link)],
                vehicle: Vehicle.embedded("clean"), seed: 1)
            #expect(throws: SimulationError.self) { try second.start() }
        }
    }

    @Test("Every model is found by its driver on its real port, at the speed that its profile sets")
    func terminals() async throws {
        // A pseudo-terminal cannot carry the seven bits of a PTU300.
        for (profile, role) in try Profiles.simulated() where profile.line.dataBits == 8 {
            let isNetwork = ["modbus-dyno-tcp", "zhengde"].contains(profile.id)
            let lane = try lane(
                [InstrumentRequest(role, profile.model, link: isNetwork ? "tcp:127.0.0.1:0" : nil)],
                vehicle: Profiles.vehicle(profile))
            let driver = try driver(profile.id, lane, role)
            try await driver.connect()
            var report = await driver.poll()
            // One that was asked for its name has no time for another question at once.
            let deadline = ContinuousClock.now + .seconds(10)
            while report.failures.contains(where: { $0.message.code == .instrumentBusy }), .now < deadline {
                report = await driver.poll()
            }
            #expect(report.link == .up && report.failures.isEmpty, "\(profile.id): \(report.failures)")
            if !isNetwork, profile.role != .sign, profile.role != .motoringInverter, !profile.sendsByItself {
                #expect(lane.snapshot().instruments[0].hostLineSpeed == profile.line.baud)
            }
            await driver.close()
            lane.stop()
        }
    }
}
