import Foundation
import Instruments
import Messages
import Metrology
import Plant
import SimulatedInstruments
import Synchronization
import Testing

/// What the profile of an ELM327 makes of vehicles of which more than one control unit answers, or on a K line.
///
/// Layout of the messages: SAE J1979 and ISO 15031-5.
@Suite("Control units behind an ELM327")
struct ControlUnitTests {
    /// An adapter on a vehicle, and the profile that reads it.
    private final class Adapter {
        let instrument: MemoryInstrument
        let profile: DeviceProfile
        private let time = Time()

        private final class Time: Sendable {
            let nanoseconds = Atomic<Int64>(0)
        }

        init(_ vehicle: Vehicle) throws {
            let time = time
            instrument = try MemoryInstrument(.obdAdapter, "ELM327", vehicle: vehicle) {
                time.nanoseconds.load(ordering: .relaxed)
            }
            profile = try Profiles.named("elm327")
            for command in ["reset", "echo-off", "lines-off", "headers-off", "protocol-auto"] {
                _ = talk(try #require(profile.request(command)))
            }
            // The first question is answered after a search.
            _ = talk(Array("0100\r".utf8))
        }

        func talk(_ request: [UInt8]) -> [UInt8] {
            var answer = instrument.receive(request).flatMap { $0 }
            while !answer.contains(0x3E), let event = instrument.nextEvent {
                time.nanoseconds.store(event.nanoseconds, ordering: .relaxed)
                answer += instrument.act().flatMap { $0 }
            }
            return answer
        }

        func say(_ text: String) -> String { String(decoding: talk(Array((text + "\r").utf8)), as: UTF8.self) }

        /// The fields of a command's answer: a whole number or a text, “-” for what is absent; nil if it is no answer.
        func read(_ command: String) throws -> [String: String]? {
            let reply = talk(try #require(profile.request(command)))
            return profile.decode(reply: reply, to: command).map(fields)
        }
    }

    private func vehicle(_ change: (inout Diagnosis) -> Void) throws -> Vehicle {
        var vehicle = try Vehicle.embedded("clean")
        change(&vehicle.diagnosis)
        return vehicle
    }

    @Test("A second control unit's lamp, codes and open monitors are the vehicle's, whatever the first one says")
    func secondUnit() throws {
        let adapter = try Adapter(
            vehicle {
                $0.transmission = .init()
                $0.transmission?.isLampOn = true
                $0.transmission?.troubleCodes = ["P0301"]
                $0.transmission?.isComplete = false
            })
        #expect(adapter.say("0101") == "41 01 00 07 61 00\r41 01 81 44 00 00\r\r>")
        let readiness = try #require(try adapter.read("readiness"))
        #expect(readiness["mil"] == "on" && readiness["codes"] == "1")
        #expect(readiness["components-incomplete"] == "4" && readiness["monitors-supported"] == "97")
        #expect(try adapter.read("stored-codes") == ["stored": "P0301"])
        #expect(try adapter.read("permanent-codes") == ["permanent": "P0301"])
        #expect(try adapter.read("pending-codes") == ["pending": ""])
        // Both know the speed; the first that answers is taken.
        #expect(try adapter.read("speed") == ["speed": "0"])
        #expect(try adapter.read("cvn") == ["cvn": "51 AD 0C 0D, 0B AD CA FE"])
        #expect(try adapter.read("vin") == ["vin": "LSVAA4180E2100001"])
        // Both tell their calibration in several frames, which come mixed: nothing tells them apart.
        #expect(try adapter.read("calid") == nil)
        // Clearing forgets everywhere.
        #expect(adapter.say("04") == "44\r44\r\r>")
        #expect(try adapter.read("stored-codes") == ["stored": ""])
    }

    @Test("A vehicle's file says on which bus its diagnosis is, and whether a second unit answers")
    func vehicleFile() throws {
        let folder = #filePath.split(separator: "/").dropLast(3).reduce("") { "\($0)/\($1)" }
        let clean = try String(contentsOfFile: folder + "/Simulators/Plant/Vehicles/clean.yaml", encoding: .utf8)
        let options = "{bus: k-line, transmission: {lamp: true, trouble-codes: [P0700], complete: false}}"
        let vehicle = try Vehicle(bytes: Array((clean + "\ndiagnosis: \(options)\n").utf8), name: "file.yaml")
        let adapter = try Adapter(vehicle)
        #expect(adapter.say("0101") == "41 01 00 07 61 00\r41 01 81 44 00 00\r\r>")
        #expect(adapter.say("03") == "43 00 00 00 00 00 00\r43 07 00 00 00 00 00\r\r>")
        #expect(throws: Problems.self) {
            try Vehicle(bytes: Array((clean + "\ndiagnosis: {bus: string}\n").utf8), name: "file.yaml")
        }
    }

    @Test("With both lamps off and all monitors complete the vehicle is clean")
    func bothClean() throws {
        let adapter = try Adapter(vehicle { $0.transmission = .init() })
        let readiness = try #require(try adapter.read("readiness"))
        #expect(readiness["mil"] == "off" && readiness["codes"] == "0" && readiness["monitors-incomplete"] == "0")
        #expect(try adapter.read("stored-codes") == ["stored": ""])
    }

