import Foundation
import Metrology
import Plant
import SimulatedInstruments
import Testing

@Suite("The diagnosis adapter ELM327")
struct DiagnosisTests {
    /// An adapter with echo off, whose lane goes on with each question.
    private final class Adapter {
        let lane: TestLane
        let port: TestPort
        let time = ManualTime()

        init(vehicle: String = "clean", headers: Bool = false, spaces: Bool = true) throws {
            lane = try TestLane([InstrumentRequest(.obdAdapter, "ELM327")], vehicle: vehicle, clock: time.clock)
            port = try lane.port(.obdAdapter, speed: B38400)
            _ = try ask("ATE0")
            _ = try ask("ATH\(headers ? 1 : 0)")
            _ = try ask("ATS\(spaces ? 1 : 0)")
        }

        /// The lines of an answer, without the prompt.
        func ask(_ command: String) throws -> [String] {
            port.send(Array((command + "\r").utf8))
            var bytes: [UInt8] = []
            while true {
                time.pass(0.05)
                guard let byte = try? port.read(1, milliseconds: 5) else { continue }
                bytes += byte
                if byte == [0x3E] { break }
            }
            return String(decoding: bytes.dropLast(), as: UTF8.self).split(whereSeparator: \.isNewline).map(String.init)
        }
    }

    @Test("names itself, echoes until told not to, and does not know nonsense")
    func greeting() throws {
        let time = ManualTime()
        let lane = try TestLane([InstrumentRequest(.obdAdapter, "ELM327")], clock: time.clock)
        let port = try lane.port(.obdAdapter, speed: B38400)
        let text = "ATZ\r\r\rELM327 v1.5\r\r>"
        #expect(String(decoding: try port.exchange(Array("ATZ\r".utf8), text.utf8.count), as: UTF8.self) == text)
        let adapter = try Adapter()
        #expect(try adapter.ask("ATI") == ["ELM327 v1.5"])
        #expect(try adapter.ask("ATDPN") == ["A6"])
        #expect(try adapter.ask("ATXYZ") == ["?"])
        #expect(try adapter.ask("hello") == ["?"])
    }

    @Test("searches for the protocol once, then answers at once")
    func search() throws {
        let adapter = try Adapter()
        let first = try adapter.ask("0100")
        #expect(first.first == "SEARCHING...")
        #expect(first.last?.hasPrefix("41 00") == true)
        #expect(try adapter.ask("0100").count == 1)
    }

    @Test("gives live values as ISO 15031-5 scales them")
    func liveValues() throws {
        let adapter = try Adapter()
        adapter.lane.lane.apply(DriverCue(engineSpeed: 2500))
        adapter.time.pass(30)
        _ = try adapter.ask("0100")
        func bytes(_ request: String) throws -> [UInt8] { hex(try #require(try adapter.ask(request).last)) }
        let speed = try bytes("010C")
        #expect(Array(speed.prefix(2)) == hex("41 0C"))
        #expect(abs((Int(speed[2]) * 256 + Int(speed[3])) / 4 - 2500) < 150)
        #expect(try bytes("010D") == hex("41 0D 00"))
        // 88 °C of coolant are 128.
        #expect(abs(Int(try bytes("0105")[2]) - 128) <= 2)
        #expect(try adapter.ask("0199") == ["NO DATA"])
    }

    @Test("tells VIN and calibration in several frames, with and without headers")
    func frames() throws {
        let plain = try Adapter()
        _ = try plain.ask("0100")
        let vin = try plain.ask("0902")
        #expect(vin.first == "014")
        #expect(vin.dropFirst().map { String($0.prefix(2)) } == ["0:", "1:", "2:"])
        let bytes = vin.dropFirst().flatMap { hex(String($0.dropFirst(2))) }
        #expect(Array(bytes.prefix(3)) == hex("49 02 01"))
        #expect(String(decoding: bytes.dropFirst(3).prefix(17), as: UTF8.self) == "LSVAA4180E2100001")

        let raw = try Adapter(headers: true, spaces: false)
        _ = try raw.ask("0100")
        let lines = try raw.ask("0902")
        #expect(lines.map { String($0.prefix(5)) } == ["7E810", "7E821", "7E822"])
        #expect(lines.first == "7E810144902014C5356")
        #expect(try raw.ask("010D") == ["7E803410D00"])
        #expect(try raw.ask("0906").first?.hasPrefix("7E807490601") == true)
    }

    @Test("tells lamp, codes and monitors, and forgets them when they are cleared")
    func troubleCodes() throws {
        let clean = try Adapter(spaces: false)
        _ = try clean.ask("0100")
        #expect(try clean.ask("0101") == ["410100076100"])
        #expect(try clean.ask("03") == ["4300"])

        let dirty = try Adapter(vehicle: "dirty-diesel", spaces: false)
        _ = try dirty.ask("0100")
        // Lamp on, two codes, compression ignition.
        #expect(try dirty.ask("0101") == ["4101820FEB00"])
        #expect(try dirty.ask("03") == ["430204012463"])
        #expect(try dirty.ask("07") == ["4700"])
        #expect(try dirty.ask("04") == ["44"])
        #expect(try dirty.ask("03") == ["4300"])
        // Nothing is complete after clearing.
        #expect(try dirty.ask("0101") == ["4101000FEBEB"])
    }

    @Test("is interrupted by whoever speaks before the prompt")
    func stopped() throws {
        let time = ManualTime()
        let lane = try TestLane([InstrumentRequest(.obdAdapter, "ELM327")], clock: time.clock)
        let port = try lane.port(.obdAdapter, speed: B38400)
        _ = try port.exchange(Array("ATE0\r".utf8), "ATE0\rOK\r\r>".utf8.count)
        port.send(Array("0100\r".utf8))
        _ = lane.becomes { $0.instrument("obd-adapter")?.frames.received["0100"] == 1 }
        #expect(String(decoding: try port.exchange([0x0D], 10), as: UTF8.self) == "STOPPED\r\r>")
    }
}
