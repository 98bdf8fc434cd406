import Documents
import Foundation
import Instruments
import Lane
import Metrology
import SimulatedInstruments
import Testing

@Suite("A capture that answers again")
struct WireReplayTests {
    /// The analyzer's data and status as its protocol's example has them, and noise in between.
    private static let capture = """
        10.000000 analyzer > 02 60 03 9B
        10.003000 analyzer < 06 60 1B 05 48 00 2D 00 7B 01 C8 00 7B 01 C8 03 54 00 FB 09 C4 03 F5 03 F4 03 F0 7C
        10.100000 analyzer > 02 61 03 9A
        10.102000 analyzer < 06 61 0A 00 00 00 00 00 00 00 8F
        10.200000 analyzer x FF

        """

    @Test("is taken for the instrument by its driver: the values are those of the capture")
    func driver() async throws {
        let capture = try WireCapture(parsing: Array(Self.capture.utf8))
        // By way of the other format, too.
        let again = try WireCapture(parsing: capture.pcapng())
        #expect(again.entries == capture.entries)
        let replay = try WireReplay(script(again))
        let devices = #filePath.split(separator: "/").dropLast(3).reduce("") { "\($0)/\($1)" } + "/Devices"
        let time = SystemLaneTime()
        let instrument = Instrument(
            profile: try DeviceLibrary(directory: devices).profile("mqw-50a"), port: try PortAddress(replay.path)
        ) { time.now() }
        try await instrument.connect()
        let report = await instrument.poll()
        let co2 = report.readings.first { $0.channel == .carbonDioxide }
        #expect(co2?.value == 13.52)
        #expect(report.failures.isEmpty)
        #expect(report.conditions?.conditions.isEmpty == true)
        await instrument.close()
        replay.stop()
    }

    private func script(_ capture: WireCapture) -> WireScript {
        WireScript(
            capture.entries.map { entry in
                WireScript.Entry(
                    isFromLane: entry.frame.kind == .sent, bytes: entry.frame.bytes, at: entry.frame.at.nanoseconds)
            })
    }
}
