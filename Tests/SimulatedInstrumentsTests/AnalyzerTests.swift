import Foundation
import Metrology
import Plant
import SimulatedInstruments
import Testing

@Suite("The simulated MQW-50A")
struct AnalyzerTests {
    private let time = ManualTime()

    private func lane(vehicle: String = "clean", warmUp: Double = 30) throws -> TestLane {
        try TestLane(
            [InstrumentRequest(.gasAnalyzer, "MQW-50A")], vehicle: vehicle, clock: time.clock, warmUp: warmUp)
    }

    private func acknowledges(_ port: TestPort, _ command: UInt8, data: [UInt8] = []) throws -> Bool {
        let reply = try port.exchange(MQW50AFrame.request(command, data: data), 4)
        #expect(reply.reduce(0, &+) == 0)
        return reply == MQW50AFrame.acknowledgement(of: command)
    }

    private func status(_ port: TestPort) throws -> [UInt8] { try port.exchange(hex("02 61 03 9A"), 11) }

    /// A word of the data, with its place in the frame.
    private func word(_ frame: [UInt8], _ place: Int) -> Int {
        Int(Int16(bitPattern: UInt16(frame[place]) << 8 | UInt16(frame[place + 1])))
    }

    @Test("warms up, and refuses actions until then")
    func warmUp() throws {
        let lane = try lane()
        let port = try lane.port(.gasAnalyzer)
        #expect(try status(port) == hex("06 61 0A 01 00 00 00 00 00 00 8E"))
        #expect(try port.exchange(hex("02 67 03 94"), 4)[0] == 0x15)
        time.pass(29.9)
        #expect(try status(port)[3] == 0x01)
        time.pass(0.2)
        // Warm: not yet zeroed.
        #expect(Array(try status(port)[3...4]) == [0x00, 0x01])
        #expect(try acknowledges(port, 0x67))
    }

    @Test("zeroes for 30 s, says so, and reads true afterwards")
    func zero() throws {
        let lane = try lane(warmUp: 0)
        let port = try lane.port(.gasAnalyzer)
        let before = try port.exchange(hex("02 60 03 9B"), 28)
        #expect(word(before, 7) > 4, "HC is off before the zero")
        #expect(try port.exchange(hex("02 67 03 94"), 4) == hex("06 67 03 90"))
        time.pass(1)
        #expect(Array(try status(port)[3...4]) == [0x40, 0xC1], "zeroing; busy, pump on, waiting for zero")
        time.pass(28.9)
        #expect(try status(port)[3] == 0x40)
        time.pass(0.2)
        #expect(Array(try status(port)[3...5]) == [0, 0, 0])
        let data = try port.exchange(hex("02 60 03 9B"), 28)
        #expect(Array(data.prefix(3)) == hex("06 60 1B"))
        #expect(data.reduce(0, &+) == 0)
        #expect(word(data, 3) == 4, "CO2 of the room, 0.04 %")
        #expect(word(data, 5) == 0)
        #expect((1...3).contains(word(data, 7)))
        #expect(word(data, 9) == 0)
        #expect(word(data, 11) == 2090)
        #expect(abs(word(data, 13) - 480) < 15)
        #expect(abs(word(data, 15) - 880) < 10)
        #expect(abs(word(data, 17) - 224) < 5)
        #expect(abs(word(data, 19) - 800) < 40)
        #expect(abs(word(data, 21) - 1012) < 3)
        #expect(abs(word(data, 25) - 1012) < 3)
    }

    @Test("refuses an action while another runs, and takes it after a stop")
    func oneActionAtATime() throws {
        let lane = try lane(warmUp: 0)
        let port = try lane.port(.gasAnalyzer)
        #expect(try acknowledges(port, 0x67))
        let refusal = try port.exchange(hex("02 7B 03 80"), 4)
        #expect(refusal[0] == 0x15)
        #expect(try port.exchange(hex("02 78 03 83"), 4) == hex("06 78 03 7F"))
        #expect(try port.exchange(hex("02 7B 03 80"), 4) == hex("06 7B 03 7C"))
        #expect(lane.lane.snapshot().plant.inlet == .probe)
        #expect(try status(port)[4] & 0x40 != 0, "pump on")
        // Sampling is an action too.
        #expect(try !acknowledges(port, 0x7C))
        #expect(try acknowledges(port, 0x78))
        #expect(lane.lane.snapshot().plant.inlet == .closed)
        #expect(try lane.frames(.gasAnalyzer).rejected == 2)
        #expect(try lane.frames(.gasAnalyzer).received == ["67": 1, "78": 2, "7B": 1, "61": 1])
    }

    @Test(
        "takes each action, shows it, and draws from where it should",
        arguments: [
            (0x62, 0x04, .probe), (0x63, 0x08, .room), (0x64, 0x20, .probe), (0x65, 0x02, .purge),
            (0x66, 0x10, .closed),
            (0x67, 0x40, .room), (0x79, 0, .probe), (0x7B, 0, .probe), (0x7C, 0, .room), (0x7D, 0, .zeroGas),
            (0x7E, 0, .calibrationGas), (0x7F, 0, .checkGas), (0x80, 0x02, .purge),
        ] as [(UInt8, UInt8, SampleInlet)])
    func actions(command: UInt8, bit: UInt8, inlet: SampleInlet) throws {
        let lane = try lane(warmUp: 0)
        let port = try lane.port(.gasAnalyzer)
        #expect(try acknowledges(port, command))
        let status = try status(port)
        #expect(status[3] == bit)
        #expect(status[4] & 0x80 == (bit == 0 ? 0 : 0x80))
        #expect(status[4] & 0x40 == (inlet == .closed ? 0 : 0x40))
        #expect(lane.lane.snapshot().plant.inlet == inlet)
        time.pass(31)
        // Sampling goes on; everything else has ended by itself.
        #expect(try self.status(port)[3] == 0)
        #expect(lane.lane.snapshot().plant.inlet == (bit == 0 ? inlet : .closed))
    }

