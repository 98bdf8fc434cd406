import Metrology
import Plant
import SimulatedInstruments
import Testing

/// More frames that public descriptions of the protocols give, byte for byte.
@Suite("The examples of more protocols")
struct ModelExampleTests {
    @Test("of MQW family data with NO and NO2")
    func mingquan() {
        var data = MQW50AData()
        data.carbonDioxide = 13.52
        data.carbonMonoxide = 0.45
        data.hydrocarbons = 123
        data.nitricOxide = 456
        data.nitrogenDioxide = 14
        data.oxygen = 1.23
        data.oilTemperature = 85.2
        data.engineSpeed = 2500
        data.linePressure = 101.3
        data.lambda = 1.012
        data.propaneEquivalence = 0.508
        #expect(
            data.frame(answering: 0xA3)
                == hex("06 A3 17 05 48 00 2D 00 7B 01 C8 00 7B 03 54 09 C4 03 F5 03 F4 01 FC F7"))
        #expect(
            data.frame(answering: 0xA8)
                == hex("06 A8 1B 05 48 00 2D 00 7B 01 D6 00 7B 03 54 09 C4 03 F5 03 F4 01 FC 01 C8 00 0E 09"))
    }

    @Test("of the NHT opacimeters")
    func opacimeter() {
        #expect(OpacimeterFrame.request(0xA5) == hex("A5 5B"))
        #expect(OpacimeterFrame.request(0xA1) == hex("A1 5F"))
        #expect(OpacimeterFrame.reply(0xA1, [0x01]) == hex("A1 01 5E"))
        let live = OpacimeterFrame.live(opacity: 35.6, absorption: 1.02, engineSpeed: 2510, oilTemperature: 85)
        #expect(OpacimeterFrame.reply(0xA5, live) == hex("A5 01 64 00 66 09 CE 01 66 52"))
        for (command, bytes) in [(0xA0, "A0 60"), (0xA2, "A2 5E"), (0xA4, "A4 5C"), (0xA7, "A7 59")]
            as [(UInt8, String)]
        {
            #expect(OpacimeterFrame.reply(command, []) == hex(bytes))
        }
    }

    @Test("of the diesel bench MQW-5101")
    func dieselBench() {
        var data = MQW5101Data()
        data.nitrogenOxides = 456
        data.airTemperature = 25.1
        data.relativeHumidity = 45.6
        data.airPressure = 100.8
        data.oilTemperature = 85.2
        data.linePressure = 101.3
        data.engineSpeed = 2500
        data.opacity = (35.6, 35.6)
        data.absorption = 1.02
        data.smokeTemperature = (60, 70)
        #expect(
            data.frame
                == hex("06 30 19 01 C8 00 FB 01 C8 27 60 03 54 03 F5 09 C4 01 64 01 64 00 66 3C 46 CF"))
    }

    @Test("of the analyzer NHA-503")
    func nanhua() {
        let gas = GasMixture(
            carbonMonoxide: 0.45, carbonDioxide: 13.52, hydrocarbons: 123, nitricOxide: 456, oxygen: 1.23)
        var data = NHA503Data(gas: gas)
        data.engineSpeed = 2500
        data.oilTemperature = 85.2
        // The bytes are those of the example, but for lambda, which the simulated bench computes from its gases.
        let expected = hex("06 00 7B 00 2D 05 48 00 7B 01 C8 09 C4 03 54 00 00 00 00 65 C8")
        #expect(data.frame.prefix(18) == expected.prefix(18))
        #expect(data.frame.count == 21)
        #expect(data.frame.dropLast().reduce(0, &+) == data.frame.last)
        #expect(expected.dropLast().reduce(0, &+) == expected.last)
        data.isFlowLow = true
        data.isOxygenCellWorn = true
        #expect(Array(data.frame[15...17]) == hex("88 88 01"))
    }

    @Test(
        "of Modbus ASCII",
        arguments: [
            ("01 03 12 58 00 05", ":0103125800058D\r\n"), ("01 03 12 5D 00 01", ":0103125D00018C\r\n"),
            ("01 06 12 5E 00 01", ":0106125E000188\r\n"),
            ("01 03 0A 08 25 27 60 00 FB 00 D4 00 CD", ":01030A0825276000FB00D400CDA2\r\n"),
        ])
    func modbusASCII(message: String, text: String) {
        let frame = Array(text.utf8)
        #expect(ModbusASCII.encode(hex(message)) == frame)
        #expect(ModbusASCII.decode(frame) == hex(message))
        for index in frame.indices {
            var damaged = frame
            damaged[index] ^= 0x04
            #expect(ModbusASCII.decode(damaged) == nil, "byte \(index)")
        }
    }
}
