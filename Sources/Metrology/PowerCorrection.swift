/// Correction of a diesel engine's power to standard air (功率修正系数 α), GB 3847-2018 Annex B.
///
///     fa = (p₀/p)^a · (T/T₀)^b,  Pc = P · fa^1.2
///
/// with p₀ = 99 kPa and T₀ = 298 K; a = 1, b = 0.7 for a naturally aspirated or mechanically supercharged engine, a =
/// 0.7, b = 1.5 for a turbocharged one. The constants come from a requirement pack.
public struct PowerCorrection: Hashable, Sendable {
    /// The pressure at which nothing is corrected.
    public let referencePressure: Pressure
    /// The absolute temperature at which nothing is corrected, K.
    public let referenceKelvin: Double
    /// What is added to degrees Celsius for the absolute temperature; the standard takes 273, not 273.15.
    public let kelvinOffset: Double
    /// The exponent of the pressures' ratio.
    public let pressureExponent: Double
    /// The exponent of the temperatures' ratio.
    public let temperatureExponent: Double
    /// The exponent that makes the power's factor from fa (发动机因子).
    public let powerExponent: Double

    /// Creates the correction from a pack's constants.
    public init(
        referencePressure: Pressure, referenceKelvin: Double, kelvinOffset: Double, pressureExponent: Double,
        temperatureExponent: Double, powerExponent: Double
    ) {
        self.referencePressure = referencePressure
        self.referenceKelvin = referenceKelvin
        self.kelvinOffset = kelvinOffset
        self.pressureExponent = pressureExponent
        self.temperatureExponent = temperatureExponent
        self.powerExponent = powerExponent
    }

    /// The atmospheric factor fa (大气因子) of the test room's air.
    ///
    /// - Throws: ``MetrologyError/airWithoutPower(temperature:pressure:)`` for a pressure or an absolute temperature
    ///   that is not above zero, ``MetrologyError/notFinite``.
    public func atmosphericFactor(temperature: Temperature, pressure: Pressure) throws(MetrologyError) -> Double {
        guard temperature.value.isFinite, pressure.value.isFinite else { throw .notFinite }
        let kelvin = temperature.value + kelvinOffset
        guard kelvin > 0, pressure.value > 0 else {
            throw .airWithoutPower(temperature: temperature, pressure: pressure)
        }
        return raise(referencePressure.value / pressure.value, to: pressureExponent)
            * raise(kelvin / referenceKelvin, to: temperatureExponent)
    }

    /// What a measured power is multiplied with: fa to the power of 1.2.
    ///
    /// - Throws: as ``atmosphericFactor(temperature:pressure:)``.
    public func factor(temperature: Temperature, pressure: Pressure) throws(MetrologyError) -> Double {
        raise(try atmosphericFactor(temperature: temperature, pressure: pressure), to: powerExponent)
    }
}
