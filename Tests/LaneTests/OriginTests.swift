import Documents
import Evidence
import Foundation
import Instruments
import Lane
import Metrology
import Plant
import SimulatedInstruments
import Testing

@Suite("The origin of a lane's records", .serialized)
struct OriginTests {
    /// A lane whose only instrument is simulated, opened by a program that says that it has no simulators in it.
    private func origin(link: String?, isSimulationBuild: Bool) async throws -> RecordOrigin {
        let simulated = try SimulatedLane(
            instruments: [InstrumentRequest(.gasAnalyzer, "Gas analyzer with the AK protocol", link: link)],
            vehicle: try Vehicle.embedded("clean"), seed: 1, clock: SimulationClock(speed: 2), warmUp: .zero)
        let port = try #require(try simulated.start().first).path
        defer { simulated.stop() }
        let text = """
            lane: {id: BENCH, station: TEST}
            parasitic-loss: {quadratic: 0.0002, linear: 0.012, constant: 0.1}
            packs: {asm: {limits: GB18285-2018-ASM-limits, requirements: GB18285-2018-ASM}}
            instruments:
              - {role: gas-analyzer, profile: ak-analyzer, port: "\(port)"}

            """
        let devices = #filePath.split(separator: "/").dropLast(3).reduce("") { "\($0)/\($1)" } + "/Devices"
        let configuration = try LaneConfiguration(
            document: try Document(bytes: Array(text.utf8), name: "bench.yaml"),
            devices: try DeviceLibrary(directory: devices))
        let directory = FileManager.default.temporaryDirectory.appendingPathComponent("origin-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        let lane = try await patiently {
            try await RunningLane.open(
                configuration, directory: directory.path, time: PacedLaneTime(rate: 50),
                software: SoftwareIdentity(
                    version: "test", executable: Digest(of: []), isSimulationBuild: isSimulationBuild),
                guardExecutable: nil)
        }
        let origin = lane.sealer.origin
        // Records are signed by keys that are enrolled for this origin and no other.
        let trust = try TrustFile(contentsOf: lane.trustFile)
        #expect(!trust.keys.isEmpty && trust.keys.allSatisfy { $0.origin == origin })
        await lane.close()
        return origin
    }

    /// Tries again where the computer was too busy for the instrument to answer in time.
    private func patiently<Value: Sendable>(_ body: () async throws -> Value) async throws -> Value {
        for _ in 0..<4 {
            do { return try await body() } catch let error as InstrumentError {
                guard case .noReply = error.reason else { throw error }
            }
        }
        return try await body()
    }

    @Test("is simulated where a program answers on this computer, over a pseudo-terminal as over TCP")
    func programs() async throws {
        #expect(try await origin(link: "tcp:127.0.0.1:0", isSimulationBuild: false) == .simulated)
        #expect(try await origin(link: nil, isSimulationBuild: false) == .simulated)
    }

    @Test("is simulated in a build with simulators, whatever it is connected to")
    func build() async throws {
        #expect(try await origin(link: "tcp:127.0.0.1:0", isSimulationBuild: true) == .simulated)
    }
}
