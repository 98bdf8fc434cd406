import Documents
import Foundation
import Instruments
import Messages
import Testing

@Suite("The check of device profiles")
struct LintTests {
    private static let good = """
        id: model-1
        model: Model 1
        manufacturer: Nobody
        role: gas-analyzer
        grade: weak
        sources: { text: a text }
        line: { baud: 9600, data-bits: 8, parity: none, stop-bits: 1 }
        timing: { poll-interval-ms: 100, expected-age-ms: 500, reply-timeout-ms: 500 }
        framing: { kind: request-reply, request: [command, checksum], reply: [command, data, checksum], checksum: sum }
        commands:
          read:
            code: "60"
            reply-length: 6
            fields:
              - { name: co, channel: co, offset: 1, type: u16be, unit: "%" }
              - { name: low, offset: 3, type: u8, bits: [0, 3], unit: "1" }
              - { name: high, offset: 3, type: u8, bits: [4, 7], unit: "1" }
        polls: [{ command: read }]
        examples:
          - title: read
            source: text
            origin: computed
            command: read
            request: 60 60
            reply: 60 00 05 21 00 86
            values: { co: 5, low: 1, high: 2 }
        """

    @Test("Every profile of the repository passes it, and there are at least thirty-five")
    func repository() throws {
        let library = try DeviceLibrary(directory: Devices.directory)
        #expect(library.problems?.description == nil)
        let problems = library.profiles.values.flatMap { $0.lint() }
        for problem in problems { expectRendered(problem.message) }
        #expect(Problems(problems).description == "")
        #expect(library.profiles.count >= 35)
        let examples = library.profiles.values.reduce(0) { $0 + $1.exampleCount }
        print("\(library.profiles.count) profiles, \(examples) examples")
    }

    @Test("Bits of one byte may be several fields")
    func goodProfile() throws { #expect(try lint(Self.good) == []) }

    @Test(
        "What a schema cannot say is told with its line",
        arguments: [
            ("offset: 3, type: u8, bits: [0, 3]", "offset: 2, type: u16be", "16: profile.fields-overlap"),
            ("bits: [4, 7]", "bits: [3, 7]", "17: profile.fields-overlap"),
            ("bits: [0, 3], unit: \"1\"", "bits: [0, 3], unit: potatoes", "16: profile.unit-unknown"),
            (", high: 2 }", " }", "17: profile.field-without-example"),
            ("polls: [", "  write: { code: \"61\" }\npolls: [", "18: profile.no-example"),
        ])
    func mistakes(_ good: String, _ bad: String, _ expected: String) throws {
        var spoilt = Self.good.replacingOccurrences(of: good, with: bad)
        if expected.hasSuffix("overlap") {
            // The values of the example no longer fit; only the places are looked at.
            spoilt = spoilt.replacingOccurrences(of: ", low: 1, high: 2", with: "")
        }
        #expect(spoilt != Self.good)
        let found = try lint(spoilt)
        #expect(found.contains(expected), "\(found)")
    }

    @Test("The profile that the description of the language begins with is good")
    func workedExample() throws {
        let text = try String(contentsOfFile: Devices.directory + "/README.md", encoding: .utf8)
        let start = try #require(text.range(of: "id: rauch-7"))
        let end = try #require(text[start.lowerBound...].range(of: "\n```"))
        #expect(try lint(String(text[start.lowerBound..<end.lowerBound])) == [])
    }

    @Test("Files and folders are checked together, and a profile in the wrong place is told")
    func files() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try FileManager.default.createDirectory(
            atPath: "\(folder)/opacimeters", withIntermediateDirectories: true)
        try Self.good.write(toFile: "\(folder)/opacimeters/model-1.yaml", atomically: true, encoding: .utf8)
        try Self.good.write(toFile: "\(folder)/model-1.yaml", atomically: true, encoding: .utf8)
        let check = ProfileCheck(paths: [folder, "\(folder)/none.yaml"])
        #expect(check.profiles.count == 2)
        #expect(
            Set(check.problems?.all.map(\.message.code) ?? []) == [
                .documentUnreadable, .documentUnknownValue, .documentDuplicateKey,
            ])
        #expect(ProfileCheck(paths: ["\(folder)/model-1.yaml"]).problems == nil)
        let all = ProfileCheck(paths: [Devices.directory])
        #expect(all.problems?.description == nil)
        #expect(all.profiles.count >= 35)
    }

    private func lint(_ yaml: String) throws -> [String] {
        let problems = try DeviceProfile(document: Document(bytes: Array(yaml.utf8), name: "test.yaml")).lint()
        for problem in problems { expectRendered(problem.message) }
        return problems.map { "\($0.location.line ?? 0): \($0.message.code.rawValue)" }
    }
}
