import Documents
import Foundation
import Messages
import Metrology
import Standards
import Testing

@Suite("Packs of free acceleration")
struct SmokePackTests {
    @Test("of GB 3847-2018 limit k to 1.2 and 0.7 1/m")
    func onRoad() throws {
        let limits = try #require(
            try PackLibrary.limits("GB3847-2018-free-acceleration-limits", FreeAccelerationLimits.self))
        #expect(limits.setNames == ["a", "b"])
        #expect(limits.table["a"]?.map(\.maximum.decimal.description) == ["1.2"])
        #expect(limits.table["b"]?.map(\.maximum.decimal.description) == ["0.7"])
        #expect(limits.table["a"]?[0].quantity == .absorption && limits.table["a"]?[0].maximum.unit == "1/m")
        #expect(limits.table["c"] == nil)
        let roadside = try #require(try PackLibrary.limits("GB3847-2018-roadside-limits", NonRoadLimits.self))
        for set in ["a", "b"] {
            #expect(roadside.table[set]?.map(\.maximum.decimal) == limits.table[set]?.map(\.maximum.decimal))
        }
    }

    @Test("of GB 36886-2018 have one limit for each class and power, with power bounds inclusive below")
    func nonRoad() throws {
        let limits = try #require(try PackLibrary.limits("GB36886-2018-non-road-limits", NonRoadLimits.self))
        #expect(limits.setNames == ["class-1", "class-2", "class-3"])
        let expected: [(set: String, power: String, limit: String)] = [
            ("class-1", "0.1", "3.00"), ("class-1", "18.99", "3.00"), ("class-1", "19", "2.00"),
            ("class-1", "37.0", "1.61"), ("class-2", "19", "1.00"), ("class-2", "560", "0.80"),
            ("class-3", "36.99", "0.80"), ("class-3", "37", "0.50"),
        ]
        for row in expected {
            let power = try #require(RoundedDecimal(row.power))
            let found = try #require(limits.table[row.set]).filter { $0.applies(power: power, aspiration: nil) }
            #expect(found.map(\.maximum.decimal.description) == [row.limit], "\(row)")
        }
        let unknown = try #require(limits.table["class-1"]).filter { $0.applies(power: nil, aspiration: nil) }
        #expect(unknown.isEmpty)
    }

    @Test("tell engines apart by how they breathe, and opacities by the length they are stated for")
    func others() throws {
        let british = try #require(
            try PackLibrary.limits("UK-MOT-free-acceleration-limits", FreeAccelerationLimits.self))
        for (aspiration, limit) in [(SmokeAspiration.natural, "2.5"), (.turbocharged, "3.0")] {
            let found = try #require(british.table["before-2008-07"]).filter {
                $0.applies(power: nil, aspiration: aspiration)
            }
            #expect(found.map(\.maximum.decimal.description) == [limit])
        }
        let american = try #require(
            try PackLibrary.limits("SAE-J1667-free-acceleration-limits", FreeAccelerationLimits.self))
        for (power, length) in [("74.9", "0.051"), ("75", "0.076"), ("150", "0.102"), ("224", "0.127")] {
            let found = try #require(american.table["from-1991"]).filter {
                $0.applies(power: RoundedDecimal(power), aspiration: nil)
            }
            #expect(found.map { $0.length?.decimal.description } == [length])
            #expect(found.map(\.quantity) == [.opacity])
        }
    }

    @Test("differ in their rules of acceptance, and only SAE J1667 filters here")
    func rules() throws {
        func rules(_ id: String) throws -> FreeAccelerationRules {
            try #require(try PackLibrary.requirements(id, FreeAccelerationRequirements.self)).rules
        }
        let recent = try rules("GB3847-2018-free-acceleration")
        let former = try rules("GB3847-2005-free-acceleration")
        let british = try rules("UK-MOT-free-acceleration")
        let american = try rules("SAE-J1667-free-acceleration")
        #expect([recent, former, british, american].map(\.acceptance.count) == [3, 4, 3, 3])
        #expect([recent, former, british, american].map(\.acceptance.fewest) == [3, 6, 3, 3])
        #expect(former.acceptance.spread?.decimal.description == "0.25" && former.acceptance.trend == .notDecreasing)
        #expect(british.acceptance.above == .continues && british.acceptance.most == 6)
        #expect(american.acceptance.spread?.unit == "%" && recent.acceptance.spread == nil)
        #expect([recent, former, british].allSatisfy { $0.peak.bessel == nil } && american.peak.bessel != nil)
    }

    /// A change to a pack's text, and the problem it must cause.
    struct Mistake: Sendable, CustomTestStringConvertible {
        let testDescription: String
        var pack = "SAE-J1667-free-acceleration"
        let key: String
        let old: String
        let new: String
        let code: MessageCode
    }

    @Test(
        "report what contradicts itself, by line",
        arguments: [
            Mistake(
                testDescription: "hold", key: "hold-maximum", old: "\"4.0\"", new: "\"1.0\"", code: .documentOutOfRange),
            Mistake(
                testDescription: "idle", key: "idle-limit", old: "\"120\"", new: "\"5\"", code: .documentOutOfRange),
            Mistake(testDescription: "counts", key: "most", old: "\"9\"", new: "\"2\"", code: .documentOutOfRange),
            Mistake(
                testDescription: "a memory that is not filtered", key: "from", old: "readings", new: "instrument",
                code: .documentOutOfRange),
            Mistake(
                testDescription: "a filter that cannot be", key: "filter-response", old: "\"0.5\"", new: "\"0.06\"",
                code: .filterUndefined),
            Mistake(
                testDescription: "speeds", key: "slowest", old: "\"500\"", new: "\"9000\"", code: .documentOutOfRange),
            Mistake(
                testDescription: "air", key: "air-temperature-minimum", old: "\"0\"", new: "\"50\"",
                code: .documentOutOfRange),
        ])
    func mistakes(_ mistake: Mistake) throws {
        let document = try #require(try PackLibrary.document(mistake.pack))
        var lines = String(decoding: document.bytes, as: UTF8.self).split(
            separator: "\n", omittingEmptySubsequences: false
        ).map(String.init)
        let line = try #require(lines.firstIndex { $0.hasPrefix("  \(mistake.key):") })
        #expect(lines[line].contains("value: \(mistake.old)"))
        lines[line] = lines[line].replacing("value: \(mistake.old)", with: "value: \(mistake.new)")
        let bytes = Array(lines.joined(separator: "\n").utf8)
        let error = #expect(throws: Problems.self) {
            try FreeAccelerationRequirements(document: Document(bytes: bytes, name: "bad.yaml"))
        }
        let problems = try #require(error).all
        #expect(problems.map(\.message.code) == [mistake.code], "\(problems)")
        // It stands at one of the keys that contradict each other.
        #expect(problems.allSatisfy { abs(($0.location.line ?? 0) - line - 1) <= 1 }, "\(problems)")
    }

    @Test("belong to one method")
    func otherMethod() throws {
        let document = try #require(try PackLibrary.document("GB36886-2018-non-road"))
        #expect(throws: Problems.self) { try FreeAccelerationRequirements(document: document) }
        let limits = try #require(try PackLibrary.document("GB3847-2018-roadside-limits"))
        #expect(throws: Problems.self) { try FreeAccelerationLimits(document: limits) }
    }
}
