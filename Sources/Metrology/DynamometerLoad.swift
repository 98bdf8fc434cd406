/// The load that ASM puts on a vehicle (稳态工况加载功率).
public enum DynamometerLoad {
    /// Reference mass (基准质量): curb mass and an allowance, 100 kg in GB 18285-2018.
    public static func referenceMass(curbMass: Mass, allowance: Mass) -> Mass { curbMass + allowance }

    /// Total power at the roller's surface: the reference mass over the mode's divisor (148 for 25 km/h, 185 for
    /// 40 km/h in GB 18285).
    public static func totalPower(referenceMass: Mass, divisor: Double) -> Power {
        Power(referenceMass.value / divisor)
    }
}

/// What the rollers themselves take at a speed (附加损失功率 PLHP): P = a·v² + b·v + c, kW with v in km/h.
public struct ParasiticLoss: Hashable, Sendable {
    /// kW per (km/h)².
    public let quadratic: Double
    /// kW per km/h.
    public let linear: Double
    /// kW.
    public let constant: Double

    /// Creates the curve that the lane's coast-down check fitted.
    public init(quadratic: Double, linear: Double, constant: Double) {
        self.quadratic = quadratic
        self.linear = linear
        self.constant = constant
    }

    /// The loss at a speed, never below zero.
    public func power(at speed: Speed) -> Power {
        Power(max(0, (quadratic * speed.value + linear) * speed.value + constant))
    }
}
