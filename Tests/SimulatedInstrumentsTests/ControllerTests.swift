import Metrology
import Plant
import SimulatedInstruments
import Testing

@Suite("The other controllers")
struct ControllerTests {
    private func number(_ bytes: [UInt8], _ place: Int) -> Int { Int(bytes[place]) << 8 | Int(bytes[place + 1]) }

    @Test(
        "NHC-03: the examples of its protocol",
        arguments: [
            ("C", [0, 0, 0], "08 43 07 00 00 00 52"), ("5", [0, 0, 0], "08 35 07 00 00 00 44"),
            ("6", [0, 0, 0], "08 36 07 00 00 00 45"), ("J", [0, 0, 0], "08 4A 07 00 00 00 59"),
            ("K", [0, 0, 0], "08 4B 07 00 00 00 5A"), ("F", [0xC8, 0x0F, 0xA0], "08 46 07 C8 0F A0 CC"),
            ("1", [0, 0, 0], "08 31 07 00 00 00 40"), ("0", [0, 0, 0], "08 30 07 00 00 00 3F"),
        ] as [(Character, [UInt8], String)])
    func examples(letter: Character, data: [UInt8], bytes: String) {
        #expect(NHC03Frame.request(letter, data) == hex(bytes))
        #expect(NHC03Frame.live(power: 12.5, force: 1125.3, speed: 40.02) == hex("06 04 E2 04 65 03 0F A2 09"))
    }

    @Test("NHC-03 lowers the lift, drives the rollers by its motor, and holds force and speed")
    func nhc03() throws {
        let time = ManualTime()
        let lane = try TestLane(
            [InstrumentRequest(.dynamometer, "NHC-03")], vehicle: "clean-diesel", clock: time.clock)
        let port = try lane.port(.dynamometer)
        func order(_ letter: Character, _ data: [UInt8] = [0, 0, 0]) throws {
            #expect(try port.exchange(NHC03Frame.request(letter, data), 1) == [0x06])
        }
        #expect(try port.exchange(NHC03Frame.request("D"), 4) == hex("06 00 01 07"))
        // 907.2 kg.
        #expect(try port.exchange(NHC03Frame.request("E", [6, 0, 0]), 4) == hex("06 03 8B 94"))
        try order("6")
        time.pass(1)
        #expect(try port.exchange(NHC03Frame.request("D"), 4) == hex("06 00 02 08"))
        lane.lane.apply(DriverCue(targetSpeed: 40))
        time.pass(20)
        // 1000.5 N.
        try order("F", [201, 0x03, 0xE8])
        try order("F", [202, 0x00, 0x05])
        try order("2")
        time.pass(10)
        let live = try port.exchange(NHC03Frame.request("C"), 9)
        #expect(live.dropLast().reduce(0, &+) == live.last)
        #expect(abs(number(live, 3) - 1000) < 15 && abs(number(live, 6) - 4000) < 150, "\(live)")
        #expect(abs(Double(number(live, 1)) / 100 - 11.1) < 0.4)
        // Speed 30.00 km/h against a full pedal.
        lane.lane.apply(DriverCue(gear: 3, throttle: 0.6))
        try order("F", [200, 0x0B, 0xB8])
        try order("1")
        time.pass(5)
        #expect(abs(number(try port.exchange(NHC03Frame.request("C"), 9), 6) - 3000) < 40)
        try order("0")
        time.pass(1)
        #expect(number(try port.exchange(NHC03Frame.request("C"), 9), 3) < 20)
        #expect(try port.exchange(hex("08 43 07 00 00 00 53"), 1) == [0x15])
        #expect(try port.exchange(NHC03Frame.request("Z"), 1) == [0x15])
    }

    @Test("FLV-1000 shows actual and standard flow in tenths of L/s")
    func flv1000() throws {
        let time = ManualTime()
        let lane = try TestLane([InstrumentRequest(.flowMeter, "FLV-1000")], clock: time.clock, warmUp: 20)
        let port = try lane.port(.flowMeter)
        #expect(try port.exchange(hex("88 02 07 00"), 7)[3] == 0x10)
        time.pass(30)
        #expect(try port.exchange(hex("88 02 07 00"), 7)[3] == 0)
        let actual = try port.exchange(hex("86 02 78 00"), 12)
        let standard = try port.exchange(hex("87 02 77 00"), 12)
        for frame in [actual, standard] {
            #expect(frame[3...10].reduce(0, &+) == frame[11])
            #expect(number(frame, 3) == 2090 && abs(number(frame, 7) - 224) < 10)
        }
        #expect(abs(number(standard, 9) - 1020) < 30 && number(actual, 9) > number(standard, 9))
    }
}
