import Evidence
import Testing

@Suite("Canonical JSON")
struct CanonicalJSONTests {
    private func canonical(_ json: String) throws -> String {
        text(try JSONValue(parsing: bytes(json)).canonicalBytes())
    }

    @Test("The published examples come out byte for byte")
    func publishedExamples() throws {
        // RFC 8785, 3.2.2 to 3.2.4.
        let sample = #"""
            {
              "numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
              "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/",
              "literals": [null, true, false]
            }
            """#
        let expected = hex(
            """
            7b 22 6c 69 74 65 72 61 6c 73 22 3a 5b 6e 75 6c 6c 2c 74 72 75 65 2c 66 61 6c 73 65 5d 2c 22 6e 75 6d 62
            65 72 73 22 3a 5b 33 33 33 33 33 33 33 33 33 2e 33 33 33 33 33 33 33 2c 31 65 2b 33 30 2c 34 2e 35 2c 30
            2e 30 30 32 2c 31 65 2d 32 37 5d 2c 22 73 74 72 69 6e 67 22 3a 22 e2 82 ac 24 5c 75 30 30 30 66 5c 6e 41
            27 42 5c 22 5c 5c 5c 5c 5c 22 2f 22 7d
            """)
        #expect(try JSONValue(parsing: bytes(sample)).canonicalBytes() == expected)

        let structures = try canonical(#"[56,{"d":true,"10":null,"1":[]}]"#)
        #expect(structures == #"[56,{"1":[],"10":null,"d":true}]"#)
        #expect(
            Digest(of: bytes(structures)).description
                == "sha256:099601b171cafed97c333f8878d68e7f8c8f795412adb34b2fdcf0e7c7beac42")
    }

    @Test("Names are sorted by UTF-16 code units, as RFC 8785, 3.2.3 shows")
    func nameOrder() throws {
        let input = #"""
            {"\u20ac":"Euro Sign","\r":"Carriage Return","\ufb33":"Hebrew Letter Dalet With Dagesh","1":"One",
            "\ud83d\ude00":"Emoji: Grinning Face","\u0080":"Control","\u00f6":"Latin Small Letter O With Diaeresis"}
            """#
        let names = try JSONValue(parsing: bytes(input)).members?.all.map(\.name)
        #expect(names == ["\r", "1", "\u{80}", "\u{F6}", "\u{20AC}", "\u{1F600}", "\u{FB33}"])
    }

    @Test(
        "Numbers are written as ECMAScript writes them",
        arguments: [
            // RFC 8785, Appendix B.
            (0x0000_0000_0000_0000, "0"), (0x8000_0000_0000_0000, "0"), (0x0000_0000_0000_0001, "5e-324"),
            (0x8000_0000_0000_0001, "-5e-324"), (0x7FEF_FFFF_FFFF_FFFF, "1.7976931348623157e+308"),
            (0xFFEF_FFFF_FFFF_FFFF, "-1.7976931348623157e+308"), (0x4340_0000_0000_0000, "9007199254740992"),
            (0xC340_0000_0000_0000, "-9007199254740992"), (0x4430_0000_0000_0000, "295147905179352830000"),
            (0x44B5_2D02_C7E1_4AF5, "9.999999999999997e+22"), (0x44B5_2D02_C7E1_4AF6, "1e+23"),
            (0x44B5_2D02_C7E1_4AF7, "1.0000000000000001e+23"), (0x444B_1AE4_D6E2_EF4E, "999999999999999700000"),
            (0x444B_1AE4_D6E2_EF4F, "999999999999999900000"), (0x444B_1AE4_D6E2_EF50, "1e+21"),
            (0x3EB0_C6F7_A0B5_ED8C, "9.999999999999997e-7"), (0x3EB0_C6F7_A0B5_ED8D, "0.000001"),
            (0x41B3_DE43_5555_5553, "333333333.3333332"), (0x41B3_DE43_5555_5554, "333333333.33333325"),
            (0x41B3_DE43_5555_5555, "333333333.3333333"), (0x41B3_DE43_5555_5556, "333333333.3333334"),
            (0x41B3_DE43_5555_5557, "333333333.33333343"), (0xBECB_F647_612F_3696, "-0.0000033333333333333333"),
            (0x4314_3FF3_C1CB_0959, "1424953923781206.2"),
        ] as [(UInt64, String)])
    func numbers(bits: UInt64, expected: String) {
        #expect(canonicalNumber(Double(bitPattern: bits)) == expected)
    }

    @Test("Numbers that are not finite have no canonical form")
    func notFinite() {
        #expect(canonicalNumber(.nan) == nil)
        #expect(canonicalNumber(.infinity) == nil)
        #expect(throws: JSONError.self) { try JSONValue.number(.nan).canonicalBytes() }
        #expect(throws: JSONError.self) { try JSONValue.array([.number(-.infinity)]).canonicalBytes() }
    }

    @Test("Whole numbers are written up to 2^53 and refused beyond, however they are held")
    func largeIntegers() throws {
        #expect(try text(JSONValue.integer(9_007_199_254_740_992).canonicalBytes()) == "9007199254740992")
        #expect(throws: JSONError.self) { try JSONValue.integer(9_007_199_254_740_993).canonicalBytes() }
        #expect(throws: JSONError.self) { try JSONValue.integer(.min).canonicalBytes() }
        #expect(throws: JSONError.self) { try JSONValue.number(1e20).canonicalBytes() }
        #expect(try text(JSONValue.number(1e21).canonicalBytes()) == "1e+21")
    }

    @Test("Texts that look alike are different texts, and neither is normalised")
    func noNormalisation() throws {
        let composed = JSONValue.string("\u{E9}")
        let decomposed = JSONValue.string("e\u{301}")
        #expect(composed != decomposed)
        #expect(try decomposed.canonicalBytes() == [0x22, 0x65, 0xCC, 0x81, 0x22])
        // Swift's String calls these two names equal; JSON does not.
        let both = try JSONValue(parsing: bytes("{\"\u{E9}\":1,\"e\u{301}\":2}"))
        #expect(both["\u{E9}"] == 1)
        #expect(both["e\u{301}"] == 2)
        #expect(try text(both.canonicalBytes()) == "{\"e\u{301}\":2,\"\u{E9}\":1}")
    }

    @Test("Control characters are escaped in their shortest form, and nothing else is")
    func escapes() throws {
        let all = String(String.UnicodeScalarView((0..<0x20).compactMap { Unicode.Scalar($0) })) + "\u{7F}\u{2028}/é"
        let expected =
            #""\u0000\u0001\u0002\u0003\u0004\u0005\u0006\u0007\b\t\n\u000b\f\r\u000e\u000f"#
            + #"\u0010\u0011\u0012\u0013\u0014\u0015\u0016\u0017\u0018\u0019\u001a\u001b\u001c\u001d\u001e\u001f"#
            + "\u{7F}\u{2028}/é\""
        #expect(try text(JSONValue.string(all).canonicalBytes()) == expected)
    }

    @Test("What is written reads back as the same value and is written the same again", arguments: [7, 20_260_101])
    func roundTrip(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<500 {
            let value = randomValue(depth: 0, &generator)
            let written = try value.canonicalBytes()
            let read = try JSONValue(parsing: written)
            #expect(read == value, "seed \(seed)")
            #expect(try read.canonicalBytes() == written, "seed \(seed)")
        }
    }

    private func randomValue(depth: Int, _ generator: inout SeededGenerator) -> JSONValue {
        switch UInt8.random(in: 0..<(depth < 4 ? 7 : 5), using: &generator) {
        case 0: return .null
        case 1: return .boolean(.random(using: &generator))
        case 2: return .integer(.random(in: -(1 << 53)...(1 << 53), using: &generator))
        case 3:
            let number = Double(bitPattern: generator.next())
            // Large whole numbers have no canonical form here.
            return .number(number.isFinite && number.magnitude < 1e15 ? number : 0.5)
        case 4: return .string(randomText(&generator))
        case 5:
            return .array(
                (0..<Int.random(in: 0..<6, using: &generator)).map { _ in randomValue(depth: depth + 1, &generator) })
        default:
            var object = JSONObject()
            for _ in 0..<Int.random(in: 0..<6, using: &generator) {
                object[randomText(&generator)] = randomValue(depth: depth + 1, &generator)
            }
            return .object(object)
        }
    }

    private func randomText(_ generator: inout SeededGenerator) -> String {
        var text = ""
        for _ in 0..<Int.random(in: 0..<8, using: &generator) {
            let limits: [UInt32] = [0x80, 0x800, 0x1_0000, 0x11_0000]
            let code = UInt32.random(in: 0..<limits[Int.random(in: 0..<4, using: &generator)], using: &generator)
            text.unicodeScalars.append(Unicode.Scalar(code) ?? "\u{E000}")
        }
        return text
    }
}
