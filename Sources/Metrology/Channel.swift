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
    case rollerPower = "roller-power"

    // Tachometer.
    case engineSpeed = "engine-speed"

    // Weather station.
    case airTemperature = "air-temperature"
    case relativeHumidity = "relative-humidity"
    case airPressure = "air-pressure"

    // Opacimeter.
    case opacity
    case lightAbsorption = "light-absorption"
    case smokeTemperature = "smoke-temperature"
    case peakLightAbsorption = "peak-light-absorption"
    case opacimeterOilTemperature = "opacimeter-oil-temperature"

    // NOx bench for diesel exhaust, volume fractions as read.
    case nitrogenOxides = "nox"
    case nitrogenDioxide = "nitrogen-dioxide"
    case benchNitricOxide = "bench-no"
    case benchCarbonDioxide = "bench-co2"

    // Exhaust flow meter, in the diluted stream.
    case exhaustFlow = "exhaust-flow"
    case dilutedOxygen = "diluted-oxygen"
    case flowTemperature = "flow-temperature"
    case flowPressure = "flow-pressure"

    // On-board diagnosis.
    case coolantTemperature = "coolant-temperature"
    case obdEngineSpeed = "obd-engine-speed"
    case vehicleSpeed = "vehicle-speed"

    /// The unit in which readings of this channel are kept.
    public var unit: any MeasurementUnit.Type {
        switch self {
        case .carbonMonoxide, .carbonDioxide, .oxygen, .brakeDuty, .relativeHumidity, .opacity,
            .dilutedOxygen, .benchCarbonDioxide:
            Percent.self
        case .hydrocarbons, .nitricOxide, .nitrogenOxides, .nitrogenDioxide, .benchNitricOxide: PartsPerMillion.self
        case .lambda: Dimensionless.self
        case .oilTemperature, .airTemperature, .smokeTemperature, .flowTemperature, .coolantTemperature,
            .opacimeterOilTemperature:
            DegreesCelsius.self
        case .analyzerEngineSpeed, .engineSpeed, .obdEngineSpeed: RevolutionsPerMinute.self
        case .linePressure, .airPressure, .flowPressure: Kilopascals.self
        case .rollerSpeed, .vehicleSpeed: KilometresPerHour.self
        case .rollerForce: Newtons.self
        case .rollerPower: Kilowatts.self
        case .lightAbsorption, .peakLightAbsorption: PerMetre.self
        case .exhaustFlow: CubicMetresPerMinute.self
        }
    }

    /// The role of the instrument that measures it.
    public var role: InstrumentRole {
        switch self {
        case .carbonMonoxide, .carbonDioxide, .hydrocarbons, .nitricOxide, .oxygen, .lambda, .oilTemperature,
            .analyzerEngineSpeed, .linePressure:
            .gasAnalyzer
        case .rollerSpeed, .rollerForce, .brakeDuty, .rollerPower: .dynamometer
        case .engineSpeed: .tachometer
        case .airTemperature, .relativeHumidity, .airPressure: .weatherStation
        case .opacity, .lightAbsorption, .smokeTemperature, .peakLightAbsorption, .opacimeterOilTemperature:
            .opacimeter
        case .nitrogenOxides, .nitrogenDioxide, .benchNitricOxide, .benchCarbonDioxide: .noxAnalyzer
        case .exhaustFlow, .dilutedOxygen, .flowTemperature, .flowPressure: .flowMeter
        case .coolantTemperature, .obdEngineSpeed, .vehicleSpeed: .obdAdapter
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
    /// Opacity N of the smoke over the opacimeter's effective length (不透光度).
    public static var opacity: Self { Self(.opacity) }
    /// O2 volume fraction in the flow meter's diluted stream.
    public static var dilutedOxygen: Self { Self(.dilutedOxygen) }
    /// CO2 volume fraction as the diesel bench reads it.
    public static var benchCarbonDioxide: Self { Self(.benchCarbonDioxide) }
}

extension Channel where Unit == PartsPerMillion {
    /// HC volume fraction as n-hexane (正己烷当量).
    public static var hydrocarbons: Self { Self(.hydrocarbons) }
    /// NO volume fraction.
    public static var nitricOxide: Self { Self(.nitricOxide) }
    /// NOx volume fraction as the diesel bench reports it (氮氧化物).
    public static var nitrogenOxides: Self { Self(.nitrogenOxides) }
    /// NO2 volume fraction as the diesel bench reads it.
    public static var nitrogenDioxide: Self { Self(.nitrogenDioxide) }
    /// NO volume fraction as the diesel bench reads it.
    public static var benchNitricOxide: Self { Self(.benchNitricOxide) }
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
    /// Temperature of the smoke in the opacimeter's chamber.
    public static var smokeTemperature: Self { Self(.smokeTemperature) }
    /// Temperature of the flow meter's diluted stream.
    public static var flowTemperature: Self { Self(.flowTemperature) }
    /// Engine oil temperature from the probe of the opacimeter (机油温度).
    public static var opacimeterOilTemperature: Self { Self(.opacimeterOilTemperature) }
    /// Coolant temperature as the vehicle reports it.
    public static var coolantTemperature: Self { Self(.coolantTemperature) }
}

extension Channel where Unit == RevolutionsPerMinute {
    /// Engine speed from the tachometer.
    public static var engineSpeed: Self { Self(.engineSpeed) }
    /// Engine speed from the analyzer's own clamp.
    public static var analyzerEngineSpeed: Self { Self(.analyzerEngineSpeed) }
    /// Engine speed as the vehicle reports it.
    public static var obdEngineSpeed: Self { Self(.obdEngineSpeed) }
}

extension Channel where Unit == Kilopascals {
    /// Pressure in the analyzer's sample line.
    public static var linePressure: Self { Self(.linePressure) }
    /// Barometric pressure of the test room.
    public static var airPressure: Self { Self(.airPressure) }
    /// Absolute pressure of the flow meter's diluted stream.
    public static var flowPressure: Self { Self(.flowPressure) }
}

extension Channel where Unit == KilometresPerHour {
    /// Surface speed of the roller.
    public static var rollerSpeed: Self { Self(.rollerSpeed) }
    /// Speed as the vehicle reports it.
    public static var vehicleSpeed: Self { Self(.vehicleSpeed) }
}

extension Channel where Unit == Newtons {
    /// Braking force at the roller's surface as the load cell reads it.
    public static var rollerForce: Self { Self(.rollerForce) }
}

extension Channel where Unit == PerMetre {
    /// Light absorption coefficient k of the smoke (光吸收系数).
    public static var lightAbsorption: Self { Self(.lightAbsorption) }
    /// The greatest k since the opacimeter was last told to forget it, as the opacimeter holds it (峰值).
    public static var peakLightAbsorption: Self { Self(.peakLightAbsorption) }
}

extension Channel where Unit == CubicMetresPerMinute {
    /// Volume flow of the diluted exhaust at the conditions of the flow meter (稀释排气流量).
    public static var exhaustFlow: Self { Self(.exhaustFlow) }
}