    @Test("Codes of both units are told, of which one needs several frames")
    func manyCodes() throws {
        let adapter = try Adapter(
            vehicle {
                $0.troubleCodes = ["P0133", "P0301", "P0420", "U1016"]
                $0.transmission = .init()
                $0.transmission?.troubleCodes = ["P0700"]
            })
        #expect(adapter.say("03") == "00A\r43 01 07 00\r0: 43 04 01 33 03 01\r1: 04 20 D0 16 00 00 00\r\r>")
        let stored = try #require(try adapter.read("stored-codes")?["stored"])
        #expect(Set(stored.split(separator: " ")) == ["P0133", "P0301", "P0420", "U1016", "P0700"])
    }

    @Test("On a K line codes have no count before them, and texts come by four characters")
    func kLine() throws {
        let adapter = try Adapter(
            vehicle {
                $0.bus = .kLine
                $0.isLampOn = true
                $0.troubleCodes = ["P0133"]
                $0.transmission = .init()
                $0.transmission?.troubleCodes = ["P0700", "P0740", "P0750", "P0760"]
            })
        #expect(adapter.say("ATDPN") == "A3\r\r>")
        #expect(
            adapter.say("03")
                == "43 01 33 00 00 00 00\r43 07 00 07 40 07 50\r43 07 60 00 00 00 00\r\r>")
        #expect(try adapter.read("stored-codes") == ["stored": "P0133 P0700 P0740 P0750 P0760"])
        #expect(try adapter.read("pending-codes") == ["pending": ""])
        #expect(try adapter.read("readiness")?["codes"] == "5")
        #expect(try adapter.read("vin") == ["vin": "LSVAA4180E2100001"])
        // Permanent codes are not known there.
        #expect(try adapter.read("permanent-codes") == nil)
        _ = adapter.say("ATH1")
        #expect(adapter.say("010D") == "48 6B 10 41 0D 00 11\r48 6B 18 41 0D 00 19\r\r>")
        _ = adapter.say("ATH0")
        // A bus that is told by its number is started before the first answer.
        _ = adapter.say("ATSP3")
        #expect(adapter.say("0700").contains("NO DATA"))
        _ = adapter.say("ATSP3")
        #expect(try adapter.read("readiness")?["mil"] == "on")
    }

    @Test(
        "What cannot be read of one unit is absent for all, and never clean",
        arguments: [
            // A line that was damaged, one that says it is busy, one that is cut off, and one that is not whole.
            ("stored-codes", "43 00\r43 01 03 0\r\r>"), ("stored-codes", "43 00\r7F 03 21\r\r>"),
            ("stored-codes", "43 00\r43\r\r>"), ("stored-codes", "43 00\r43 02 03 01\r\r>"),
            ("stored-codes", "43 00\rDATA ERROR\r\r>"), ("stored-codes", "43 00\r43 00 <DATA ERROR\r\r>"),
            ("stored-codes", "43 00\r00A\r0: 43 04 01 33 03 01\r\r>"), ("stored-codes", "43\r\r>"),
            ("stored-codes", "43 00\r00A\r1: 04 20 D0 16 00 00 00\r\r>"),
            // A length or a number with a sign.
            ("stored-codes", "43 00\r-12\r\r>"), ("stored-codes", "43 00\r00A\r+0: 43 04 01 33 03 01\r\r>"),
            ("readiness", "41 01 00 07 61 00\r41 01 80\r\r>"), ("readiness", "41 01 00 07 61 00\rBUFFER FULL\r\r>"),
        ])
    func unreadable(command: String, reply: String) throws {
        let frame = try #require(try Profiles.named("elm327").decode(reply: Array(reply.utf8), to: command))
        let names = command == "readiness" ? ["mil", "codes", "monitors-incomplete"] : ["stored"]
        for name in names {
            let value = try #require(frame.values.first { $0.field == name })
            if name == "mil" || name == "codes", reply.contains("41 01 80") { continue }
            #expect(value.value == nil && value.text == nil && value.validity == .deviceFault, "\(name)")
        }
    }

    @Test(
        "Frames of two units that came mixed are no answer",
        arguments: [
            "00A\r00A\r0: 43 04 01 33 03 01\r0: 43 04 07 00 07 40\r1: 04 20 D0 16 00 00 00\r1: 07 50 07 60 00 00 00\r\r>",
            "00A\r0: 43 04 01 33 03 01\r00A\r0: 43 04 07 00 07 40\r1: 04 20 D0 16 00 00 00\r1: 07 50 07 60 00 00 00\r\r>",
        ])
    func mixed(reply: String) throws {
        #expect(try Profiles.named("elm327").decode(reply: Array(reply.utf8), to: "stored-codes") == nil)
        let apart =
            "00A\r0: 43 04 01 33 03 01\r1: 04 20 D0 16 00 00 00\r00A\r0: 43 04 07 00 07 40\r"
            + "1: 07 50 07 60 00 00 00\r\r>"
        let frame = try Profiles.named("elm327").decode(reply: Array(apart.utf8), to: "stored-codes")
        #expect(frame?.values.first?.text == "P0133 P0301 P0420 U1016 P0700 P0740 P0750 P0760")
    }
}

/// The fields of a frame: a whole number or a text, “-” for what is absent.
private func fields(_ frame: DecodedFrame) -> [String: String] {
    Dictionary(
        uniqueKeysWithValues: frame.values.map { value in
            (value.field, value.text ?? value.value.flatMap { Int(exactly: $0) }.map { "\($0)" } ?? "-")
        })
}
