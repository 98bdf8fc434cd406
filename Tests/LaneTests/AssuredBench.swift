import Assurance
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
import Synchronization
import Testing

/// A simulated lane whose lane file has a section on assurance, to be opened and closed as often as a test likes.
final class AssuredBench: Sendable {
    let directory: String
    let simulated: SimulatedLane
    let endpoints: [Endpoint]
    let time = PacedLaneTime(rate: 50)
    /// How far somebody has set the wall clock, ms.
    let shift = Mutex<Int64>(0)

    init() throws {
        var template = Array("/tmp/assured-XXXXXX".utf8CString)
        directory = try #require(mkdtemp(&template).map { String(cString: $0) })
        simulated = try SimulatedLane(
            vehicle: try Vehicle.embedded("clean"), seed: 5,
            clock: SimulationClock(speed: 50) { [time] in Int64(Double(time.now().nanoseconds) / 50) },
            // Warm from the start: how soon the lane looks after it depends on the computer.
            warmUp: .zero)
        endpoints = try simulated.start()
        try "bottles: []\n".write(toFile: "\(directory)/references.yaml", atomically: true, encoding: .utf8)
    }

    deinit {
        simulated.stop()
        try? FileManager.default.removeItem(atPath: directory)
    }

    /// The lane file, with other words in place of some.
    func configuration(_ changes: [(String, String)] = []) throws -> LaneConfiguration {
        var text = """
            lane: {id: BENCH, station: TEST}
            parasitic-loss: {quadratic: 0.0002, linear: 0.012, constant: 0.1}
            packs: {asm: {limits: GB18285-2018-ASM-limits, requirements: GB18285-2018-ASM}}
            assurance: {references: references.yaml}
            instruments:

            """
        for endpoint in endpoints {
            let (role, profile) = (endpoint.role.rawValue, endpoint.model.lowercased())
            text += "  - {role: \(role), profile: \(profile), port: \(endpoint.path), serial: S-\(role)}\n"
        }
        for (old, new) in changes { text = text.replacing(old, with: new) }
        let devices = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("Devices").path
        return try LaneConfiguration(
            document: try Document(bytes: Array(text.utf8), name: "\(directory)/lane.yaml"),
            devices: try DeviceLibrary(directory: devices))
    }

    /// Opens the lane, and closes it whatever happens.
    func withLane<Value>(
        _ changes: [(String, String)] = [], executable: String = "a", delivery: DeliveryTerms = .none,
        _ body: (RunningLane) async throws -> Value
    ) async throws -> Value {
        let lane = try await RunningLane.open(
            try configuration(changes), directory: directory, time: time,
            software: SoftwareIdentity(
                version: "test", executable: Digest(of: Array(executable.utf8)), isSimulationBuild: true),
            guardExecutable: nil, delivery: delivery, clocks: { [self] in clocks() })
        do {
            let value = try await body(lane)
            await lane.close()
            return value
        } catch {
            await lane.close()
            throw error
        }
    }

    @Sendable private func clocks() -> ClockReading {
        let reading = LaneClocks.now()
        return ClockReading(
            wall: reading.wall + shift.withLock { $0 }, sinceBoot: reading.sinceBoot, boot: reading.boot)
    }

    static let order = TestOrder(
        number: "1", method: .asm,
        vehicle: OrderedVehicle(
            plate: "苏A00001", vin: "LSVAA4180E2100001", fuel: .gasoline, oilTemperatureReadable: true,
            curbMass: RoundedDecimal("1250")),
        limitSet: "a", inspector: "A", driver: "B")

    /// Runs a test with the simulated driver.
    func test(
        _ lane: RunningLane, meddle: (ProcedureStatus) -> Void = { _ in }
    ) async throws -> LaneSession.Result {
        let session = try await lane.session(for: Self.order)
        async let result = session.run()
        var probeIn = false
        for await event in session.events {
            guard case .frame(_, let status) = event else { continue }
            let wantsProbe = status.probeWanted || status.targetSpeed != nil
            simulated.apply(DriverCue(targetSpeed: status.targetSpeed?.value ?? 0, probeInserted: wantsProbe))
            if wantsProbe, !probeIn {
                probeIn = true
                lane.panel.post(.probeInserted)
            }
            meddle(status)
        }
        return try await result
    }

    /// Carries out a check that comes to its verdict after some frames.
    @discardableResult
    func check(
        _ kind: CheckKind, _ verdict: Verdict = .passed, parameters: [SealedParameter] = [], on lane: RunningLane
    ) async throws -> StoredRecord {
        let requirements = try #require(try CheckPackLibrary.requirements("HJ1237-2021-checks"))
        let session = try await lane.session(
            for: BriefCheck(kind: kind, verdict: verdict, parameters: parameters), order: CheckOrder(kind: kind),
            requirements: requirements)
        return try await session.run().record
    }

    /// Passes everything that the lane asks for.
    func checkEverything(on lane: RunningLane) async throws {
        for standing in lane.desk.standings() { try await check(standing.requirement.kind, on: lane) }
    }
}

/// A check that looks at five frames and knows its verdict.
struct BriefCheck: CheckProcedure {
    let kind: CheckKind
    let verdict: Verdict
    let parameters: [SealedParameter]
    let freshness: [InstrumentRole: LaneSpan] = [:]
    var outcome: CheckOutcome?
    var status = ProcedureStatus(stage: .measure)

    init(kind: CheckKind, verdict: Verdict, parameters: [SealedParameter]) {
        self.kind = kind
        self.verdict = verdict
        self.parameters = parameters
    }

    mutating func advance(_ frame: Frame) -> [Directive] {
        if outcome == nil, frame.tick >= 4 {
            outcome = CheckOutcome(kind: kind, verdict: verdict, parameters: parameters)
        }
        return []
    }

    mutating func interrupt() -> [Directive] {
        if outcome == nil { outcome = CheckOutcome(kind: kind, verdict: .aborted(.interrupted)) }
        return []
    }
}
