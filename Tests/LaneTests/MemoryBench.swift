import Assurance
import Documents
import Evidence
import Foundation
import Instruments
import InstrumentsTestKit
import Lane
import MemoryLaneKit
import Metrology
import Plant
import Procedures
import SimulatedInstruments
import Standards
import Testing

/// A whole lane in memory whose instruments are checked: drivers, session and journal are the real ones, the instruments
/// are simulated down to their bytes, and time passes only while somebody waits for it.
final class MemoryBench {
    /// The simulated instruments, and what goes wrong with them.
    var simulated: SimulatedLane { memory.lane }
    /// The lane that is tested.
    let lane: RunningLane

    private let memory: MemoryLane
    private let time: ManualLaneTime
    private let directory: String

    /// Every kind of instrument that is checked.
    static let allModels = [
        InstrumentRequest(.gasAnalyzer, "NHA-503"), InstrumentRequest(.noxAnalyzer, "MQW-5101"),
        InstrumentRequest(.opacimeter, "NHT-6"), InstrumentRequest(.dynamometer, "NHC-03"),
        InstrumentRequest(.flowMeter, "NHF-1"), InstrumentRequest(.tachometer, "MQZ-2"),
        InstrumentRequest(.weatherStation, "DWSP-T5"), InstrumentRequest(.obdAdapter, "ELM327"),
    ]

    init(_ models: [InstrumentRequest] = MemoryBench.allModels, seed: UInt64 = 1) async throws {
        let folder = FileManager.default.fileExists(atPath: "/dev/shm") ? "/dev/shm" : "/tmp"
        var template = Array("\(folder)/memory-lane-XXXXXX".utf8CString)
        directory = try #require(mkdtemp(&template).map { String(cString: $0) })
        var rollers = DynamometerData.lightLugDown
        rollers.liftHoldsRollers = true
        let memory = try MemoryLane(
            instruments: models, vehicle: try Vehicle.embedded("clean"), seed: seed, dynamometer: rollers)
        self.memory = memory
        // The wall clock is not behind what the lane writes down of itself by the system's.
        let began = Date()
        let time = ManualLaneTime(memory, began: began)
        self.time = time
        let openers = Dictionary(
            uniqueKeysWithValues: zip(models, memory.wires).map { model, wire in
                ("/memory/\(model.role.rawValue)", SimulatedPort(memory, wire))
            })
        try Self.references.write(toFile: "\(directory)/references.yaml", atomically: true, encoding: .utf8)
        let devices = #filePath.split(separator: "/").dropLast(3).reduce("") { "\($0)/\($1)" } + "/Devices"
        let configuration = try LaneConfiguration(
            document: try Document(bytes: Array(Self.laneFile(models, rollers).utf8), name: "\(directory)/lane.yaml"),
            devices: try DeviceLibrary(directory: devices))
        lane = try await RunningLane.open(
            configuration, directory: directory, time: time,
            software: SoftwareIdentity(version: "test", executable: Digest(of: []), isSimulationBuild: true),
            guardExecutable: nil,
            clocks: {
                let milliseconds = time.now().nanoseconds / 1_000_000
                return ClockReading(
                    wall: Int64(began.timeIntervalSince1970 * 1000) + milliseconds, sinceBoot: milliseconds,
                    boot: "memory")
            },
            instrument: { entry in
                Instrument(
                    profile: entry.profile, port: try PortAddress(entry.port),
                    opener: try #require(openers[entry.port]), now: { time.now() })
            })
    }

    deinit {
        memory.stop()
        try? FileManager.default.removeItem(atPath: directory)
    }

    /// Carries a check out as a technician would, with what the registry has for it.
    func check(_ kind: CheckKind) async throws -> CheckOutcome {
        var request = CheckRequest(kind: kind, references: try lane.suggestedReferences(for: kind))
        if kind == .clock { request.clockOffsets = [0.02, -0.01, 0.03] }
        if kind == .flowMeter { request.readings = try MemoryTechnician.flowReadings(simulated.snapshot().plant.air) }
        let session = try await lane.session(for: request).session
        var technician = MemoryTechnician(
            simulated, panel: lane.panel, references: try #require(lane.desk.assurance).references)
        async let running = session.run()
        for await event in session.events {
            guard case .frame(_, let status) = event else { continue }
            technician.follow(status)
            time.seen()
        }
        let result = try await running
        return try #require(result.outcome as? CheckOutcome)
    }

    /// The rules and subjects that lock the lane, such as `check-failed coast-down`.
    func locks() throws -> Set<String> {
        Set(try lane.desk.lockouts().all.map { "\($0.rule.rawValue) \($0.subject ?? "")" })
    }

    /// Closes the lane, which unloads the dynamometer.
    func close() async { await lane.close() }

    private static func laneFile(_ models: [InstrumentRequest], _ rollers: DynamometerData) -> String {
        let loss = rollers.parasiticLoss
        var text = """
            lane: {id: MEMORY, station: TEST}
            parasitic-loss: {quadratic: \(loss.quadratic), linear: \(loss.linear), constant: \(loss.constant)}
            base-inertia: \(rollers.baseInertia.value)
            analyzer-delay: 6.0
            flow-meter-delay: 1.0
            nox-converter: true
            packs:
              asm: {limits: GB18285-2018-ASM-limits, requirements: GB18285-2018-ASM}
              vmas: {limits: GB18285-2018-VMAS-limits, requirements: GB18285-2018-VMAS}
              free-acceleration: {limits: GB3847-2018-free-acceleration-limits, requirements: GB3847-2018-free-acceleration}
              lug-down: {limits: GB3847-2018-lug-down-limits, requirements: GB3847-2018-lug-down}
            assurance: {references: references.yaml, propane-equivalence: \(BottledGas.propaneEquivalence)}
            instruments:

            """
        for model in models {
            let (role, profile) = (model.role.rawValue, model.model.lowercased())
            text += "  - {role: \(role), profile: \(profile), port: /memory/\(role), serial: S-\(role)}\n"
        }
        return text
    }

    private static let references = """
        bottles:
          - number: LOW
            maker: M
            certificate: C
            expires: 2099-12-31
            pressure: 9.5
            values:
              propane: {value: 200, uncertainty: 2, unit: ppm}
              co: {value: 0.50, uncertainty: 0.005, unit: "%"}
              co2: {value: 6.0, uncertainty: 0.06, unit: "%"}
              "no": {value: 300, uncertainty: 3, unit: ppm}
          - number: NO2
            maker: M
            certificate: C
            expires: 2099-12-31
            pressure: 9.5
            values: {no2: {value: 100, uncertainty: 2, unit: ppm}}
        filters:
          - {number: F30, maker: M, certificate: C, expires: 2099-12-31, values: {opacity: {value: 30.2, uncertainty: 0.5, unit: "%"}}}
          - {number: F50, maker: M, certificate: C, expires: 2099-12-31, values: {opacity: {value: 49.7, uncertainty: 0.5, unit: "%"}}}
          - {number: F70, maker: M, certificate: C, expires: 2099-12-31, values: {opacity: {value: 70.4, uncertainty: 0.5, unit: "%"}}}
        instruments:
          - {number: STANDARD, maker: M, certificate: C, expires: 2099-12-31, values: {}}

        """
}
