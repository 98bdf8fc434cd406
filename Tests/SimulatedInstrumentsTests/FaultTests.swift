import Foundation
import Metrology
import Plant
import SimulatedInstruments
import Testing

@Suite("A fault")
struct FaultTests {
    private let data = hex("02 60 03 9B")

    private func analyzer() throws -> (TestLane, TestPort) {
        let lane = try TestLane([InstrumentRequest(.gasAnalyzer, "MQW-50A")], warmUp: 0)
        return (lane, try lane.port(.gasAnalyzer))
    }

    private func count(_ lane: TestLane, _ kind: Fault.Kind) throws -> Int {
        try lane.frames(.gasAnalyzer).faults[kind.rawValue] ?? 0
    }

    /// Whether a reply of 28 bytes is whole.
    private func isGood(_ frame: [UInt8]) -> Bool { frame.starts(with: hex("06 60 1B")) && frame.reduce(0, &+) == 0 }

    @Test("“silent” swallows replies until it is cleared")
    func silent() throws {
        let (lane, port) = try analyzer()
        try lane.lane.inject(Fault(.silent), on: .gasAnalyzer)
        port.send(data)
        #expect(lane.becomes { $0.instrument("gas-analyzer")?.frames.faults == ["silent": 1] })
        #expect(port.isSilent(milliseconds: 20))
        try lane.lane.clearFaults(on: .gasAnalyzer)
        #expect(isGood(try port.exchange(data, 28)))
    }

    @Test("“slow-reply” delays replies by as much as it says")
    func slow() throws {
        let (lane, port) = try analyzer()
        try lane.lane.inject(Fault(.slowReply, amount: 150), on: .gasAnalyzer)
        let start = SimulationClock.monotonicNanoseconds()
        #expect(isGood(try port.exchange(data, 28)))
        #expect(SimulationClock.monotonicNanoseconds() - start >= 150_000_000)
        #expect(try count(lane, .slowReply) == 1)
    }

    @Test("“corrupted-checksum” spoils every n-th frame")
    func corrupted() throws {
        let (lane, port) = try analyzer()
        try lane.lane.inject(Fault(.corruptedChecksum, amount: 3), on: .gasAnalyzer)
        let good = try (0..<9).map { _ in isGood(try port.exchange(data, 28)) }
        #expect(good.filter { !$0 }.count == 3)
        #expect(try count(lane, .corruptedChecksum) == 3)
    }

    @Test("“garbage” puts noise before each frame")
    func garbage() throws {
        let (lane, port) = try analyzer()
        try lane.lane.inject(Fault(.garbage, amount: 7), on: .gasAnalyzer)
        let reply = try port.exchange(data, 35)
        #expect(!reply.starts(with: hex("06 60 1B")))
        #expect(isGood(Array(reply.suffix(28))))
        #expect(try count(lane, .garbage) == 1)
    }

    @Test("“truncated” sends the first half only")
    func truncated() throws {
        let (lane, port) = try analyzer()
        try lane.lane.inject(Fault(.truncated), on: .gasAnalyzer)
        #expect(Array(try port.exchange(data, 14).prefix(3)) == hex("06 60 1B"))
        #expect(port.isSilent(milliseconds: 100))
        #expect(try count(lane, .truncated) == 1)
    }

    @Test("“hang-up” closes the terminal; clearing it opens a new one behind the same link")
    func hangUp() throws {
        let link = TemporaryPath("analyzer")
        let lane = try TestLane([InstrumentRequest(.gasAnalyzer, "MQW-50A", link: link.path)], warmUp: 0)
        #expect(lane.endpoints.map(\.path) == [link.path])
        let port = try TestPort(link.path)
        #expect(isGood(try port.exchange(data, 28)))
        #expect(lane.lane.snapshot().instrument("gas-analyzer")?.terminal != nil)

        try lane.lane.inject(Fault(.hangUp), on: .gasAnalyzer)
        #expect(port.hangsUp())
        #expect(lane.lane.snapshot().instrument("gas-analyzer")?.terminal == nil)
        #expect(try count(lane, .hangUp) == 1)
        // A real adapter's device file goes with it.
        #expect(!FileManager.default.fileExists(atPath: link.path))

        try lane.lane.clearFaults(on: .gasAnalyzer)
        #expect(isGood(try TestPort(link.path).exchange(data, 28)))
    }

