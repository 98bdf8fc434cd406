/// The air of the test room as the weather station sees it.
public struct RoomAir: Codable, Hashable, Sendable {
    /// °C.
    public var temperature: Double
    /// %.
    public var relativeHumidity: Double
    /// kPa.
    public var pressure: Double

    /// Creates the air.
    public init(temperature: Double, relativeHumidity: Double, pressure: Double) {
        self.temperature = temperature
        self.relativeHumidity = relativeHumidity
        self.pressure = pressure
    }

    /// A flow of this air in m³/min, as L/s at 20 °C and 101.325 kPa.
    public func standardFlow(of cubicMetresPerMinute: Double) -> Double {
        cubicMetresPerMinute / 0.06 * 293.15 / (temperature + 273.15) * pressure / 101.325
    }

    /// A day in spring.
    public static let spring = RoomAir(temperature: 22.4, relativeHumidity: 48, pressure: 101.2)
}

/// The weather's slow drift about its mean, in steps of a second.
struct Weather: Sendable {
    private(set) var air: RoomAir

    private let mean: RoomAir
    private var noise: NoiseSource
    private var temperature = Wander(deviation: 0.15, memory: 600, step: 1)
    private var humidity = Wander(deviation: 0.4, memory: 400, step: 1)
    private var pressure = Wander(deviation: 0.01, memory: 900, step: 1)

    init(mean: RoomAir, seed: UInt64) {
        self.mean = mean
        air = mean
        noise = NoiseSource(seed: seed, part: 4)
    }

    mutating func advanceOneSecond() {
        temperature.advance(&noise)
        humidity.advance(&noise)
        pressure.advance(&noise)
        air = RoomAir(
            temperature: mean.temperature + temperature.value,
            relativeHumidity: mean.relativeHumidity + humidity.value, pressure: mean.pressure + pressure.value)
    }
}
