import Evidence
import Foundation
import Glibc

/// A directory of its own for one test, removed afterwards.
func withTemporaryDirectory<Result>(_ body: (String) throws -> Result) throws -> Result {
    var template = Array("/tmp/evidence-tests-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw POSIXError(.init(rawValue: errno) ?? .EIO) }
    let path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    defer { try? FileManager.default.removeItem(atPath: path) }
    return try body(path)
}

/// The permission bits of a file.
func mode(of path: String) -> mode_t {
    var status = stat()
    return stat(path, &status) == 0 ? status.st_mode & 0o7777 : 0
}

/// Reproducible randomness: SplitMix64, whose seed a failing test prints.
struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }
}

func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

/// The bytes of hexadecimal pairs, with spaces allowed.
func hex(_ pairs: String) -> [UInt8] {
    let digits = Array(pairs.filter { !$0.isWhitespace })
    return stride(from: 0, to: digits.count, by: 2).map { UInt8(String(digits[$0...($0 + 1)]), radix: 16) ?? 0 }
}

/// A lane that makes small but complete records.
struct SampleLane {
    let name: String
    let key: SigningKey
    /// Keys of other algorithms that sign beside it.
    var others: [SigningKey] = []
    var epoch = 1
    var counter = 1
    var previous: Digest?

    init(_ name: String = "11010501-3", origin: RecordOrigin = .measured, key: SigningKey? = nil) {
        self.name = name
        self.key = key ?? SigningKey(origin: origin)
    }

    /// A lane that signs with Ed25519 and SM2.
    static func withBothAlgorithms() throws -> SampleLane {
        var lane = SampleLane()
        lane.others = [try SigningKey(new: .sm2, origin: .measured)]
        return lane
    }

    var keys: [SigningKey] { [key] + others }

    static let frames = bytes("{\"tick\":1,\"co\":\"0.12\"}\n{\"tick\":2,\"co\":\"0.13\"}\n")

    var trust: TrustFile { get throws { try TrustFile(keys.map { TrustedKey($0, lane: name) }) } }

    /// The next record's payload; `change` may spoil it.
    func payload(_ change: (inout JSONObject) -> Void = { _ in }) throws -> [UInt8] {
        let signing = keys.map(\.algorithm)
        let header = RecordHeader(
            lane: name, epoch: epoch, counter: counter, previous: previous, origin: key.origin, signing: signing,
            attachments: [AttachmentReference(name: "frames.jsonl", content: Self.frames, signing: signing)])
        var object = header.object
        object["result"] = ["verdict": "passed", "co": "0.12", "note": "怠速平稳 🚗"]
        change(&object)
        return try JSONValue.object(object).canonicalBytes()
    }

    /// Seals the next record.
    mutating func seal(_ change: (inout JSONObject) -> Void = { _ in }) throws -> [UInt8] {
        let envelope = try Envelope(payload: payload(change), signedWith: keys)
        counter += 1
        previous = envelope.payloadDigest
        return envelope.bytes
    }
}

func attachments(_ name: String) -> [UInt8]? { name == "frames.jsonl" ? SampleLane.frames : nil }
