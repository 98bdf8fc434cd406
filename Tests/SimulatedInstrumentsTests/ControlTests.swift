import Foundation
import Metrology
import Plant
import SimulatedInstruments
import Synchronization
import Testing

@Suite("The control socket")
struct ControlTests {
    /// A lane with a running control server; `stops` tells how often a client asked for the end.
    private final class Served {
        let lane: TestLane
        let server: ControlServer
        let path = TemporaryPath("control")
        let stops = Counter()

        init() throws {
            lane = try TestLane([InstrumentRequest(.gasAnalyzer, "MQW-50A")], warmUp: 0)
            server = try ControlServer(lane: lane.lane, path: path.path) { [stops] in stops.count() }
            try server.start()
        }

        deinit { server.stop() }
    }

    final class Counter: Sendable {
        private let value = Atomic(0)
        func count() { value.add(1, ordering: .relaxed) }
        var total: Int { value.load(ordering: .relaxed) }
    }

    @Test("takes cues and faults, and shows the lane")
    func client() async throws {
        let served = try Served()
        let client = try ControlClient(path: served.path.path)
        let cue = DriverCue(targetSpeed: 25, tolerance: 1.5, gear: 2, probeInserted: true)
        client.send(cue)
        let state = try await client.snapshot()
        #expect(state.plant.cue == cue)
        #expect(state.speed == 50)
        #expect(state.instruments.map(\.model) == ["MQW-50A"])

        try await client.inject(Fault(.silent), on: .gasAnalyzer)
        let port = try served.lane.port(.gasAnalyzer)
        port.send(MQW50AFrame.request(0x60))
        var silent = try await client.snapshot()
        for _ in 0..<20_000 where silent.instrument("gas-analyzer")?.frames.faults.isEmpty ?? true {
            silent = try await client.snapshot()
        }
        #expect(port.isSilent(milliseconds: 20))
        #expect(silent.instrument("gas-analyzer")?.frames.faults == ["silent": 1])
        #expect(silent.instrument("gas-analyzer")?.frames.received == ["60": 1])

        try await client.clearFaults(on: .gasAnalyzer)
        #expect(try port.exchange(MQW50AFrame.request(0x60), 28).count == 28)
    }

