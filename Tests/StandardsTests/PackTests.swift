import Foundation
import Documents
import Messages
import Metrology
import Standards
import Testing

@Suite("Packs")
struct PackTests {
    @Test("of GB 18285-2018 hold the ASM limits a and b")
    func limits() throws {
        let limits = try #require(try PackLibrary.limits("GB18285-2018-ASM-limits", ASMLimits.self))
        #expect(limits.setNames == ["a", "b"])
        let expected: [(String, ASMMode, [String])] = [
            ("a", .asm5025, ["0.50", "90", "700"]), ("a", .asm2540, ["0.40", "80", "650"]),
            ("b", .asm5025, ["0.35", "47", "420"]), ("b", .asm2540, ["0.30", "44", "390"]),
        ]
        for (set, mode, values) in expected {
            let found = try #require(limits.limits(set)?[mode])
            #expect(Pollutant.allCases.map { found[$0]?.decimal.description } == values)
        }
        #expect(limits.limits("c") == nil)
    }

    @Test(
        "all read, name their sources, and know when they apply",
        arguments: PackLibrary.ids(limits: true) + PackLibrary.ids(limits: false))
    func everyPack(id: String) throws {
        let document = try #require(try PackLibrary.document(id))
        let text = String(decoding: document.bytes, as: UTF8.self)
        let name = try #require(text.firstMatch(of: /(?m)^method: (\S+)$/)?.1)
        let method = try #require(TestMethod(rawValue: String(name)))
        let identity =
            id.hasSuffix("limits") ? try method.limits(document).identity : try method.requirements(document).identity
        #expect(identity.id == id)
        #expect(identity.applies(on: identity.effectiveFrom))
        #expect(!identity.applies(on: "1989-12-31"))
    }

    @Test("that concern every method read, and are not among those of one method")
    func generalPacks() throws {
        let identities = [try PackLibrary.methodChoice().identity, try PackLibrary.vehicleCheckRules().identity]
        #expect(identities.map(\.method) == [nil, nil])
        let ofMethods = Set(PackLibrary.ids(limits: true) + PackLibrary.ids(limits: false))
        #expect(Set(PackLibrary.ids).subtracting(ofMethods) == Set(identities.map(\.id)))
    }

    @Test("of GB 18285-2018 hold the limits a and b of two-speed idle")
    func idleLimits() throws {
        let limits = try #require(try PackLibrary.limits("GB18285-2018-TSI-limits", TwoSpeedIdleLimits.self))
        let expected: [(String, IdleSpeed, String, String)] = [
            ("a", .low, "0.6", "80"), ("a", .high, "0.3", "50"), ("b", .low, "0.4", "40"), ("b", .high, "0.3", "30"),
        ]
        for (set, speed, co, hc) in expected {
            let found = try #require(limits.limits(set))
            #expect(found.carbonMonoxide[speed]?.decimal.description == co)
            #expect(found.hydrocarbons[speed]?.decimal.description == hc)
            #expect(found.lambdaMinimum.decimal.description == "0.95")
            #expect(found.lambdaMaximum.decimal.description == "1.05")
        }
    }

    @Test("hand over from 2005 to 2018 without a gap")
    func handover() throws {
        let former = try #require(try PackLibrary.requirements("GB18285-2005-ASM", ASMRequirements.self))
        let recent = try #require(try PackLibrary.requirements("GB18285-2018-ASM", ASMRequirements.self))
        #expect(former.identity.applies(on: "2019-04-30") && !former.identity.applies(on: "2019-05-01"))
        #expect(!recent.identity.applies(on: "2019-04-30") && recent.identity.applies(on: "2019-05-01"))
        #expect(former.bands.speed.decimal == RoundedDecimal("1.5"))
        #expect(recent.bands.speed.decimal == RoundedDecimal("2.0"))
        #expect(former.times.fastTo == 25 && recent.times.fastTo == 20)
    }

    /// A change to a pack's text, and the code, line and words of the problem it must cause.
    struct Mistake: Sendable, CustomTestStringConvertible {
        let name: String
        let old: String
        let new: String
        let code: MessageCode
        var testDescription: String { name }
    }

    @Test(
        "report what is wrong with them by line",
        arguments: [
            Mistake(name: "missing value", old: "  continuous: {", new: "  continuos: {", code: .documentMissingKey),
            Mistake(
                name: "wrong unit", old: "value: \"90\", unit: s", new: "value: \"90\", unit: min",
                code: .documentUnknownValue),
            Mistake(name: "not a number", old: "value: \"145\"", new: "value: \"many\"", code: .documentWrongType),
            Mistake(name: "broken seconds", old: "value: \"145\"", new: "value: \"145.5\"", code: .documentWrongType),
            Mistake(name: "unknown rule", old: "value: rounded", new: "value: roundish", code: .documentUnknownValue),
            Mistake(name: "unknown source", old: "source: GB9", new: "source: GB9", code: .documentUnknownValue),
            Mistake(name: "negative", old: "value: \"6.0\"", new: "value: \"-6.0\"", code: .documentOutOfRange),
            Mistake(
                name: "fast check too long", old: "fast-to: {value: \"20\"", new: "fast-to: {value: \"22\"",
                code: .documentOutOfRange),
            Mistake(name: "not YAML", old: "bands:", new: "bands: [", code: .documentSyntax),
            Mistake(name: "duplicate", old: "  cumulative: {", new: "  continuous: {", code: .documentDuplicateKey),
            Mistake(name: "other kind", old: "kind: requirements", new: "kind: limits", code: .documentUnknownValue),
        ])
    func mistakes(_ mistake: Mistake) throws {
        let document = try #require(try PackLibrary.document("GB18285-2018-ASM"))
        var text = String(decoding: document.bytes, as: UTF8.self)
        let old = mistake.name == "unknown source" ? "source: T, grade: M-H" : mistake.old
        let new = mistake.name == "unknown source" ? "source: TT, grade: M-H" : mistake.new
        let place = try #require(text.range(of: old))
        let line = text[..<place.lowerBound].count { $0 == "\n" } + 1
        text.replaceSubrange(place, with: new)
        let error = #expect(throws: Problems.self) {
            try ASMRequirements(document: Document(bytes: Array(text.utf8), name: "bad.yaml"))
        }
        let problems = try #require(error)
        #expect(problems.all.contains { $0.message.code == mistake.code }, "\(problems)")
        #expect(problems.all.allSatisfy { $0.location.file == "bad.yaml" })
        // The problem is placed on the line that was changed, or on the group that lacks the key.
        let lines = problems.all.compactMap(\.location.line)
        #expect(lines.contains { abs($0 - line) <= 12 }, "changed line \(line), reported \(lines)")
    }

    @Test("report all their mistakes at once")
    func allAtOnce() throws {
        let document = try #require(try PackLibrary.document("GB18285-2018-ASM"))
        let text = String(decoding: document.bytes, as: UTF8.self)
            .replacing("value: \"145\"", with: "value: \"many\"")
            .replacing("value: \"6.0\"", with: "value: \"-6.0\"")
            .replacing("value: rounded", with: "value: roundish")
        let error = #expect(throws: Problems.self) {
            try ASMRequirements(document: Document(bytes: Array(text.utf8), name: "bad.yaml"))
        }
        #expect(try #require(error).all.count == 4)
    }
}
