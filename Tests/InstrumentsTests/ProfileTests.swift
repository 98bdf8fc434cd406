import Documents
import Foundation
import Instruments
import Messages
import Metrology
import Testing

@Suite("Mistakes in device profiles")
struct ProfileTests {
    /// A good profile of an invented model, which each row of the table spoils in one place.
    private static let good = """
        id: model-1
        model: Model 1
        manufacturer: Nobody
        role: dynamometer
        grade: weak
        sources: { text: a text }
        line: { baud: 9600, data-bits: 8, parity: none, stop-bits: 1 }
        timing: { poll-interval-ms: 100, expected-age-ms: 500, reply-timeout-ms: 500 }
        framing:
          kind: request-reply
          request: ["02", command, length, data, checksum]
          reply: ["06", command, length, data, checksum]
          length-excludes: 1
          checksum: twos-complement
        commands:
          read:
            code: "60"
            reply-length: 8
            fields:
              - { name: speed, channel: roller-speed, offset: 3, type: u16be, scale: 0.1, unit: m/s, range: [0, 50] }
              - { name: duty, channel: brake-duty, offset: 5, type: u16be, unit: "%" }
          status:
            code: "61"
            reply-length: 5
            status:
              - { byte: 3, bit: 0, condition: fault }
          load: { code: "62", parameter: { type: f32le, unit: N, range: [0, 100] } }
          unload: { code: "63" }
        polls:
          - { command: read }
        actions:
          brake-force: { steps: [load] }
          brake-off: { steps: [unload] }
        examples:
          - { title: unload, source: text, origin: printed, command: unload, request: 02 63 03 98 }
          - title: read
            source: text
            origin: computed
            command: read
            request: 02 60 03 9B
            reply: 06 60 07 00 64 00 0A 25
            values: { speed: 10.0, duty: 10 }
        """

    private static let goodStream = """
        id: model-2
        model: Model 2
        manufacturer: Nobody
        role: tachometer
        grade: weak
        sources: { text: a text }
        line: { baud: 9600, data-bits: 8, parity: none, stop-bits: 1 }
        timing: { poll-interval-ms: 100, expected-age-ms: 500, reply-timeout-ms: 500 }
        framing:
          kind: stream
          frame:
            length: 6
            start: "41"
            tag:
              offset: 1
              modes: { A: idle, B: other }
            fields:
              - { name: speed, channel: engine-speed, offset: 2, type: ascii-decimal, length: 4, unit: r/min }
        examples:
          - { title: a frame, source: text, origin: printed, stream: 41 41 31 32 33 34, values: { speed: 1234 } }
        """

    struct Mistake: CustomTestStringConvertible, Sendable {
        let found: String
        let replacement: String
        let code: MessageCode
        /// The line below the first that is spoilt at which the problem is reported.
        var below = 0

        var testDescription: String { "\(found) → \(replacement)" }
    }

    @Test("The profiles that the table spoils are good")
    func good() {
        #expect(problems(in: Self.good) == [])
        #expect(problems(in: Self.goodStream) == [])
    }

