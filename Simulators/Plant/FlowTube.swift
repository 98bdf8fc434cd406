/// What a VMAS flow meter's tube (气体流量分析仪) carries.
public struct TubeFlow: Codable, Hashable, Sendable {
    /// Whether the fan draws air in.
    public var fanRuns = false
    /// Oxygen of exhaust and air together, %.
    public var oxygen = 20.9
    /// °C.
    public var temperature = 20.0
    /// Absolute, kPa.
    public var pressure = 101.3
    /// Flow at the tube's temperature and pressure, L/s.
    public var actualFlow = 0.0
    /// Flow at 20 °C and 101.325 kPa, L/s.
    public var standardFlow = 0.0
}

/// The tube that catches all exhaust and thins it with air of the room.
struct FlowTube: Sendable {
    var fanRuns = false
    private(set) var shown = TubeFlow()

    private let step: Double
    private var noise: NoiseSource
    private var wander: Wander
    private var oxygen: Delay
    private var fan = 0.0

    /// What the fan draws, L/s at 20 °C and 101.325 kPa.
    private static let fanFlow = 102.0
    /// How long gas travels to the sensor, s, and how long the sensor takes to 1 - 1/e.
    private static let (transport, sensor) = (0.6, 0.5)
    /// Time constant of the fan and of the tube's wall, s.
    private static let (fanTime, wallTime) = (1.5, 4.0)
    /// What the fan sucks below the room's pressure at full flow, kPa.
    private static let suction = 1.2

    init(seed: UInt64, step: Double) {
        self.step = step
        noise = NoiseSource(seed: seed, part: 6)
        wander = Wander(deviation: 0.006, memory: 4, step: step)
        oxygen = Delay(20.9, length: Int(Self.transport / step))
    }

    /// - Parameters:
    ///   - exhaust: dry, L/s at 20 °C and 101.325 kPa, as far as the tube catches it.
    ///   - exhaustTemperature: °C.
    ///   - blower: what a reference blower pushes through the tube in place of fan and exhaust, L/s.
    mutating func advance(
        exhaust: Double, of gas: GasMixture, exhaustTemperature: Double, ambient: GasMixture, air: RoomAir,
        blower: Double? = nil
    ) {
        wander.advance(&noise)
        fan += ((fanRuns ? 1 : 0) - fan) * step / Self.fanTime
        // The fan draws what it draws; what the exhaust does not bring comes from the room.
        let total = blower ?? max(exhaust, fan * Self.fanFlow * (1 + wander.value))
        let share = total > 0 && blower == nil ? exhaust / total : 0
        let mixed = ambient.oxygen + (gas.oxygen - ambient.oxygen) * share
        shown.oxygen += (oxygen.pass(mixed) - shown.oxygen) * step / Self.sensor
        let temperature = air.temperature + (exhaustTemperature - air.temperature) * share
        shown.temperature += (temperature - shown.temperature) * step / Self.wallTime
        // A blower pushes; nothing sucks then.
        shown.pressure = air.pressure - (blower == nil ? Self.suction * fan * fan : 0)
        shown.standardFlow = total
        shown.actualFlow = total * (shown.temperature + 273.15) / 293.15 * 101.325 / shown.pressure
        shown.fanRuns = fanRuns
    }
}
