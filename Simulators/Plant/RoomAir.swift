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

    /// A day in spring.
    public static let spring = RoomAir(temperature: 22.4, relativeHumidity: 48, pressure: 101.2)
}

/// The weather's slow drift about its mean.
struct Weather: Sendable {
    private let mean: RoomAir
    private var noise: NoiseSource
    private var temperature: Wander
    private var humidity: Wander
    private var pressure: Wander

    init(mean: RoomAir, seed: UInt64, step: Double) {
        self.mean = mean
        noise = NoiseSource(seed: seed, part: 4)
        temperature = Wander(deviation: 0.15, memory: 600, step: step)
        humidity = Wander(deviation: 0.4, memory: 400, step: step)
        pressure = Wander(deviation: 0.01, memory: 900, step: step)
    }

    mutating func advance() {
        temperature.advance(&noise)
        humidity.advance(&noise)
        pressure.advance(&noise)
    }

    var air: RoomAir {
        RoomAir(
            temperature: mean.temperature + temperature.value,
            relativeHumidity: mean.relativeHumidity + humidity.value, pressure: mean.pressure + pressure.value)
    }
}
