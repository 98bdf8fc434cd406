import Messages
public import Metrology
public import Standards

/// What one lug-down test (加载减速法) is carried out with: the vehicle, the limits, the requirements, the rollers.
public struct LugDownTest: Sendable {
    /// Rated power of the engine (发动机额定功率), kW.
    public var ratedPower: RoundedDecimal
    /// Rated speed of the engine (发动机额定转速), r/min.
    public var ratedSpeed: RoundedDecimal
    /// How the engine breathes (进气方式).
    public var aspiration: Aspiration
    /// How gears are changed (变速器形式).
    public var transmission: Transmission
    /// Whether the engine's oil temperature can be read; if not, coolant or a running time stands in for it.
    public var oilTemperatureReadable: Bool
    /// The limits of the chosen set, with the lane's altitude allowance.
    public var limits: [LugDownQuantity: PackValue]
    /// What of the limit of k is the allowance for the lane's altitude, 1/m.
    public var altitudeAllowance: Double
    /// The requirements of the standard.
    public var requirements: LugDownRequirements
    /// What the lane's own checks found.
    public var lane: LaneParameters

    /// Creates a test.
    public init(
        ratedPower: RoundedDecimal, ratedSpeed: RoundedDecimal, aspiration: Aspiration, transmission: Transmission,
        oilTemperatureReadable: Bool, limits: [LugDownQuantity: PackValue], altitudeAllowance: Double = 0,
        requirements: LugDownRequirements, lane: LaneParameters
    ) {
        self.ratedPower = ratedPower
        self.ratedSpeed = ratedSpeed
        self.aspiration = aspiration
        self.transmission = transmission
        self.oilTemperatureReadable = oilTemperatureReadable
        self.limits = limits
        self.altitudeAllowance = altitudeAllowance
        self.requirements = requirements
        self.lane = lane
    }

    /// The test that an order asks for.
    ///
    /// - Throws: ``OrderProblems`` naming everything that the order or the lane lacks, and everything that is not
    ///   permitted: another fuel, values out of range, a vehicle too heavy for the brake, full-time four-wheel drive.
    public init(
        _ order: TestOrder, limits: LugDownLimits, requirements: LugDownRequirements, lane: LaneParameters
    ) throws(OrderProblems) {
        var check = OrderCheck(order)
        let vehicle = order.vehicle
        let set = check.limitSet(limits)
        check.expect([.diesel])
        let power = check.need(vehicle.ratedPower, "vehicle.rated-power")
        let speed = check.need(vehicle.ratedSpeed, "vehicle.rated-speed")
        let mass = check.need(vehicle.grossMass, "vehicle.gross-mass")
        let aspiration = check.need(vehicle.aspiration, "vehicle.aspiration")
        let transmission = check.need(vehicle.transmission, "vehicle.transmission")
        check.expect(power, "vehicle.rated-power", in: requirements.vehicle.ratedPower)
        check.expect(speed, "vehicle.rated-speed", in: requirements.vehicle.ratedSpeed)
        check.expect(mass, "vehicle.gross-mass", in: requirements.vehicle.grossMass)
        if vehicle.drive == .fullTimeFourWheel {
            check.note(
                "vehicle.drive", found: Drive.fullTimeFourWheel.rawValue,
                expected: Drive.allCases.filter { $0 != .fullTimeFourWheel }.map(\.rawValue))
        }
        if let mass, let brake = lane.brakePower {
            Self.checkBrake(brake, mass, requirements.vehicle, &check)
        }
        if requirements.scan.inertia == .compensated { _ = check.needLane(lane.baseInertia, "lane.base-inertia") }
        try check.finish()
        guard let set, let chosen = limits.limits(set, altitude: lane.altitude), let power, let speed, let aspiration,
            let transmission
        else {
            // What is missing has been thrown.
            preconditionFailure("an order without problems lacks a member")
        }
        self.init(
            ratedPower: power, ratedSpeed: speed, aspiration: aspiration, transmission: transmission,
            oilTemperatureReadable: vehicle.oilTemperatureReadable, limits: chosen,
            altitudeAllowance: lane.altitude.map(limits.altitude.allowance) ?? 0, requirements: requirements,
            lane: lane)
    }

    private static func checkBrake(
        _ brake: Power, _ mass: RoundedDecimal, _ rules: LugDownRequirements.Vehicle, _ check: inout OrderCheck
    ) {
        let needed = rules.brakePower(for: mass)
        guard brake.value.isBelow(needed) else { return }
        check.note(
            OrderProblem(
                "vehicle.gross-mass",
                Message(
                    .orderBrakeTooWeak,
                    [
                        "found": .decimal("\(brake.value)"), "mass": .decimal(mass.description),
                        "needed": .decimal(needed.decimal.description),
                    ])))
    }

    /// The correction of power for this engine.
    var powerCorrection: PowerCorrection? {
        let breathing: LugDownRequirements.EngineBreathing = aspiration == .natural ? .natural : .turbocharged
        return requirements.powerCorrection[breathing]
    }

    /// Whether NOx is judged at any point, so that every second needs it.
    var needsNOx: Bool { requirements.points.contains { $0.judges == .kAndNOx } }
}
