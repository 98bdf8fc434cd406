/// The name of one measured value of the lane, under which readings travel from the wire to the record.
///
/// The raw values appear in device profiles and in sealed records and never change their meaning.
public enum ChannelID: String, CaseIterable, Sendable {
    // Exhaust gas analyzer, volume fractions in the sample as read.
    case carbonMonoxide = "co"
    case carbonDioxide = "co2"
    case hydrocarbons = "hc"
    case nitricOxide = "no"
    case oxygen = "o2"
    case lambda
    case oilTemperature = "oil-temperature"
    case analyzerEngineSpeed = "analyzer-engine-speed"
    case linePressure = "line-pressure"

    // Chassis dynamometer.
    case rollerSpeed = "roller-speed"
    case rollerForce = "roller-force"
    case brakeDuty = "brake-duty"

    // Tachometer.
    case engineSpeed = "engine-speed"

    // Weather station.
    case airTemperature = "air-temperature"
    case relativeHumidity = "relative-humidity"
    case airPressure = "air-pressure"

    /// The unit in which readings of this channel are kept.
    public var unit: any MeasurementUnit.Type {
        switch self {
        case .carbonMonoxide, .carbonDioxide, .oxygen, .brakeDuty, .relativeHumidity: Percent.self
        case .hydrocarbons, .nitricOxide: PartsPerMillion.self
        case .lambda: Dimensionless.self
        case .oilTemperature, .airTemperature: DegreesCelsius.self
        case .analyzerEngineSpeed, .engineSpeed: RevolutionsPerMinute.self
        case .linePressure, .airPressure: Kilopascals.self
        case .rollerSpeed: KilometresPerHour.self
        case .rollerForce: Newtons.self
        }
    }

    /// The role of the instrument that measures it.
    public var role: InstrumentRole {
        switch self {
        case .carbonMonoxide, .carbonDioxide, .hydrocarbons, .nitricOxide, .oxygen, .lambda, .oilTemperature,
            .analyzerEngineSpeed, .linePressure:
            .gasAnalyzer
        case .rollerSpeed, .rollerForce, .brakeDuty: .dynamometer
        case .engineSpeed: .tachometer
        case .airTemperature, .relativeHumidity, .airPressure: .weatherStation
        }
    }
}

/// A channel together with its unit: `frame[.rollerSpeed]` is a speed and nothing else.
public struct Channel<Unit: MeasurementUnit>: Sendable {
    /// The channel's name.
    public let id: ChannelID

    init(_ id: ChannelID) { self.id = id }
}

extension Channel where Unit == Percent {
    /// CO volume fraction.
    public static var carbonMonoxide: Self { Self(.carbonMonoxide) }
    /// CO2 volume fraction.
    public static var carbonDioxide: Self { Self(.carbonDioxide) }
    /// O2 volume fraction.
    public static var oxygen: Self { Self(.oxygen) }
    /// Share of the brake's excitation that is in use.
    public static var brakeDuty: Self { Self(.brakeDuty) }
    /// Relative humidity of the test room's air.
    public static var relativeHumidity: Self { Self(.relativeHumidity) }
}

extension Channel where Unit == PartsPerMillion {
    /// HC volume fraction as n-hexane (正己烷当量).
    public static var hydrocarbons: Self { Self(.hydrocarbons) }
    /// NO volume fraction.
    public static var nitricOxide: Self { Self(.nitricOxide) }
}

extension Channel where Unit == Dimensionless {
    /// Lambda as the analyzer reports it (过量空气系数).
    public static var lambda: Self { Self(.lambda) }
}

extension Channel where Unit == DegreesCelsius {
    /// Engine oil temperature (机油温度).
    public static var oilTemperature: Self { Self(.oilTemperature) }
    /// Temperature of the test room's air.
    public static var airTemperature: Self { Self(.airTemperature) }
}

extension Channel where Unit == RevolutionsPerMinute {
    /// Engine speed from the tachometer.
    public static var engineSpeed: Self { Self(.engineSpeed) }
    /// Engine speed from the analyzer's own clamp.
    public static var analyzerEngineSpeed: Self { Self(.analyzerEngineSpeed) }
}

extension Channel where Unit == Kilopascals {
    /// Pressure in the analyzer's sample line.
    public static var linePressure: Self { Self(.linePressure) }
    /// Barometric pressure of the test room.
    public static var airPressure: Self { Self(.airPressure) }
}

extension Channel where Unit == KilometresPerHour {
    /// Surface speed of the roller.
    public static var rollerSpeed: Self { Self(.rollerSpeed) }
}

extension Channel where Unit == Newtons {
    /// Braking force at the roller's surface as the load cell reads it.
    public static var rollerForce: Self { Self(.rollerForce) }
}
