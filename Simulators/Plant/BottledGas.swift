/// A bottle of gas with a certificate (标准气体), as it is connected to an analyzer's port.
public struct BottledGas: Codable, Hashable, Sendable {
    /// C3H8, ppm by volume.
    public var propane: Double
    /// CO, % by volume.
    public var carbonMonoxide: Double
    /// CO2, % by volume.
    public var carbonDioxide: Double
    /// NO, ppm by volume.
    public var nitricOxide: Double
    /// NO2, ppm by volume.
    public var nitrogenDioxide: Double
    /// O2, % by volume.
    public var oxygen: Double

    /// Creates a bottle; the rest of it is nitrogen.
    public init(
        propane: Double = 0, carbonMonoxide: Double = 0, carbonDioxide: Double = 0, nitricOxide: Double = 0,
        nitrogenDioxide: Double = 0, oxygen: Double = 0
    ) {
        self.propane = propane
        self.carbonMonoxide = carbonMonoxide
        self.carbonDioxide = carbonDioxide
        self.nitricOxide = nitricOxide
        self.nitrogenDioxide = nitrogenDioxide
        self.oxygen = oxygen
    }

    /// Creates a bottle as its certificate states it, by the names that the registry of references has for its gases.
    public init(certified value: (String) -> Double) {
        self.init(
            propane: value("propane"), carbonMonoxide: value("co"), carbonDioxide: value("co2"),
            nitricOxide: value("no"), nitrogenDioxide: value("no2"), oxygen: value("o2"))
    }

    private enum CodingKeys: String, CodingKey {
        case propane, oxygen
        case carbonMonoxide = "co"
        case carbonDioxide = "co2"
        case nitricOxide = "no"
        case nitrogenDioxide = "no2"
    }

    /// Decodes a bottle; what is left out is not in it.
    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        func share(_ key: CodingKeys) throws -> Double { try values.decodeIfPresent(Double.self, forKey: key) ?? 0 }
        self.init(
            propane: try share(.propane), carbonMonoxide: try share(.carbonMonoxide),
            carbonDioxide: try share(.carbonDioxide), nitricOxide: try share(.nitricOxide),
            nitrogenDioxide: try share(.nitrogenDioxide), oxygen: try share(.oxygen))
    }

    /// How much n-hexane the simulated benches take one part of propane for (PEF, 丙烷当量系数).
    public static let propaneEquivalence = 0.508

    /// The gas as an infrared bench for n-hexane sees it.
    var mixture: GasMixture {
        GasMixture(
            carbonMonoxide: carbonMonoxide, carbonDioxide: carbonDioxide,
            hydrocarbons: propane * Self.propaneEquivalence, nitricOxide: nitricOxide, oxygen: oxygen,
            nitrogenDioxide: nitrogenDioxide)
    }
}
