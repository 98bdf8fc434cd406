import Metrology
import Standards

/// Corrects one second's raw gas values for dilution and, NO only, for humidity.
struct ASMCorrection {
    /// The corrected values with their factors; empty where a value was missing or a formula has no result.
    struct Result {
        var values: [Pollutant: Double] = [:]
        var factors: CorrectionFactors?
    }

    private let dilution: DilutionCorrection?
    private let humidity: HumidityCorrection

    init(_ test: ASMTest) {
        dilution = test.requirements.correction.dilution[test.fuel]
        humidity = test.requirements.correction.humidity
    }

    func correct(_ second: SecondImage) -> Result {
        guard let dilution, let co = second[.carbonMonoxide], let co2 = second[.carbonDioxide],
            let hc = second[.hydrocarbons], let no = second[.nitricOxide],
            let temperature = second[.airTemperature], let moisture = second[.relativeHumidity],
            let pressure = second[.airPressure]
        else { return Result() }
        do {
            let df = try dilution.factor(carbonMonoxide: Percentage(co), carbonDioxide: Percentage(co2))
            let kh = try humidity.factor(
                try humidity.absoluteHumidity(
                    temperature: Temperature(temperature), relativeHumidity: Percentage(moisture),
                    pressure: Pressure(pressure)))
            return Result(
                values: [.carbonMonoxide: co * df, .hydrocarbons: hc * df, .nitricOxide: no * df * kh],
                factors: CorrectionFactors(dilution: df, humidity: kh))
        } catch {
            // Without exhaust or in air beyond the formula there is no corrected value; the watch counts its absence.
            return Result()
        }
    }
}
