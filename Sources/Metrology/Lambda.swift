/// Excess-air factor lambda from the exhaust's composition (过量空气系数), after Brettschneider.
///
///     λ = {CO2 + CO/2 + O2 + NO/2 + [(Hcv/4)·3.5/(3.5 + CO/CO2) − Ocv/2]·(CO2 + CO)}
///         / {(1 + Hcv/4 − Ocv/2)·(CO2 + CO + K1·HC)}
///
/// All gases in % by volume but HC, in 10⁻⁶ as n-hexane. Hcv and Ocv are the fuel's atomic ratios of hydrogen and
/// oxygen to carbon; K1 turns HC into % of carbon.
public struct LambdaFormula: Hashable, Sendable {
    /// Hydrogen atoms for each carbon atom.
    public let hydrogen: Double
    /// Oxygen atoms for each carbon atom.
    public let oxygen: Double
    /// Percent of carbon for each 10⁻⁶ of HC, 6·10⁻⁴ for n-hexane.
    public let hydrocarbonFactor: Double
    /// Whether the NO term is taken in.
    public let usesNitricOxide: Bool

    /// Creates the formula from a pack's constants.
    public init(hydrogen: Double, oxygen: Double, hydrocarbonFactor: Double, usesNitricOxide: Bool) {
        self.hydrogen = hydrogen
        self.oxygen = oxygen
        self.hydrocarbonFactor = hydrocarbonFactor
        self.usesNitricOxide = usesNitricOxide
    }

    /// Lambda of one second's gases.
    ///
    /// - Throws: ``MetrologyError/gasWithoutCarbon`` without CO2, ``MetrologyError/negative(gas:value:)``,
    ///   ``MetrologyError/notFinite``.
    public func lambda(
        carbonMonoxide: Percentage, carbonDioxide: Percentage, oxygen o2: Percentage, hydrocarbons: Concentration,
        nitricOxide: Concentration = Concentration(0)
    ) throws(MetrologyError) -> Double {
        let gases = [
            ("CO", carbonMonoxide.value), ("CO2", carbonDioxide.value), ("O2", o2.value), ("HC", hydrocarbons.value),
            ("NO", nitricOxide.value),
        ]
        for (gas, value) in gases {
            guard value.isFinite else { throw .notFinite }
            guard value >= 0 else { throw .negative(gas: gas, value: value) }
        }
        let (co, co2) = (carbonMonoxide.value, carbonDioxide.value)
        // Without CO2 the quotient CO/CO2 has no value.
        guard co2 > 0 else { throw .gasWithoutCarbon }
        let no = usesNitricOxide ? nitricOxide.value / 10_000 : 0
        let water = hydrogen / 4 * 3.5 / (3.5 + co / co2) - oxygen / 2
        let supplied = co2 + co / 2 + o2.value + no / 2 + water * (co2 + co)
        return supplied / ((1 + hydrogen / 4 - oxygen / 2) * (co2 + co + hydrocarbonFactor * hydrocarbons.value))
    }
}
