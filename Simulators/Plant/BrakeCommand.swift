public import Metrology

/// What the eddy-current brake is to do.
public enum BrakeCommand: Hashable, Sendable {
    /// No current.
    case off
    /// Hold a force at the roller's surface.
    case force(Force)
    /// Hold a power at the roller's surface.
    case power(Power)
    /// Brake as much as it takes to stay at a speed.
    case speed(Speed)
    /// Hold a share of the full current.
    case duty(Percentage)

    /// The mode and its number, as a snapshot shows them.
    var shown: (mode: BrakeMode, setpoint: Double) {
        switch self {
        case .off: (.off, 0)
        case .force(let force): (.force, force.value)
        case .power(let power): (.power, power.value)
        case .speed(let speed): (.speed, speed.value)
        case .duty(let share): (.duty, share.value)
        }
    }
}

/// What the brake holds.
public enum BrakeMode: String, Codable, Sendable {
    /// Nothing.
    case off
    /// A force, N.
    case force
    /// A power, kW.
    case power
    /// A speed, km/h.
    case speed
    /// A share of the full current, %.
    case duty
}

/// The lift between the rollers (举升器).
public enum LiftPosition: String, Codable, Sendable {
    /// The vehicle stands on the lift; the rollers turn free of it.
    case up
    /// The tyres stand on the rollers.
    case down
}
