import Documents
import Foundation
import SchemaTestKit
import Standards
import Testing

@Suite("The JSON Schema of packs")
struct PackSchemaTests {
    private let schema: JSONSchema
    private static let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appendingPathComponent("Sources/Standards/Packs/pack.schema.json").path

    init() throws { schema = try JSONSchema(contentsOf: Self.path) }

    private func text(_ id: String) throws -> String {
        String(decoding: try #require(try PackLibrary.document(id)).bytes, as: UTF8.self)
    }

    @Test("Every built-in pack fits it", arguments: PackLibrary.ids)
    func packs(id: String) throws {
        #expect(schema.problems(try JSONSchema.load(try text(id))) == [])
    }

    @Test("It knows the words that the reader knows, and no others")
    func words() {
        #expect(schema.words("kind") == Set(PackKind.allCases.map(\.rawValue)))
        #expect(schema.words("method") == Set(TestMethod.allCases.map(\.rawValue)))
        #expect(schema.words("fuel") == Set(Fuel.allCases.map(\.rawValue)))
        #expect(schema.words("category") == Set(VehicleCategory.allCases.map(\.rawValue)))
        #expect(schema.words("consequence") == Set(CheckConsequence.allCases.map(\.rawValue)))
    }

    @Test(
        "It finds what is misspelt, missing or of the wrong kind",
        arguments: [
            ("GB18285-2018-ASM", "grade: M-H", "grade: sure"), ("GB18285-2018-ASM", "unit: ", "units: "),
            ("GB18285-2018-ASM", "value: \"145\"", "value: 145"),
            ("GB18285-2018-ASM", "value: \"145\"", "value: \"1,5\""), ("GB18285-2018-ASM", "kind: req", "kind: rec"),
            ("GB18285-2018-ASM", "sources:", "source:"), ("GB18285-2018-ASM", "en: ", "de: "),
            ("GB18285-2018-VMAS", "rows:", "row:"), ("GB18285-2018-VMAS", "effective: {from:", "effective: {since:"),
            ("CN-2018-method-choice", "fuels: [diesel]", "fuels: [coal]"),
            ("CN-2018-method-choice", "clause:", "claus:"),
            ("CN-2018-vehicle-checks", "otherwise: mend", "otherwise: pray"),
            ("CN-2018-vehicle-checks", "mil-lit: true", "mil-lit: sometimes"),
        ])
    func mistakes(id: String, good: String, bad: String) throws {
        let pack = try text(id)
        #expect(pack.contains(good))
        let place = try #require(pack.range(of: good))
        #expect(schema.problems(try JSONSchema.load(pack.replacingCharacters(in: place, with: bad))) != [])
    }
}

@Suite("The sheet of a pack")
struct PackSheetTests {
    private func sheet(_ id: String) throws -> PackSheet { PackSheet(try #require(try PackLibrary.document(id))) }

    @Test("lists every value with unit, source, grade and note", arguments: PackLibrary.ids)
    func complete(id: String) throws {
        let document = try #require(try PackLibrary.document(id))
        let sheet = PackSheet(document)
        // Whatever states a grade is a row, once.
        let text = String(decoding: document.bytes, as: UTF8.self)
        let stated = text.components(separatedBy: "\n").filter { !$0.hasPrefix("#") }
            .map { $0.components(separatedBy: "grade: ").count - 1 }
        #expect(sheet.rows.count == stated.reduce(0, +))
        #expect(Set(sheet.rows.map(\.path)).count == sheet.rows.count)
        let sources = Set(sheet.sources.map(\.key))
        for row in sheet.rows { #expect(sources.contains(row.source), "\(row.path)") }
    }

    @Test("shows the limits of the standard")
    func limits() throws {
        let row = try #require(try sheet("GB18285-2018-ASM-limits").rows.first { $0.path == "sets.a.asm5025.co" })
        #expect(row.value == "0.50" && row.unit == "%" && row.source == "M" && row.grade == "M-H" && row.note == nil)
        let nox = try #require(try sheet("GB3847-2018-lug-down-limits").rows.first { $0.path == "sets.b.nox" })
        #expect(nox.value == "900" && nox.note == "1200 until 2020-06-30")
    }

    @Test("tells what was tightened in July 2020, and nothing else")
    func tightened() throws {
        let before = try sheet("GB3847-2018-until-2020-06-lug-down-limits")
        let changes = before.changes(to: try sheet("GB3847-2018-lug-down-limits"))
        #expect(changes.count == 1)
        guard case .changed(let old, let new) = try #require(changes.first) else {
            Issue.record("not changed")
            return
        }
        #expect(old.path == "sets.b.nox" && old.value == "1200" && new.value == "900")
        #expect(before.changes(to: before) == [])
    }

    @Test("tells what one pack has and the other has not")
    func addedAndRemoved() throws {
        let asm = try sheet("GB18285-2018-ASM-limits")
        let idle = try sheet("GB18285-2018-TSI-limits")
        let changes = asm.changes(to: idle)
        let removed = changes.count { if case .removed = $0 { true } else { false } }
        let added = changes.count { if case .added = $0 { true } else { false } }
        #expect(removed == asm.rows.count && added == idle.rows.count)
    }
}
