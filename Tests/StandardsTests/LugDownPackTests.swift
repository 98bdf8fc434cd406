import Foundation
import Documents
import Messages
import Metrology
import Standards
import Testing

@Suite("The packs of lug-down")
struct LugDownPackTests {
    func limits(_ id: String = "GB3847-2018-lug-down-limits") throws -> LugDownLimits {
        try #require(try PackLibrary.limits(id, LugDownLimits.self))
    }

    func requirements(_ year: Int = 2018) throws -> LugDownRequirements {
        try #require(try PackLibrary.requirements("GB3847-\(year)-lug-down", LugDownRequirements.self))
    }

    @Test("hold limits a and b, and the NOx limit b of its time")
    func sets() throws {
        let (recent, former) = (try limits(), try limits("GB3847-2018-until-2020-06-lug-down-limits"))
        func row(_ limits: LugDownLimits, _ set: String) throws -> [String] {
            let found = try #require(limits.limits(set, altitude: nil))
            return LugDownQuantity.allCases.compactMap { found[$0]?.decimal.description }
        }
        #expect(try row(recent, "a") == ["1.2", "1500"])
        #expect(try row(recent, "b") == ["0.7", "900"])
        #expect(try row(former, "a") == ["1.2", "1500"])
        #expect(try row(former, "b") == ["0.7", "1200"])
        #expect(recent.limits("c", altitude: nil) == nil)
        #expect(former.identity.applies(on: "2020-06-30") && !former.identity.applies(on: "2020-07-01"))
        #expect(!recent.identity.applies(on: "2020-06-30") && recent.identity.applies(on: "2020-07-01"))
    }

    @Test("know what of 2005 was different")
    func editions() throws {
        let (former, recent) = (try requirements(2005), try requirements())
        #expect(former.points.map(\.point) == [.p100, .p90, .p80] && recent.points.map(\.point) == [.p100, .p80])
        #expect(former.pointTimes.mean == 5 && recent.pointTimes.mean == 9)
        #expect(former.decisions.powerShare.decimal == RoundedDecimal("50"))
        #expect(recent.decisions.powerShare.decimal == RoundedDecimal("40"))
        #expect(former.points.allSatisfy { $0.judges == .k } && recent.points.last?.judges == .kAndNOx)
        #expect(former.identity.applies(on: "2019-04-30") && !former.identity.applies(on: "2019-05-01"))
        #expect(recent.identity.applies(on: "2019-05-01"))
    }

    @Test(
        "allow more smoke for every whole thousand metres above 1500 m, up to 0.75",
        arguments: [
            ("0", "1.2"), ("1500", "1.2"), ("2499.9", "1.2"), ("2500", "1.45"), ("3499", "1.45"), ("3500", "1.70"),
            ("4500", "1.95"), ("5600", "1.95"),
        ])
    func altitude(metres: String, limit: String) throws {
        let height = try #require(RoundedDecimal(metres))
        let found = try #require(try limits().limits("a", altitude: height))
        #expect(found[.lightAbsorption]?.decimal == RoundedDecimal(limit))
        #expect(found[.nitrogenOxides]?.decimal == RoundedDecimal("1500"))
    }

    @Test("allow in proportion where a pack says so")
    func proportional() throws {
        let document = try #require(try PackLibrary.document("GB3847-2018-lug-down-limits"))
        let text = String(decoding: document.bytes, as: UTF8.self).replacing(
            "value: whole", with: "value: proportional")
        let limits = try LugDownLimits(document: Document(bytes: Array(text.utf8), name: "other.yaml"))
        let height = try #require(RoundedDecimal("2000"))
        #expect(limits.limits("a", altitude: height)?[.lightAbsorption]?.decimal == RoundedDecimal("1.325"))
    }

    @Test("ask for a light brake up to 3500 kg gross mass and for a heavy one above")
    func brakes() throws {
        let vehicle = try requirements().vehicle
        #expect(vehicle.brakePower(for: try #require(RoundedDecimal("3500"))).decimal == RoundedDecimal("56"))
        #expect(vehicle.brakePower(for: try #require(RoundedDecimal("3501"))).decimal == RoundedDecimal("120"))
    }

    @Test("make the least power of rated power exactly")
    func minimumPower() throws {
        let decisions = try requirements().decisions
        let least = decisions.minimumPower(rated: try #require(RoundedDecimal("73.5")))
        #expect(least.decimal == RoundedDecimal("29.4"))
        #expect(least.unit == "kW")
    }

    @Test(
        "report mistakes by line",
        arguments: [
            ("speed-target: {value: \"70\"", "speed-target: {value: \"50\"", MessageCode.documentOutOfRange),
            ("air-temperature-maximum: {value: \"45\"", "air-temperature-maximum: {value: \"-9\"", .documentOutOfRange),
            ("kelvin-offset: {value: \"273\"", "kelvin-offset: {value: \"0\"", .documentOutOfRange),
            ("judges: {value: k-and-nox", "judges: {value: nothing", .documentUnknownValue),
            ("  p100:", "  p110:", .documentMissingKey),
            ("mean: {value: \"9\"", "mean: {value: \"9.5\"", .documentWrongType),
            ("natural-temperature:", "naturel-temperature:", .documentMissingKey),
            ("step: {value: \"0.5\", unit: km/h", "step: {value: \"0.5\", unit: m/s", .documentUnknownValue),
        ])
    func mistakes(old: String, new: String, code: MessageCode) throws {
        let document = try #require(try PackLibrary.document("GB3847-2018-lug-down"))
        var text = String(decoding: document.bytes, as: UTF8.self)
        let place = try #require(text.range(of: old))
        let line = text[..<place.lowerBound].count { $0 == "\n" } + 1
        text.replaceSubrange(place, with: new)
        let error = #expect(throws: Problems.self) {
            try LugDownRequirements(document: Document(bytes: Array(text.utf8), name: "bad.yaml"))
        }
        let problems = try #require(error)
        #expect(problems.all.contains { $0.message.code == code }, "\(problems)")
        #expect(problems.all.compactMap(\.location.line).contains { abs($0 - line) <= 12 })
    }
}
