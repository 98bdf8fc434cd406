import Authority
import Crypto
import Foundation
import Testing

private let payloadType = "application/vnd.laneagent.record+json"

private let noEnvelopes = [
    "",
    "{",
    "[]",
    "{}",
    #"{"payload":"e30=","payloadType":"\#(payloadType)","signatures":[]}"#,
    #"{"payload":"e30=","payloadType":"text/plain","signatures":[{"keyid":"k","sig":"AA=="}]}"#,
    #"{"payload":"e30","payloadType":"\#(payloadType)","signatures":[{"keyid":"k","sig":"AA=="}]}"#,
    // The last character holds bits beyond the last byte.
    #"{"payload":"e31=","payloadType":"\#(payloadType)","signatures":[{"keyid":"k","sig":"AB=="}]}"#,
    #"{"payload":"e30=","payloadType":"\#(payloadType)","signatures":[{"keyid":"","sig":"AA=="}]}"#,
    #"{"payload":"e30=","payloadType":"\#(payloadType)","signatures":[{"keyid":"k","sig":"AA==","more":1}]}"#,
    #"{"payload":"e30=","payload":"e30=","payloadType":"\#(payloadType)","signatures":[{"keyid":"k","sig":"AA=="}]}"#,
    #"{"payload":"e30=","payloadType":"\#(payloadType)","signatures":[{"keyid":"k","sig":"AA=="}]} x"#,
]

private let notJSON: [[UInt8]] =
    [
        "", "nul", "01", "1.", ".5", "+1", "1e", "NaN", #"{"a":1,"a":2}"#, #"{"a":1,}"#, "[1,]", "[1 2]",
        #"{"a" 1}"#, #""\ud800""#, #""\ud800\u0041""#, #""\x""#, #""\u12g4""#, "\"\n\"", "\"a", "1 1",
        String(repeating: "[", count: 65) + String(repeating: "]", count: 65),
    ].map { Array($0.utf8) } + [[0x22, 0xFF, 0x22]]

@Suite("Envelopes")
struct EnvelopeTests {
    @Test("What is no envelope is malformed", arguments: noEnvelopes)
    func malformed(_ body: String) async throws {
        try await withServer { server, client, _ in
            let answer = try await client.post(Array(body.utf8), idempotencyKey: Payload.noDigest)
            #expect(answer.status == 400)
            #expect(try answer.refusal == "malformed")
            #expect(await server.report.malformed == 1)
        }
    }

    @Test("A signed payload that is not JSON is malformed", arguments: notJSON)
    func payloads(_ text: [UInt8]) async throws {
        try await withServer { _, client, lane in
            let answer = try await client.post(try lane.envelope(text), payload: text)
            #expect(answer.status == 400)
            #expect(try answer.problems.map(\.path) == ["payload"])
        }
    }

