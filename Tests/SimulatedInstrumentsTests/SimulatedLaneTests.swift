import Foundation
import Metrology
import Plant
import SimulatedInstruments
import Testing

@Suite("A simulated lane")
struct SimulatedLaneTests {
    @Test("offers one terminal for each instrument, in the order asked for")
    func endpoints() throws {
        let lane = try TestLane()
        #expect(
            lane.endpoints.map { "\($0.role.rawValue) \($0.model)" } == [
                "gas-analyzer MQW-50A", "dynamometer BNTD", "tachometer MQZ-2", "weather-station DWSP-T5",
            ])
        #expect(Set(lane.endpoints.map(\.path)).count == 4)
        #expect(lane.endpoints.allSatisfy { $0.path.hasPrefix("/dev/pts/") })
    }

    @Test("hangs up everywhere when it stops, soon, and can be stopped again but not started again")
    func stop() throws {
        let lane = try TestLane(clock: SimulationClock(speed: 1))
        let ports = try lane.endpoints.map { try TestPort($0.path) }
        let start = SimulationClock.monotonicNanoseconds()
        lane.lane.stop()
        #expect(SimulationClock.monotonicNanoseconds() - start < 1_000_000_000)
        for port in ports { #expect(port.hangsUp(milliseconds: 0)) }
        lane.lane.stop()
        #expect(throws: SimulationError.notStartable) { try lane.lane.start() }
    }

    @Test("links its terminals under steady names, replaces only links, and removes its own")
    func links() throws {
        let link = TemporaryPath("tachometer")
        try FileManager.default.createSymbolicLink(atPath: link.path, withDestinationPath: "/nowhere")
        let request = InstrumentRequest(.tachometer, "MQZ-2", link: link.path)
        let lane = try TestLane([request])
        #expect(lane.endpoints.map(\.path) == [link.path])
        #expect(try TestPort(link.path).read(5).count == 5)
        lane.lane.stop()
        #expect((try? FileManager.default.destinationOfSymbolicLink(atPath: link.path)) == nil)

        // A link that meanwhile belongs to somebody else stays.
        let second = try TestLane([request])
        unlink(link.path)
        try FileManager.default.createSymbolicLink(atPath: link.path, withDestinationPath: "/nowhere")
        second.lane.stop()
        #expect(try FileManager.default.destinationOfSymbolicLink(atPath: link.path) == "/nowhere")

        // A file is never replaced, and nothing stays open.
        unlink(link.path)
        #expect(FileManager.default.createFile(atPath: link.path, contents: Data("kept".utf8)))
        #expect(throws: SimulationError.pathTaken(link.path)) { try TestLane([request]) }
        #expect(FileManager.default.contents(atPath: link.path) == Data("kept".utf8))
    }

    @Test("knows its models, and no instrument twice")
    func models() throws {
        let vehicle = try Vehicle.embedded("clean")
        #expect(throws: SimulationError.unknownModel("MQW-50Z", role: .gasAnalyzer)) {
            try SimulatedLane(instruments: [InstrumentRequest(.gasAnalyzer, "MQW-50Z")], vehicle: vehicle, seed: 1)
        }
        #expect(throws: SimulationError.unknownModel("BNTD", role: .gasAnalyzer)) {
            try SimulatedLane(instruments: [InstrumentRequest(.gasAnalyzer, "BNTD")], vehicle: vehicle, seed: 1)
        }
        let twice = [InstrumentRequest(.dynamometer, "BNTD"), InstrumentRequest(.dynamometer, "BNTD")]
        #expect(throws: SimulationError.roleTwice(.dynamometer)) {
            try SimulatedLane(instruments: twice, vehicle: vehicle, seed: 1)
        }
    }

    @Test("gives the same numbers for the same seed, inputs and times")
    func determinism() throws {
        func run(seed: UInt64) throws -> [PlantSnapshot] {
            let time = ManualTime()
            let lane = try TestLane(vehicle: "dirty", seed: seed, clock: time.clock, warmUp: 0)
            let analyzer = try lane.port(.gasAnalyzer)
            lane.lane.apply(DriverCue(targetSpeed: 0, probeInserted: true))
            _ = try analyzer.exchange(MQW50AFrame.request(0x7B), 4)
            return (0..<60).map { _ in
                time.pass(1)
                return lane.lane.snapshot().plant
            }
        }
        let first = try run(seed: 7)
        #expect(try run(seed: 7) == first)
        #expect(try run(seed: 8) != first)
        #expect(first.last?.time == 60)
    }

    @Test("runs a loaded mode over its wires: speed, force and clean gas come together")
    func loadedMode() throws {
        let lane = try TestLane(warmUp: 0)
        let analyzer = try lane.port(.gasAnalyzer)
        let brake = try lane.port(.dynamometer, speed: B38400)
        brake.send(BNTDCommand("JD").frame)
        #expect(try analyzer.exchange(MQW50AFrame.request(0x67), 4)[0] == 0x06)
        let zeroing = lane.lane.snapshot().plant.time
        try wait(analyzer) { $0.plant.time > zeroing + 31 }
        #expect(try analyzer.exchange(MQW50AFrame.request(0x7B), 4)[0] == 0x06)
        lane.lane.apply(DriverCue(targetSpeed: 25, probeInserted: true))
        try wait(analyzer) { $0.plant.rollerSpeed > 23 }
        brake.send(BNTDCommand("SF", 1241).frame + BNTDCommand("BF").frame)
        let loaded = lane.lane.snapshot().plant.time
        try wait(analyzer) { $0.plant.time > loaded + 40 }

        let state = lane.lane.snapshot()
        #expect(abs(state.plant.rollerSpeed - 25) < 1)
        #expect(abs(state.plant.shownBrakeForce - 1241) < 0.03 * 1241)
        let frame = try analyzer.exchange(MQW50AFrame.request(0x60), 28)
        func word(_ place: Int) -> Int { Int(frame[place]) << 8 | Int(frame[place + 1]) }
        #expect((1400...1560).contains(word(3)), "CO2")
        #expect((2...20).contains(word(5)), "CO")
        #expect((5...40).contains(word(7)), "HC")
        #expect((80...300).contains(word(9)), "NO")
        #expect(word(11) < 100, "O2")
        #expect(abs(word(23) - 1012) < 25, "lambda")
        #expect(abs(word(19) - 1750) < 150, "engine speed in second gear")

        func wait(_ analyzer: TestPort, until condition: (LaneSnapshot) -> Bool) throws {
            // Polling the analyzer is what takes the time.
            for _ in 0..<100_000 {
                if condition(lane.lane.snapshot()) { return }
                _ = try analyzer.exchange(MQW50AFrame.request(0x61), 11)
            }
            Issue.record("it did not come")
        }
    }
}
