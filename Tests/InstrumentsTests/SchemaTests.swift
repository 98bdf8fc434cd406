import Foundation
import Instruments
import Metrology
import SchemaTestKit
import Testing

@Suite("The JSON Schema of device profiles")
struct SchemaTests {
    private let schema: JSONSchema
    private static let path = Devices.directory + "/profile.schema.json"

    init() throws { schema = try JSONSchema(contentsOf: Self.path) }

    @Test("Every profile of the repository fits it")
    func profiles() throws {
        let folder = Devices.directory
        let names = try #require(FileManager.default.enumerator(atPath: folder)).compactMap { $0 as? String }
        let files = names.filter { $0.hasSuffix(".yaml") && !$0.hasPrefix("lanes/") }
        #expect(files.count >= 35)
        for file in files {
            let text = try String(contentsOfFile: "\(folder)/\(file)", encoding: .utf8)
            #expect(schema.problems(try JSONSchema.load(text)) == [], "\(file)")
        }
    }

    @Test("It knows the words that the reader knows, and no others")
    func words() throws {
        #expect(schema.words("role") == Set(InstrumentRole.allCases.map(\.rawValue)))
        #expect(schema.words("channel") == Set(ChannelID.allCases.map(\.rawValue)))
        #expect(schema.words("condition") == Set(InstrumentCondition.allCases.map(\.rawValue)))
        let actions = (schema.root["properties"] as? [String: Any])?["actions"] as? [String: Any]
        let kinds = Set((actions?["properties"] as? [String: Any] ?? [:]).keys)
        #expect(kinds == Set(InstrumentAction.Kind.allCases.map(\.rawValue)))
    }

    @Test(
        "It finds what is misspelt, missing, of the wrong kind or out of range",
        arguments: [
            ("role: gas-analyzer", "role: gas-analyser"), ("baud: 9600", "baud: 9601"),
            ("model: MQW-50A", "modell: MQW-50A"), ("kind: request-reply", "kind: telepathy"),
            ("checksum: twos-complement", "checksum: magic"), ("type: s16be", "type: s16"),
            ("offset: 3,", "offset: three,"), ("bit: 7, condition", "bit: 8, condition"),
            ("condition: low-flow", "condition: lowflow"), ("grade: corroborated", "grade: sure"),
            ("lost-after: 3", "lost-after: 0"), ("origin: printed", "origin: dreamt"),
            ("steps: [stop, zero], tries: 2", "tries: 2"), ("reply-length: 28", "reply-length: long"),
            ("request: 02 60 03 9B", "request: 02 6 03 9B"), ("  zero: { steps", "  zeroo: { steps"),
        ])
    func mistakes(good: String, bad: String) throws {
        let text = try String(contentsOfFile: Devices.directory + "/gas-analyzers/mqw-50a.yaml", encoding: .utf8)
        #expect(text.contains(good))
        #expect(schema.problems(try JSONSchema.load(text)) == [])
        #expect(schema.problems(try JSONSchema.load(text.replacingOccurrences(of: good, with: bad))) != [])
    }
}