    @Test("“low-flow” is seen in status and line pressure")
    func lowFlow() throws {
        let (lane, port) = try analyzer()
        _ = try port.exchange(hex("02 7B 03 80"), 4)
        #expect(try port.exchange(hex("02 61 03 9A"), 11)[3] == 0)
        try lane.lane.inject(Fault(.lowFlow), on: .gasAnalyzer)
        #expect(try port.exchange(hex("02 61 03 9A"), 11)[3] == 0x80)
        #expect(try count(lane, .lowFlow) == 1)
    }

    @Test("“stuck-value” freezes what an instrument shows, not the lane")
    func stuck() throws {
        let lane = try TestLane([
            InstrumentRequest(.tachometer, "MQZ-2"), InstrumentRequest(.weatherStation, "DWSP-T5"),
        ])
        let port = try lane.port(.tachometer)
        _ = try port.read(5)
        try lane.lane.inject(Fault(.stuckValue), on: .tachometer)
        lane.lane.apply(DriverCue(gear: 0, throttle: 0.3))
        // A port that is opened now has nothing left from before the fault, but perhaps a frame that was on its way.
        let later = try lane.port(.tachometer)
        for _ in 0..<20 { _ = try later.read(5) }
        let frames = try (0..<100).map { _ in try later.read(5) }
        #expect(Set(frames).count == 1)
        #expect(lane.lane.snapshot().plant.shownEngineSpeed > 1500)
        #expect(try lane.frames(.tachometer).faults["stuck-value"] ?? 0 >= 100)

        let weather = try lane.port(.weatherStation)
        try lane.lane.inject(Fault(.stuckValue), on: .weatherStation)
        let first = try weather.exchange(hex("01 04 00 00 00 03 B0 0B"), 11)
        for _ in 0..<50 { #expect(try weather.exchange(hex("01 04 00 00 00 03 B0 0B"), 11) == first) }
    }

    @Test("“dilution” thins the sample")
    func dilution() throws {
        let time = ManualTime()
        let lane = try TestLane([InstrumentRequest(.gasAnalyzer, "MQW-50A")], clock: time.clock, warmUp: 0)
        let port = try lane.port(.gasAnalyzer)
        lane.lane.apply(DriverCue(probeInserted: true))
        _ = try port.exchange(hex("02 7B 03 80"), 4)
        func carbonDioxide() throws -> Int {
            let frame = try port.exchange(data, 28)
            return Int(frame[3]) << 8 | Int(frame[4])
        }
        time.pass(40)
        #expect(try carbonDioxide() > 1400)
        try lane.lane.inject(Fault(.dilution, amount: 0.7), on: .gasAnalyzer)
        time.pass(40)
        #expect(try carbonDioxide() < 600)
        #expect(try count(lane, .dilution) == 1)
    }

    @Test("“stall” stands the engine still")
    func stall() throws {
        let time = ManualTime()
        let lane = try TestLane([InstrumentRequest(.gasAnalyzer, "MQW-50A")], clock: time.clock, warmUp: 0)
        let port = try lane.port(.gasAnalyzer)
        try lane.lane.inject(Fault(.stall), on: .gasAnalyzer)
        time.pass(5)
        #expect(Array(try port.exchange(data, 28)[19...20]) == [0, 0])
        #expect(try count(lane, .stall) == 1)
    }

    @Test("on a stream without checksum spoils the terminator")
    func streams() throws {
        let lane = try TestLane([InstrumentRequest(.dynamometer, "BNTD")])
        try lane.lane.inject(Fault(.corruptedChecksum), on: .dynamometer)
        let port = try lane.port(.dynamometer, speed: B38400)
        for _ in 0..<20 { _ = try port.read(17) }
        let bytes = try port.read(17)
        #expect(bytes.starts(with: Array("AII".utf8)))
        #expect(bytes[16] != 0x43)
    }

    @Test("that makes no sense is refused")
    func refusals() throws {
        let (lane, _) = try analyzer()
        #expect(throws: SimulationError.noInstrument(role: "tachometer")) {
            try lane.lane.inject(Fault(.silent), on: .tachometer)
        }
        #expect(throws: SimulationError.faultAmount(.dilution, 2)) {
            try lane.lane.inject(Fault(.dilution, amount: 2), on: .gasAnalyzer)
        }
        #expect(throws: SimulationError.faultAmount(.corruptedChecksum, 0)) {
            try lane.lane.inject(Fault(.corruptedChecksum, amount: 0), on: .gasAnalyzer)
        }
        let other = try TestLane([InstrumentRequest(.tachometer, "MQZ-2")])
        #expect(throws: SimulationError.faultOfOtherRole(.lowFlow, .tachometer)) {
            try other.lane.inject(Fault(.lowFlow), on: .tachometer)
        }
    }
}
