import Metrology
import Procedures
import ProceduresTestKit
import Standards
import Testing

/// Two-speed idle of a light gasoline car under limit a, and synthetic lanes to run it on.
struct TwoSpeedIdleFixture {
    let limits: TwoSpeedIdleLimits
    let requirements: TwoSpeedIdleRequirements
    var order: TestOrder

    init(_ change: (inout OrderedVehicle) -> Void = { _ in }) throws {
        limits = try #require(try PackLibrary.limits("GB18285-2018-TSI-limits", TwoSpeedIdleLimits.self))
        requirements = try #require(try PackLibrary.requirements("GB18285-2018-TSI", TwoSpeedIdleRequirements.self))
        var vehicle = OrderedVehicle(
            plate: "P", vin: "LSVAA4180E2100001", fuel: .gasoline, oilTemperatureReadable: true,
            grossMass: RoundedDecimal("1800"), ratedSpeed: RoundedDecimal("5500"))
        change(&vehicle)
        order = TestOrder(
            number: "1", method: .twoSpeedIdle, vehicle: vehicle, limitSet: "a", inspector: "A", driver: "B")
    }

    func procedure() throws -> TwoSpeedIdleProcedure {
        try TwoSpeedIdleProcedure(
            order, limits: limits, requirements: requirements,
            lane: LaneParameters(parasiticLoss: ParasiticLoss(quadratic: 0, linear: 0, constant: 0)))
    }

    func run(
        seed: UInt64 = 1, exhaust: [String: SyntheticLane.Exhaust] = ["": .init(co: 0.1, hc: 20, no: 50)],
        _ disturbances: [SyntheticLane.Disturbance] = []
    ) throws -> (outcome: TwoSpeedIdleOutcome, run: SyntheticRun) {
        var procedure = try procedure()
        var lane = SyntheticLane(
            seed: seed, freshness: procedure.freshness, exhaust: exhaust, disturbances: disturbances)
        let run = SyntheticRun(&procedure, on: &lane)
        return (try #require(procedure.outcome, "the test did not end"), run)
    }
}
