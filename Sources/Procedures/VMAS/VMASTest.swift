import Messages
public import Metrology
public import Standards

/// What one simple transient test (简易瞬态工况法) is carried out with: the vehicle, the limits, the requirements, the
/// lane.
public struct VMASTest: Sendable {
    /// What the vehicle burns.
    public let fuel: Fuel
    /// Curb mass (整备质量).
    public let curbMass: Mass
    /// Whether the engine's oil temperature can be read; if not, a running time stands in for it.
    public let oilTemperatureReadable: Bool
    /// Whether the engine may stop by itself.
    public let isHybrid: Bool
    /// Whether the vehicle changes gears itself.
    public let isAutomatic: Bool
    /// The limits of the chosen set, g/km.
    public let limits: [MassPollutant: PackValue]
    /// The pollutants whose limits do not decide.
    public let recommended: Set<MassPollutant>
    /// The requirements of the standard.
    public let requirements: VMASRequirements
    /// What the rollers take, as the lane's coast-down check found it.
    public let parasiticLoss: ParasiticLoss
    /// Inertia of the rollers and what turns with them.
    public let baseInertia: Mass
    /// From the tail pipe to the analyzer's reading, as the lane's response check measured it.
    public let analyzerDelay: LaneSpan
    /// From the tail pipe to the flow meter's reading, likewise.
    public let flowMeterDelay: LaneSpan

    /// The test that an order asks for.
    ///
    /// - Throws: ``OrderProblems`` naming everything that the order or the lane lacks or that the method does not allow.
    public init(
        _ order: TestOrder, limits: VMASLimits, requirements: VMASRequirements, lane: LaneParameters
    ) throws(OrderProblems) {
        var check = OrderCheck(order)
        let vehicle = order.vehicle
        let set = check.limitSet(limits)
        check.expect(Fuel.sparkIgnition)
        let curbMass = check.need(vehicle.curbMass, "vehicle.curb-mass")
        Self.checkMasses(vehicle, requirements.load, &check)
        if vehicle.drive == .fullTimeFourWheel || vehicle.drive == .tandem {
            check.note(
                "vehicle.drive", found: vehicle.drive?.rawValue ?? "",
                expected: [Drive.twoWheel, .partTimeFourWheel].map(\.rawValue))
        }
        let inertia = check.needLane(lane.baseInertia, "lane.base-inertia")
        let longest = requirements.mass.delayMaximum
        let gas = Self.delay(lane.analyzerDelay, "lane.analyzer-delay", longest, &check)
        let flow = Self.delay(lane.flowMeterDelay, "lane.flow-meter-delay", longest, &check)
        try check.finish()
        // What is missing has been thrown.
        fuel = vehicle.fuel
        self.curbMass = Mass(curbMass?.value ?? 0)
        oilTemperatureReadable = vehicle.oilTemperatureReadable
        isHybrid = vehicle.isHybrid
        isAutomatic = vehicle.transmission == .automatic
        self.limits = set.flatMap(limits.limits) ?? [:]
        recommended =
            vehicle.fuel == .naturalGas && limits.naturalGasHydrocarbons == .recommended ? [.hydrocarbons] : []
        self.requirements = requirements
        parasiticLoss = lane.parasiticLoss
        baseInertia = inertia ?? Mass(0)
        analyzerDelay = gas ?? .zero
        flowMeterDelay = flow ?? .zero
    }

    private static func checkMasses(
        _ vehicle: OrderedVehicle, _ load: VMASRequirements.Load, _ check: inout OrderCheck
    ) {
        let greatest = load.grossMassMaximum
        let allowed = "0 < … ≤ \(greatest.decimal) \(greatest.unit)"
        for (mass, member) in [(vehicle.curbMass, "vehicle.curb-mass"), (vehicle.grossMass, "vehicle.gross-mass")] {
            guard let mass, mass.units <= 0 || mass > greatest.decimal else { continue }
            check.note(member, found: mass.description, allowed: .text(allowed))
        }
    }

    private static func delay(
        _ delay: LaneSpan?, _ member: String, _ longest: PackValue, _ check: inout OrderCheck
    ) -> LaneSpan? {
        guard let delay = check.needLane(delay, member) else { return nil }
        guard delay >= .zero, delay.seconds.isAtMost(longest) else {
            check.note(member, found: delay.description, allowed: .text("0…\(longest.decimal) \(longest.unit)"))
            return nil
        }
        return delay
    }

    /// Reference mass (基准质量).
    public var referenceMass: Mass {
        DynamometerLoad.referenceMass(
            curbMass: curbMass, allowance: Mass(requirements.load.referenceMassAllowance.value))
    }

    /// How the vehicle is loaded.
    public var load: VMASLoad {
        let rules = requirements.load
        let loadClass = rules.loadClass(referenceMass: referenceMass)
        return VMASLoad(
            referenceMass: referenceMass, power: loadClass.power,
            inertia: rules.inertiaOf == .loadClass ? loadClass.inertia : referenceMass, baseInertia: baseInertia,
            road: RoadLoad(power: loadClass.power, at: Speed(rules.speed.value), exponent: rules.exponent))
    }
}

/// How a vehicle is loaded over the cycle (加载).
public struct VMASLoad: Hashable, Sendable {
    /// Reference mass (基准质量).
    public let referenceMass: Mass
    /// Power at the roller's surface at the pack's speed.
    public let power: Power
    /// The inertia that is imitated (当量惯量).
    public let inertia: Mass
    /// The part of it that the rollers themselves have (基本惯量).
    public let baseInertia: Mass
    /// The road's resistance.
    public let road: RoadLoad

    /// What is to be felt at the roller's surface beside the rollers' own inertia: the road, and the rest of the
    /// vehicle's inertia (道路阻力与惯量模拟).
    public func force(at speed: Speed, _ acceleration: Acceleration) -> Force {
        road.force(at: speed) + (inertia - baseInertia) * acceleration
    }
}
