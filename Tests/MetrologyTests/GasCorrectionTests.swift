import Metrology
import Testing

@Suite("Gas corrections")
struct GasCorrectionTests {
    static func dilution(_ constant: Double) -> DilutionCorrection {
        DilutionCorrection(fuelConstant: constant, carbonConstant: 1.88, cap: 3.0)
    }

    static let humidity = HumidityCorrection(slope: 0.0329, reference: AbsoluteHumidity(10.71), ratio: 6.2111)

    @Test(
        "follow the worked dilution factors",
        arguments: [
            (4.644, 15.30, 0.0, 1.001831), (4.644, 13.20, 0.35, 1.139702), (4.644, 10.00, 0.20, 1.511286),
            (4.644, 7.00, 0.10, 2.167674), (4.644, 5.00, 0.05, 3.0), (4.644, 16.50, 0.0, 0.928971),
            (5.39, 14.50, 0.50, 0.924984), (6.64, 10.00, 0.20, 1.155695),
            // Station handbook rows, four decimals.
            (4.644, 14.7, 0.10, 1.0377), (4.644, 12.0, 0.5, 1.2405), (4.644, 6.0, 0.5, 2.4116),
            (5.39, 11.0, 0.3, 1.2257), (6.64, 9.0, 0.2, 1.2819),
        ])
    func dilutionFactor(constant: Double, co2: Double, co: Double, expected: Double) throws {
        let factor = try Self.dilution(constant).factor(
            carbonMonoxide: Percentage(co), carbonDioxide: Percentage(co2))
        #expect(abs(factor - expected) < (expected * 10000 == (expected * 10000).rounded() ? 5e-5 : 1e-6))
    }

    @Test("name what is wrong with gas that is no exhaust")
    func noExhaust() {
        let correction = Self.dilution(4.644)
        #expect(throws: MetrologyError.gasWithoutCarbon) {
            try correction.factor(carbonMonoxide: Percentage(0), carbonDioxide: Percentage(0))
        }
        #expect(throws: MetrologyError.negative(gas: "CO", value: -0.01)) {
            try correction.factor(carbonMonoxide: Percentage(-0.01), carbonDioxide: Percentage(10))
        }
        #expect(throws: MetrologyError.notFinite) {
            try correction.factor(carbonMonoxide: Percentage(.nan), carbonDioxide: Percentage(10))
        }
    }

    @Test("never exceed the cap", arguments: (0...64).map { Double($0) / 4 })
    func cap(co2: Double) throws {
        let factor = try Self.dilution(4.644).factor(carbonMonoxide: Percentage(0.3), carbonDioxide: Percentage(co2))
        #expect(factor > 0 && factor <= 3)
    }

    @Test(
        "follow the worked humidity factors",
        arguments: [(0.0, 0.739449), (5, 0.841851), (10.71, 1), (15, 1.164335), (25, 1.887295)])
    func humidityFactor(humidity: Double, expected: Double) throws {
        #expect(abs(try Self.humidity.factor(AbsoluteHumidity(humidity)) - expected) < 1e-6)
    }

    @Test(
        "follow the steam tables within 0.3 %",
        arguments: [(5.0, 0.87253), (20, 2.33919), (30, 4.24692), (40, 7.38511)])
    func saturation(temperature: Double, expected: Double) throws {
        #expect(abs(try SaturationPressure.of(Temperature(temperature)).value / expected - 1) < 0.003)
    }

    @Test(
        "follow the worked absolute humidities within 0.5 %",
        arguments: [(25.0, 50.0, 101.3, 9.87218, 0.973175), (30, 80, 101.3, 21.55455, 1.554692)])
    func absolute(temperature: Double, relative: Double, pressure: Double, humidity: Double, factor: Double) throws {
        let found = try Self.humidity.absoluteHumidity(
            temperature: Temperature(temperature), relativeHumidity: Percentage(relative),
            pressure: Pressure(pressure))
        #expect(abs(found.value / humidity - 1) < 0.005)
        #expect(abs(try Self.humidity.factor(found) / factor - 1) < 0.005)
    }

    @Test("refuse air beyond the pole at 41.105 g/kg instead of returning a negative factor")
    func pole() throws {
        #expect(abs(Self.humidity.pole.value - 41.105) < 1e-3)
        let wet = try Self.humidity.absoluteHumidity(
            temperature: Temperature(40), relativeHumidity: Percentage(90), pressure: Pressure(99))
        #expect(abs(wet.value - 44.70) < 0.005 * 44.7)
        #expect(throws: MetrologyError.airTooHumid(humidity: wet, limit: Self.humidity.pole)) {
            try Self.humidity.factor(wet)
        }
        #expect(throws: MetrologyError.self) { try Self.humidity.factor(Self.humidity.pole) }
        #expect(throws: MetrologyError.airBeyondTable(Temperature(-5))) {
            try SaturationPressure.of(Temperature(-5))
        }
    }

    @Test("make ten-second means of seconds 10 to 15 as worked")
    func means() {
        let series: [Double] = [120, 118, 121, 119, 117, 130, 128, 125, 122, 119, 116, 115, 113, 112, 111]
        var mean = MovingMean(length: 10)
        var found: [Double] = []
        for value in series {
            mean.append(value)
            if let value = mean.mean { found.append(value) }
        }
        #expect(found == [121.9, 121.5, 121.2, 120.4, 119.7, 119.1])
    }

    @Test("load a vehicle as worked: 1250 kg and 2500 kg")
    func loads() {
        #expect(abs(DynamometerLoad.totalPower(referenceMass: Mass(1250), divisor: 148).value - 8.4459) < 5e-5)
        #expect(abs(DynamometerLoad.totalPower(referenceMass: Mass(1250), divisor: 185).value - 6.7568) < 5e-5)
        #expect(abs(DynamometerLoad.totalPower(referenceMass: Mass(2500), divisor: 148).value - 16.8919) < 5e-5)
        #expect(abs((Power(8.4459) / Speed(25)).value - 1216.2) < 0.05)
        #expect(DynamometerLoad.referenceMass(curbMass: Mass(1150), allowance: Mass(100)) == Mass(1250))
    }
}
