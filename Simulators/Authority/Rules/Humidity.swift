import Foundation

/// The humidity factors kH that the air of a second allows.
///
///     kH = 1/(1 − 0.0047·(H − 75)),  H = 43.478·RH·Pd/(PB − Pd·RH/100) grains of water per pound of dry air
///
/// Station software takes the saturation pressure of 30 °C for any warmer air, which is no rule known from the standard:
/// both readings are allowed.
///
/// - Returns: nil where the second does not state its air.
func humidity(of second: Second) -> Interval? {
    guard let temperature = second.values["ta"].map({ Interval($0) }),
        let relative = second.values["rh"].map({ Interval($0) }),
        let pressure = second.values["pb"].map({ Interval($0) })
    else { return nil }
    return Interval(
        factor(saturationPressure(min(temperature.low, 30)).low, max(relative.low, 0), pressure.high),
        factor(saturationPressure(temperature.high).high, relative.high, pressure.low))
}

/// kH, or infinity from its pole on, where there is no correction.
private func factor(_ saturation: Double, _ relative: Double, _ pressure: Double) -> Double {
    let dryAir = pressure - saturation * relative / 100
    guard dryAir > 0 else { return .infinity }
    let divisor = 1 - 0.0047 * (43.478 * relative * saturation / dryAir - 75)
    return divisor > 0 ? 1 / divisor : .infinity
}

/// The saturation pressure of water vapour in kPa, after Magnus with the coefficients of Alduchov and Eskridge (1996),
/// and the 0.4 % by which that is uncertain from −40 to 50 °C.
private func saturationPressure(_ temperature: Double) -> Interval {
    let pressure = 0.61094 * exp(17.625 * temperature / (temperature + 243.04))
    return Interval(pressure * 0.996, pressure * 1.004)
}
