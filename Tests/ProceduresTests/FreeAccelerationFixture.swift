import Metrology
import Procedures
import ProceduresTestKit
import Standards
import Testing

/// The packs of a free acceleration on a lane, and with portable instruments beside a machine.
enum SmokePack: String, CaseIterable, Sendable, CustomTestStringConvertible {
    case vehicle = "GB3847-2018-free-acceleration"
    case machine = "GB36886-2018-non-road"

    var testDescription: String { rawValue }

    /// - Parameter changes: of the requirement pack, as ``ChangedPack`` takes them.
    func fixture(
        _ changes: [String: String] = [:], vehicle change: (inout OrderedVehicle) -> Void = { _ in }
    ) throws -> FreeAccelerationFixture {
        let method: TestMethod = self == .vehicle ? .freeAcceleration : .nonRoad
        let fixture = try FreeAccelerationFixture(
            rawValue, set: self == .vehicle ? "a" : "class-1", method: method, change: change)
        guard !changes.isEmpty else { return fixture }
        return FreeAccelerationFixture(
            order: fixture.order, limits: fixture.limits,
            requirements: try method.requirements(ChangedPack.document(rawValue, changes)))
    }
}

/// Orders and packs for free accelerations, and synthetic lanes to run them on.
struct FreeAccelerationFixture {
    let order: TestOrder
    let limits: any MethodLimits
    let requirements: any MethodRequirements

    init(
        _ pack: String = "GB3847-2018-free-acceleration", limits: String? = nil, set: String = "a",
        method: TestMethod = .freeAcceleration, change: (inout OrderedVehicle) -> Void = { _ in }
    ) throws {
        var vehicle = OrderedVehicle(
            plate: "苏A12345", vin: "LFWADRJF011002346", fuel: .diesel, oilTemperatureReadable: true,
            ratedPower: RoundedDecimal("88"), ratedSpeed: RoundedDecimal("2400"), aspiration: .turbocharged,
            transmission: .manual)
        change(&vehicle)
        order = TestOrder(
            number: "1", method: method, vehicle: vehicle, limitSet: set, inspector: "Wang", driver: "Li")
        self.limits = try #require(try PackLibrary.limits(limits ?? "\(pack)-limits", for: method))
        requirements = try #require(try PackLibrary.requirements(pack, for: method))
    }

    init(order: TestOrder, limits: any MethodLimits, requirements: any MethodRequirements) {
        self.order = order
        self.limits = limits
        self.requirements = requirements
    }

    var rules: FreeAccelerationRules {
        get throws { try #require(requirements as? any SmokeRequirements).rules }
    }

    static func lane(_ fixture: FreeAccelerationFixture, seed: UInt64 = 1) -> SmokeLane {
        SmokeLane(seed: seed, freshness: fixture.requirements.freshness)
    }

    func prepare() throws -> any TestProcedure {
        try TestMethod.prepare(
            order, limits: limits, requirements: requirements,
            lane: LaneParameters(parasiticLoss: ParasiticLoss(quadratic: 0, linear: 0, constant: 0)))
    }

    func run(
        seed: UInt64 = 1, _ change: (inout SmokeLane) -> Void = { _ in }
    ) throws -> (outcome: FreeAccelerationOutcome, run: SyntheticRun) {
        var lane = Self.lane(self, seed: seed)
        change(&lane)
        func carryOut<P: TestProcedure>(_ procedure: P) throws -> (FreeAccelerationOutcome, SyntheticRun) {
            var procedure = procedure
            let run = SyntheticRun(&procedure, on: &lane)
            let outcome = try #require(procedure.outcome as? FreeAccelerationOutcome, "the test did not end")
            return (outcome, run)
        }
        return try carryOut(try prepare())
    }

    /// The result of the same frames once more.
    func replay(_ run: SyntheticRun) throws -> Report {
        func carryOut<P: TestProcedure>(_ procedure: P) throws -> Report {
            var procedure = procedure
            for frame in run.frames { _ = procedure.advance(frame) }
            return try #require(procedure.outcome).report()
        }
        return try carryOut(try prepare())
    }
}
