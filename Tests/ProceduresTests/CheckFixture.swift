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
    var lane = LaneParameters(
        parasiticLoss: ParasiticLoss(quadratic: 0.0002, linear: 0.012, constant: 0.1), baseInertia: Mass(907.2))

    init(_ kind: CheckKind, dynamometer: DynamometerClass = .light) throws {
        requirements = try #require(try CheckPackLibrary.requirements(Self.pack))
        order = CheckOrder(
            kind: kind, references: try Self.references(kind), dynamometer: dynamometer,
            propaneEquivalence: RoundedDecimal("0.505"), clockOffsets: [0.02, -0.01, 0.03])
        if dynamometer == .heavy { lane.baseInertia = Mass(1452.8) }
    }

    static func certified(_ text: String) throws -> CertifiedValue {
        CertifiedValue(try #require(RoundedDecimal(text)))
    }

    static func gas(_ number: String, _ parts: [ChannelID: String]) throws -> ReferenceGas {
        ReferenceGas(number: number, components: try parts.mapValues(certified))
    }

    private static func references(_ kind: CheckKind) throws -> CheckReferences {
        var references = CheckReferences()
        references.gases = [
            .low: try gas(
                "B-1",
                [.hydrocarbons: "200", .carbonMonoxide: "0.50", .carbonDioxide: "6.0", .nitricOxide: "300"]),
            .midLow: try gas(
                "B-2", [.hydrocarbons: "960", .carbonMonoxide: "2.4", .carbonDioxide: "3.6", .nitricOxide: "900"]),
            .midHigh: try gas(
                "B-3", [.hydrocarbons: "1920", .carbonMonoxide: "4.8", .carbonDioxide: "7.2", .nitricOxide: "1800"]),
            .high: try gas(
                "B-4", [.hydrocarbons: "3200", .carbonMonoxide: "8.0", .carbonDioxide: "12.0", .nitricOxide: "3000"]),
            .nitrogenDioxide: try gas("B-5", [.nitrogenDioxide: "100"]),
        ]
        references.filters = try ["30.0", "50.0", "70.0"].map {
            ReferenceFilter(number: "F-\($0)", opacity: try certified($0))
        }
        references.weights = try ["500", "1000", "1500", "2000", "2500"].map {
            ReferenceWeight(number: "W-\($0)", force: try certified($0))
        }
        func reading(_ values: [ChannelID: String]) throws -> ReferenceReading {
            ReferenceReading(number: "R-1", values: try values.mapValues { try #require(RoundedDecimal($0)) })
        }
        references.readings =
            switch kind {
            case .flowMeter:
                [
                    try reading([.exhaustFlow: "6.00", .flowTemperature: "25.0", .flowPressure: "101.30"]),
                    try reading([.exhaustFlow: "2.00"]),
                ]
            case .weatherStation:
                [try reading([.airTemperature: "22.0", .relativeHumidity: "50.0", .airPressure: "101.30"])]
            case .oilTemperature: [try reading([.oilTemperature: "80.0"])]
            default: []
            }
        return references
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
