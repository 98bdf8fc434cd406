import Foundation
import Metrology
import Plant
import SimulatedInstruments
import Testing

@Suite("The simulated DWSP-T5")
struct WeatherTests {
    private func lane() throws -> TestLane { try TestLane([InstrumentRequest(.weatherStation, "DWSP-T5")]) }

    @Test("answers with the plant's weather, again and again")
    func answers() throws {
        let lane = try lane()
        let port = try lane.port(.weatherStation)
        for _ in 0..<100 {
            let reply = try port.exchange(hex("01 04 00 00 00 03 B0 0B"), 11)
            #expect(Array(reply.prefix(3)) == [1, 4, 6])
            #expect(Array(reply.suffix(2)) == crc(reply.dropLast(2)))
            #expect(abs((Int(reply[3]) << 8 | Int(reply[4])) - 10_120) < 5)
            #expect(abs((Int(reply[5]) << 8 | Int(reply[6])) - 224) < 5)
            #expect(abs((Int(reply[7]) << 8 | Int(reply[8])) - 480) < 15)
        }
        #expect(try lane.frames(.weatherStation).received == ["04": 100])
    }

    @Test("answers frost with a negative number")
    func frost() throws {
        let air = RoomAir(temperature: -5.3, relativeHumidity: 80, pressure: 99)
        let lane = try TestLane([InstrumentRequest(.weatherStation, "DWSP-T5")], air: air, clock: ManualTime().clock)
        let reply = try lane.port(.weatherStation).exchange(hex("01 04 00 00 00 03 B0 0B"), 11)
        #expect(Array(reply[5...6]) == [0xFF, 0xCB])
    }

    @Test(
        "answers other registers and functions with an exception",
        arguments: [
            // Function, first register, count, exception: 1 illegal function, 2 illegal address.
            (0x04, 3, 1, 2), (0x04, 0, 4, 2), (0x04, 100, 1, 2), (0x03, 0, 3, 2),
        ] as [(UInt8, UInt8, UInt8, UInt8)])
    func exceptions(function: UInt8, first: UInt8, count: UInt8, exception: UInt8) throws {
        let lane = try lane()
        let port = try lane.port(.weatherStation)
        let request: [UInt8] = [1, function, 0, first, 0, count]
        let reply = try port.exchange(request + crc(request), 5)
        #expect(Array(reply.prefix(3)) == [1, function | 0x80, exception])
        #expect(Array(reply.suffix(2)) == crc(reply.dropLast(2)))
    }

    @Test("does not answer a request for another slave, nor a damaged one, and goes on")
    func silence() throws {
        let lane = try lane()
        let port = try lane.port(.weatherStation)
        let damaged: [UInt8] = [1, 4, 0, 0, 0, 3, 0xB0, 0x0C]
        port.send(damaged)
        #expect(port.isSilent(milliseconds: 100))
        #expect(Array(try port.exchange(hex("01 04 00 00 00 03 B0 0B"), 11).prefix(3)) == [1, 4, 6])
        #expect(try lane.frames(.weatherStation).rejected == 1)
        let other: [UInt8] = [2, 4, 0, 0, 0, 3]
        port.send(other + crc(other))
        #expect(port.isSilent(milliseconds: 100))
        #expect(Array(try port.exchange(hex("01 04 00 00 00 03 B0 0B"), 11).prefix(3)) == [1, 4, 6])
        #expect(try lane.frames(.weatherStation).received == ["04": 2])
    }

    /// The Modbus CRC, low byte first.
    private func crc(_ bytes: some Sequence<UInt8>) -> [UInt8] {
        var crc: UInt16 = 0xFFFF
        for byte in bytes {
            crc ^= UInt16(byte)
            for _ in 0..<8 { crc = crc & 1 == 1 ? crc >> 1 ^ 0xA001 : crc >> 1 }
        }
        return [UInt8(crc & 0xFF), UInt8(crc >> 8)]
    }
}
