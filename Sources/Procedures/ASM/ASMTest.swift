public import Metrology
public import Standards

/// What one ASM test (稳态工况法) is carried out with: the vehicle, the limits, the requirements, the rollers.
public struct ASMTest: Sendable {
    /// What the vehicle burns.
    public let fuel: Fuel
    /// Curb mass (整备质量).
    public let curbMass: Mass
    /// Whether the engine's oil temperature can be read; if not, a running time stands in for it.
    public let oilTemperatureReadable: Bool
    /// The limits of the chosen set.
    public let limits: [ASMMode: [Pollutant: PackValue]]
    /// The requirements of the standard.
    public let requirements: ASMRequirements
    /// What the rollers take, as the lane's coast-down check found it.
    public let parasiticLoss: ParasiticLoss

    /// Creates a test.
    public init(
        fuel: Fuel, curbMass: Mass, oilTemperatureReadable: Bool, limits: [ASMMode: [Pollutant: PackValue]],
        requirements: ASMRequirements, parasiticLoss: ParasiticLoss
    ) {
        self.fuel = fuel
        self.curbMass = curbMass
        self.oilTemperatureReadable = oilTemperatureReadable
        self.limits = limits
        self.requirements = requirements
        self.parasiticLoss = parasiticLoss
    }

    /// The test that an order asks for.
    ///
    /// - Throws: ``OrderProblems`` naming everything that the order lacks.
    public init(
        _ order: TestOrder, limits: ASMLimits, requirements: ASMRequirements, lane: LaneParameters
    ) throws(OrderProblems) {
        var check = OrderCheck(order)
        let set = check.limitSet(limits)
        check.expect(Fuel.sparkIgnition)
        let curbMass = check.need(order.vehicle.curbMass, "vehicle.curb-mass")
        try check.finish()
        // What is missing has been thrown.
        self.init(
            fuel: order.vehicle.fuel, curbMass: Mass(curbMass?.value ?? 0),
            oilTemperatureReadable: order.vehicle.oilTemperatureReadable,
            limits: set.flatMap(limits.limits) ?? [:], requirements: requirements, parasiticLoss: lane.parasiticLoss)
    }

    /// Reference mass (基准质量).
    public var referenceMass: Mass {
        DynamometerLoad.referenceMass(
            curbMass: curbMass, allowance: Mass(requirements.load.referenceMassAllowance.value))
    }

    /// The load of a mode.
    public func load(_ mode: ASMMode) -> ASMLoad {
        // Packs are read completely or not at all, so both modes are always there.
        let speed = Speed(requirements.load.speed[mode]?.value ?? 0)
        let power = DynamometerLoad.totalPower(
            referenceMass: referenceMass, divisor: requirements.load.divisor[mode]?.value ?? .infinity)
        let parasitic = parasiticLoss.power(at: speed)
        return ASMLoad(
            speed: speed, totalPower: power, parasiticForce: parasitic / speed,
            brakeForce: Force(max(0, ((power - parasitic) / speed).value)))
    }
}

/// How a vehicle is loaded in one mode.
public struct ASMLoad: Hashable, Sendable {
    /// The speed to hold.
    public let speed: Speed
    /// Total power at the roller's surface at that speed (加载总功率).
    public let totalPower: Power
    /// The part of the force that the rollers themselves take.
    public let parasiticForce: Force
    /// The force that the brake is to hold.
    public let brakeForce: Force
}
