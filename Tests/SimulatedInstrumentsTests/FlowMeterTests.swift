import Metrology
import Plant
import SimulatedInstruments
import Testing

@Suite("The flow meters")
struct FlowMeterTests {
    private func number(_ bytes: [UInt8], _ place: Int) -> Int { Int(bytes[place]) << 8 | Int(bytes[place + 1]) }

    /// A request of Modbus ASCII and its decoded reply.
    private func ask(_ port: TestPort, _ request: String, _ count: Int) throws -> [UInt8] {
        let reply = try port.exchange(ModbusASCII.encode(hex(request)), count)
        return try #require(ModbusASCII.decode(reply), "\(String(decoding: reply, as: UTF8.self))")
    }

    @Test("NHF-1 switches its fan on, and shows air, then thinned exhaust, in cubic feet per minute")
    func nhf1() throws {
        let time = ManualTime()
        let lane = try TestLane([InstrumentRequest(.flowMeter, "NHF-1")], clock: time.clock, warmUp: 20)
        let port = try lane.port(.flowMeter)
        #expect(try ask(port, "01 03 12 5D 00 01", 15) == hex("01 03 02 00 10"))
        #expect(number(try ask(port, "01 03 12 58 00 05", 31), 11) == 0)
        #expect(try ask(port, "01 06 12 5E 00 01", 17) == hex("01 06 12 5E 00 01"))
        time.pass(30)
        #expect(try ask(port, "01 03 12 5D 00 01", 15) == hex("01 03 02 00 00"))
        let air = try ask(port, "01 03 12 58 00 05", 31)
        #expect(number(air, 3) == 2090)
        #expect(abs(number(air, 5) - 10_000) < 20, "a kilopascal below the room")
        #expect(abs(number(air, 7) - 224) < 10)
        // 100 L/s are 212 ft³/min.
        #expect(abs(number(air, 11) - 216) < 6, "\(number(air, 11))")
        #expect(number(air, 9) > number(air, 11))

        lane.lane.apply(DriverCue(probeInserted: true, engineSpeed: 2500))
        time.pass(30)
        let thinned = try ask(port, "01 03 12 58 00 05", 31)
        #expect(number(thinned, 3) > 1500 && number(thinned, 3) < 2020)
        #expect(number(thinned, 7) > number(air, 7))
        try lane.lane.inject(Fault(.tubeLeak, amount: 1), on: .flowMeter)
        time.pass(20)
        #expect(number(try ask(port, "01 03 12 58 00 05", 31), 3) == 2090)
    }

    @Test("NHF-1 answers what it does not know by exceptions, others' slaves and damage not at all")
    func exceptions() throws {
        let lane = try TestLane([InstrumentRequest(.flowMeter, "NHF-1")], clock: ManualTime().clock)
        let port = try lane.port(.flowMeter)
        #expect(try ask(port, "01 04 12 58 00 05", 11) == hex("01 84 01"))
        #expect(try ask(port, "01 03 12 50 00 05", 11) == hex("01 83 02"))
        #expect(try ask(port, "01 03 12 58 00 00", 11) == hex("01 83 03"))
        #expect(try ask(port, "01 06 20 00 00 05", 11) == hex("01 86 02"))
        port.send(ModbusASCII.encode(hex("02 03 12 58 00 05")) + Array(":0103125800058E\r\n".utf8))
        // The next answer belongs to the next question.
        #expect(try ask(port, "01 03 12 5D 00 01", 15).count == 5)
        #expect(try lane.frames(.flowMeter).rejected == 5)
    }

    @Test("NHF-1 is set to the air's oxygen when its sensor has drifted")
    func oxygenZero() throws {
        let time = ManualTime()
        let lane = try TestLane([InstrumentRequest(.flowMeter, "NHF-1")], clock: time.clock, warmUp: 0)
        let port = try lane.port(.flowMeter)
        try lane.lane.inject(Fault(.spanDrift, amount: -0.1, channel: .oxygen), on: .flowMeter)
        time.pass(5)
        #expect(number(try ask(port, "01 03 12 58 00 01", 15), 3) == 1881)
        _ = try ask(port, "01 06 12 5F 00 01", 17)
        #expect(number(try ask(port, "01 03 12 58 00 01", 15), 3) == 2090)
    }

    @Test("MQL-100 speaks the analyzers' frames, in tenths of litres per minute")
    func mql100() throws {
        let time = ManualTime()
        let lane = try TestLane([InstrumentRequest(.flowMeter, "MQL-100")], clock: time.clock, warmUp: 20)
        let port = try lane.port(.flowMeter)
        #expect(try port.exchange(hex("02 88 03 73"), 8)[3] == 0x10)
        time.pass(30)
        #expect(try port.exchange(hex("02 88 03 73"), 8)[3] == 0)
        let frame = try port.exchange(hex("02 86 03 75"), 14)
        #expect(frame.reduce(0, &+) == 0 && frame.starts(with: hex("06 86 0D")))
        #expect(number(frame, 3) == 2090)
        #expect(abs(Double(number(frame, 11)) / 600 - 102) < 3)
        #expect(try port.exchange(hex("02 99 03 62"), 4)[0] == 0x15)
    }
}
