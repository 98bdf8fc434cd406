import Authority
import Foundation
import Testing

@Suite("Records with two signatures")
struct SeveralSignaturesTests {
    private static let digest = "sm3:" + String(repeating: "0", count: 64)

    /// A broken-off test that names both algorithms, unless told otherwise.
    private static func payload(_ edits: [(String, Value?)] = []) -> Value {
        var payload = Payload.aborted()
        payload.set("signing", ["ed25519", "sm2"])
        payload.set("attachments[0].sm3", .string(digest))
        for (path, value) in edits { payload.set(path, value) }
        return payload
    }

    private func problems(
        _ payload: Value, sm2 key: SM2LaneKey, trusted: TrustedKey? = nil, isSigned: Bool = true
    ) async throws -> [String] {
        let lane = try LaneKey()
        var problems: [String] = []
        try await withServer(keys: [lane.trusted, try trusted ?? key.trusted()]) { _, client, _ in
            let bytes = payload.json
            let envelope = try lane.envelope(bytes, and: isSigned ? key : nil)
            let answer = try await client.post(envelope, payload: bytes)
            problems = answer.status == 200 ? [] : try answer.problems.map { "\($0.rule) \($0.path)" }
        }
        return problems
    }

    @Test("are taken if both are good and named")
    func both() async throws {
        #expect(try await problems(Self.payload(), sm2: SM2LaneKey()) == [])
    }

    @Test("are refused if one was taken away, or added and not named")
    func strippedOrAdded() async throws {
        let key = try SM2LaneKey()
        #expect(
            try await problems(Self.payload(), sm2: key, isSigned: false)
                == ["signing.algorithms signing", "attachments.sm3 attachments[0].sm3"])
        let unnamed = Self.payload([("signing", ["ed25519"])])
        #expect(try await problems(unnamed, sm2: key) == ["signing.algorithms signing"])
        let twice = Self.payload([("signing", ["ed25519", "sm2", "sm2"])])
        #expect(try await problems(twice, sm2: key) == ["signing.algorithms signing"])
    }

    @Test("are refused without the SM3 digests of their files")
    func digests() async throws {
        for value: Value? in [nil, .string(Payload.noDigest)] {
            let found = try await problems(Self.payload([("attachments[0].sm3", value)]), sm2: try SM2LaneKey())
            #expect(found == ["attachments.sm3 attachments[0].sm3"])
        }
    }

    @Test("are refused if a key is another lane's, another origin's, or not for this number")
    func otherOwner() async throws {
        let key = try SM2LaneKey()
        for (trusted, expected) in [
            (try key.trusted(lane: "320105-03-2"), "lane.key lane.id"),
            (try key.trusted(origin: "simulated"), "origin.key origin"),
            (try key.trusted(counters: 2...9), "signing.bounds counter"),
        ] {
            #expect(try await problems(Self.payload(), sm2: key, trusted: trusted) == [expected])
        }
    }

    @Test("are refused if SM2's is of another identity, another key or another payload")
    func wrongSignature() async throws {
        let lane = try LaneKey()
        let (key, other) = (try SM2LaneKey(), try SM2LaneKey())
        let payload = Self.payload().json
        let message = preAuthenticationEncoding(type: "application/vnd.laneagent.record+json", body: payload)
        let good = try key.signature(for: message)
        let envelope = String(decoding: try lane.envelope(payload, and: key), as: UTF8.self)
        let present = try #require(envelope.firstMatch(of: try Regex("\(key.id)\",\"sig\":\"([^\"]*)\"")))
        let signature = try #require(present.output[1].substring)
        try await withServer(keys: [lane.trusted, try key.trusted(), try other.trusted()]) { server, client, _ in
            for wrong in [
                try key.signature(for: message, identity: "8765432187654321"), try other.signature(for: message),
                try key.signature(for: message + [0]), "", "AAAA",
                Data(Array(try #require(Data(base64Encoded: good))) + [0]).base64EncodedString(),
            ] {
                let forged = Array(envelope.replacing(signature, with: wrong).utf8)
                let answer = try await client.post(forged, payload: payload)
                #expect(try answer.problems.map { "\($0.rule) \($0.path)" } == ["signature.bytes signatures[1].sig"])
            }
            // Another one by the same key is as good as the first.
            let again = Array(envelope.replacing(signature, with: good).utf8)
            #expect(try await client.post(again, payload: payload).status == 200)
            #expect(await server.receipts.count == 1)
        }
    }

    @Test("are by keys of a trust file, each with its bounds")
    func trustFile() async throws {
        try await withFolder { folder in
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            let key = try SM2LaneKey()
            func read(_ more: [String: Value]) throws -> [TrustedKey] {
                let entry: [String: Value] = [
                    "algorithm": "sm2", "id": .string(key.id), "lane": "320105-03-1", "origin": "measured",
                    "publicKey": .string(Data(try key.publicKey).base64EncodedString()),
                ]
                let file: Value = ["keys": [.object(entry.merging(more) { $1 })]]
                try Data(file.json).write(to: URL(fileURLWithPath: folder + "/trust.json"))
                return try TrustedKey.readTrustFile(folder + "/trust.json")
            }
            #expect(try read([:]) == [try key.trusted()])
            #expect(try read(["fromCounter": 5, "throughCounter": 9]) == [try key.trusted(counters: 5...9)])
            #expect(try read(["revoked": ["fromCounter": 4]]) == [try key.trusted(counters: 1...3)])
            #expect(try read(["revoked": ["fromCounter": 1]]) == [])
            // No point of the curve: its last byte is another.
            var point = try key.publicKey
            point[64] ^= 1
            let off = Value.string(Data(point).base64EncodedString())
            #expect(throws: AuthorityError.self) { try read(["publicKey": off]) }
            #expect(throws: AuthorityError.self) { try read(["algorithm": "ed25519"]) }
        }
    }
}