    @Test("takes settings, and shows those that have a bit")
    func settings() throws {
        let lane = try lane(warmUp: 0)
        let port = try lane.port(.gasAnalyzer)
        for (command, value) in [(0x68, 1), (0x6C, 2), (0x6D, 1), (0x6E, 1), (0x76, 1)] as [(UInt8, UInt8)] {
            #expect(try acknowledges(port, command, data: [value]))
        }
        #expect(Array(try status(port)[4...6]) == [0x03, 0, 0xC0])
        #expect(try !acknowledges(port, 0x6C, data: [3]))
        #expect(try acknowledges(port, 0x77))
        #expect(Array(try status(port)[4...6]) == [0x01, 0, 0])
        for command in [0x6A, 0x6B, 0x88, 0x89] as [UInt8] { #expect(try acknowledges(port, command)) }
    }

    @Test(
        "answers 15 to what it does not accept",
        arguments: [
            "02 60 03 9C",  // checksum
            "02 5F 03 9C",  // command
            "02 60 04 00 9A",  // length for the command
            "02 68 03 93",  // setting without value
            "02 60 01",  // impossible length
            "02 60 FF",  // impossible length
        ])
    func refusals(bytes: String) throws {
        let lane = try lane(warmUp: 0)
        let port = try lane.port(.gasAnalyzer)
        let reply = try port.exchange(hex(bytes), 4)
        #expect(reply[0] == 0x15)
        #expect(reply.reduce(0, &+) == 0)
        #expect(try lane.frames(.gasAnalyzer).rejected == 1)
        // The next frame is understood.
        #expect(try status(port).prefix(3) == [0x06, 0x61, 0x0A])
    }

    @Test("finds a frame that comes in pieces, after noise")
    func pieces() throws {
        let lane = try lane(warmUp: 0)
        let port = try lane.port(.gasAnalyzer)
        port.send([0xFF, 0x00, 0x55, 0x02])
        #expect(port.isSilent(milliseconds: 20))
        port.send([0x61])
        #expect(port.isSilent(milliseconds: 20))
        port.send([0x03, 0x9A])
        #expect(try port.read(11).prefix(3) == [0x06, 0x61, 0x0A])
    }

    @Test("forgets a frame whose rest does not come")
    func partialFrame() throws {
        let lane = try lane(warmUp: 0)
        let port = try lane.port(.gasAnalyzer)
        port.send([0x02, 0x61])
        #expect(port.isSilent(milliseconds: 2000))
        #expect(try status(port).prefix(3) == [0x06, 0x61, 0x0A])
    }

    @Test("reports low flow, fails a zero without flow, and finds a leak")
    func trouble() throws {
        let lane = try lane(warmUp: 0)
        let port = try lane.port(.gasAnalyzer)
        try lane.lane.inject(Fault(.lowFlow), on: .gasAnalyzer)
        try lane.lane.inject(Fault(.dilution), on: .gasAnalyzer)
        #expect(try acknowledges(port, 0x67))
        #expect(try status(port)[3] == 0xC0)
        time.pass(31)
        #expect(try status(port)[5] == 0x04)
        #expect(try acknowledges(port, 0x66))
        time.pass(31)
        #expect(try status(port)[5] == 0x05)
        #expect(try lane.frames(.gasAnalyzer).faults == ["low-flow": 1, "dilution": 1])

        try lane.lane.clearFaults(on: .gasAnalyzer)
        #expect(try acknowledges(port, 0x67))
        time.pass(31)
        #expect(try acknowledges(port, 0x66))
        time.pass(31)
        #expect(Array(try status(port)[3...5]) == [0, 0, 0])
    }

    @Test("finds residual HC after dirty exhaust")
    func residue() throws {
        let lane = try lane(vehicle: "gross", warmUp: 0)
        let port = try lane.port(.gasAnalyzer)
        lane.lane.apply(DriverCue(probeInserted: true))
        #expect(try acknowledges(port, 0x7B))
        time.pass(300)
        let data = try port.exchange(hex("02 60 03 9B"), 28)
        #expect(word(data, 7) > 800 && word(data, 5) > 350)
        #expect(try acknowledges(port, 0x78))
        lane.lane.apply(DriverCue(probeInserted: false))
        #expect(try acknowledges(port, 0x64))
        time.pass(16)
        #expect(try status(port)[5] & 0x02 != 0)
        #expect(try acknowledges(port, 0x65))
        time.pass(31)
        #expect(try acknowledges(port, 0x64))
        time.pass(16)
        #expect(try status(port)[5] & 0x02 == 0)
    }

    @Test("sends its reply at the pace of the line when the lane is as fast as life")
    func pacing() throws {
        let lane = try TestLane(
            [InstrumentRequest(.gasAnalyzer, "MQW-50A")], clock: SimulationClock(speed: 1), warmUp: 0)
        let port = try lane.port(.gasAnalyzer)
        let start = SimulationClock.monotonicNanoseconds()
        _ = try port.exchange(hex("02 60 03 9B"), 28)
        let took = SimulationClock.monotonicNanoseconds() - start
        // 28 bytes of ten bits at 9600 bit/s are 29.2 ms.
        #expect(took >= 29_000_000)
        #expect(lane.lane.snapshot().instrument("gas-analyzer")?.hostLineSpeed == 9600)
    }
}
