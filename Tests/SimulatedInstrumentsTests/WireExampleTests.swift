import Foundation
import Metrology
import Plant
import SimulatedInstruments
import Testing

/// The frames that public descriptions of the protocols give, byte for byte.
@Suite("The examples of the protocols")
struct WireExampleTests {
    @Test(
        "of MQW-50A requests",
        arguments: [
            (0x60, [], "02 60 03 9B"), (0x61, [], "02 61 03 9A"), (0x67, [], "02 67 03 94"), (0x66, [], "02 66 03 95"),
            (0x65, [], "02 65 03 96"), (0x78, [], "02 78 03 83"), (0x7B, [], "02 7B 03 80"), (0x7C, [], "02 7C 03 7F"),
            (0x80, [], "02 80 03 7B"), (0x68, [0], "02 68 04 00 92"), (0x68, [1], "02 68 04 01 91"),
            (0x76, [0], "02 76 04 00 84"), (0x76, [1], "02 76 04 01 83"),
        ] as [(UInt8, [UInt8], String)])
    func requests(command: UInt8, data: [UInt8], bytes: String) {
        #expect(MQW50AFrame.request(command, data: data) == hex(bytes))
    }

    @Test(
        "of MQW-50A acknowledgements",
        arguments: [
            (0x67, "06 67 03 90"), (0x66, "06 66 03 91"), (0x78, "06 78 03 7F"), (0x7B, "06 7B 03 7C"),
            (0x80, "06 80 03 77"), (0x79, "06 79 03 7E"), (0x7A, "06 7A 03 7D"), (0x7E, "06 7E 03 79"),
            (0x7F, "06 7F 03 78"), (0x69, "06 69 03 8E"),
        ] as [(UInt8, String)])
    func acknowledgements(command: UInt8, bytes: String) {
        #expect(MQW50AFrame.acknowledgement(of: command) == hex(bytes))
    }

    @Test("of MQW-50A data")
    func analyzerData() {
        var data = MQW50AData()
        data.carbonDioxide = 13.52
        data.carbonMonoxide = 0.45
        data.hydrocarbons = 123
        data.nitricOxide = 456
        data.oxygen = 1.23
        data.relativeHumidity = 45.6
        data.oilTemperature = 85.2
        data.airTemperature = 25.1
        data.engineSpeed = 2500
        data.linePressure = 101.3
        data.lambda = 1.012
        data.airPressure = 100.8
        let bytes = "06 60 1B 05 48 00 2D 00 7B 01 C8 00 7B 01 C8 03 54 00 FB 09 C4 03 F5 03 F4 03 F0 7C"
        #expect(data.frame == hex(bytes))
    }

    @Test("of MQW-50A data below zero and beyond a word stay within their words")
    func analyzerExtremes() {
        var data = MQW50AData()
        data.airTemperature = -12.3
        data.engineSpeed = 99_999
        let frame = data.frame
        #expect(Array(frame[17...18]) == hex("FF 85"))
        #expect(Array(frame[19...20]) == hex("7F FF"))
    }

    @Test("of MQW-50A status, while it warms up, and each bit at its place")
    func analyzerStatus() {
        var warming = MQW50AStatus()
        warming.warmingUp = true
        #expect(warming.frame == hex("06 61 0A 01 00 00 00 00 00 00 8E"))

        let bits: [(WritableKeyPath<MQW50AStatus, Bool>, Int, UInt8)] = [
            (\.lowFlow, 3, 0x80), (\.zeroing, 3, 0x40), (\.readingResidue, 3, 0x20), (\.leakChecking, 3, 0x10),
            (\.readingAmbient, 3, 0x08), (\.readingBackground, 3, 0x04), (\.purging, 3, 0x02), (\.warmingUp, 3, 0x01),
            (\.busy, 4, 0x80), (\.pumpOn, 4, 0x40), (\.zeroGasIsNitrogen, 4, 0x02), (\.waitingForZero, 4, 0x01),
            (\.zeroFailed, 5, 0x04), (\.residueHigh, 5, 0x02), (\.leakFailed, 5, 0x01), (\.stroke, 6, 0x80),
            (\.doubleIgnition, 6, 0x40),
        ]
        for (bit, place, mask) in bits {
            var status = MQW50AStatus()
            status[keyPath: bit] = true
            let frame = status.frame
            #expect(frame.count == 11)
            for index in 3...9 { #expect(frame[index] == (index == place ? mask : 0)) }
            #expect(frame.reduce(0, &+) == 0)
        }
    }

    @Test(
        "of the MQW family all sum to zero",
        arguments: [
            "06 A3 17 05 48 00 2D 00 7B 01 C8 00 7B 03 54 09 C4 03 F5 03 F4 01 FC F7",
            "06 A8 1B 05 48 00 2D 00 7B 01 D6 00 7B 03 54 09 C4 03 F5 03 F4 01 FC 01 C8 00 0E 09",
            "02 86 03 75", "02 88 03 73",
        ])
    func family(bytes: String) {
        let frame = hex(bytes)
        #expect(MQW50AFrame.checksum(frame.dropLast()) == frame.last)
    }

    @Test(
        "of BNTD commands",
        arguments: [
            ("SS", 40.0, "58 53 53 00 00 20 42 60 43"), ("BS", 0, "58 42 53 00 00 00 00 ED 43"),
            ("BQ", 0, "58 42 51 00 00 00 00 EB 43"), ("SF", 1125, "58 53 46 00 A0 8C 44 61 43"),
            ("JU", 0, "58 4A 55 00 00 00 00 F7 43"),
        ] as [(String, Float, String)])
    func brakeCommands(name: String, value: Float, bytes: String) {
        #expect(BNTDCommand(name, value).frame == hex(bytes))
        #expect(BNTDCommand(frame: hex(bytes)) == BNTDCommand(name, value))
        for index in hex(bytes).indices {
            var damaged = hex(bytes)
            damaged[index] ^= 0x10
            #expect(BNTDCommand(frame: damaged) == nil, "byte \(index)")
        }
    }

    @Test("of the BNTD stream")
    func brakeStream() {
        let frame = BNTDStreamFrame(mode: "II", speed: 25.6, force: 850.7, duty: 20).frame
        let bytes = hex("41 49 49 CD CC CC 41 CD AC 54 44 00 00 A0 41 00 43")
        #expect(frame == bytes)
    }

    @Test("of the MQZ-2 stream")
    func tachometerStream() {
        #expect(MQZ2Frame.frame(engineSpeed: 850.4) == Array("0850\r".utf8))
        #expect(MQZ2Frame.frame(engineSpeed: 0) == Array("0000\r".utf8))
        #expect(MQZ2Frame.frame(engineSpeed: 12_000) == Array("9999\r".utf8))
    }

    @Test("of the DWSP-T5, from the terminal itself")
    func weather() throws {
        // A standing clock: the weather has not begun to drift.
        let air = RoomAir(temperature: 25.1, relativeHumidity: 45.6, pressure: 100.8)
        let lane = try TestLane(
            [InstrumentRequest(.weatherStation, "DWSP-T5")], air: air, clock: ManualTime().clock)
        let port = try lane.port(.weatherStation)
        let reply = try port.exchange(hex("01 04 00 00 00 03 B0 0B"), 11)
        #expect(reply == hex("01 04 06 27 60 00 FB 01 C8 97 BB"))
    }
}
