import Foundation
import Metrology
import Plant
import SimulatedInstruments
import Testing

@Suite("The instruments for diesels")
struct DieselInstrumentTests {
    private func word(_ frame: [UInt8], _ place: Int) -> Int { Int(frame[place]) << 8 | Int(frame[place + 1]) }

    private func lane(_ role: InstrumentRole, _ model: String, vehicle: String = "clean-diesel", warmUp: Double = 0)
        throws
        -> (lane: TestLane, port: TestPort, time: ManualTime)
    {
        let time = ManualTime()
        let lane = try TestLane([InstrumentRequest(role, model)], vehicle: vehicle, clock: time.clock, warmUp: warmUp)
        return (lane, try lane.port(role), time)
    }

    @Test("warm up, count it down, and skip it when told to")
    func warmUp() throws {
        let (first, port, time) = try lane(.opacimeter, "NHT-6", warmUp: 200)
        #expect(try port.exchange(hex("A1 5F"), 3) == hex("A1 00 5F"))
        time.pass(10)
        // 190 s are three minutes and ten seconds.
        #expect(Array(try port.exchange(OpacimeterFrame.request(0xAE), 4)[1...2]) == [3, 10])
        #expect(try port.exchange(OpacimeterFrame.request(0xA4), 2) == hex("15 03"))
        time.pass(190)
        #expect(try port.exchange(hex("A1 5F"), 3) == hex("A1 01 5E"))

        let (other, second, _) = try lane(.opacimeter, "NHT-1L", warmUp: 200)
        // The NHT-1L has its status elsewhere, and does not know that of the NHT-6.
        #expect(try second.exchange(OpacimeterFrame.request(0xAD), 3) == OpacimeterFrame.reply(0xAD, [0]))
        #expect(try second.exchange(OpacimeterFrame.request(0xA2), 2) == hex("A2 5E"))
        #expect(try second.exchange(OpacimeterFrame.request(0xAD), 3) == OpacimeterFrame.reply(0xAD, [1]))
        #expect(try second.exchange(hex("A1 5F"), 2)[0] == 0x15)
        #expect(try first.frames(.opacimeter).rejected == 1 && other.frames(.opacimeter).rejected == 1)
    }

    @Test("show a filter of 40 % as 1.19 1/m", arguments: [("NHT-6", 0xA5), ("NHT-1L", 0xA5), ("MQY-200", 0xA6)])
    func filter(model: String, live: Int) throws {
        let (lane, port, time) = try lane(.opacimeter, model)
        lane.lane.insert(filterOpacity: Percentage(40))
        time.pass(5)
        let frame = try port.exchange(OpacimeterFrame.request(UInt8(live)), 10)
        #expect(word(frame, 1) == 400 && word(frame, 3) == 119, "\(frame)")
        #expect(abs(word(frame, 5) - 800) < 30)
        // 86 °C: 359 K.
        #expect(abs(word(frame, 7) - 359) <= 1)
        #expect(frame.reduce(0, &+) == 0)
    }

    @Test("keep the peak of a free acceleration until it is cleared, and it is that of the law's filter")
    func freeAcceleration() throws {
        for (vehicle, range) in [("clean-diesel", 10...70), ("dirty-truck", 150...600)] {
            let (lane, port, time) = try lane(.opacimeter, "NHT-6", vehicle: vehicle)
            lane.lane.apply(DriverCue(probeInserted: true))
            time.pass(10)
            #expect(try port.exchange(OpacimeterFrame.request(0xA7), 2) == hex("A7 59"))
            lane.lane.apply(DriverCue(probeInserted: true, maneuver: .freeAcceleration))
            var greatest = 0
            for _ in 0..<160 {
                time.pass(0.05)
                greatest = max(greatest, word(try port.exchange(hex("A5 5B"), 10), 3))
            }
            let peak = try port.exchange(OpacimeterFrame.request(0xA6), 8)
            #expect(range.contains(word(peak, 3)), "\(vehicle) \(word(peak, 3))")
            // Twenty readings a second find the peak as well.
            #expect(abs(word(peak, 3) - greatest) <= max(2, greatest / 50))
            #expect(word(peak, 5) > 2500)
            #expect(try port.exchange(OpacimeterFrame.request(0xA7), 2) == hex("A7 59"))
            #expect(word(try port.exchange(OpacimeterFrame.request(0xA6), 8), 3) < range.lowerBound + 30)
        }
    }

