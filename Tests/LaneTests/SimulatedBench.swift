import Documents
import Evidence
import Foundation
import Instruments
import Journal
import Lane
import Metrology
import Plant
import Procedures
import SimulatedInstruments
import Standards
import Testing

/// A whole lane in one process: simulated instruments on pseudo-terminals, and the lane that is tested.
final class SimulatedBench: Sendable {
    let lane: RunningLane
    let simulated: SimulatedLane
    let directory: String
    private let time: PacedLaneTime
    private let delivery: DeliveryTerms

    init(
        vehicle: String = "clean", rate: Double = 50, seed: UInt64 = 3, delivery: DeliveryTerms = .none
    ) async throws {
        self.delivery = delivery
        var template = Array("/tmp/lane-tests-XXXXXX".utf8CString)
        directory = try #require(mkdtemp(&template).map { String(cString: $0) })
        let time = PacedLaneTime(rate: rate)
        self.time = time
        simulated = try SimulatedLane(
            vehicle: try Vehicle.embedded(vehicle), seed: seed,
            clock: SimulationClock(speed: rate) { Int64(Double(time.now().nanoseconds) / rate) })
        var text = """
            lane: {id: BENCH, station: TEST}
            parasitic-loss: {quadratic: 0.0002, linear: 0.012, constant: 0.1}
            packs: {asm: {limits: GB18285-2018-ASM-limits, requirements: GB18285-2018-ASM}}
            instruments:

            """
        for endpoint in try simulated.start() {
            text +=
                "  - {role: \(endpoint.role.rawValue), profile: \(endpoint.model.lowercased()), port: \(endpoint.path)}\n"
        }
        let devices = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("Devices").path
        let configuration = try LaneConfiguration(
            document: try Document(bytes: Array(text.utf8), name: "bench.yaml"),
            devices: try DeviceLibrary(directory: devices))
        lane = try await RunningLane.open(
            configuration, directory: directory, time: time,
            software: SoftwareIdentity(version: "test", executable: Digest(of: []), isSimulationBuild: true),
            guardExecutable: nil, delivery: delivery)
    }

    static func order(checks: VehicleChecks? = nil) -> TestOrder {
        TestOrder(
            number: "1", method: .asm,
            vehicle: OrderedVehicle(
                plate: "苏A00001", vin: "LSVAA4180E2100001", fuel: .gasoline, oilTemperatureReadable: true,
                curbMass: RoundedDecimal("1250")),
            limitSet: "a", inspector: "A", driver: "B", checks: checks)
    }

    /// Opens the lane again, perhaps in another directory, after it was closed.
    func reopen(
        _ directory: String, newestRecord: NewestRecordQuery? = nil, guardExecutable: String? = nil
    ) async throws -> RunningLane {
        try await RunningLane.open(
            lane.configuration, directory: directory, newestRecord: newestRecord, time: time,
            software: SoftwareIdentity(version: "test", executable: Digest(of: []), isSimulationBuild: true),
            guardExecutable: guardExecutable, delivery: delivery)
    }

    deinit { try? FileManager.default.removeItem(atPath: directory) }

    /// Runs a test with the simulated driver; `meddle` sees every frame's status and may make trouble.
    func test(
        on reopened: RunningLane? = nil, checks: VehicleChecks? = nil,
        meddle: @escaping (Frame, ProcedureStatus) throws -> Void = { _, _ in }
    ) async throws -> LaneSession.Result {
        let lane = reopened ?? lane
        let session = try await lane.session(for: Self.order(checks: checks))
        async let result = session.run()
        var probeIn = false
        for await event in session.events {
            guard case .frame(let frame, let status) = event else { continue }
            let wantsProbe = status.probeWanted || status.targetSpeed != nil
            simulated.apply(DriverCue(targetSpeed: status.targetSpeed?.value ?? 0, probeInserted: wantsProbe))
            if wantsProbe, !probeIn {
                probeIn = true
                lane.panel.post(.probeInserted)
            }
            try meddle(frame, status)
        }
        return try await result
    }

    /// Closes everything.
    func close() async {
        await lane.close()
        simulated.stop()
    }
}