    @Test(
        "Every kind of mistake is reported with its line",
        arguments: [
            Mistake(found: "model: Model 1", replacement: "modell: Model 1", code: .documentUnknownKey),
            Mistake(found: "role: dynamometer", replacement: "role: dyno", code: .documentUnknownValue),
            Mistake(found: "grade: weak", replacement: "grade: sure", code: .documentUnknownValue),
            Mistake(found: "sources: { text: a text }", replacement: "sources: [text]", code: .documentWrongType),
            Mistake(found: "baud: 9600", replacement: "baud: 12345", code: .documentUnknownValue),
            Mistake(found: "baud: 9600", replacement: "baud: fast", code: .documentWrongType),
            Mistake(found: "data-bits: 8", replacement: "data-bits: 9", code: .documentOutOfRange),
            Mistake(found: "parity: none", replacement: "parity: mark", code: .documentUnknownValue),
            Mistake(found: "stop-bits: 1", replacement: "stop-bits: 3", code: .documentOutOfRange),
            Mistake(found: "poll-interval-ms: 100", replacement: "poll-interval-ms: 0", code: .documentOutOfRange),
            Mistake(found: "expected-age-ms: 500, ", replacement: "", code: .documentMissingKey),
            Mistake(found: "kind: request-reply", replacement: "kind: telepathy", code: .documentUnknownValue),
            Mistake(
                found: "request: [\"02\", command", replacement: "request: [\"02\", comand", code: .documentWrongType),
            Mistake(
                found: "request: [\"02\", command,", replacement: "request: [\"02\",", code: .documentWrongType),
            Mistake(
                found: "request: [\"02\", command,", replacement: "request: [\"02\", command, command,",
                code: .documentWrongType),
            Mistake(found: "checksum: twos-complement", replacement: "checksum: magic", code: .documentUnknownValue),
            Mistake(found: "code: \"60\"", replacement: "code: \"6\"", code: .documentWrongType),
            Mistake(found: "code: \"60\"", replacement: "code: \"\"", code: .documentWrongType),
            Mistake(found: "reply-length: 8", replacement: "reply-length: 3", code: .documentOutOfRange),
            Mistake(found: "reply-length: 8", replacement: "reply-length: 300", code: .documentOutOfRange),
            Mistake(found: "reply-length: 8", replacement: "reply-lenght: 8", code: .documentUnknownKey),
            Mistake(
                found: "reply: [\"06\", command, length, data, checksum]",
                replacement: "reply: [\"06\", command, length, checksum]", code: .documentWrongType, below: 6),
            Mistake(
                found: "channel: roller-speed", replacement: "channel: roler-speed", code: .documentUnknownValue),
            Mistake(found: "channel: roller-speed", replacement: "channel: co", code: .documentUnknownValue),
            Mistake(found: "offset: 3", replacement: "offset: 2", code: .profileFieldOutsideFrame),
            Mistake(found: "offset: 5", replacement: "offset: 6", code: .profileFieldOutsideFrame),
            Mistake(found: "type: u16be, scale", replacement: "type: float, scale", code: .documentUnknownValue),
            Mistake(found: "scale: 0.1", replacement: "scale: 0", code: .documentWrongType),
            Mistake(found: "scale: 0.1", replacement: "scale: -0.1", code: .documentWrongType),
            Mistake(found: "scale: 0.1", replacement: "scale: 1e-3", code: .documentWrongType),
            Mistake(found: "unit: m/s", replacement: "unit: knots", code: .profileUnitNotConvertible),
            Mistake(found: "unit: m/s", replacement: "unit: kPa", code: .profileUnitNotConvertible),
            Mistake(found: "range: [0, 50]", replacement: "range: [50, 0]", code: .documentWrongType),
            Mistake(found: "range: [0, 50]", replacement: "range: [0]", code: .documentWrongType),
            Mistake(found: "range: [0, 50]", replacement: "invalid: [0xFF000]", code: .documentWrongType),
            Mistake(
                found: "name: duty, channel: brake-duty", replacement: "name: speed", code: .documentDuplicateKey,
                below: -1),
            Mistake(found: "byte: 3, bit: 0", replacement: "byte: 4, bit: 0", code: .documentOutOfRange),
            Mistake(found: "byte: 3, bit: 0", replacement: "byte: 3, bit: 8", code: .documentOutOfRange),
            Mistake(found: "condition: fault", replacement: "condition: broken", code: .documentUnknownValue),
            Mistake(found: "type: f32le, unit", replacement: "type: hex, unit", code: .documentUnknownValue),
            Mistake(found: "unit: N,", replacement: "unit: kW,", code: .profileActionParameter, below: 5),
            Mistake(found: "command: read }", replacement: "command: reed }", code: .documentUnknownValue),
            Mistake(found: "steps: [load]", replacement: "steps: [lode]", code: .documentUnknownValue),
            Mistake(found: "steps: [load]", replacement: "steps: [unload]", code: .profileActionParameter),
            Mistake(found: "steps: [unload]", replacement: "steps: [load]", code: .profileActionParameter),
            Mistake(found: "steps: [unload]", replacement: "steps: []", code: .profileActionParameter),
            Mistake(
                found: "steps: [unload]", replacement: "steps: [unload], confirm: { mode: idle, within-ms: 5 }",
                code: .documentUnknownValue),
            Mistake(found: "  brake-force:", replacement: "  brake-fource:", code: .documentUnknownKey),
            Mistake(
                found: "  brake-off: { steps: [unload] }", replacement: "", code: .profileNoUnload, below: -1),
            Mistake(found: "source: text, origin", replacement: "source: book, origin", code: .documentUnknownValue),
            Mistake(found: "origin: printed", replacement: "origin: dreamt", code: .documentUnknownValue),
            Mistake(found: "command: unload", replacement: "command: unlode", code: .documentUnknownValue),
            Mistake(
                found: "request: 02 63 03 98", replacement: "request: 02 63 03 99", code: .profileExampleContradicts),
            Mistake(
                found: "reply: 06 60 07 00 64", replacement: "reply: 06 60 07 00 65", code: .profileExampleContradicts),
            Mistake(
                found: "values: { speed: 10.0", replacement: "values: { speed: 10.1", code: .profileExampleContradicts),
            Mistake(
                found: "values: { speed: 10.0", replacement: "values: { spead: 10.0", code: .profileExampleContradicts),
            Mistake(
                found: "duty: 10 }", replacement: "duty: 10 }\n    mode: idle", code: .profileExampleContradicts,
                below: 1),
        ])
    func mistakes(_ mistake: Mistake) throws {
        try check(mistake, in: Self.good)
    }

