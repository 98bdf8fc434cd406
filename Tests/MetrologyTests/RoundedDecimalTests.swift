import Metrology
import Testing

@Suite("Rounding")
struct RoundedDecimalTests {
    @Test(
        "is half to even in decimal, where binary arithmetic goes wrong",
        arguments: [
            (1.015, 2, "1.02"), (1.025, 2, "1.02"), (0.125, 2, "0.12"), (0.135, 2, "0.14"), (2.5, 0, "2"),
            (3.5, 0, "4"), (-1.015, 2, "-1.02"), (-0.004, 2, "0.00"), (0.504, 2, "0.50"), (0.505, 2, "0.50"),
            (0.515, 2, "0.52"), (89.5, 0, "90"), (90.5, 0, "90"), (1e-20, 3, "0.000"), (123_456.789, 1, "123456.8"),
            (0, 2, "0.00"),
        ])
    func halfToEven(value: Double, places: Int, expected: String) throws {
        #expect(try RoundedDecimal(value, places: places).description == expected)
    }

    @Test("gets every tie of three decimals right")
    func everyTie() throws {
        for units in 0..<20_000 {
            // The nearest binary number to a tie such as 1.015 must round as the decimal 1.015 does.
            let value = Double("\(units / 100).\(units % 100 < 10 ? "0" : "")\(units % 100)5")
            let expected = units.isMultiple(of: 2) ? units : units + 1
            #expect(try RoundedDecimal(try #require(value), places: 2).units == Int64(expected))
        }
    }

    @Test("names values that cannot be reported")
    func unreportable() {
        #expect(throws: MetrologyError.notFinite) { try RoundedDecimal(.nan, places: 2) }
        #expect(throws: MetrologyError.notFinite) { try RoundedDecimal(.infinity, places: 2) }
        #expect(throws: MetrologyError.tooLarge(1e30)) { try RoundedDecimal(1e30, places: 2) }
    }

    @Test("tells a full value from a rounded one: 0.504 % against 0.50 %")
    func comparison() throws {
        let limit = try #require(RoundedDecimal("0.50"))
        #expect(try RoundedDecimal(0.504, places: 2) <= limit)
        #expect(try !SignificantDecimal(0.504).isAtMost(limit))
        #expect(try SignificantDecimal(0.5).isAtMost(limit))
        #expect(try !SignificantDecimal(0.5).isBelow(limit))
        #expect(try SignificantDecimal(0.1 + 0.4).isAtMost(limit))
        #expect(try SignificantDecimal(1e-30).isAtMost(limit))
        #expect(try !SignificantDecimal(1e30).isAtMost(limit))
        #expect(try SignificantDecimal(-1e30).isBelow(limit))
        #expect(try SignificantDecimal(25.9 - 24.9).isAtMost(try #require(RoundedDecimal("1.0"))))
        #expect(try !SignificantDecimal(25.9 - 24.9).isBelow(try #require(RoundedDecimal("1.0"))))
    }

    @Test("reads decimals as written and refuses anything else")
    func reading() throws {
        #expect(RoundedDecimal("0.50")?.description == "0.50")
        #expect(RoundedDecimal("0.50") == RoundedDecimal("0.5"))
        #expect(RoundedDecimal("0.50")?.hashValue == RoundedDecimal("0.5")?.hashValue)
        #expect(RoundedDecimal("700")?.value == 700)
        #expect(RoundedDecimal("90")?.times(percent: try #require(RoundedDecimal("50"))) == RoundedDecimal("45"))
        for text in ["", ".5", "5.", "1e3", "0x1", "1,5", "1234567890123", "--1"] {
            #expect(RoundedDecimal(text) == nil)
        }
    }

    @Test(
        "prints twelve digits in plain notation",
        arguments: [(1.0 / 3, "0.333333333333"), (1e13, "10000000000000"), (0, "0"), (-2.5, "-2.5")])
    func significant(value: Double, expected: String) throws {
        #expect(try SignificantDecimal(value).description == expected)
    }
}
