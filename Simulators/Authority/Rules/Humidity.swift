import Foundation

/// The humidity factors kH that the air of a test allows.
///
///     kH = 1/(1 − 0.0047·(H − 75)),  H = 43.478·RH·Pd/(PB − Pd·RH/100) grains of water per pound of dry air
///
/// A record states its air once, and the factor may have been computed in each second; the air may have drifted by half
/// a degree, two points of humidity and 0.3 kPa since. Station software takes the saturation pressure of
/// 30 °C for any warmer air, which is no rule known from the standard: both readings are allowed.
///
/// - Returns: nil where the air is not stated in its form.
func humidity(of record: TestRecord) -> Interval? {
    func value(_ member: String) -> Double? {
        record.payload.at("environment.\(member)")?.text.flatMap(WrittenDecimal.init)?.value
    }
    guard let temperature = value("airTemperature"), let relative = value("relativeHumidity"),
        let pressure = value("airPressure")
    else { return nil }
    let dry = factor(saturationPressure(min(temperature - 0.5, 30)), max(relative - 2, 0), pressure + 0.3)
    let wet = factor(saturationPressure(temperature + 0.5), min(relative + 2, 100), pressure - 0.3)
    return Interval(dry, wet)
}

/// kH, or infinity from its pole on, where there is no correction.
private func factor(_ saturation: Double, _ relative: Double, _ pressure: Double) -> Double {
    let dryAir = pressure - saturation * relative / 100
    guard dryAir > 0 else { return .infinity }
    let divisor = 1 - 0.0047 * (43.478 * relative * saturation / dryAir - 75)
    return divisor > 0 ? 1 / divisor : .infinity
}

/// The saturation pressure of water vapour in kPa, after Magnus with the coefficients of Alduchov and Eskridge (1996);
/// within 0.4 % from −40 to 50 °C.
private func saturationPressure(_ temperature: Double) -> Double {
    0.61094 * exp(17.625 * temperature / (temperature + 243.04))
}
