import Metrology
import Testing

@Suite("Lambda after Brettschneider")
struct LambdaTests {
    static let gasoline = LambdaFormula(
        hydrogen: 1.7261, oxygen: 0.0176, hydrocarbonFactor: 6e-4, usesNitricOxide: false)

    @Test(
        "comes to the worked numbers",
        arguments: [
            (0.2, 15.2, 0.3, 50.0, 1.00603), (0.5, 14.5, 0.5, 100, 1.00474), (3.5, 12.5, 0.2, 250, 0.90099),
            (0.1, 12.5, 3, 40, 1.16166), (0, 15.70366, 0, 0, 1),
        ])
    func workedNumbers(co: Double, co2: Double, o2: Double, hc: Double, expected: Double) throws {
        let lambda = try Self.gasoline.lambda(
            carbonMonoxide: Percentage(co), carbonDioxide: Percentage(co2), oxygen: Percentage(o2),
            hydrocarbons: Concentration(hc))
        #expect(abs(lambda - expected) < 5e-6)
    }

    @Test("moves by 0.0002 with the NO term at 100 ppm")
    func nitricOxide() throws {
        let with = LambdaFormula(hydrogen: 1.7261, oxygen: 0.0176, hydrocarbonFactor: 6e-4, usesNitricOxide: true)
        func lambda(_ formula: LambdaFormula) throws -> Double {
            try formula.lambda(
                carbonMonoxide: Percentage(0.2), carbonDioxide: Percentage(15.2), oxygen: Percentage(0.3),
                hydrocarbons: Concentration(50), nitricOxide: Concentration(100))
        }
        #expect(abs(try lambda(with) - lambda(Self.gasoline) - 0.0002) < 5e-5)
    }

    @Test("has a named error without CO2, below zero, and for what is no number")
    func errors() {
        func lambda(_ co: Double, _ co2: Double) throws -> Double {
            try Self.gasoline.lambda(
                carbonMonoxide: Percentage(co), carbonDioxide: Percentage(co2), oxygen: Percentage(0),
                hydrocarbons: Concentration(0))
        }
        #expect(throws: MetrologyError.gasWithoutCarbon) { try lambda(0, 0) }
        #expect(throws: MetrologyError.gasWithoutCarbon) { try lambda(1, 0) }
        #expect(throws: MetrologyError.negative(gas: "CO", value: -1)) { try lambda(-1, 10) }
        #expect(throws: MetrologyError.notFinite) { try lambda(.nan, 10) }
    }
}
