import Foundation
import Metrology
import Plant
import SimulatedInstruments
import Synchronization
import Testing

/// What drivers depend on and profiles' examples do not show, asked of the instruments in memory.
@Suite("More of what the simulated models do")
struct MoreModelTests {
    /// An instrument and the clock that its lane goes by.
    private final class Bench {
        let instrument: MemoryInstrument
        private let time = Time()

        private final class Time: Sendable {
            let nanoseconds = Atomic<Int64>(0)
        }

        init(_ role: InstrumentRole, _ model: String, vehicle: String = "clean", warmUp: Double = 0) throws {
            let time = time
            instrument = try MemoryInstrument(
                role, model, vehicle: Vehicle.embedded(vehicle), warmUp: warmUp
            ) { time.nanoseconds.load(ordering: .relaxed) }
        }

        func ask(_ bytes: [UInt8]) -> [UInt8] { instrument.receive(bytes).flatMap { $0 } }
        func ask(_ text: String) -> String { SimulatedInstrumentsTests.text(ask(hex(text))) }

        /// Asks in text and waits for the answer as long as it takes.
        func talk(_ text: String) -> String {
            var answer = ask(Array(text.utf8))
            while answer.isEmpty, let event = instrument.nextEvent {
                time.nanoseconds.store(event.nanoseconds, ordering: .relaxed)
                answer = instrument.act().flatMap { $0 }
            }
            return String(decoding: answer, as: UTF8.self)
        }

        func pass(_ seconds: Double) -> [UInt8] {
            time.nanoseconds.add(Int64(seconds * 1e9), ordering: .relaxed)
            return instrument.act().flatMap { $0 }
        }
    }

    private func ak(_ text: String) -> [UInt8] { [0x02, 0x20] + Array(text.utf8) + [0x03] }

    @Test("AK: codes that are not known, channels that are not there, bad syntax and manual state are told apart")
    func akErrors() throws {
        let bench = try Bench(.gasAnalyzer, "Gas analyzer with the AK protocol")
        #expect(bench.ask(ak("XXXX K0")) == hex("02 20 3F 3F 3F 3F 20 30 03"))
        #expect(bench.ask(ak("AZZZ K0")) == ak("???? 0"))
        #expect(bench.ask(ak("AKON K7")) == ak("AKON 0 K7 NA"))
        #expect(bench.ask(ak("AKON")) == ak("AKON 0 SE"))
        #expect(bench.ask(ak("SMGA K0")) == ak("SMGA 0 OF"))
        #expect(bench.ask(ak("ASTZ K0")) == ak("ASTZ 0 SMAN STBY"))
        #expect(bench.ask(ak("SREM K0")) == ak("SREM 0"))
        #expect(bench.ask(ak("SMGA K0")) == ak("SMGA 0"))
        #expect(bench.ask(ak("ASTZ K0")) == ak("ASTZ 0 SREM SMGA"))
        // Another byte behind STX, as an address on RS-485, is echoed.
        let echoed = bench.ask([0x02, 0x31] + Array("ASTF K0".utf8) + [0x03])
        #expect(echoed == [0x02, 0x31] + Array("ASTF 0".utf8) + [0x03])
        // Two requests in one piece, and one in two pieces, as TCP may bring them.
        #expect(bench.ask(ak("STBY K0") + ak("ASTZ K0")) == ak("STBY 0") + ak("ASTZ 0 SREM STBY"))
        #expect(bench.ask([0x02, 0x20, 0x41, 0x53]) == [])
        #expect(bench.ask(Array("TZ K0".utf8) + [0x03]) == ak("ASTZ 0 SREM STBY"))
    }

    @Test("AK: the error digit changes with each change of the errors, and from 9 to 1")
    func akErrorDigit() throws {
        let bench = try Bench(.gasAnalyzer, "Gas analyzer with the AK protocol")
        _ = bench.ask(ak("SREM K0"))
        _ = bench.ask(ak("SMGA K0"))
        var digits: [String] = []
        for round in 0..<10 {
            bench.instrument.disturb { $0.flow = 0.2 }
            digits.append(String(decoding: bench.ask(ak("ASTF K0")), as: UTF8.self))
            bench.instrument.disturb { $0.flow = 1 }
            #expect(bench.ask(ak("ASTF K0")) == ak("ASTF 0"), "\(round)")
        }
        #expect(digits.first == String(decoding: ak("ASTF 1 2"), as: UTF8.self))
        #expect(!digits.contains { $0.contains("ASTF 0") })
    }

