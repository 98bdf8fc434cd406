import Evidence
import Testing

@Suite("Strict JSON")
struct JSONParserTests {
    @Test(
        "What is not JSON is refused with the offset of the byte",
        arguments: [
            ("", .unexpectedEnd, 0), ("  ", .unexpectedEnd, 2), ("[1,2", .unexpectedEnd, 4),
            ("[1,]", .unexpectedByte, 3),
            ("{\"a\":1,}", .unexpectedByte, 7), ("{a:1}", .unexpectedByte, 1), ("{\"a\" 1}", .unexpectedByte, 5),
            ("[1 2]", .unexpectedByte, 3), ("1 2", .trailingBytes, 2), ("null\0", .trailingBytes, 4),
            ("tru", .unexpectedEnd, 3), ("trux", .unexpectedByte, 3), ("NaN", .unexpectedByte, 0),
            ("Infinity", .unexpectedByte, 0), ("-Infinity", .invalidNumber, 1), ("+1", .unexpectedByte, 0),
            ("01", .invalidNumber, 0), ("-01", .invalidNumber, 0), ("1.", .unexpectedEnd, 2),
            ("1.x", .invalidNumber, 2), (".5", .unexpectedByte, 0), ("1e", .unexpectedEnd, 2),
            ("1e+", .unexpectedEnd, 3),
            ("-", .unexpectedEnd, 1), ("0x10", .trailingBytes, 1), ("1e400", .numberTooLarge, 0),
            ("9007199254740993", .numberTooLarge, 0), ("-9007199254740993", .numberTooLarge, 0),
            ("[123456789012345678901234567890]", .numberTooLarge, 1), ("'a'", .unexpectedByte, 0),
            ("\"a\nb\"", .controlCharacter, 2), ("\"\\n\t\"", .controlCharacter, 3), ("\"\\x41\"", .invalidEscape, 1),
            ("\"\\u12g4\"", .invalidEscape, 1), ("\"\\u12", .unexpectedEnd, 5), ("\"abc", .unexpectedEnd, 4),
            ("\"\\ud83d\"", .loneSurrogate, 1), ("\"\\ude00\"", .loneSurrogate, 1),
            ("\"\\ud83d\\u0041\"", .loneSurrogate, 1), ("\"\\ude00\\ud83d\"", .loneSurrogate, 1),
            ("{\"a\":1,\"b\":2,\"a\":1}", .repeatedName, 13), ("{\"a\":1,\"\\u0061\":2}", .repeatedName, 7),
            ("// no\n1", .unexpectedByte, 0), ("\u{FEFF}1", .unexpectedByte, 0),
        ] as [(String, JSONError.Kind, Int)])
    func refusals(json: String, kind: JSONError.Kind, offset: Int) {
        let error = #expect(throws: JSONError.self) { try JSONValue(parsing: bytes(json)) }
        #expect(error?.kind == kind)
        #expect(error?.offset == offset)
    }

    @Test(
        "Bytes that are not UTF-8 are refused where they stand",
        arguments: [
            ([0x22, 0x61, 0xFF, 0x22], 2), ([0x22, 0xC0, 0x80, 0x22], 1), ([0x22, 0xED, 0xA0, 0x80, 0x22], 1),
            ([0x22, 0xF4, 0x90, 0x80, 0x80, 0x22], 1), ([0x22, 0x61, 0xE2, 0x82, 0x22], 2),
            ([0x22, 0x5C, 0x6E, 0x61, 0x80, 0x22], 4),
        ] as [([UInt8], Int)])
    func notUTF8(json: [UInt8], offset: Int) {
        let error = #expect(throws: JSONError.self) { try JSONValue(parsing: json) }
        #expect(error?.kind == .invalidUTF8)
        #expect(error?.offset == offset)
    }

    @Test("Values are read as they are written")
    func values() throws {
        let json =
            " { \"a\" : [ 1 , -2.5e1 , true , false , null , -0 ] , \"b\" : \"\\ud83d\\ude97\\/\\u00e9\" } \r\n\t"
        let value = try JSONValue(parsing: bytes(json))
        #expect(value["a"]?.elements == [1, .number(-25), true, false, .null, 0])
        #expect(value["b"]?.text == "🚗/é")
        #expect(value["c"] == nil)
        #expect(value["a"]?.elements?.first?.wholeNumber == 1)
        #expect(try JSONValue(parsing: bytes("9007199254740992")).wholeNumber == 9_007_199_254_740_992)
    }

    @Test("Nesting has a limit, in reading and in writing")
    func depth() throws {
        let limit = JSONValue.maximumDepth
        let deepest = String(repeating: "[", count: limit) + String(repeating: "]", count: limit)
        let value = try JSONValue(parsing: bytes(deepest))
        #expect(try text(value.canonicalBytes()) == deepest)
        let error = #expect(throws: JSONError.self) { try JSONValue(parsing: bytes("[" + deepest + "]")) }
        #expect(error?.kind == .tooDeep)
        #expect(error?.offset == limit)
        #expect(throws: JSONError.self) { try JSONValue.array([value]).canonicalBytes() }
    }

    @Test("No sequence of bytes makes the reader stop working", arguments: [UInt64(3), 99])
    func garbage(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let sample = try SampleLane().payload()
        var accepted = 0
        for _ in 0..<3_000 {
            var spoilt = sample
            for _ in 0..<Int.random(in: 1..<4, using: &generator) {
                spoilt[Int.random(in: 0..<spoilt.count, using: &generator)] = .random(in: 0...255, using: &generator)
            }
            if Bool.random(using: &generator) { spoilt.removeLast(Int.random(in: 1..<spoilt.count, using: &generator)) }
            if let value = try? JSONValue(parsing: spoilt) {
                accepted += 1
                let written = try value.canonicalBytes()
                #expect(try JSONValue(parsing: written) == value, "seed \(seed)")
            }
        }
        #expect(accepted > 0 && accepted < 3_000, "seed \(seed)")
    }

    @Test("Two hundred kilobytes are read and written without trouble")
    func largePayload() throws {
        let second: JSONValue = ["co": "0.12", "co2": "14.31", "hc": "35", "n": 17, "no": "210", "speed": "25.04"]
        let value = JSONValue.object(["seconds": .array(Array(repeating: second, count: 3_000))])
        let written = try value.canonicalBytes()
        #expect(written.count > 200_000)
        #expect(try JSONValue(parsing: written) == value)
    }
}
