import Metrology
import Procedures
import ProceduresTestKit
import Standards

/// The longest ordinary ASM test: a vehicle over the limits, which goes through both modes to the end.
struct DirtyVehicle {
    let order: TestOrder
    let parameters: LaneParameters
    let test: ASMTest
    let limits: ASMLimits

    init() throws {
        guard let limits = try PackLibrary.limits("GB18285-2018-ASM-limits", ASMLimits.self),
            let requirements = try PackLibrary.requirements("GB18285-2018-ASM", ASMRequirements.self)
        else { throw NotMeasured("a pack is missing") }
        order = TestOrder(
            number: "BENCHMARK", method: .asm,
            vehicle: OrderedVehicle(
                plate: "苏B00001", vin: "LSVAA4180E2100001", fuel: .gasoline, oilTemperatureReadable: true,
                curbMass: RoundedDecimal("1250")),
            limitSet: "a", inspector: "A", driver: "B")
        parameters = LaneParameters(parasiticLoss: ParasiticLoss(quadratic: 0.0002, linear: 0.012, constant: 0.1))
        test = try ASMTest(order, limits: limits, requirements: requirements, lane: parameters)
        self.limits = limits
    }

    /// The lane that the vehicle stands on.
    func lane(seed: UInt64) -> SyntheticLane {
        SyntheticLane(
            seed: seed, freshness: test.requirements.freshness, exhaust: ["": .init(co: 0.9, hc: 160, no: 1500)])
    }

    /// A whole test in virtual time.
    func run(seed: UInt64) throws -> (frames: [Frame], outcome: ASMOutcome) {
        var procedure = ASMProcedure(test)
        var lane = lane(seed: seed)
        let run = SyntheticRun(&procedure, on: &lane)
        guard let outcome = procedure.outcome, outcome.verdict == .failed, outcome.modes.count == 2 else {
            throw NotMeasured("the dirty vehicle did not fail after both modes")
        }
        return (run.frames, outcome)
    }
}
