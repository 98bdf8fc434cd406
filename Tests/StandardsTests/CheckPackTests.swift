import Documents
import Messages
import Metrology
import Standards
import Testing

@Suite("Packs of checks")
struct CheckPackTests {
    @Test("all read, and know when they apply", arguments: CheckPackLibrary.ids)
    func everyPack(id: String) throws {
        let pack = try #require(try CheckPackLibrary.requirements(id))
        #expect(pack.identity.id == id)
        #expect(pack.identity.kind == .checks && pack.identity.method == nil)
        #expect(pack.identity.applies(on: pack.identity.effectiveFrom) && !pack.identity.applies(on: "1989-12-31"))
        #expect(pack.intervals.count == CheckKind.allCases.count)
    }

    @Test("hold the tolerances of JJG 688 and OIML R 99 by range")
    func tolerances() throws {
        let gas = try #require(try CheckPackLibrary.requirements("HJ1237-2021-checks")).gas
        #expect(gas.accuracyClass == .doubleZero)
        let rows: [(ChannelID, Double, GasCheckRules.AccuracyClass, String?, String?)] = [
            (.hydrocarbons, 2000, .doubleZero, "4", "3"), (.hydrocarbons, 2000.5, .doubleZero, nil, "5"),
            (.hydrocarbons, 5001, .doubleZero, nil, "10"), (.carbonMonoxide, 10, .doubleZero, "0.02", "3"),
            (.carbonMonoxide, 10.01, .doubleZero, nil, "5"), (.carbonDioxide, 16, .doubleZero, "0.3", "3"),
            (.nitricOxide, 4000, .doubleZero, "25", "4"), (.benchNitricOxide, 4001, .doubleZero, nil, "8"),
            (.nitrogenDioxide, 400, .doubleZero, "25", "4"), (.oxygen, 20.9, .doubleZero, "0.1", "5"),
            (.carbonMonoxide, 1, .one, "0.06", "5"), (.hydrocarbons, 100, .one, "12", "5"),
        ]
        for (channel, value, accuracyClass, absolute, relative) in rows {
            let found = try #require(gas.tolerance(of: channel, at: value, in: accuracyClass))
            #expect(found.absolute?.decimal.description == absolute, "\(channel) \(value)")
            #expect(found.relative?.decimal.description == relative, "\(channel) \(value)")
        }
        #expect(gas.tolerance(of: .oxygen, at: 30) == nil)
    }

    @Test("give the variable coast-down the nominal times of HJ/T 290 to 292 and JJF 1221")
    func variableLoad() throws {
        let bands = try #require(try CheckPackLibrary.requirements("HJ1237-2021-checks")).dynamometer.variableBands
        func factor(_ from: Double, _ to: Double) -> Double {
            bands.filter { $0.interval.from.value <= from && $0.interval.to.value >= to }.reduce(0) { sum, band in
                let (v1, v2) = (band.interval.from.value / 3.6, band.interval.to.value / 3.6)
                return sum + (v1 * v1 - v2 * v2) / (2000 * band.power.value)
            }
        }
        // Seconds for each kilogram of inertia, as the standards print them.
        for (from, to, printed) in [
            (80.5, 8.0, 0.028394), (72.4, 16.1, 0.01713), (61.1, 43.4, 0.0043866), (48.3, 16.1, 0.00707),
        ] {
            #expect(abs(factor(from, to) / printed - 1) < 4e-4, "\(from)-\(to): \(factor(from, to))")
        }
        #expect(zip(bands, bands.dropFirst()).allSatisfy { $0.interval.to.decimal == $1.interval.from.decimal })
    }

    @Test(
        "report every mistake by line, all at once",
        arguments: [
            ("  settle: {", "  settel: {", MessageCode.documentMissingKey),
            ("unit: ms", "unit: h", .documentUnknownValue),
            ("value: \"90\", unit: \"%\"", "value: \"190\", unit: \"%\"", .documentOutOfRange),
            ("class: heavy, from: \"30\", to: \"10\"", "class: heavy, from: \"30\", to: \"40\"", .documentOutOfRange),
            ("{class: \"I\", gas: hc", "{class: \"X\", gas: hc", .documentUnknownValue),
            ("kind: checks", "kind: limits", .documentUnknownValue),
            ("  clock: {value: \"24\"", "  clock: {value: \"x\"", .documentWrongType),
            ("up-to: \"2000\", absolute: \"4\"", "up-to: \"2000\", absolut: \"4\"", .documentUnknownKey),
            ("- {speed: \"1000\"}", "- {sped: \"1000\"}", .documentMissingKey),
        ])
    func mistakes(old: String, new: String, code: MessageCode) throws {
        let document = try #require(try CheckPackLibrary.document("HJ1237-2021-checks"))
        var text = String(decoding: document.bytes, as: UTF8.self)
        let place = try #require(text.firstRange(of: old))
        let line = text[..<place.lowerBound].count { $0 == "\n" } + 1
        text.replaceSubrange(place, with: new)
        let isAboutHead = old == "kind: checks"
        if !isAboutHead { text.replace("obd-time: {value: \"10\"", with: "obd-time: {value: \"many\"") }
        let error = #expect(throws: Problems.self) {
            try CheckRequirements(document: Document(bytes: Array(text.utf8), name: "bad.yaml"))
        }
        let problems = try #require(error).all
        #expect(problems.contains { $0.message.code == code }, "\(problems)")
        #expect(problems.count >= (isAboutHead ? 1 : 2), "\(problems)")
        let lines = problems.compactMap(\.location.line)
        #expect(lines.contains { $0 >= line - 90 && $0 <= line }, "changed line \(line), reported \(lines)")
    }
}
