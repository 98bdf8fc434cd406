import Metrology
import Testing

@Suite("Engine power in standard air")
struct PowerCorrectionTests {
    static let natural = PowerCorrection(
        referencePressure: Pressure(99), referenceKelvin: 298, kelvinOffset: 273, pressureExponent: 1,
        temperatureExponent: 0.7, powerExponent: 1.2)
    static let turbocharged = PowerCorrection(
        referencePressure: Pressure(99), referenceKelvin: 298, kelvinOffset: 273, pressureExponent: 0.7,
        temperatureExponent: 1.5, powerExponent: 1.2)

    /// Atmospheric factors by pressure, kPa, and absolute temperature, K (reference-numbers, GB 3847 form).
    @Test(
        "has the atmospheric factors of the reference table",
        arguments: [
            (95.0, 298.0, 1.042105, 1.029291), (90, 303, 1.112887, 1.096010), (101.3, 283, 0.942594, 0.910696),
            (99, 298, 1, 1),
        ])
    func factors(pressure: Double, kelvin: Double, natural: Double, turbocharged: Double) throws {
        let celsius = Temperature(kelvin - 273)
        let found = try Self.natural.atmosphericFactor(temperature: celsius, pressure: Pressure(pressure))
        #expect(abs(found / natural - 1) < 1e-5 / 2)
        let turbo = try Self.turbocharged.atmosphericFactor(temperature: celsius, pressure: Pressure(pressure))
        #expect(abs(turbo / turbocharged - 1) < 1e-5 / 2)
    }

    /// Worked examples: fa and its power of 1.2 by pressure, kPa, and temperature, °C.
    @Test(
        "multiplies power as in the worked examples",
        arguments: [
            (95.0, 35.0, 1.08028, 1.09862), (101.3, 20, 0.95909, 0.95147), (85, 10, 1.14979, 1.03573),
            (99, 25, 1, 1),
        ])
    func powers(pressure: Double, celsius: Double, natural: Double, turbocharged: Double) throws {
        let found = try Self.natural.factor(temperature: Temperature(celsius), pressure: Pressure(pressure))
        #expect(abs(found - natural) < 6e-6)
        let turbo = try Self.turbocharged.factor(temperature: Temperature(celsius), pressure: Pressure(pressure))
        #expect(abs(turbo - turbocharged) < 6e-6)
    }

    @Test("has a name for air without pressure, without warmth, and for no number")
    func errors() {
        func error(_ celsius: Double, _ pressure: Double) -> MetrologyError? {
            #expect(throws: MetrologyError.self) {
                try Self.natural.factor(temperature: Temperature(celsius), pressure: Pressure(pressure))
            }
        }
        for (celsius, pressure) in [(20.0, 0.0), (20, -5), (-273, 99), (-300, 99)] {
            #expect(
                error(celsius, pressure)
                    == .airWithoutPower(temperature: Temperature(celsius), pressure: Pressure(pressure)))
        }
        #expect(error(.nan, 99) == .notFinite)
        #expect(error(20, .infinity) == .notFinite)
    }
}

@Suite("The power of the wheels")
struct WheelPowerTests {
    let loss = ParasiticLoss(quadratic: 0.0002, linear: 0.012, constant: 0.1)

    @Test("is what brake and rollers take")
    func steady() {
        // 3000 N at 72 km/h are 60 kW; the rollers take 0.0002·72² + 0.012·72 + 0.1 = 2.0008 kW.
        let power = WheelPower.steady(force: Force(3000), speed: Speed(72), loss: loss)
        #expect(abs(power.value - 62.0008) < 1e-9)
    }

    @Test("goes into the rollers' own inertia while they get faster, and comes out of it while they get slower")
    func inertial() {
        // 907.2 kg slowed by 0.9 km/h in a second, 0.25 m/s², at 20 m/s: −4.536 kW.
        let power = WheelPower.inertial(inertia: Mass(907.2), speed: Speed(72), change: Speed(-0.9))
        #expect(abs(power.value + 4.536) < 1e-9)
        let same = WheelPower.inertial(inertia: Mass(907.2), speed: Speed(72), change: Speed(0))
        #expect(same.value == 0)
    }
}
