import Metrology
import Procedures
import ProceduresTestKit
import Standards
import Testing

/// A check with good reference materials and a good lane, and what a row of a table makes of it.
struct CheckFixture {
    static let pack = "HJ1237-2021-checks"

    let requirements: CheckRequirements
    var order: CheckOrder
    var lane: LaneParameters

    init(_ kind: CheckKind, dynamometer: DynamometerClass = .light) throws {
        requirements = try #require(try CheckPackLibrary.requirements(Self.pack))
        order = GoodChecks.order(kind, dynamometer: dynamometer)
        lane = GoodChecks.lane(dynamometer)
    }

    static func certified(_ text: String) throws -> CertifiedValue {
        CertifiedValue(try #require(RoundedDecimal(text)))
    }

    static func gas(_ number: String, _ parts: [ChannelID: String]) throws -> ReferenceGas {
        ReferenceGas(number: number, components: try parts.mapValues(certified))
    }

    /// The check, prepared.
    func check() throws -> any CheckProcedure {
        try CheckKind.prepare(order, requirements: requirements, lane: lane)
    }

    /// Runs the check on a bench with faults, and once more over the frames, which has to give the same report.
    func run(
        _ faults: CheckBench.Faults = CheckBench.Faults(), _ change: (inout CheckBench) -> Void = { _ in }
    ) throws -> (outcome: CheckOutcome, run: CheckRun) {
        func carryOut(_ check: some CheckProcedure) throws -> (CheckOutcome, CheckRun) {
            var (check, again) = (check, check)
            var bench = CheckBench(order, freshness: check.freshness, tick: check.tick, faults: faults)
            bench.inertia = lane.baseInertia?.value ?? 907.2
            change(&bench)
            let run = CheckRun(&check, on: &bench)
            let outcome = try #require(check.outcome, "\(order.kind): no outcome at \(check.status)")
            var directives: [Directive] = []
            for frame in run.frames { directives += again.advance(frame) }
            #expect(again.outcome?.report() == outcome.report())
            #expect(directives == run.directives)
            return (outcome, run)
        }
        return try carryOut(check())
    }
}
