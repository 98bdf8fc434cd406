import Documents
import Instruments
import Messages
import Metrology
import Testing

/// The repository's own device profiles, found from this file's place.
enum Devices {
    static let directory = #filePath.split(separator: "/").dropLast(4).reduce("") { "\($0)/\($1)" } + "/Devices"

    static func profile(_ id: String) throws -> DeviceProfile {
        try DeviceLibrary(directory: directory).profile(id)
    }
}

/// Checks that a message has a text in every language, with all its placeholders filled.
func expectRendered(_ message: Message?, sourceLocation: Testing.SourceLocation = #_sourceLocation) {
    guard let message else { return }
    for language in Language.allCases {
        let text = Catalogue(language).text(message)
        #expect(text != message.description, sourceLocation: sourceLocation)
        #expect(Catalogue.placeholders(of: text).subtracting(["…"]).isEmpty, "\(text)", sourceLocation: sourceLocation)
    }
}

/// A text's problems as `line: code`, for comparison.
func problems(in yaml: String) -> [String] {
    do {
        _ = try DeviceProfile(document: Document(bytes: Array(yaml.utf8), name: "test.yaml"))
        return []
    } catch {
        for problem in error.all { expectRendered(problem.message) }
        return error.all.map { "\($0.location.line ?? 0): \($0.message.code.rawValue)" }
    }
}

/// Bytes from hexadecimal pairs.
func bytes(_ text: String) -> [UInt8] { bytesFromHexadecimal(text) ?? [] }

/// A reproducible source of random numbers (SplitMix64); tests print its seed.
struct Seeded: RandomNumberGenerator {
    private var state: UInt64

    init(_ seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }
}
