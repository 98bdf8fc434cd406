import Metrology
import Plant
import SimulatedInstruments
import Testing

@Suite("The Nanhua analyzers")
struct NanhuaTests {
    private func number(_ bytes: [UInt8], _ place: Int) -> Int { Int(bytes[place]) << 8 | Int(bytes[place + 1]) }

    private func lane(_ model: String, warmUp: Double = 0) throws -> (lane: TestLane, port: TestPort, time: ManualTime)
    {
        let time = ManualTime()
        let lane = try TestLane([InstrumentRequest(.gasAnalyzer, model)], clock: time.clock, warmUp: warmUp)
        return (lane, try lane.port(.gasAnalyzer), time)
    }

    @Test("NHA-503 counts its warm-up down, is asked about zeroing by the same command, and samples then")
    func zeroAndSample() throws {
        let (lane, port, time) = try lane("NHA-503", warmUp: 100)
        #expect(try port.exchange([38], 1) == [0x02])
        #expect(number(try port.exchange([39], 2), 0) == 100)
        #expect(try port.exchange([4], 1) == [0x15])
        time.pass(100)
        #expect(try port.exchange([38], 1) == [0x00])
        #expect(try port.exchange([8], 1) == [0x05])
        #expect(try port.exchange([38], 1) == [0x05])
        // While it zeroes, other actions are refused.
        #expect(try port.exchange([4], 1) == [0x15])
        time.pass(29)
        #expect(try port.exchange([8], 1) == [0x05])
        time.pass(2)
        #expect(try port.exchange([8], 1) == [0x00])
        lane.lane.apply(DriverCue(probeInserted: true))
        #expect(try port.exchange([4], 1) == [0x06])
        time.pass(40)
        #expect(try port.exchange([38], 1) == [0x01])
        for (command, count) in [(UInt8(129), 21), (44, 23), (1, 21)] {
            let frame = try port.exchange([command], count)
            #expect(frame[0] == 0x06 && frame.dropLast().reduce(0, &+) == frame.last)
            #expect((1400...1560).contains(number(frame, 5)), "CO2")
            #expect(number(frame, 1) < 40 && number(frame, 7) < 100, "HC and O2")
            #expect(abs(number(frame, 11) - 800) < 30)
            #expect(number(frame, 15) == 0)
            #expect(abs(number(frame, 18) - 101) <= 2, "lambda")
        }
        try lane.lane.inject(Fault(.lowFlow), on: .gasAnalyzer)
        #expect(Array(try port.exchange([129], 21)[15...16]) == hex("88 88"))
    }

    @Test("NHA-503 gives the room's climate")
    func climate() throws {
        let air = RoomAir(temperature: 25.1, relativeHumidity: 45.6, pressure: 100.8)
        let lane = try TestLane([InstrumentRequest(.gasAnalyzer, "NHA-503")], air: air, clock: ManualTime().clock)
        #expect(try lane.port(.gasAnalyzer).exchange([2], 8) == hex("06 00 FB 03 F0 01 C8 BD"))
    }

    @Test("NHA-503 is calibrated with a bottle, after which a drifted cell reads right")
    func calibration() throws {
        let (lane, port, time) = try lane("NHA-503")
        _ = try port.exchange([8], 1)
        time.pass(31)
        #expect(try port.exchange([8], 1) == [0x00])
        let bottle = BottledGas(propane: 3200, carbonMonoxide: 3.5, carbonDioxide: 12, nitricOxide: 1500)
        lane.lane.connect(bottle, to: .calibrationGas)
        lane.lane.connect(bottle, to: .checkGas)
        try lane.lane.inject(Fault(.spanDrift, amount: -0.08, channel: .carbonMonoxide), on: .gasAnalyzer)
        /// What the bench reads of the bottle after half a minute, as HC (propane), CO, CO2, O2, NO.
        func check() throws -> [Int] {
            _ = try port.exchange([12], 14)
            time.pass(29)
            let frame = try port.exchange([12], 14)
            #expect(frame.dropLast().reduce(0, &+) == frame.last)
            time.pass(2)
            #expect(try port.exchange([12], 1) == [0x00])
            return (0..<5).map { number(frame, 1 + 2 * $0) }
        }
        let before = try check()
        #expect(abs(before[0] - 3200) <= 2 && abs(before[1] - 322) <= 1 && abs(before[2] - 1200) <= 1, "\(before)")

        // The bottle is written in two steps, the second with the example's bytes.
        #expect(try port.exchange([9], 1) == [0x06])
        #expect(try port.exchange(hex("0C 80 01 5E 04 B0 05 DC 81"), 1) == [0x01])
        #expect(try port.exchange([9], 1) == [0x06])
        #expect(try port.exchange(hex("0C 80 01 5E 04 B0 05 DC 80"), 1) == [0x00])
        #expect(try port.exchange([10], 14)[0] == 0x05)
        time.pass(31)
        #expect(try port.exchange([10], 1) == [0x00])
        let after = try check()
        #expect(abs(after[1] - 350) <= 1 && abs(after[4] - 1500) <= 2, "\(after)")
    }

