import Documents
import Instruments
import Messages
import Metrology

/// The repository's own device profiles, found from this file's place.
enum Devices {
    static let directory = #filePath.split(separator: "/").dropLast(4).reduce("") { "\($0)/\($1)" } + "/Devices"

    static func profile(_ id: String) throws -> DeviceProfile {
        try DeviceLibrary(directory: directory).profile(id)
    }
}

/// A text's problems as `line: code`, for comparison.
func problems(in yaml: String) -> [String] {
    do {
        _ = try DeviceProfile(document: Document(bytes: Array(yaml.utf8), name: "test.yaml"))
        return []
    } catch {
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