    @Test("AMB-II: zeroing answers busy, the process status says when it is over, and the result is fetched once")
    func ambBusy() throws {
        let bench = try Bench(.gasAnalyzer, "AMB-II")
        _ = bench.pass(1)
        let zero = "02 00 02 00 00 00 1F 00 23 00"
        #expect(bench.ask(zero) == "02 05 00 00 07 00")
        #expect(bench.ask("0B 00 00 00 0B 00") == "0B 05 00 00 10 00")
        #expect(bench.ask("03 00 02 00 00 00 00 00 05 00") == "03 05 00 00 08 00")
        #expect(bench.instrument.plant.inlet == .room)
        _ = bench.pass(31)
        #expect(bench.ask("0B 00 00 00 0B 00") == "0B 06 00 00 11 00")
        #expect(bench.ask("02 01 00 00 03 00") == "02 06 01 00 00 00 09 00")
        #expect(bench.ask("02 01 00 00 03 00") == "02 15 00 00 17 00")
        #expect(bench.instrument.plant.inlet == .probe)
        // A low flow shows in the data and lets the next zero end with a warning.
        bench.instrument.disturb { $0.flow = 0.2 }
        #expect(bench.ask(hex("03 00 02 00 00 00 00 00 05 00"))[4] & 0x01 == 1)
        _ = bench.ask(zero)
        _ = bench.pass(31)
        #expect(bench.ask("02 01 00 00 03 00") == "02 06 01 00 01 00 0A 00")
        #expect(bench.ask("77 00 00 00 77 00") == "77 15 00 00 8C 00")
        #expect(bench.ask("0B 00 00 00 0C 00") == "0B 15 00 00 20 00")
    }

    @Test("AMB-II counts its warm-up down")
    func ambWarmUp() throws {
        let bench = try Bench(.gasAnalyzer, "AMB-II", warmUp: 300)
        func left() -> Int {
            let reply = bench.ask(hex("04 00 00 00 04 00"))
            return Int(reply[22]) | Int(reply[23]) << 8
        }
        #expect(left() == 300)
        _ = bench.pass(100.5)
        #expect(left() == 200)
        _ = bench.pass(200)
        #expect(left() == 0)
    }

    @Test("NHA-503 answers what its manual prints for a bottle while it calibrates")
    func nanhuaCalibrating() throws {
        let bench = try Bench(.gasAnalyzer, "NHA-503")
        let gas = GasMixture(
            carbonMonoxide: 3.5, carbonDioxide: 12, hydrocarbons: 3205 * 0.508, nitricOxide: 1505, oxygen: 0)
        bench.instrument.show(MemoryInstrument.Stage(seen: bench.instrument.plant, gas: gas))
        #expect(bench.ask([10]) == hex("05 0C 85 01 5E 04 B0 00 00 05 E1 01 FC 8C"))
    }

    @Test("NHA-506I takes a bottle's gases in the frame of their command")
    func nanhua506I() throws {
        let bench = try Bench(.gasAnalyzer, "NHA-506I")
        #expect(bench.ask([9] + hex("0C 80 01 5E 04 B0 05 DC 80")) == [0x00])
        #expect(bench.ask([9] + hex("0C 80 01 5E 04 B0 05 DC 81")) == [0x01])
        #expect(bench.ask([35]) == [0x06])
        #expect(bench.instrument.plant.inlet == .probe)
        #expect(bench.ask([34]) == [0x06])
        #expect(bench.instrument.plant.inlet == .room)
        #expect(bench.ask([129]) == [0x15])
    }

    @Test("MQ-550 that is asked again at once is busy")
    func busyMQ550() throws {
        let bench = try Bench(.gasAnalyzer, "MQ-550")
        #expect(bench.ask([0x03]).count == 17)
        #expect(bench.ask([0x03]) == [0x15])
        _ = bench.pass(0.5)
        #expect(bench.ask([0x03]).count == 17)
    }

    @Test("CAP3030 shows arming and triggering, refuses what it does not know, and finds a sooted window")
    func cap3030() throws {
        let bench = try Bench(.opacimeter, "CAP3030")
        #expect(bench.ask("61 9F") == "61 9F")
        #expect(bench.ask(hex("75 8B"))[5] == 0x04)
        #expect(bench.ask("74 8C") == "74 8C")
        #expect(bench.ask(hex("75 8B"))[5] == 0x0C)
        #expect(bench.ask("71 8F") == "71 8F")
        #expect(bench.ask(hex("75 8B"))[5] == 0x00)
        #expect(bench.ask("74 8C") == "15 EB")
        #expect(bench.ask("42 BE") == "15 EB")
        #expect(bench.ask("75 8A") == "15 EB")
        #expect(bench.ask("6C 94") == "6C 94")
        #expect(bench.ask(hex("75 8B"))[5] == 0x01)
        #expect(bench.ask("6C 94") == "15 EB")
        _ = bench.pass(5)
        var stage = MemoryInstrument.Stage(seen: bench.instrument.plant, gas: .roomAir)
        stage.seen.smoke.absorption = 2
        bench.instrument.show(stage)
        #expect(bench.ask("6C 94") == "6C 94")
        #expect(bench.ask(hex("75 8B"))[5] == 0x02)
    }

