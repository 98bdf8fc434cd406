import Messages
public import Metrology
public import Standards

/// What one two-speed idle test (双怠速法) is carried out with: vehicle, limits, requirements.
public struct TwoSpeedIdleTest: Sendable {
    /// The fuels to test on, in order: one, or both of a bi-fuel vehicle.
    public let fuels: [Fuel]
    /// Independent tail pipes; each is sampled in turn at each speed, and the means are averaged.
    public let tailPipes: Int
    /// Whether the engine's oil temperature can be read.
    public let oilTemperatureReadable: Bool
    /// The speed at which the engine is conditioned, r/min.
    public let conditioningSpeed: EngineSpeed
    /// High idle, r/min.
    public let highIdleSpeed: EngineSpeed
    /// The limits of the chosen set.
    public let limits: TwoSpeedIdleLimits.LimitSet
    /// The range of lambda: the maker's where the order states one.
    public let lambda: Bound
    /// The requirements of the standard.
    public let requirements: TwoSpeedIdleRequirements

    /// The test that an order asks for.
    ///
    /// - Throws: ``OrderProblems`` naming everything that the order lacks.
    public init(
        _ order: TestOrder, limits: TwoSpeedIdleLimits, requirements: TwoSpeedIdleRequirements
    ) throws(OrderProblems) {
        var check = OrderCheck(order)
        let vehicle = order.vehicle
        let set = check.limitSet(limits).flatMap(limits.limits)
        check.expect(Fuel.sparkIgnition)
        if let second = vehicle.secondFuel, second == vehicle.fuel || !Fuel.sparkIgnition.contains(second) {
            let others = Fuel.sparkIgnition.filter { $0 != vehicle.fuel }.map(\.rawValue)
            check.note("vehicle.second-fuel", found: second.rawValue, expected: others)
        }
        let rated = check.need(vehicle.ratedSpeed, "vehicle.rated-speed")
        // The maker's high idle makes the class of the vehicle unimportant.
        let gross = vehicle.highIdleSpeed == nil ? check.need(vehicle.grossMass, "vehicle.gross-mass") : nil
        try check.finish()
        guard let set, let rated else { throw OrderProblems([.missing("limit-set", for: order.method)]) }

        fuels = [vehicle.fuel] + (vehicle.secondFuel.map { [$0] } ?? [])
        tailPipes = vehicle.tailPipes
        oilTemperatureReadable = vehicle.oilTemperatureReadable
        let speeds = requirements.speeds
        conditioningSpeed = EngineSpeed(rated.value * speeds.conditioningShare.value / 100)
        let isHeavy = gross.map { $0 > speeds.heavyAbove.decimal } ?? false
        highIdleSpeed = EngineSpeed(
            vehicle.highIdleSpeed?.value ?? (isHeavy ? speeds.highIdleHeavy : speeds.highIdleLight).value)
        self.limits = set
        let maker = vehicle.lambdaRange
        lambda = .between(
            maker.map { set.lambdaMinimum.stated($0.low) } ?? set.lambdaMinimum,
            maker.map { set.lambdaMaximum.stated($0.high) } ?? set.lambdaMaximum)
        self.requirements = requirements
    }

    /// The limits of one speed on one fuel, by quantity, in the order of the report.
    func bounds(_ speed: IdleSpeed, _ fuel: Fuel) -> [(quantity: IdleQuantity, bound: Bound)] {
        var bounds: [(IdleQuantity, Bound)] = []
        if let co = limits.carbonMonoxide[speed] { bounds.append((.carbonMonoxide, .atMost(co))) }
        let judgesHydrocarbons =
            fuel != .naturalGas || requirements.decisions.naturalGasHydrocarbons == .judged
        if judgesHydrocarbons, let hc = limits.hydrocarbons[speed] { bounds.append((.hydrocarbons, .atMost(hc))) }
        if speed == .high { bounds.append((.lambda, lambda)) }
        return bounds
    }
}

/// What two-speed idle judges.
enum IdleQuantity: String {
    case carbonMonoxide = "co"
    case hydrocarbons = "hc"
    case lambda
}
