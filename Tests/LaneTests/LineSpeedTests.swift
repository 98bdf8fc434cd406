import Documents
import Instruments
import Lane
import Messages
import Metrology
import Testing

@Suite("The line speed of a lane file's instrument")
struct LineSpeedTests {
    private func configuration(_ rest: String) throws -> LaneConfiguration {
        let devices = #filePath.split(separator: "/").dropLast(3).reduce("") { "\($0)/\($1)" } + "/Devices"
        let text = """
            lane: {id: BENCH, station: TEST}
            parasitic-loss: {quadratic: 0.0002, linear: 0.012, constant: 0.1}
            packs: {asm: {limits: GB18285-2018-ASM-limits, requirements: GB18285-2018-ASM}}
            instruments:
              - {role: gas-analyzer, profile: mqw-50a, port: /dev/ttyUSB0\(rest)}

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
}
