/// Everything that can be seen of a simulated lane at one moment, true values and those that sensors show.
public struct PlantSnapshot: Codable, Hashable, Sendable {
    /// Lane time since the beginning, s, in whole steps.
    public let time: Double
    /// What the driver was told last.
    public let cue: DriverCue

    /// True surface speed of the rollers, km/h.
    public var rollerSpeed: Double
    /// Speed as the encoder shows it, km/h.
    public var shownRollerSpeed: Double
    /// What the brake is to hold.
    public let brakeMode: BrakeMode
    /// How much of it, in the mode's unit.
    public let brakeSetpoint: Double
    /// True force of the brake at the rollers' surface, N.
    public let brakeForce: Double
    /// Force as the load cell shows it, N.
    public var shownBrakeForce: Double
    /// Excitation of the brake, %.
    public var brakeDuty: Double
    /// What bearings and air take, N.
    public let parasiticForce: Double
    /// Force of the driven tyres before their own resistance, N; braking is negative.
    public let tyreForce: Double
    /// Rolling resistance and service brake, N.
    public let resistance: Double
    /// What turns with the tyres, kg at their surface.
    public let rotatingMass: Double
    /// The lift.
    public let lift: LiftPosition
    /// Whether the rollers' motor is on.
    public let motorRuns: Bool

    /// True engine speed, r/min.
    public var engineSpeed: Double
    /// Engine speed as a clamp shows it, r/min; 0 while the clamp is off.
    public var shownEngineSpeed: Double
    /// Whether the engine runs.
    public let engineRuns: Bool
    /// Torque over full-load torque, 0…1.
    public let engineLoad: Double
    /// Torque at the crankshaft, N·m.
    public let engineTorque: Double
    /// Gear engaged, 0 for neutral.
    public let gear: Int
    /// 0…1.
    public let throttle: Double
    /// °C.
    public var oilTemperature: Double
    /// °C.
    public var coolantTemperature: Double
    /// °C.
    public let catalystTemperature: Double

    /// The gas at the tail pipe.
    public let tailPipe: GasMixture
    /// Light absorption of the smoke at the tail pipe, 1/m.
    public let tailPipeSmoke: Double
    /// Dry exhaust, L/s at 20 °C and 101.325 kPa.
    public let exhaustFlow: Double
    /// Where the analyzer draws from.
    public let inlet: SampleInlet
    /// Share of the full sample flow, 0 while the pump stands.
    public let flow: Double
    /// Share of room air that a leak adds to the sample.
    public let leak: Double
    /// What the analyzer's cells show.
    public var sample: GasMixture
    /// Where the diesel bench draws from.
    public let nitrogenInlet: SampleInlet
    /// Share of the diesel bench's full sample flow, 0 while its pump stands.
    public let nitrogenFlow: Double
    /// Share of room air that a leak adds to the diesel bench's sample.
    public let nitrogenLeak: Double
    /// What the diesel bench's cells show.
    public var nitrogenSample: GasMixture
    /// What the opacimeter has in its chamber.
    public var smoke: SmokeReading
    /// What the flow meter's tube carries.
    public var tube: TubeFlow
    /// The gas in the room.
    public let ambient: GasMixture
    /// The room's climate.
    public var air: RoomAir
}
