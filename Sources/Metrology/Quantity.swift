/// A unit of measurement, as a type.
public protocol MeasurementUnit: Sendable {
    /// The unit as it is written after a number, such as `km/h`.
    static var symbol: String { get }
}

/// A number with its unit in the type, so that a power cannot be passed where a force is meant.
public struct Quantity<Unit: MeasurementUnit>: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// The number, in `Unit`.
    public var value: Double

    /// Creates a quantity from a number in `Unit`.
    public init(_ value: Double) { self.value = value }

    /// The number and the unit's symbol, for logs.
    public var description: String { "\(value) \(Unit.symbol)" }

    /// Compares the numbers; the type has already made sure that the units agree.
    public static func < (left: Self, right: Self) -> Bool { left.value < right.value }
    /// The sum.
    public static func + (left: Self, right: Self) -> Self { Self(left.value + right.value) }
    /// The difference.
    public static func - (left: Self, right: Self) -> Self { Self(left.value - right.value) }
    /// A multiple.
    public static func * (left: Self, right: Double) -> Self { Self(left.value * right) }
    /// A part.
    public static func / (left: Self, right: Double) -> Self { Self(left.value / right) }

    /// The distance from zero.
    public var magnitude: Self { Self(abs(value)) }
}

/// Kilometres per hour.
public enum KilometresPerHour: MeasurementUnit {
    /// The symbol.
    public static let symbol = "km/h"
}
/// Newtons.
public enum Newtons: MeasurementUnit {
    /// The symbol.
    public static let symbol = "N"
}
/// Kilowatts.
public enum Kilowatts: MeasurementUnit {
    /// The symbol.
    public static let symbol = "kW"
}
/// Kilograms.
public enum Kilograms: MeasurementUnit {
    /// The symbol.
    public static let symbol = "kg"
}
/// Degrees Celsius.
public enum DegreesCelsius: MeasurementUnit {
    /// The symbol.
    public static let symbol = "°C"
}
/// Kilopascals.
public enum Kilopascals: MeasurementUnit {
    /// The symbol.
    public static let symbol = "kPa"
}
/// Parts per hundred; the meaning (volume fraction, relative humidity, duty, opacity) is in the name of the value.
public enum Percent: MeasurementUnit {
    /// The symbol.
    public static let symbol = "%"
}
/// Parts per million by volume, 10⁻⁶.
public enum PartsPerMillion: MeasurementUnit {
    /// The symbol.
    public static let symbol = "ppm"
}
/// Revolutions per minute.
public enum RevolutionsPerMinute: MeasurementUnit {
    /// The symbol.
    public static let symbol = "r/min"
}
/// Grams of water per kilogram of dry air.
public enum GramsPerKilogram: MeasurementUnit {
    /// The symbol.
    public static let symbol = "g/kg"
}
/// Seconds.
public enum Seconds: MeasurementUnit {
    /// The symbol.
    public static let symbol = "s"
}
/// A ratio without unit, such as lambda (过量空气系数).
public enum Dimensionless: MeasurementUnit {
    /// The symbol.
    public static let symbol = "1"
}

/// Reciprocal metres.
public enum PerMetre: MeasurementUnit {
    /// The symbol.
    public static let symbol = "1/m"
}
/// Metres.
public enum Metres: MeasurementUnit {
    /// The symbol.
    public static let symbol = "m"
}
/// Cubic metres per minute.
public enum CubicMetresPerMinute: MeasurementUnit {
    /// The symbol.
    public static let symbol = "m³/min"
}

/// Roller or vehicle speed.
public typealias Speed = Quantity<KilometresPerHour>
/// Force at the roller's surface.
public typealias Force = Quantity<Newtons>
/// Power at the roller's surface.
public typealias Power = Quantity<Kilowatts>
/// Mass.
public typealias Mass = Quantity<Kilograms>
/// Temperature on the Celsius scale.
public typealias Temperature = Quantity<DegreesCelsius>
/// Absolute pressure.
public typealias Pressure = Quantity<Kilopascals>
/// A fraction in percent.
public typealias Percentage = Quantity<Percent>
/// A volume fraction in 10⁻⁶.
public typealias Concentration = Quantity<PartsPerMillion>
/// Engine speed.
public typealias EngineSpeed = Quantity<RevolutionsPerMinute>
/// Absolute humidity.
public typealias AbsoluteHumidity = Quantity<GramsPerKilogram>
/// Light absorption coefficient.
public typealias LightAbsorption = Quantity<PerMetre>
/// Length, such as that of a light path.
public typealias Length = Quantity<Metres>
/// Volume flow.
public typealias VolumeFlow = Quantity<CubicMetresPerMinute>
/// A length of time as a number of seconds.
public typealias SecondCount = Quantity<Seconds>

/// The power that a force does at a speed, in kW: P = F·v.
public func * (force: Force, speed: Speed) -> Power { Power(force.value * speed.value / 3600) }

/// The force that a power needs at a speed above zero, in N: F = P/v.
public func / (power: Power, speed: Speed) -> Force { Force(power.value * 3600 / speed.value) }
