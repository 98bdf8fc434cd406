import Metrology
import Procedures
import ProceduresTestKit
import Standards
import Testing

/// A test of a 1250 kg (curb) gasoline car under limit a, and synthetic lanes to run it on.
struct ASMFixture {
    var test: ASMTest

    init(pack: String = "GB18285-2018-ASM", set: String = "a", oilReadable: Bool = true) throws {
        let requirements = try #require(try PackLibrary.requirements(pack, ASMRequirements.self))
        let limits = try #require(try PackLibrary.limits("GB18285-2018-ASM-limits", ASMLimits.self)?.limits(set))
        test = ASMTest(
            fuel: .gasoline, curbMass: Mass(1250), oilTemperatureReadable: oilReadable, limits: limits,
            requirements: requirements, parasiticLoss: ParasiticLoss(quadratic: 0.0002, linear: 0.012, constant: 0.1))
    }

    func run(
        seed: UInt64 = 1, exhaust: [String: SyntheticLane.Exhaust] = ["": .clean],
        _ disturbances: [SyntheticLane.Disturbance] = []
    ) throws -> (outcome: ASMOutcome, run: SyntheticRun) {
        var procedure = ASMProcedure(test)
        var lane = SyntheticLane(
            seed: seed, freshness: test.requirements.freshness, exhaust: exhaust, disturbances: disturbances)
        let run = SyntheticRun(&procedure, on: &lane)
        return (try #require(procedure.outcome, "the test did not end"), run)
    }
}

extension SyntheticLane.Exhaust {
    /// Between half of the limits and the limits of ASM5025.
    static let fair = Self(co: 0.35, hc: 60, no: 500)
    /// Above the limits, far below five times them.
    static let dirty = Self(co: 0.9, hc: 160, no: 1500)
    /// More than five times the limit of NO.
    static let gross = Self(co: 0.9, hc: 160, no: 4200)
}