    @Test("A damaged request is not answered where no refusal is described")
    func silence() throws {
        let fuli = try Bench(.gasAnalyzer, "FLA-501")
        #expect(fuli.ask("02 01 40 BC") == "")
        #expect(fuli.ask(hex("00 FF 02 01 40 BD")).count == 23)
        let foshan = try Bench(.gasAnalyzer, "FGA-4100")
        #expect(foshan.ask("7E 01 F4 0A 7E 04 00 01 02 02 F7") == "")
        #expect(foshan.ask(hex("7E 7E 01 F4 0A 7E 04 00 01 02 02 F6")).count == 51)
        let brainBee = try Bench(.opacimeter, "OPA-100")
        #expect(brainBee.ask("02 4F 50 41 17 30 17 56 41 44 36 03") == "")
        // Another address on the line is meant.
        #expect(brainBee.ask("02 4F 50 41 17 31 17 56 41 44 36 03") == "")
        #expect(brainBee.instrument.frames.rejected == 1)
    }

    @Test("Modbus exceptions name what is wrong, and other units are left to answer for themselves")
    func modbus() throws {
        let bench = try Bench(.motoringInverter, "AMB")
        // Function, register, value that are none; CRC by hand from the polynomial of the standard.
        #expect(bench.ask(framed("01 01 00 00 00 01")) == framed("01 81 01"))
        #expect(bench.ask(framed("01 06 30 00 00 01")) == framed("01 86 02"))
        #expect(bench.ask(framed("01 06 20 01 FF FF")) == framed("01 86 03"))
        #expect(bench.ask(framed("02 06 20 00 00 12")) == [])
        #expect(!bench.instrument.plant.motorRuns)
        #expect(bench.ask(hex("01 06 20 00 00 12 02 08")) == [])
        #expect(bench.ask(hex("01 06 20 00 00 12 02 07")) == hex("01 06 20 00 00 12 02 07"))
        #expect(bench.instrument.plant.motorRuns)
    }

    private func framed(_ text: String) -> [UInt8] {
        let bytes = hex(text)
        let crc = bytes.reduce(0xFFFF as UInt16) { crc, byte in
            (0..<8).reduce(crc ^ UInt16(byte)) { rest, _ in rest & 1 == 0 ? rest >> 1 : rest >> 1 ^ 0xA001 }
        }
        return bytes + [UInt8(crc & 0xFF), UInt8(crc >> 8)]
    }

    @Test("An ELM327 gives a truck's parameter groups as its data sheet prints them")
    func truckBus() throws {
        let bench = try Bench(.obdAdapter, "ELM327 with J1939", vehicle: "clean-truck")
        _ = bench.talk("ATE0\r")
        #expect(bench.talk("ATSPA\r") == "OK\r\r>")
        #expect(bench.talk("ATDP\r") == "SAE J1939 (CAN 29/250)\r\r>")
        #expect(bench.talk("00FECA\r") == "00 FF 00 00 00 00 FF FF\r\r>")
        #expect(bench.talk("ATMPFECA1\r") == "00 FF 00 00 00 00 FF FF\r\r>")
        #expect(bench.talk("FEEC\r").hasPrefix("012\r01: 4C 53 56"))
        #expect(bench.talk("FEEC\r").hasSuffix("2A FF FF FF\r\r>"))
        #expect(bench.talk("00ABCD\r") == "NO DATA\r\r>")
        #expect(bench.talk("1\r") == "?\r\r>")
        _ = bench.talk("ATH1\r")
        #expect(bench.talk("FECA\r") == "6 0FECA 00 00 FF 00 00 00 00 FF FF\r\r>")
        // A car has no such bus.
        let car = try Bench(.obdAdapter, "ELM327")
        _ = car.talk("ATE0\r")
        _ = car.talk("ATSPA\r")
        #expect(car.talk("00FECA\r") == "CAN ERROR\r\r>")
    }