    @Test("drift, and are right again after they are linearised in clean air")
    func drift() throws {
        let (lane, port, time) = try lane(.opacimeter, "NHT-6")
        try lane.lane.inject(Fault(.zeroDrift, amount: 0.25, channel: .absorption), on: .opacimeter)
        time.pass(3)
        #expect(word(try port.exchange(hex("A5 5B"), 10), 3) == 25)
        #expect(try port.exchange(OpacimeterFrame.request(0xA4), 2) == hex("A4 5C"))
        #expect(try port.exchange(hex("A1 5F"), 3)[1] == 2)
        #expect(try port.exchange(OpacimeterFrame.request(0xA4), 2) == hex("15 03"))
        time.pass(5)
        #expect(try port.exchange(hex("A1 5F"), 3)[1] == 1)
        #expect(word(try port.exchange(hex("A5 5B"), 10), 3) == 0)
        // A gain that is wrong shows with a filter and stays.
        try lane.lane.inject(Fault(.spanDrift, amount: 0.1, channel: .absorption), on: .opacimeter)
        lane.lane.insert(filterOpacity: Percentage(40))
        time.pass(5)
        let shown = word(try port.exchange(hex("A5 5B"), 10), 3)
        #expect(abs(shown - 131) <= 1, "\(shown)")
    }

    @Test("refuse damaged and unknown commands")
    func refusals() throws {
        let (lane, port, _) = try lane(.opacimeter, "MQY-200")
        #expect(try port.exchange(hex("A6 5B"), 2) == hex("15 02"))
        #expect(try port.exchange(hex("C0 40"), 2) == hex("15 01"))
        #expect(try port.exchange(OpacimeterFrame.request(0xA1), 3) == OpacimeterFrame.reply(0xA1, [1]))
        #expect(try lane.frames(.opacimeter).rejected == 2)
    }

    @Test("give the room's climate with a sign")
    func climate() throws {
        let time = ManualTime()
        let air = RoomAir(temperature: -12.3, relativeHumidity: 45.6, pressure: 100.8)
        let lane = try TestLane([InstrumentRequest(.opacimeter, "MQY-200")], air: air, clock: time.clock, warmUp: 0)
        let frame = try lane.port(.opacimeter).exchange(OpacimeterFrame.request(0xAE), 16)
        #expect(Array(frame[9...14]) == hex("27 60 80 7B 01 C8"))
        #expect(frame.reduce(0, &+) == 0)
    }

    private func request(_ command: UInt8) -> [UInt8] {
        let bytes: [UInt8] = [0x05, command, 0x03]
        return bytes + [0 &- bytes.reduce(0, &+)]
    }

    @Test("measure NOx, smoke and climate of a lug-down in one bench, zeroed and stopped before")
    func dieselBench() throws {
        #expect(request(0x30) == hex("05 30 03 C8") && request(0x10) == hex("05 10 03 E8"))
        let (lane, port, time) = try lane(.noxAnalyzer, "MQW-5101", warmUp: 60)
        #expect(try port.exchange(request(0x31), 12)[7] == 0x01)
        #expect(try port.exchange(request(0x21), 4)[0] == 0x15)
        time.pass(61)
        #expect(try port.exchange(request(0x21), 4) == hex("06 21 03 D6"))
        #expect(try port.exchange(request(0x31), 12)[4] == 0x01)
        #expect(try port.exchange(request(0x10), 4)[0] == 0x15)
        time.pass(31)
        #expect(try port.exchange(request(0x10), 4)[0] == 0x06)
        lane.lane.apply(DriverCue(probeInserted: true, engineSpeed: 2500))
        time.pass(40)
        let frame = try port.exchange(request(0x32), 34)
        #expect(frame.reduce(0, &+) == 0 && frame[25] == 0x01)
        // Without load: between 100 and 300 ppm of both oxides.
        #expect((100...300).contains(word(frame, 3)), "\(word(frame, 3))")
        #expect(abs(word(frame, 15) - 2500) < 150)
        #expect(word(frame, 17) == word(frame, 19))
        #expect(abs(word(frame, 9) - 10120) < 20)
        let seen = lane.lane.snapshot().plant
        #expect(seen.inlet == .closed && seen.nitrogenInlet == .probe)
    }

    @Test("read a bottle of NO and NO2 as their sum, and with a drifted cell too much")
    func bottle() throws {
        let (lane, port, time) = try lane(.noxAnalyzer, "MQW-5101")
        _ = try port.exchange(request(0x21), 4)
        time.pass(31)
        lane.lane.connect(BottledGas(nitricOxide: 1200, nitrogenDioxide: 100), to: .checkGas)
        #expect(try port.exchange(request(0x14), 4)[0] == 0x06)
        time.pass(60)
        let right = word(try port.exchange(request(0x30), 26), 3)
        #expect(abs(right - 1300) <= 1, "\(right)")
        try lane.lane.inject(Fault(.spanDrift, amount: 0.05, channel: .nitricOxide), on: .noxAnalyzer)
        #expect(abs(word(try port.exchange(request(0x30), 26), 3) - 1360) <= 1)
    }
}