    @Test("Escapes and surrogate pairs are read as what they stand for")
    func escapes() async throws {
        try await withServer { _, client, lane in
            var payload = Payload.passed()
            payload.set("kind", #"\u0074e\u0073t"#)
            payload.set("software.name", #"\ud83d\ude97 \"a\\b\/\b\f\n\r\t"#)
            let answer = try await client.post(payload, by: lane)
            #expect(answer.status == 200)
        }
    }

    @Test("A stranger's record is refused, whatever key id it claims")
    func stranger() async throws {
        try await withServer { _, client, lane in
            let payload = Payload.passed().json
            let stranger = LaneKey(stranger: ())
            let unknown = try await client.post(try stranger.envelope(payload), payload: payload)
            #expect(unknown.status == 422)
            #expect(try unknown.problems.map(\.path) == ["signatures[0].keyid"])
            let forged = try await client.post(try stranger.envelope(payload, keyID: lane.id), payload: payload)
            #expect(forged.status == 422)
            #expect(try forged.problems.map(\.path) == ["signatures[0].sig"])
        }
    }

    @Test("A second signature that the record does not name is refused")
    func twoSignatures() async throws {
        try await withServer { _, client, lane in
            let payload = Payload.passed().json
            let envelope = String(decoding: try lane.envelope(payload), as: UTF8.self)
            let open = try #require(envelope.range(of: "[{"))
            let signature = envelope[envelope.index(after: open.lowerBound)...].dropLast(2)
            let twice = envelope.replacing(signature, with: "\(signature),\(signature)")
            let answer = try await client.post(Array(twice.utf8), payload: payload)
            #expect(answer.status == 422)
            #expect(try answer.problems.map(\.rule) == ["signature.count"])
            #expect(try answer.problems.map(\.path) == ["signatures[1]"])
        }
    }

    @Test("The idempotency key must be the payload's digest")
    func idempotencyKey() async throws {
        try await withServer { _, client, lane in
            let payload = Payload.passed().json
            let envelope = try lane.envelope(payload)
            let wrong = try await client.post(envelope, idempotencyKey: Payload.noDigest)
            #expect(wrong.status == 422)
            #expect(try wrong.problems.map(\.path) == ["Idempotency-Key"])
            for text in ["", "1", digest(payload).uppercased()] {
                #expect(try await client.post(envelope, idempotencyKey: text).status == 400)
            }
            #expect(try await client.send("POST", "/v1/records", body: envelope).status == 400)
        }
    }

    @Test("No flipped bit gets a receipt", arguments: [UInt64.random(in: 0...UInt64.max)])
    func flippedBits(_ seed: UInt64) async throws {
        print("seed of the flipped bits: \(seed)")
        try await withServer { server, client, lane in
            let payload = Payload.aborted().json
            let envelope = try lane.envelope(payload)
            let text = String(decoding: envelope, as: UTF8.self)
            let start = try #require(text.range(of: #"","payloadType"#))
            let afterPayload = text.utf8.distance(from: text.startIndex, to: start.lowerBound)
            // Every bit around the payload, and a sample of those in it.
            var random = SplitMix(state: seed)
            var bits = Array(0..<(12 * 8)) + Array((afterPayload * 8)..<(envelope.count * 8))
            bits += (0..<300).map { _ in Int.random(in: 96..<(afterPayload * 8), using: &random) }
            for bit in bits {
                var damaged = envelope
                damaged[bit / 8] ^= 1 << (bit % 8)
                let answer = try await client.post(damaged, payload: payload)
                #expect(answer.status == 400 || answer.status == 422, "bit \(bit), seed \(seed): \(answer.status)")
            }
            #expect(await server.receipts.isEmpty)
            #expect(try await client.post(envelope, payload: payload).status == 200)
        }
    }

    @Test("A body beyond eight megabytes is not read")
    func tooLarge() async throws {
        try await withServer { server, client, _ in
            let answer = try await client.post(
                [UInt8](repeating: 0x20, count: 8 << 20 + 1), idempotencyKey: Payload.noDigest)
            #expect(answer.status == 413)
            #expect(await server.report.malformed == 1)
        }
    }

    @Test("A trust file names its keys, and nothing else is a key")
    func trustFile() async throws {
        try await withFolder { folder in
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            let lane = try LaneKey()
            let path = folder + "/trust.json"
            let entry: Value = [
                "algorithm": "ed25519", "id": .string(lane.id), "lane": "320105-03-1", "origin": "measured",
                "publicKey": .string(lane.publicKey),
            ]
            func read(_ keys: [Value]) throws -> [TrustedKey] {
                let file: Value = ["keys": .array(keys)]
                try Data(file.json).write(to: URL(fileURLWithPath: path))
                return try TrustedKey.readTrustFile(path)
            }
            #expect(try read([entry]) == [try lane.trusted])
            #expect(throws: AuthorityError.self) { try read([entry, entry]) }
            for (member, value) in [("algorithm", "rsa"), ("publicKey", "AAAA"), ("publicKey", "?")] {
                var other = entry
                other.set(member, .string(value))
                #expect(throws: AuthorityError.self) { try read([other]) }
            }
            #expect(throws: AuthorityError.self) { try TrustedKey.readTrustFile(folder + "/none.json") }
        }
    }
}

/// A generator that gives the same numbers for the same seed (Steele, Lea and Flood 2014).
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
