import Evidence
import Foundation
import Instruments
import Lane
import Procedures
import Standards

/// A whole ASM test, run in virtual time, of which a record can be made.
struct FinishedTest {
    let context: TestContext
    /// The frames as they are stored.
    let lines: [[UInt8]]

    private let outcome: any LaneOutcome
    private let sampling: SamplingStatistics

    init(
        _ vehicle: DirtyVehicle, seed: UInt64, station: String, instruments: [InstrumentIdentity]
    ) throws {
        let (frames, outcome) = try vehicle.run(seed: seed)
        var writer = FrameWriter()
        lines = try frames.map { try writer.line($0) }
        self.outcome = outcome
        sampling = SamplingStatistics(frames)
        let time = SystemLaneTime()
        context = TestContext(
            station: station, testID: UUID().uuidString, order: vehicle.order, started: time.wallTime(),
            isClockSynchronised: time.isWallClockSynchronised, rate: 1,
            software: SoftwareIdentity(version: "benchmark", executable: Digest(of: []), isSimulationBuild: true),
            instruments: instruments, lane: vehicle.parameters,
            limits: PackReference(id: vehicle.limits.identity.id, bytes: vehicle.limits.bytes),
            requirements: PackReference(
                id: vehicle.test.requirements.identity.id, bytes: vehicle.test.requirements.bytes))
    }

    /// The record, from its digests on.
    func record() throws -> TestRecord {
        var frameFile = GrowingFile()
        for line in lines { frameFile.append(line) }
        return try TestRecord(
            TestPrologue(context), outcome: outcome, ended: context.started, frameFile: frameFile, sampling: sampling,
            diagnosis: nil)
    }

    /// The instruments of the simulated lane.
    static func instruments() throws -> [InstrumentIdentity] {
        let library = try DeviceLibrary(directory: "\(Sources.root)/Devices")
        return try ["mqw-50a", "bntd", "mqz-2", "dwsp-t5"].map { id in
            let profile = try library.profile(id)
            return InstrumentIdentity(
                role: profile.role, model: profile.model, serial: nil, port: "/dev/pts/0", isPseudoTerminal: true,
                profile: id, profileBytes: profile.bytes)
        }
    }
}
