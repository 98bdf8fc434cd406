import Evidence
import Foundation
import Metrology
import Procedures
import ProceduresTestKit
import Standards

/// A test of a lane made of numbers, as frames that a process can be killed among.
struct SyntheticTest {
    /// The lane that everything belongs to.
    static let lane = "CRASH-1"
    /// Its station.
    static let station = "CRASH"

    let id: String
    let prologue: TestPrologue
    let course: Course

    /// What happened in a test: the same each time, and worked out once, since a process may live only for a second.
    struct Course: Sendable {
        /// The frames, each with its line in the frame file.
        let frames: [(frame: Frame, line: [UInt8])]
        /// What the procedure arrived at.
        let outcome: ASMOutcome

        /// A test that the operator breaks off after some seconds; the whole of it if that is never.
        init(_ papers: Papers, brokenOffAfter seconds: Double) throws {
            var procedure = try papers.procedure()
            let disturbances: [SyntheticLane.Disturbance] =
                seconds.isFinite ? [.init(.event(.operatorAbort), after: seconds)] : []
            var lane = SyntheticLane(
                seed: 11, freshness: papers.requirements.freshness, exhaust: ["": .clean], disturbances: disturbances)
            let run = SyntheticRun(&procedure, on: &lane, maximumSeconds: 4000)
            var writer = FrameWriter()
            frames = try run.frames.map { ($0, try writer.line($0)) }
            guard let outcome = procedure.outcome else { throw CrashError.impossible("outcome") }
            self.outcome = outcome
        }
    }

    /// What tests are made of, read once.
    struct Papers: Sendable {
        let limits: ASMLimits
        let requirements: ASMRequirements
        let order: TestOrder
        let lane = LaneParameters(parasiticLoss: ParasiticLoss(quadratic: 0.0002, linear: 0.012, constant: 0.1))

        init() throws {
            guard let limits = try PackLibrary.limits("GB18285-2018-ASM-limits", ASMLimits.self),
                let requirements = try PackLibrary.requirements("GB18285-2018-ASM", ASMRequirements.self)
            else { throw CrashError.impossible("packs") }
            (self.limits, self.requirements) = (limits, requirements)
            order = TestOrder(
                number: "1", method: .asm,
                vehicle: OrderedVehicle(
                    plate: "苏A00001", vin: "LSVAA4180E2100001", fuel: .gasoline, oilTemperatureReadable: true,
                    curbMass: RoundedDecimal("1250")),
                limitSet: "a", inspector: "A", driver: "B")
        }

        func procedure() throws -> ASMProcedure {
            try ASMProcedure(order, limits: limits, requirements: requirements, lane: lane)
        }
    }

    private static let papers = Result { try Papers() }
    private static let whole = Result { try Course(papers.get(), brokenOffAfter: .infinity) }
    private static let short = Result { try Course(papers.get(), brokenOffAfter: 3) }

    /// A test of its own name: whole, or broken off after a few seconds.
    init(id: String, isWhole: Bool) throws {
        self.id = id
        let papers = try Self.papers.get()
        course = try isWhole ? Self.whole.get() : Self.short.get()
        prologue = TestPrologue(
            TestContext(
                station: Self.station, testID: id, order: papers.order, started: Self.wallTime(),
                isClockSynchronised: true, rate: 1,
                software: SoftwareIdentity(version: "0", executable: Digest(of: []), isSimulationBuild: true),
                instruments: [
                    InstrumentIdentity(
                        role: .gasAnalyzer, model: "numbers", serial: nil, port: "none", isPseudoTerminal: false,
                        profile: "numbers", profileBytes: Array("none".utf8))
                ], lane: papers.lane,
                limits: PackReference(id: papers.limits.identity.id, bytes: papers.limits.bytes),
                requirements: PackReference(id: papers.requirements.identity.id, bytes: papers.requirements.bytes)))
    }

    /// Now, as records say it.
    static func wallTime() -> String {
        Date().formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true))
    }
}

/// Why the program gives up.
enum CrashError: Error {
    case impossible(String)
    case usage
}