    @Test("answers who waits for the lane when it is there, and says so when it never gets there")
    func waiting() async throws {
        let served = try Served()
        let client = try ControlClient(path: served.path.path)
        #expect(try await !client.wait(for: "plant.leak", above: 0.4, within: .milliseconds(20)))
        async let isThere = client.wait(for: "plant.leak", below: 0.6, above: 0.4, within: .seconds(60))
        // Others are served meanwhile.
        let other = try ControlClient(path: served.path.path)
        try await other.inject(Fault(.dilution, amount: 0.5), on: .gasAnalyzer)
        #expect(try await isThere)
        #expect(try await client.snapshot().plant.leak == 0.5)
        await #expect(throws: SimulationError.control("the state has no number “plant.leek”")) {
            _ = try await client.wait(for: "plant.leek", above: 0, within: .seconds(1))
        }
        await #expect(throws: SimulationError.control("below or above is missing")) {
            _ = try await client.wait(for: "plant.leak", within: .seconds(1))
        }
        // What is asked while one waits is answered in order, also by a line that came with the question.
        let socket = try LineSocket(served.path.path)
        let first = try socket.ask(
            #"{"wait": {"value": "plant.leak", "below": 0, "seconds": 0.01}}"# + "\n" + #"{"state": true}"#)
        #expect(first == #"{"ok":false}"#)
        #expect(try socket.ask(#"{"clear": "gas-analyzer"}"#).hasPrefix(#"{"state":"#))
    }

    @Test("passes the lane's objections on")
    func errors() async throws {
        let served = try Served()
        let client = try ControlClient(path: served.path.path)
        await #expect(throws: SimulationError.control("this lane has no tachometer")) {
            try await client.inject(Fault(.silent), on: .tachometer)
        }
        _ = try await client.snapshot()
    }

    @Test("tells when a client asks for the end")
    func end() async throws {
        let served = try Served()
        try await ControlClient(path: served.path.path).stopLane()
        // The answer may come before the call: another request is answered after it.
        _ = try await ControlClient(path: served.path.path).snapshot()
        #expect(served.stops.total == 1)
    }

    @Test("speaks one JSON object per line with anybody")
    func lines() throws {
        let served = try Served()
        let socket = try LineSocket(served.path.path)
        #expect(try socket.ask(#"{"cue": {"targetSpeed": 40}}"#) == #"{"ok":true}"#)
        #expect(
            try socket.ask(#"{"fault": {"role": "gas-analyzer", "kind": "dilution", "amount": 0.5}}"#)
                == #"{"ok":true}"#)
        let state = try socket.ask(#"{"state": true}"#)
        let shown = try #require(
            try JSONSerialization.jsonObject(with: Data(state.utf8)) as? [String: [String: Any]])
        let plant = try #require(shown["state"]?["plant"] as? [String: Any])
        #expect(plant["leak"] as? Double == 0.5)
        #expect((plant["cue"] as? [String: Any])?["targetSpeed"] as? Double == 40)
        #expect(try socket.ask(#"{"clear": "gas-analyzer"}"#) == #"{"ok":true}"#)
        for wrong in [
            "nonsense", "{}", #"{"cue": {}, "state": true}"#, #"{"fly": true}"#, #"{"cue": {"targetSpeed": "fast"}}"#,
            #"{"fault": {"role": "gas-analyzer", "kind": "tired"}}"#,
            #"{"fault": {"role": "toaster", "kind": "silent"}}"#,
        ] {
            #expect(try socket.ask(wrong).hasPrefix(#"{"error":""#), "\(wrong)")
        }
        #expect(try socket.ask(#"{"state": true}"#).hasPrefix(#"{"state":"#))
    }

    @Test("takes only its own place: a dead socket is replaced, a living one and a file are not")
    func places() throws {
        let served = try Served()
        let second = try ControlServer(lane: served.lane.lane, path: served.path.path) {}
        #expect(throws: SimulationError.inUse(served.path.path)) { try second.claim() }
        #expect(throws: SimulationError.inUse(served.path.path)) { try second.start() }
        served.server.stop()
        #expect(!FileManager.default.fileExists(atPath: served.path.path))
        #expect(throws: SimulationError.self) { try ControlClient(path: served.path.path) }

        #expect(FileManager.default.createFile(atPath: served.path.path, contents: Data("kept".utf8)))
        #expect(throws: SimulationError.pathTaken(served.path.path)) { try second.start() }
        unlink(served.path.path)
        try LineSocket.leaveDeadSocket(at: served.path.path)
        try second.start()
        #expect(try LineSocket(served.path.path).ask(#"{"state": true}"#).hasPrefix(#"{"state":"#))
        second.stop()

        // A claimed place is taken for others, and given back by whoever never served there.
        let third = try ControlServer(lane: served.lane.lane, path: served.path.path) {}
        try third.claim()
        let fourth = try ControlServer(lane: served.lane.lane, path: served.path.path) {}
        #expect(throws: SimulationError.inUse(served.path.path)) { try fourth.claim() }
        third.stop()
        #expect(!FileManager.default.fileExists(atPath: served.path.path))
        try fourth.claim()
        try fourth.start()
        #expect(try LineSocket(served.path.path).ask(#"{"state": true}"#).hasPrefix(#"{"state":"#))
        fourth.stop()
    }

    @Test("throws when the lane is gone")
    func gone() async throws {
        let served = try Served()
        let client = try ControlClient(path: served.path.path)
        _ = try await client.snapshot()
        served.server.stop()
        await #expect(throws: SimulationError.self) { try await client.snapshot() }
    }
}

/// A plain socket that sends and reads lines.
private final class LineSocket {
    private let descriptor: Int32

    init(_ path: String) throws {
        descriptor = Self.open()
        try #require(Self.withAddress(path) { connect(descriptor, $0, $1) } == 0)
    }

    deinit { close(descriptor) }

    func ask(_ line: String) throws -> String {
        let bytes = Array(line.utf8) + [0x0A]
        #expect(write(descriptor, bytes, bytes.count) == bytes.count)
        var answer: [UInt8] = []
        while true {
            var polled = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            try #require(poll(&polled, 1, 5000) == 1)
            var byte: UInt8 = 0
            try #require(read(descriptor, &byte, 1) == 1)
            if byte == 0x0A { return String(decoding: answer, as: UTF8.self) }
            answer.append(byte)
        }
    }

    /// What a server that was killed leaves behind.
    static func leaveDeadSocket(at path: String) throws {
        let descriptor = open()
        try #require(withAddress(path) { bind(descriptor, $0, $1) } == 0)
        close(descriptor)
    }

    private static func open() -> Int32 { socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0) }

    private static func withAddress(_ path: String, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32) -> Int32 {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
    }
}
