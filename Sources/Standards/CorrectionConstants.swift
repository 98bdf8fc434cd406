import Documents
public import Metrology

/// Constants of the corrections of raw gas values, of the methods with a loaded spark-ignition engine.
public struct CorrectionConstants: Sendable {
    /// The dilution correction of each fuel.
    public let dilution: [Fuel: DilutionCorrection]
    /// The humidity correction of NO.
    public let humidity: HumidityCorrection

    init?(_ group: MappingReader, _ pack: PackReader) {
        let carbon = pack.value("carbon", "1", in: 0.1...10, of: group)
        let cap = pack.value("dilution-cap", "1", in: 1...100, of: group)
        let slope = pack.value("humidity-slope", "kg/g", in: 1e-6...1, of: group)
        let reference = pack.value("humidity-reference", "g/kg", in: 0...100, of: group)
        let ratio = pack.value("humidity-ratio", "g/kg", in: 1...100, of: group)
        var constants: [Fuel: PackValue] = [:]
        for fuel in Fuel.sparkIgnition { constants[fuel] = pack.value(fuel.rawValue, "1", in: 1...20, of: group) }
        guard let carbon, let cap, let slope, let reference, let ratio, constants.count == Fuel.sparkIgnition.count
        else {
            return nil
        }
        dilution = constants.mapValues {
            DilutionCorrection(fuelConstant: $0.value, carbonConstant: carbon.value, cap: cap.value)
        }
        humidity = HumidityCorrection(
            slope: slope.value, reference: AbsoluteHumidity(reference.value), ratio: ratio.value)
    }
}
