import Documents
import Foundation
import Instruments
import Messages
import Metrology
import Testing

@Suite("Codecs")
struct CodecTests {
    @Test("An AK answer is read whatever its byte 1 is, and every way to say no is told apart")
    func ak() throws {
        let profile = try Devices.profile("ak-analyzer")
        #expect(profile.request("state") == bytes("02 20 41 53 54 5A 20 4B 30 03"))
        for any in ["20", "35"] {
            let frame = profile.decode(
                reply: bytes("02 \(any) 41 53 54 5A 20 30 20 53 52 45 4D 20 53 54 42 59 03"), to: "state")
            #expect(frame?.values.map(\.text) == [nil, "SREM", "STBY"])
        }
        #expect(
            profile.decode(reply: bytes("02 20 41 53 54 5A 20 30 20 53 52 45 4D 20 53 54 42 59"), to: "state") == nil)
        #expect(profile.decode(reply: bytes("02 20 41 4B 4F 4E 20 30 20 31 03"), to: "state") == nil)
    }

    @Test("Values that an AK device leaves out are absent, not zero")
    func missingItems() throws {
        let frame = try #require(
            try Devices.profile("ak-analyzer").decode(
                reply: bytes("02 20 41 4B 4F 4E 20 30 20 30 2E 34 35 20 23 03"), to: "data"))
        #expect(frame.values.map(\.value) == [0.45, nil, nil, nil, nil])
        #expect(frame.values.dropFirst().allSatisfy { $0.validity == .deviceFault })
    }

    @Test("Modbus ASCII: the specification's colon, digits, check and line end, and any damage refused")
    func modbusASCII() throws {
        let profile = try Devices.profile("nhf-1")
        #expect(profile.request("live") == Array(":0103125800058D\r\n".utf8))
        #expect(profile.request("fan-on") == Array(":0106125E000188\r\n".utf8))
        let reply = Array(":01030A0825276000FB00D400CDA2\r\n".utf8)
        let frame = try #require(profile.decode(reply: reply, to: "live"))
        #expect(frame.values.map(\.value) == [20.85, 100.8, 25.1, 212, 205])
        for index in reply.indices {
            var damaged = reply
            damaged[index] ^= 1
            let found = profile.decode(reply: damaged, to: "live")
            #expect(found == nil, "byte \(index)")
        }
    }

    @Test("The flow of 212 cubic feet a minute is 6.0032 cubic metres a minute")
    func cubicFeet() throws {
        let frame = try Devices.profile("nhf-1").decode(
            reply: Array(":01030A0825276000FB00D400CDA2\r\n".utf8), to: "live")
        let flow = try #require(frame?.readings(at: .zero).first { $0.channel == .exhaustFlow }?.value)
        #expect(abs(flow - 212 * 0.3048 * 0.3048 * 0.3048) < 1e-12)
    }

    @Test("A text for a sign is GB 2312, cut and filled by bytes at whole characters")
    func sign() throws {
        let profile = try Devices.profile("led-chengbao")
        let long = try #require(
            profile.request("show", parameters: ["text": .text("请加速到四十公里每小时保持车速")]))
        #expect(long.count == 26)
        // Twelve characters of two bytes fit into twenty-four.
        #expect(Array(long[1..<3]) == [0xC7, 0xEB])
        let odd = try #require(profile.request("show", parameters: ["text": .text("a请加速到四十公里每小时保持")]))
        #expect(odd[24] == 0x20, "half a character would have stood here")
        #expect(profile.request("show", parameters: ["text": .text("請")]) == nil, "not in GB 2312")
        #expect(profile.request("show", parameters: ["text": .text("a\rb")]) == nil, "would end the frame")
        #expect(profile.request("show", parameters: ["text": .number(1)]) == nil)
    }

    @Test("Neighbouring registers are read together, others apart")
    func registerGroups() throws {
        let yaml = """
            id: table
            model: Table
            manufacturer: Nobody
            role: weather-station
            grade: weak
            sources: { text: a text }
            network: true
            timing: { poll-interval-ms: 100, expected-age-ms: 500, reply-timeout-ms: 500 }
            framing: { kind: modbus-tcp, unit: 1 }
            registers:
              air:
                function: 3
                gap: 2
                at-most: 10
                values:
                  - { name: humidity, register: 6, type: u16be, unit: "%" }
                  - { name: temperature, register: 0, type: f32cdab, unit: °C }
                  - { name: pressure, register: 4, type: u32cdab, unit: Pa }
                  - { name: far, register: 100, type: s32be, unit: "1" }
            polls: [{ command: air }]
            examples:
              - title: block
                source: text
                origin: computed
                command: air-1
                request: 00 01 00 00 00 06 01 03 00 00 00 07
                reply: 00 01 00 00 00 11 01 03 0E 00 00 41 C8 AA AA AA AA 89 C0 00 01 00 2D
                values: { temperature: 25, pressure: 100800, humidity: 45 }
            """
        let profile = try DeviceProfile(document: Document(bytes: Array(yaml.utf8), name: "table.yaml"))
        #expect(profile.commandNames == ["air-1", "air-2"])
        #expect(profile.request("air-2") == bytes("00 01 00 00 00 06 01 03 00 64 00 02"))
    }

    @Test("A reply over Modbus TCP with another transaction's number is passed over")
    func transactions() async throws {
        let port = MemoryPort()
        let values = bytes("01 04 0E 41 CC 00 00 44 8C A0 00 40 FF 3B 64 00 C8")
        let stale = bytes("01 04 0E 42 CC 00 00 44 8C A0 00 40 FF 3B 64 00 C8")
        port.answer { request, _ in
            let number = Array(request.prefix(2))
            if request[9] == 7 { return [(.milliseconds(5), .input(number + bytes("00 00 00 05 01 04 02 00 00")))] }
            let old: [UInt8] = [number[0], number[1] &- 1]
            let late = old + [0, 0, 0, 17] + stale
            return [(.milliseconds(5), .input(late + number + [0, 0, 0, 17] + values))]
        }
        let dynamometer = try Instrument(
            profile: Devices.profile("modbus-dyno-tcp"), port: PortAddress("tcp:localhost:502"), opener: port
        ) { laneTime(port) }
        try await dynamometer.connect()
        for _ in 0..<3 {
            let report = await dynamometer.poll()
            #expect(report.failures == [])
            #expect(report.readings.first { $0.channel == .rollerSpeed }?.value == 25.5)
            #expect(report.wire.contains { $0.kind == .discarded && $0.bytes.suffix(17) == stale.suffix(17) })
        }
    }

    @Test("No bytes make a codec fail, whatever they are and however they are cut")
    func noise() throws {
        let seed: UInt64 = 20_261_121
        print("seed \(seed)")
        var random = Seeded(seed)
        var decoded = 0
        for profile in try DeviceLibrary(directory: Devices.directory).profiles.values.sorted(by: { $0.id < $1.id }) {
            for example in profile.examples {
                guard case .exchange(let command, _, _, let reply?) = example.subject else { continue }
                #expect(profile.decode(reply: reply, to: command) != nil)
                for _ in 0..<40 {
                    var bytes = reply
                    for _ in 0..<Int.random(in: 1...3, using: &random) {
                        switch Int.random(in: 0..<3, using: &random) {
                        case 0 where !bytes.isEmpty: bytes.remove(at: Int.random(in: bytes.indices, using: &random))
                        case 1: bytes.insert(UInt8.random(in: 0...255, using: &random), at: bytes.count / 2)
                        default:
                            if let index = bytes.indices.randomElement(using: &random) {
                                bytes[index] = UInt8.random(in: 0...255, using: &random)
                            }
                        }
                    }
                    if profile.decode(reply: bytes, to: command) != nil { decoded += 1 }
                }
            }
        }
        print("\(decoded) damaged replies looked whole: their frames have no check, or the damage undid itself")
    }
}
