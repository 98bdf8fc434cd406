import Documents
import Foundation
import Instruments
import Lane
import Testing

@Suite("A lane file")
struct LaneFileTests {
    @Test("names ports from its own folder, wherever that is, and hosts as they are")
    func ports() throws {
        let text = """
            lane: {id: L-1, station: S}
            parasitic-loss: {quadratic: 0.0002, linear: 0.012, constant: 0.1}
            packs: {asm: {limits: GB18285-2018-ASM-limits, requirements: GB18285-2018-ASM}}
            instruments:
              - {role: gas-analyzer, profile: mqw-50a, port: analyzer}
              - {role: dynamometer, profile: bntd, port: "tcp:127.0.0.1:4001"}
              - {role: tachometer, profile: mqz-2, port: /dev/c}
              - {role: weather-station, profile: dwsp-t5, port: "usb:0403:6001"}
            """
        let here = FileManager.default.currentDirectoryPath
        for (name, folder) in [
            ("lane.yaml", here), ("lanes/lane.yaml", "\(here)/lanes"), ("/etc/l/lane.yaml", "/etc/l"),
        ] {
            let lane = try LaneConfiguration(
                document: try Document(bytes: Array(text.utf8), name: name),
                devices: try DeviceLibrary(directory: Self.devices))
            #expect(
                lane.instruments.map(\.port.description)
                    == ["\(folder)/analyzer", "tcp:127.0.0.1:4001", "/dev/c", "usb:0403:6001"])
        }
    }

    private static let devices = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("Devices").path
}
