/// Metres per second squared.
public enum MetresPerSecondSquared: MeasurementUnit {
    /// The symbol.
    public static let symbol = "m/s²"
}

/// Change of a speed over time.
public typealias Acceleration = Quantity<MetresPerSecondSquared>

/// What a vehicle's driven wheels feel on the road (道路阻力), as rollers are to imitate it.
///
///     F(v) = P₅₀/v₅₀ · (v/v₅₀)ⁿ⁻¹,   P(v) = P₅₀·(v/v₅₀)ⁿ
public struct RoadLoad: Hashable, Sendable {
    /// The power at the reference speed, at the roller's surface, the rollers' own loss included.
    public let power: Power
    /// The reference speed, 50 km/h in ECE R83; above zero.
    public let reference: Speed
    /// The power of the speed with which the power rises, 3 where air resistance alone counts; at least 1.
    public let exponent: Int

    /// Creates a load.
    public init(power: Power, at reference: Speed, exponent: Int) {
        self.power = power
        self.reference = reference
        self.exponent = exponent
    }

    /// The force at a speed; zero at rest and backwards.
    public func force(at speed: Speed) -> Force {
        guard speed.value > 0 else { return Force(0) }
        let ratio = speed.value / reference.value
        var force = power / reference
        for _ in 1..<max(1, exponent) { force = force * ratio }
        return force
    }
}

/// The force that accelerates a mass: F = m·a.
public func * (mass: Mass, acceleration: Acceleration) -> Force { Force(mass.value * acceleration.value) }

/// The acceleration of rollers from their speed's last readings, as the slope of a line through them by least squares.
///
/// A difference of two readings a tenth of a second apart would be mostly noise.
public struct AccelerationEstimate: Sendable {
    /// How far back readings count.
    public let window: LaneSpan

    private var readings: [(time: LaneInstant, speed: Speed)] = []

    /// Creates an estimate without readings.
    public init(window: LaneSpan) { self.window = window }

    /// Takes in a reading; one that is not newer than the last is ignored.
    public mutating func take(_ speed: Speed, at time: LaneInstant) {
        guard readings.last.map({ $0.time < time }) ?? true else { return }
        readings.append((time, speed))
        readings.removeAll { time - $0.time > window }
    }

    /// The acceleration; zero as long as there are fewer than two readings.
    public var acceleration: Acceleration {
        guard readings.count > 1, let first = readings.first else { return Acceleration(0) }
        let times = readings.map { ($0.time - first.time).seconds }
        let meanTime = times.reduce(0, +) / Double(times.count)
        let meanSpeed = readings.reduce(0) { $0 + $1.speed.value } / Double(readings.count)
        var products = 0.0
        var squares = 0.0
        for (time, reading) in zip(times, readings) {
            products += (time - meanTime) * (reading.speed.value - meanSpeed)
            squares += (time - meanTime) * (time - meanTime)
        }
        return Acceleration(products / squares / 3.6)
    }
}
