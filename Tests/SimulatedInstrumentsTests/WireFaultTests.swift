import Foundation
import Metrology
import Plant
import SimulatedInstruments
import Testing

@Suite("A fault of address or speed")
struct WireFaultTests {
    private let data = hex("02 60 03 9B")
    private let air = hex("01 04 00 00 00 03 B0 0B")

    @Test("“wrong-address” lets another unit answer, with a check that agrees")
    func wrongAddress() throws {
        let lane = try TestLane([InstrumentRequest(.weatherStation, "DWSP-T5")])
        let port = try lane.port(.weatherStation)
        let good = try port.exchange(air, 11)
        #expect(good[0] == 1)
        try lane.lane.inject(Fault(.wrongAddress), on: .weatherStation)
        let bad = try port.exchange(air, 11)
        #expect(bad[0] == 2 && bad[1...2] == good[1...2])
        #expect(crc(bad) == 0)
        try lane.lane.clearFaults(on: .weatherStation)
        #expect(try port.exchange(air, 11)[0] == 1)
        #expect(try lane.frames(.weatherStation).faults["wrong-address"] == 1)
    }

    /// CRC-16/MODBUS over a frame with its check: 0 if that agrees.
    private func crc(_ bytes: [UInt8]) -> UInt16 {
        bytes.reduce(0xFFFF as UInt16) { crc, byte in
            (0..<8).reduce(crc ^ UInt16(byte)) { rest, _ in rest & 1 == 0 ? rest >> 1 : rest >> 1 ^ 0xA001 }
        }
    }

    @Test("“wrong-address” does nothing where frames have no address")
    func noAddress() throws {
        let lane = try TestLane([InstrumentRequest(.gasAnalyzer, "MQW-50A")], warmUp: 0)
        let port = try lane.port(.gasAnalyzer)
        try lane.lane.inject(Fault(.wrongAddress), on: .gasAnalyzer)
        #expect(try port.exchange(data, 28).reduce(0, &+) == 0)
        #expect(try lane.frames(.gasAnalyzer).faults["wrong-address"] == nil)
    }

    @Test("A host whose port is set to another speed is not understood")
    func hostSpeed() throws {
        let lane = try TestLane([InstrumentRequest(.gasAnalyzer, "MQW-50A")], warmUp: 0)
        for speed in [B4800, B19200, B38400, B115200] {
            let port = try lane.port(.gasAnalyzer, speed: speed)
            let before = try lane.frames(.gasAnalyzer).received
            port.send(data)
            #expect(throws: TestPort.NoAnswer.self) { try port.read(28, milliseconds: 150) }
            #expect(try lane.frames(.gasAnalyzer).received == before)
        }
        let port = try lane.port(.gasAnalyzer)
        _ = try port.exchange(data, 28)
        #expect(lane.lane.snapshot().instrument("gas-analyzer")?.hostLineSpeed == 9600)
    }

    @Test("“baud-mismatch” sets the instrument to another speed than the host")
    func baudMismatch() throws {
        let lane = try TestLane([InstrumentRequest(.gasAnalyzer, "MQW-50A")], warmUp: 0)
        let port = try lane.port(.gasAnalyzer)
        try lane.lane.inject(Fault(.baudMismatch, amount: 19_200), on: .gasAnalyzer)
        port.send(data)
        #expect(throws: TestPort.NoAnswer.self) { try port.read(28, milliseconds: 150) }
        // At the instrument's own speed the host is understood.
        let other = try lane.port(.gasAnalyzer, speed: B19200)
        #expect(try other.exchange(data, 28).starts(with: hex("06 60 1B")))
        #expect(try lane.frames(.gasAnalyzer).faults["baud-mismatch"] ?? 0 >= 1)
        try lane.lane.clearFaults(on: .gasAnalyzer)
        #expect(try lane.port(.gasAnalyzer).exchange(data, 28).starts(with: hex("06 60 1B")))
    }

    @Test("A stream at the wrong speed is noise")
    func stream() throws {
        let lane = try TestLane([InstrumentRequest(.tachometer, "MQZ-2")])
        let port = try lane.port(.tachometer, speed: B19200)
        let bytes = try port.read(20)
        #expect(!bytes.contains { (0x30...0x39).contains($0) } || bytes.filter { $0 == 0x0D }.count < 2, "\(bytes)")
    }
}
