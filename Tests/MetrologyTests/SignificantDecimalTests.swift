import Foundation
import Metrology
import Testing

@Suite("Twelve significant digits")
struct SignificantDecimalTests {
    /// A kind of number that rounding may get wrong.
    private enum Kind: String, CaseIterable {
        case measured, tie, nearTie, wholeAndHalf, anyBits, subnormal, almostNextPower
    }

    @Test("are those of C, for two hundred thousand numbers of every kind")
    func asInC() throws {
        let seed: UInt64 = 20_260_528
        var random = XorShift(state: seed)
        var counts: [Kind: (numbers: Int, wide: Int)] = [:]
        for round in 0..<200_000 {
            let kind = Kind.allCases[round % Kind.allCases.count]
            let value = number(kind, &random)
            let decimal = try SignificantDecimal(value)
            let (mantissa, exponent) = asPrinted(value)
            guard decimal.mantissa == mantissa, decimal.exponent == exponent else {
                Issue.record("\(kind) \(value): \(decimal.mantissa)e\(decimal.exponent), C: \(mantissa)e\(exponent)")
                return
            }
            let isWide = value != 0 && !(1e-11..<1e12).contains(value.magnitude)
            counts[kind, default: (0, 0)].numbers += 1
            counts[kind, default: (0, 0)].wide += isWide ? 1 : 0
        }
        print("seed \(seed)")
        for kind in Kind.allCases {
            let count = try #require(counts[kind])
            print("  \(kind): \(count.numbers), of them very small or great \(count.wide)")
            #expect(count.numbers > 20_000)
        }
        #expect(try #require(counts[.anyBits]).wide > 10_000)
        #expect(try #require(counts[.subnormal]).wide > 10_000)
    }

    @Test(
        "are those of C at the edges",
        arguments: [
            Double.leastNonzeroMagnitude, .leastNormalMagnitude, .greatestFiniteMagnitude, 1, 0.1, 1e-11, 1e11, 1e12,
            999_999_999_999, 999_999_999_999.5, 999_999_999_998.5, 9_999_999_999_995, 1e22, 1e23, 0x1p127, 0x1p128,
            0x1p-90, 1.015, 100_000_000_000.5, 0x1.fffffffffffffp-38,
        ])
    func edges(value: Double) throws {
        for value in [value, -value, value.nextUp, value.nextDown] where value.isFinite && value != 0 {
            let decimal = try SignificantDecimal(value)
            let (mantissa, exponent) = asPrinted(value)
            #expect(decimal.mantissa == mantissa && decimal.exponent == exponent, "\(value)")
        }
    }

    private func number(_ kind: Kind, _ random: inout XorShift) -> Double {
        let bits = random.next()
        let sign: Double = bits & 1 == 0 ? 1 : -1
        let twelve = Double(100_000_000_000 + random.next() % 900_000_000_000)
        switch kind {
        case .measured: return sign * Double(random.next() % 10_000_000) / pow(10, Double(bits % 7))
        // Exact in binary: twelve digits and a half.
        case .tie: return sign * (twelve + 0.5)
        case .nearTie:
            let tie = (twelve + 0.5) / pow(10, Double(bits % 24))
            return sign * (bits & 2 == 0 ? tie : (bits & 4 == 0 ? tie.nextUp : tie.nextDown))
        // Whole numbers of thirteen digits, ties among them.
        case .wholeAndHalf: return sign * (twelve * 10 + Double(random.next() % 10))
        case .anyBits:
            let value = Double(bitPattern: random.next())
            return value.isFinite ? value : 0
        case .subnormal: return sign * Double(bitPattern: random.next() >> (12 + random.next() % 50))
        case .almostNextPower:
            let power = pow(10, Double(Int(random.next() % 600)) - 300)
            return sign * (bits & 2 == 0 ? power.nextDown : power * (1 - Double(bits % 1000) * 1e-15))
        }
    }

    /// What C prints of a number, in digits and exponent.
    private func asPrinted(_ value: Double) -> (mantissa: Int64, exponent: Int) {
        guard value != 0 else { return (0, 0) }
        let parts = String(format: "%.11e", value).split(separator: "e")
        return (Int64(parts[0].filter { $0 != "." }) ?? 0, (Int(parts[1]) ?? 0) - 11)
    }
}

/// Pseudo-random numbers (xorshift64*, Vigna 2016).
private struct XorShift: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state ^= state >> 12
        state ^= state << 25
        state ^= state >> 27
        return state &* 0x2545_F491_4F6C_DD1D
    }
}
