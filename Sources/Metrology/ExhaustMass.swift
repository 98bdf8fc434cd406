/// Grams per litre.
public enum GramsPerLitre: MeasurementUnit {
    /// The symbol.
    public static let symbol = "g/L"
}
/// Grams per second.
public enum GramsPerSecond: MeasurementUnit {
    /// The symbol.
    public static let symbol = "g/s"
}
/// Litres per second.
public enum LitresPerSecond: MeasurementUnit {
    /// The symbol.
    public static let symbol = "L/s"
}

/// Density of a gas.
public typealias Density = Quantity<GramsPerLitre>
/// Mass that flows in a second.
public typealias MassFlow = Quantity<GramsPerSecond>
/// Volume flow as flow meters of the simple transient method state it.
public typealias LitreFlow = Quantity<LitresPerSecond>

/// A state of gas to which volumes are converted (标准状态).
public struct GasStandard: Hashable, Sendable {
    /// Its temperature.
    public let temperature: Temperature
    /// Its pressure.
    public let pressure: Pressure

    /// Creates a state.
    public init(temperature: Temperature, pressure: Pressure) {
        self.temperature = temperature
        self.pressure = pressure
    }

    /// A flow at other conditions as the flow of the same gas at this state: Q·(p/p₀)·(T₀/T), by the ideal gas law.
    ///
    /// - Throws: ``MetrologyError/notFinite`` for a temperature at or below absolute zero or a flow without a number.
    public func flow(
        _ flow: VolumeFlow, temperature: Temperature, pressure: Pressure
    ) throws(MetrologyError) -> LitreFlow {
        guard temperature.value > -kelvinOffset, flow.value.isFinite, pressure.value.isFinite else { throw .notFinite }
        let factor =
            pressure.value / self.pressure.value * (self.temperature.value + kelvinOffset)
            / (temperature.value + kelvinOffset)
        return LitreFlow(flow.value * 1000 / 60 * factor)
    }

    /// The density of an ideal gas at this state's temperature and at the pressure of the molar volume.
    ///
    /// - Parameters:
    ///   - molarMass: g/mol.
    ///   - molarVolume: of an ideal gas at 0 °C, L/mol; 22.414 at 101.325 kPa.
    public func density(molarMass: Double, molarVolume: Double) -> Density {
        Density(molarMass / molarVolume * kelvinOffset / (temperature.value + kelvinOffset))
    }
}

private let kelvinOffset = 273.15

/// How much exhaust there is in a flow meter's stream (稀释比), from the oxygen that it lacks.
///
///     k = (O2amb − O2dil)/(O2amb − O2raw)
///
/// Exhaust that holds as much oxygen as air, as an engine gives that is pushed without fuel, cannot be told from air.
public struct ExhaustShare: Hashable, Sendable {
    /// Raw exhaust whose O2 is less than this below the air's, in % of volume, counts as air; above zero.
    public let leastDifference: RoundedDecimal

    /// Creates the rule.
    public init(leastDifference: RoundedDecimal) { self.leastDifference = leastDifference }

    /// The share of exhaust in the stream; by noise of the sensors it may lie outside 0…1.
    ///
    /// - Throws: ``MetrologyError/exhaustLikeAir(oxygen:ambient:)``, ``MetrologyError/notFinite``.
    public func of(
        ambient: Percentage, diluted: Percentage, raw: Percentage
    ) throws(MetrologyError) -> Double {
        guard ambient.value.isFinite, diluted.value.isFinite, raw.value.isFinite else { throw .notFinite }
        // In decimal: 19.9 is 1.9 above 18.0, though not in binary.
        guard ambient > raw, try !SignificantDecimal((ambient - raw).value).isBelow(leastDifference) else {
            throw .exhaustLikeAir(oxygen: raw, ambient: ambient)
        }
        return (ambient - diluted).value / (ambient - raw).value
    }
}

/// The mass of a gas in a flow: q·c·ρ.
///
/// - Parameter fraction: the gas's share of the volume, 0…1.
public func massFlow(_ flow: LitreFlow, fraction: Double, density: Density) -> MassFlow {
    MassFlow(flow.value * fraction * density.value)
}

extension Quantity where Unit == Percent {
    /// The share of the whole, 1 for 100 %.
    public var fraction: Double { value / 100 }
}

extension Quantity where Unit == PartsPerMillion {
    /// The share of the whole, 1 for 10⁶ ppm.
    public var fraction: Double { value / 1_000_000 }
}
