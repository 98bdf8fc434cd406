/// What an instrument that streams says it is doing, in words common to all models.
public enum OperatingMode: String, CaseIterable, Sendable {
    /// Measuring only; a dynamometer's brake is unloaded (空闲).
    case idle
    /// Holding a speed (恒速).
    case speedControl = "speed-control"
    /// Holding a braking force (恒力).
    case forceControl = "force-control"
    /// Holding a power (恒功率).
    case powerControl = "power-control"
    /// Driving the brake with a fixed excitation.
    case dutyControl = "duty-control"
    /// Doing something in which its frames carry no readings, such as calibration.
    case other
}