    @Test("The Zhengyuan box searches for three seconds, and says when a check sum is wrong")
    func zhengyuan() throws {
        let bench = try Bench(.obdAdapter, "OBD box")
        #expect(bench.ask("AA 55 00 06 33 00 00 01 3A") == "")
        #expect(bench.pass(2.9) == [])
        #expect(bench.pass(0.2) == hex("AA 55 00 05 33 00 04 3C"))
        #expect(bench.ask("AA 55 00 04 33 06 3E") == "AA 55 00 04 7F 21 A4")
        #expect(bench.ask(hex("AA 55 00 04 33 03 3A")).count == 22)
    }

    @Test("Signs show each row of a text in GB 2312, cut by bytes and not by characters")
    func signs() throws {
        let tongji = try Bench(.sign, "Tongji sign")
        _ = tongji.ask(hex("1B 01 01 C7 EB BC D3 CB D9 0D 1B 01 02 34 30 0D"))
        #expect(tongji.instrument.screen == ["请加速", "40"])
        _ = tongji.ask(hex("1B 01 44 0D"))
        #expect(tongji.instrument.screen == [])
        let chengbao = try Bench(.sign, "Chengbao sign")
        // Eleven letters and a character of two bytes: it is torn apart by the end of the row.
        let torn = Array("ABCDEFGHIJK".utf8) + hex("C7 EB") + [UInt8](repeating: 0x20, count: 11)
        _ = chengbao.ask([0x26] + torn + [0x0D])
        #expect(chengbao.instrument.screen == ["ABCDEFGHIJK?", "?"])
        let antong = try Bench(.sign, "Antong sign")
        _ = antong.ask(hex("49 49 49 CB D9 02 4C 4C 4C C7 EB 02"))
        #expect(antong.instrument.screen == ["请", "速"])
    }

    @Test("A Vaisala station that runs sends a line every second until it is stopped")
    func vaisala() throws {
        let bench = try Bench(.weatherStation, "PTU300")
        #expect(bench.ask(Array("R\r".utf8)) == [])
        #expect(bench.pass(0.9) == [])
        #expect(String(decoding: bench.pass(0.2), as: UTF8.self).hasPrefix("P= 101"))
        _ = bench.ask(Array("S\r".utf8))
        #expect(bench.pass(5) == [])
    }

    @Test("A dynamometer in customary units brakes by the newton")
    func customaryUnits() throws {
        let bench = try Bench(.dynamometer, "ASM-P")
        let write = [0xB4, 0x11] + Array("F201=100.0 lbf\r\u{17}00$".utf8)
        #expect(bench.ask(write) == [0x06])
        #expect(bench.ask("B4 11 32") == "06")
        #expect(abs(bench.instrument.plant.brakeSetpoint - 444.822) < 0.01)
        #expect(bench.ask("B4 11 30") == "06")
        #expect(bench.instrument.plant.brakeMode == .off)
        let reply = String(decoding: bench.ask([0xB4, 0x11] + Array("E201".utf8) + [0x05]), as: UTF8.self)
        #expect(reply.hasPrefix("\u{02}=100.00 lbf\r\u{17}"))
        // What is between the first byte and the digits of the check.
        let bytes = Array(reply.utf8)
        let check = bytes[1..<bytes.count - 3].reduce(0, ^)
        let digits = String(decoding: bytes[(bytes.count - 3)..<(bytes.count - 1)], as: UTF8.self)
        #expect(digits == String(format: "%02X", check))
        let live = bench.ask("B4 11 43 05")
        #expect(live.split(separator: " ").count == 51)
        #expect(bench.ask(hex("B4 11 44 05")).count == 21)
    }

    @Test("A signal that drifts moves with the lane's time, and zeroing takes away what it has moved by then")
    func drift() throws {
        let time = ManualTime()
        let lane = try TestLane([InstrumentRequest(.gasAnalyzer, "MQW-50A")], clock: time.clock, warmUp: 0)
        let port = try lane.port(.gasAnalyzer)
        func hydrocarbons() throws -> Int {
            let frame = try port.exchange(hex("02 60 03 9B"), 28)
            return Int(frame[7]) << 8 | Int(frame[8])
        }
        func zero() throws {
            _ = try port.exchange(hex("02 67 03 94"), 4)
            time.pass(31)
        }
        try zero()
        let before = try hydrocarbons()
        try lane.lane.inject(Fault(.drift, amount: 12, channel: .hydrocarbons), on: .gasAnalyzer)
        time.pass(60)
        #expect(abs(try hydrocarbons() - before - 12) <= 1)
        time.pass(60)
        #expect(abs(try hydrocarbons() - before - 24) <= 1)
        try zero()
        #expect(try hydrocarbons() <= before + 2)
        time.pass(60)
        #expect(abs(try hydrocarbons() - 12) <= 3)
        try lane.lane.end(Fault(.drift, channel: .hydrocarbons), on: .gasAnalyzer)
    }
}
