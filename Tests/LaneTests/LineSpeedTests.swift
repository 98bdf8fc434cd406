import Documents
import Instruments
import Lane
import Messages
import Metrology
import Testing

@Suite("Line speed and unit of a lane file's instrument")
struct LineSpeedTests {
    private func configuration(
        _ rest: String, instrument: String = "role: gas-analyzer, profile: mqw-50a"
    ) throws -> LaneConfiguration {
        let devices = #filePath.split(separator: "/").dropLast(3).reduce("") { "\($0)/\($1)" } + "/Devices"
        let text = """
            lane: {id: BENCH, station: TEST}
            parasitic-loss: {quadratic: 0.0002, linear: 0.012, constant: 0.1}
            packs: {asm: {limits: GB18285-2018-ASM-limits, requirements: GB18285-2018-ASM}}
            instruments:
              - {\(instrument), port: /dev/ttyUSB0\(rest)}

            """
        return try LaneConfiguration(
            document: try Document(bytes: Array(text.utf8), name: "bench.yaml"),
            devices: try DeviceLibrary(directory: devices))
    }

    @Test("is the profile's unless the lane file says otherwise, and one that serial drivers know")
    func baud() throws {
        #expect(try configuration("").instruments.first?.profile.line.baud == 9600)
        #expect(try configuration(", baud: 19200").instruments.first?.profile.line.baud == 19200)
        let problems = #expect(throws: Problems.self) { try configuration(", baud: 12345") }
        #expect(problems?.all.map(\.message.code) == [.documentUnknownValue])
        #expect(problems?.all.first?.location.line == 5)
    }

    @Test("The unit is the profile's unless the lane file says otherwise, and none where frames carry none")
    func unit() throws {
        let station = "role: weather-station, profile: dwsp-t5"
        #expect(try configuration("", instrument: station).instruments.first?.profile.unit == 1)
        let moved = try #require(try configuration(", unit: 5", instrument: station).instruments.first?.profile)
        #expect(moved.unit == 5)
        // The check computed apart from this program, from the polynomial A001 of Modbus over Serial Line 6.2.2.
        #expect(moved.request("air") == [0x05, 0x04, 0x00, 0x00, 0x00, 0x03, 0xB1, 0x8F])
        #expect(moved.bytes == (try configuration("", instrument: station).instruments.first?.profile.bytes))
        let none = #expect(throws: Problems.self) { try configuration(", unit: 5") }
        #expect(none?.all.map(\.message.code) == [.laneNoUnit])
        let beyond = #expect(throws: Problems.self) { try configuration(", unit: 248", instrument: station) }
        #expect(beyond?.all.map(\.message.code) == [.documentOutOfRange])
        let opacimeter = "role: opacimeter, profile: opa-100"
        #expect(try configuration(", unit: 9", instrument: opacimeter).instruments.first?.profile.unit == 9)
        let twoDigits = #expect(throws: Problems.self) { try configuration(", unit: 10", instrument: opacimeter) }
        #expect(twoDigits?.all.map(\.message.code) == [.documentOutOfRange])
    }
}