    @Test(
        "Mistakes in a stream are reported with their line, too",
        arguments: [
            Mistake(found: "length: 6", replacement: "length: 1", code: .documentOutOfRange),
            Mistake(found: "start: \"41\"", replacement: "lock: 2", code: .documentOutOfRange, below: -1),
            Mistake(found: "A: idle", replacement: "AA: idle", code: .documentWrongType),
            Mistake(found: "A: idle", replacement: "A: sleepy", code: .documentUnknownValue),
            Mistake(found: "offset: 2", replacement: "offset: 3", code: .profileFieldOutsideFrame),
            Mistake(found: "length: 4", replacement: "length: 16", code: .documentOutOfRange),
            Mistake(found: "stream: 41 41 31", replacement: "stream: 41 43 31", code: .profileExampleContradicts),
            Mistake(
                found: "stream: 41 41 31", replacement: "mode: other, stream: 41 41 31",
                code: .profileExampleContradicts),
            Mistake(
                found: "examples:", replacement: "commands: { go: { code: \"60\" } }\nexamples:",
                code: .documentWrongType),
        ])
    func streamMistakes(_ mistake: Mistake) throws {
        try check(mistake, in: Self.goodStream)
    }

    private func check(_ mistake: Mistake, in good: String) throws {
        let range = try #require(good.range(of: mistake.found))
        let spoilt = good.replacingCharacters(in: range, with: mistake.replacement)
        let line = good[..<range.lowerBound].count { $0 == "\n" } + 1 + mistake.below
        #expect(problems(in: spoilt).contains("\(line): \(mistake.code.rawValue)"), "\(problems(in: spoilt))")
    }

    @Test("A role that is misspelt is one problem, not one for each channel")
    func misspeltRole() {
        let spoilt = Self.good.replacingOccurrences(of: "role: dynamometer", with: "role: dyno")
        #expect(problems(in: spoilt) == ["4: document.unknown-value"])
    }

    @Test("All problems are reported at once")
    func allAtOnce() {
        let spoilt = Self.good
            .replacingOccurrences(of: "grade: weak", with: "grade: sure")
            .replacingOccurrences(of: "baud: 9600", with: "baud: 1")
            .replacingOccurrences(of: "unit: m/s", with: "unit: knots")
            .replacingOccurrences(of: "origin: printed", with: "origin: dreamt")
        #expect(problems(in: spoilt).count >= 3, "\(problems(in: spoilt))")
    }

    @Test("A unit other than the channel's is converted")
    func conversion() throws {
        let profile = try DeviceProfile(document: Document(bytes: Array(Self.good.utf8), name: "good"))
        let frame = try #require(profile.decode(reply: bytes("06 60 07 00 64 00 0A 25"), to: "read"))
        #expect(frame.readings(at: .zero).map(\.value) == [36, 10])
    }

    @Test("A value that the instrument marks as invalid has no number and is a fault")
    func invalidMarker() throws {
        let yaml = Self.good.replacingOccurrences(of: "range: [0, 50]", with: "invalid: [0xFF00]")
        let profile = try DeviceProfile(document: Document(bytes: Array(yaml.utf8), name: "good"))
        let frame = try #require(profile.decode(reply: bytes("06 60 07 FF 00 00 0A 8A"), to: "read"))
        let reading = try #require(frame.readings(at: .zero).first)
        #expect(reading.value == nil)
        #expect(reading.validity == .deviceFault)
    }

    @Test("A library gives good profiles, and the problems of a faulty one when it is asked for")
    func library() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
        defer { try? FileManager.default.removeItem(atPath: folder) }
        for (path, text) in [
            ("dynamometers/model-1.yaml", Self.good), ("dynamometers/model-3.yaml", Self.good),
            ("tachometers/model-2.yaml", Self.goodStream), ("tachometers/model-4.yaml", "id: model-4\n"),
            ("lanes/lane.yaml", "not: a profile"),
            ("dynamometers/model-5.yaml", Self.good.replacingOccurrences(of: "model-1", with: "model-5")),
            ("tachometers/model-5.yaml", Self.goodStream.replacingOccurrences(of: "model-2", with: "model-5")),
        ] {
            let file = URL(fileURLWithPath: "\(folder)/\(path)")
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(text.utf8).write(to: file)
        }
        let library = try DeviceLibrary(directory: folder)
        #expect(library.profiles.keys.sorted() == ["model-1", "model-2"])
        #expect(try library.profile("model-1").bytes == Array(Self.good.utf8))
        let files = Set(library.problems?.all.map(\.location.file) ?? [])
        #expect(
            files == [
                "\(folder)/dynamometers/model-3.yaml", "\(folder)/tachometers/model-4.yaml",
                "\(folder)/tachometers/model-5.yaml",
            ])
        #expect(throws: Problems.self) { try library.profile("model-3") }
        #expect(throws: Problems.self) { try library.profile("model-9") }
        #expect(throws: Problems.self) { try DeviceLibrary(directory: folder + "/none") }
    }
}
