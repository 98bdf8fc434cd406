/// The power that the driven wheels give to the rollers (轮边功率).
public enum WheelPower {
    /// What the brake takes and what the rollers themselves take, kW.
    public static func steady(force: Force, speed: Speed, loss: ParasiticLoss) -> Power {
        force * speed + loss.power(at: speed)
    }

    /// What goes into the rollers' own inertia while their speed changes, kW: m·a·v, negative when they slow down.
    ///
    /// - Parameters:
    ///   - inertia: of the rollers and what turns with them, as a mass at their surface.
    ///   - change: how much the speed changed in one second.
    public static func inertial(inertia: Mass, speed: Speed, change: Speed) -> Power {
        Force(inertia.value * change.value / 3.6) * speed
    }
}
