import Metrology
import Procedures
import ProceduresTestKit
import Standards
import Testing

/// A test of a pickup with a turbocharged engine of 85 kW at 3200 r/min under limit a, and lanes to run it on.
struct LugDownFixture {
    var test: LugDownTest
    var lane: LugDownLane

    init(pack: String = "GB3847-2018-lug-down", set: String = "a", altitude: String? = nil) throws {
        let requirements = try #require(try PackLibrary.requirements(pack, LugDownRequirements.self))
        let limits = try #require(try PackLibrary.limits("GB3847-2018-lug-down-limits", LugDownLimits.self))
        let height = altitude.flatMap { RoundedDecimal($0) }
        test = LugDownTest(
            ratedPower: try #require(RoundedDecimal("85")), ratedSpeed: try #require(RoundedDecimal("3200")),
            aspiration: .turbocharged, transmission: .manual, oilTemperatureReadable: true,
            limits: try #require(limits.limits(set, altitude: height)),
            altitudeAllowance: height.map(limits.altitude.allowance) ?? 0, requirements: requirements,
            lane: LaneParameters(parasiticLoss: LugDownLane.loss, brakePower: Power(160), altitude: height))
        lane = LugDownLane(seed: 1, freshness: requirements.freshness)
    }

    /// A lane without noise.
    static func exact(pack: String = "GB3847-2018-lug-down", altitude: String? = nil) throws -> LugDownFixture {
        var fixture = try LugDownFixture(pack: pack, altitude: altitude)
        fixture.lane.noise = 0
        return fixture
    }

    func run(_ disturbances: [LugDownLane.Disturbance] = []) throws -> (outcome: LugDownOutcome, run: LugDownRun) {
        var procedure = LugDownProcedure(test)
        var lane = lane
        lane.disturbances = disturbances
        let run = LugDownRun(&procedure, on: &lane)
        return (try #require(procedure.outcome, "the test did not end"), run)
    }
}