    @Test("NHA-503 fails to calibrate with an empty port, and to zero with a dead oxygen cell")
    func failures() throws {
        let (lane, port, time) = try lane("NHA-503")
        _ = try port.exchange([10], 14)
        time.pass(31)
        #expect(try port.exchange([10], 1) == [0x01])
        try lane.lane.inject(Fault(.spanDrift, amount: -0.4, channel: .oxygen), on: .gasAnalyzer)
        // Worn, but it can still be set to the air's oxygen.
        #expect(try port.exchange([129], 21)[17] == 1)
        _ = try port.exchange([8], 1)
        time.pass(31)
        #expect(try port.exchange([8], 1) == [0x00])
        #expect(abs(number(try port.exchange([129], 21), 7) - 2090) <= 1)
        try lane.lane.inject(Fault(.spanDrift, amount: -0.6, channel: .oxygen), on: .gasAnalyzer)
        _ = try port.exchange([8], 1)
        time.pass(31)
        #expect(try port.exchange([8], 1) == [0x01])
    }

    @Test("NHA-503 finds a leak")
    func leak() throws {
        let (lane, port, time) = try lane("NHA-503")
        for (leak, answer) in [(0.0, UInt8(0x00)), (0.1, 0x01)] {
            try lane.lane.inject(Fault(.dilution, amount: leak), on: .gasAnalyzer)
            #expect(try port.exchange([7], 1) == [0x05])
            #expect(try port.exchange([38], 1) == [0x03])
            time.pass(16)
            #expect(try port.exchange([7], 1) == [answer])
        }
    }

    @Test("NHA-506 tells its state in a letter, and marks what is not valid")
    func publicProtocol() throws {
        let (lane, port, time) = try lane("NHA-506", warmUp: 60)
        #expect(try port.exchange([0x14], 1) == Array("H".utf8))
        let cold = try port.exchange([0x03], 19)
        #expect(Array(cold[1...10]) == hex("FF 00 FF 00 FF 00 FF 00 FF 00"))
        #expect(number(cold, 17) == cold.prefix(17).reduce(0) { $0 + Int($1) })
        time.pass(60)
        #expect(try port.exchange([0x14], 1) == Array("W".utf8))
        #expect(try port.exchange([0x0C], 1) == [0x06])
        #expect(try port.exchange([0x14], 1) == Array("Z".utf8))
        #expect(try port.exchange([0x01], 1) == [0x15])
        time.pass(31)
        lane.lane.apply(DriverCue(probeInserted: true))
        #expect(try port.exchange([0x01], 1) == [0x06])
        time.pass(40)
        let frame = try port.exchange([0x03], 19)
        #expect((1400...1560).contains(number(frame, 5)))
        #expect(abs(number(frame, 11) - 800) < 30 && abs(number(frame, 13) - 885) < 20)
        #expect(try port.exchange([0x7F], 1) == [0x15])
    }

    @Test("The MQW relatives answer with the data that each knows")
    func relatives() throws {
        for (model, known) in [
            ("MQW-50A", [0x60]), ("MQW-50B", [0x60, 0xA3]), ("GasBoard-5160", [0x60, 0xA3, 0xA8]),
        ] as [(String, [UInt8])] {
            let (lane, port, _) = try lane(model)
            for (command, length) in [(0x60, 28), (0xA3, 24), (0xA8, 28)] as [(UInt8, Int)] {
                if known.contains(command) {
                    let frame = try port.exchange(MQW50AFrame.request(command), length)
                    #expect(frame[0] == 0x06 && frame[1] == command && Int(frame[2]) == length - 1)
                } else {
                    #expect(try port.exchange(MQW50AFrame.request(command), 4)[0] == 0x15)
                }
            }
            #expect(try port.exchange(MQW50AFrame.request(0x8C), 6) == hex("06 8C 05 01 FC 6C"))
            #expect(try lane.frames(.gasAnalyzer).received["8C"] == 1)
        }
    }
}
