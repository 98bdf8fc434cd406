public import Metrology

/// The data of the rollers (底盘测功机).
public struct DynamometerData: Hashable, Sendable {
    /// Base inertia (基本惯量 DIW), kg at the roller's surface.
    public var baseInertia: Mass
    /// What bearings and air take (附加损失).
    public var parasiticLoss: ParasiticLoss
    /// The most that the brake can do at the roller's surface.
    public var brake: Strength
    /// The most that the motor can do.
    public var motor: Strength
    /// The greatest speed that the motor's inverter holds.
    public var motorSpeed: Speed
    /// Whether a lift that is up holds the rollers with its pads (滚筒制动).
    public var liftHoldsRollers = false

    /// A machine's limits.
    public struct Strength: Hashable, Sendable {
        /// At low speed.
        public var force: Force
        /// At high speed.
        public var power: Power

        /// Creates limits.
        public init(_ force: Force, _ power: Power) {
            self.force = force
            self.power = power
        }
    }

    /// Creates the data; left out, brake and motor are those of a light dynamometer.
    public init(
        baseInertia: Mass, parasiticLoss: ParasiticLoss,
        brake: Strength = Strength(Force(4500), Power(60)), motor: Strength = Strength(Force(700), Power(7.5)),
        motorSpeed: Speed = Speed(65)
    ) {
        self.baseInertia = baseInertia
        self.parasiticLoss = parasiticLoss
        self.brake = brake
        self.motor = motor
        self.motorSpeed = motorSpeed
    }

    /// A light ASM dynamometer: 907.2 kg (HJ/T 291), a loss of 0.5 kW at 25 km/h and 0.9 kW at 40 km/h.
    public static let light = DynamometerData(
        baseInertia: Mass(907.2), parasiticLoss: ParasiticLoss(quadratic: 1 / 6000, linear: 0.19 / 12, constant: 0))

    /// A light dynamometer for lug-down as well: the same rollers with a brake for 120 kW.
    public static let lightLugDown = DynamometerData(
        baseInertia: Mass(907.2), parasiticLoss: ParasiticLoss(quadratic: 1 / 6000, linear: 0.19 / 12, constant: 0),
        brake: Strength(Force(8000), Power(120)), motor: Strength(Force(900), Power(18)), motorSpeed: Speed(108))

    /// A heavy lug-down dynamometer: 1452.8 kg, a brake for 300 kW, a loss of 1.2 kW at 40 km/h and 3.0 kW at 80 km/h.
    public static let heavy = DynamometerData(
        baseInertia: Mass(1452.8),
        parasiticLoss: ParasiticLoss(quadratic: 0.6 / 3200, linear: 0.0225, constant: 0),
        brake: Strength(Force(16_000), Power(300)), motor: Strength(Force(2000), Power(45)), motorSpeed: Speed(110))
}
