import Metrology
import Standards

/// What follows from one second's readings: power, its correction, NOx and its humidity factor.
struct LugDownValues: Hashable {
    /// Roller speed, km/h.
    var speed: Double?
    /// Engine speed, r/min.
    var engineSpeed: Double?
    /// Power of the wheels at the rollers, kW.
    var power: Double?
    /// What power is multiplied with for standard air.
    var powerFactor: Double?
    /// Light absorption coefficient, 1/m.
    var k: Double?
    /// NOx as read, ppm.
    var nox: Double?
    /// Humidity factor of NOx.
    var humidityFactor: Double?

    /// Power in standard air, kW.
    var correctedPower: Double? { power.flatMap { power in powerFactor.map { power * $0 } } }

    /// NOx corrected for humidity, ppm.
    var correctedNOx: Double? { nox.flatMap { nox in humidityFactor.map { nox * $0 } } }
}

/// Derives the values of a second.
struct LugDownCalculation {
    private let loss: ParasiticLoss
    /// nil where the rollers' inertia is neglected.
    private let inertia: Mass?
    private let power: PowerCorrection?
    private let humidity: HumidityCorrection
    private var previousSpeed: Double?

    init(_ test: LugDownTest) {
        loss = test.lane.parasiticLoss
        inertia = test.requirements.scan.inertia == .compensated ? test.lane.baseInertia : nil
        power = test.powerCorrection
        humidity = test.requirements.humidity
    }

    mutating func values(_ second: SecondImage) -> LugDownValues {
        var values = LugDownValues(
            speed: second[.rollerSpeed], engineSpeed: second[.engineSpeed], k: second[.lightAbsorption],
            nox: second[.nitrogenOxides])
        if let speed = values.speed, let force = second[.rollerForce] {
            values.power = wheelPower(Force(force), Speed(speed))
        }
        previousSpeed = values.speed
        if let celsius = second[.airTemperature], let pressure = second[.airPressure] {
            let (celsius, pressure) = (Temperature(celsius), Pressure(pressure))
            // Air beyond a formula gives no factor; the watch counts what is missing.
            values.powerFactor = try? power?.factor(temperature: celsius, pressure: pressure)
            if let moisture = second[.relativeHumidity] {
                values.humidityFactor = try? humidity.factor(
                    humidity.absoluteHumidity(
                        temperature: celsius, relativeHumidity: Percentage(moisture), pressure: pressure))
            }
        }
        return values
    }

    /// nil where the inertia counts and the second before had no speed.
    private func wheelPower(_ force: Force, _ speed: Speed) -> Double? {
        let steady = WheelPower.steady(force: force, speed: speed, loss: loss)
        guard let inertia else { return steady.value }
        guard let previousSpeed else { return nil }
        return
            (steady
            + WheelPower.inertial(inertia: inertia, speed: speed, change: speed - Speed(previousSpeed))).value
    }
}

extension SecondImage {
    /// The second with NOx, where the bench does not say it itself: the sum of NO and NO2, or NO alone behind a
    /// converter that has turned NO2 into it.
    func withNOx(converted: Bool) -> SecondImage {
        guard self[.nitrogenOxides] == nil, let no = self[.benchNitricOxide],
            converted || self[.nitrogenDioxide] != nil
        else { return self }
        var values = values
        values[.nitrogenOxides] = no + (converted ? 0 : self[.nitrogenDioxide] ?? 0)
        return SecondImage(number: number, values: values, states: states, lost: lost)
    }
}
