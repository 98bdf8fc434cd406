/// Dry gas in the exhaust, the sample line or the analyzer's cell.
public struct GasMixture: Codable, Hashable, Sendable {
    /// CO, % by volume.
    public var carbonMonoxide: Double
    /// CO2, % by volume.
    public var carbonDioxide: Double
    /// HC as n-hexane, ppm by volume.
    public var hydrocarbons: Double
    /// NO, ppm by volume.
    public var nitricOxide: Double
    /// NO2, ppm by volume.
    public var nitrogenDioxide: Double
    /// O2, % by volume.
    public var oxygen: Double

    /// Creates a mixture.
    public init(
        carbonMonoxide: Double, carbonDioxide: Double, hydrocarbons: Double, nitricOxide: Double, oxygen: Double,
        nitrogenDioxide: Double = 0
    ) {
        self.carbonMonoxide = carbonMonoxide
        self.carbonDioxide = carbonDioxide
        self.hydrocarbons = hydrocarbons
        self.nitricOxide = nitricOxide
        self.nitrogenDioxide = nitrogenDioxide
        self.oxygen = oxygen
    }

    /// The air of a well-aired test room.
    public static let roomAir = GasMixture(
        carbonMonoxide: 0, carbonDioxide: 0.04, hydrocarbons: 1.5, nitricOxide: 0, oxygen: 20.9)

    /// This gas with a share of another in it, 0…1.
    public func mixed(with other: GasMixture, share: Double) -> GasMixture {
        // Part by part and not over key paths: this runs in every step.
        let rest = 1 - share
        return GasMixture(
            carbonMonoxide: carbonMonoxide * rest + other.carbonMonoxide * share,
            carbonDioxide: carbonDioxide * rest + other.carbonDioxide * share,
            hydrocarbons: hydrocarbons * rest + other.hydrocarbons * share,
            nitricOxide: nitricOxide * rest + other.nitricOxide * share,
            oxygen: oxygen * rest + other.oxygen * share,
            nitrogenDioxide: nitrogenDioxide * rest + other.nitrogenDioxide * share)
    }
}

/// The balance of the elements in the exhaust of a fuel CHy burnt in air.
struct Combustion: Hashable, Sendable {
    /// Hydrogen atoms per carbon atom of the fuel.
    let hydrogenRatio: Double

    /// Nitrogen (with argon) per oxygen in air.
    private static let nitrogenRatio = 3.76
    /// Equilibrium constant of the water-gas shift at the temperature where the exhaust's composition freezes.
    private static let waterGas = 3.5

    /// The whole mixture for given pollutants and left-over oxygen: CO2 is what makes the dry gas add up to 100 %.
    ///
    /// With u = CO + CO2 + 6·HC the carbon per dry gas, the hydrogen of the fuel is in H2O, H2 and HC, and the oxygen
    /// in CO, CO2, H2O, NO and O2 came with 3.76 times as much nitrogen.
    func mixture(carbonMonoxide co: Double, hydrocarbons hcPpm: Double, nitricOxide noPpm: Double, oxygen: Double)
        -> GasMixture
    {
        let (hc, no) = (hcPpm / 10_000, noPpm / 10_000)
        var co2 = 15.0
        // The hydrogen depends weakly on CO2: each round gains two digits.
        for _ in 0..<3 {
            let hydrogenGas = hydrogenRatio / 2 * (co + co2) * (1 - Self.waterGas / (Self.waterGas + co / co2))
            // CO2 on the left-hand side: from CO2 itself, from its oxygen, and from that of the water beside it.
            let perCarbonDioxide = 1 + Self.nitrogenRatio * (1 + hydrogenRatio / 4)
            let others =
                co + oxygen + no / 2 + hc + hydrogenGas
                + Self.nitrogenRatio
                * (co / 2 + oxygen + no / 2 + hydrogenRatio / 4 * co - hydrogenGas / 2)
            co2 = max(0.1, (100 - others) / perCarbonDioxide)
        }
        return GasMixture(
            carbonMonoxide: co, carbonDioxide: co2, hydrocarbons: hcPpm, nitricOxide: noPpm, oxygen: oxygen)
    }
}
