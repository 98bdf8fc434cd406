/// Dilution correction of diluted exhaust (稀释修正, 稀释修正系数 DF), GB 18285-2018 Annex B.
///
///     X = CO2/(CO2 + CO),  CO2adj = 100·X/(a + 1.88·X) %,  DF = CO2adj/CO2, at most `cap`
///
/// `a` follows from the fuel: a = 1 + 3.76·(0.5 + y/4) for a fuel CHy burnt with just enough air. The constants come
/// from a requirement pack.
public struct DilutionCorrection: Hashable, Sendable {
    /// The constant of the fuel, such as 4.644 for gasoline.
    public let fuelConstant: Double
    /// The factor of X in the denominator, 1.88 = 3.76/2.
    public let carbonConstant: Double
    /// The greatest factor that is used, 3.0.
    public let cap: Double

    /// Creates the correction from a pack's constants.
    public init(fuelConstant: Double, carbonConstant: Double, cap: Double) {
        self.fuelConstant = fuelConstant
        self.carbonConstant = carbonConstant
        self.cap = cap
    }

    /// The factor for the raw CO and CO2 of one second.
    ///
    /// A factor below 1 is returned as it is: the formula has no lower bound, and such a value hints at a wrong fuel.
    ///
    /// - Throws: ``MetrologyError/gasWithoutCarbon`` if both are zero, ``MetrologyError/negative(gas:value:)``.
    public func factor(carbonMonoxide: Percentage, carbonDioxide: Percentage) throws(MetrologyError) -> Double {
        let (co, co2) = (carbonMonoxide.value, carbonDioxide.value)
        guard co.isFinite, co2.isFinite else { throw .notFinite }
        guard co >= 0 else { throw .negative(gas: "CO", value: co) }
        guard co2 >= 0 else { throw .negative(gas: "CO2", value: co2) }
        guard co + co2 > 0 else { throw .gasWithoutCarbon }
        // Pure CO is as diluted as can be; the quotient below would divide by zero.
        guard co2 > 0 else { return cap }
        let x = co2 / (co2 + co)
        return min(100 * x / (fuelConstant + carbonConstant * x) / co2, cap)
    }
}

/// Humidity correction of NO (湿度修正系数 kH), GB 18285-2018 Annex B.
///
///     H = 6.2111·RH·Pd/(Pb − Pd·RH/100),  kH = 1/(1 − slope·(H − reference))
///
/// The formula has a pole at `reference + 1/slope` (41.105 g/kg with the usual constants) and is negative beyond it.
public struct HumidityCorrection: Hashable, Sendable {
    /// 0.0329 per g/kg.
    public let slope: Double
    /// The humidity at which the factor is 1, 10.71 g/kg.
    public let reference: AbsoluteHumidity
    /// The ratio of the molar masses of water and air times ten, 6.2111 (g/kg per percent).
    public let ratio: Double

    /// Creates the correction from a pack's constants.
    public init(slope: Double, reference: AbsoluteHumidity, ratio: Double) {
        self.slope = slope
        self.reference = reference
        self.ratio = ratio
    }

    /// The humidity at and beyond which there is no correction.
    public var pole: AbsoluteHumidity { reference + AbsoluteHumidity(1 / slope) }

    /// The factor for an absolute humidity.
    ///
    /// - Throws: ``MetrologyError/airTooHumid(humidity:limit:)`` at the pole and beyond, ``MetrologyError/notFinite``.
    public func factor(_ humidity: AbsoluteHumidity) throws(MetrologyError) -> Double {
        guard humidity.value.isFinite else { throw .notFinite }
        guard humidity < pole else { throw .airTooHumid(humidity: humidity, limit: pole) }
        return 1 / (1 - slope * (humidity - reference).value)
    }

    /// The water in the test room's air, g per kg of dry air (绝对湿度).
    ///
    /// - Parameter relativeHumidity: 0…100 %.
    /// - Throws: ``MetrologyError/airBeyondTable(_:)`` outside the range of ``SaturationPressure``,
    ///   ``MetrologyError/notFinite`` for a pressure at or below the vapour's.
    public func absoluteHumidity(
        temperature: Temperature, relativeHumidity: Percentage, pressure: Pressure
    ) throws(MetrologyError) -> AbsoluteHumidity {
        let saturation = try SaturationPressure.of(temperature).value
        let dry = pressure.value - saturation * relativeHumidity.value / 100
        guard dry.isFinite, dry > 0 else { throw .notFinite }
        return AbsoluteHumidity(ratio * relativeHumidity.value * saturation / dry)
    }
}

/// Saturation vapour pressure of water (饱和蒸气压).
///
/// W. Wagner, A. Pruß, IAPWS supplementary release 1992, equation for the vapour pressure along the saturation line;
/// within 0.01 % of the steam tables over the range used here.
public enum SaturationPressure {
    /// The range of air temperatures that a test lane can have.
    public static let range = Temperature(0.0)...Temperature(60.0)

    /// The pressure at a temperature.
    ///
    /// - Throws: ``MetrologyError/airBeyondTable(_:)`` outside ``range``.
    public static func of(_ temperature: Temperature) throws(MetrologyError) -> Pressure {
        guard range.contains(temperature) else { throw .airBeyondTable(temperature) }
        let criticalKelvin = 647.096
        let kelvin = temperature.value + 273.15
        let tau = 1 - kelvin / criticalKelvin
        let root = tau.squareRoot()
        let tau3 = tau * tau * tau
        let series =
            -7.85951783 * tau + 1.84408259 * tau * root - 11.7866497 * tau3 + 22.6807411 * tau3 * root
            - 15.9618719 * tau3 * tau + 1.80122502 * tau3 * tau3 * tau * root
        return Pressure(22064 * exponential(criticalKelvin / kelvin * series))
    }
}
