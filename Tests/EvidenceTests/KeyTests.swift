import Evidence
import Foundation
import Glibc
import Testing

@Suite("Keys and trust")
struct KeyTests {
    @Test("The first start makes a key that only its owner can read; the second finds it")
    func firstStart() throws {
        try withTemporaryDirectory { parent in
            let directory = parent + "/keys"
            let key = try SigningKey.loadOrCreate(in: directory, origin: .measured)
            #expect(mode(of: directory) == 0o700)
            #expect(mode(of: directory + "/lane.key") == 0o600)
            let again = try SigningKey.loadOrCreate(in: directory, origin: .measured)
            #expect(again.publicKey == key.publicKey)
            #expect(try SigningKey.load(from: directory, origin: .measured).id == key.id)
            let message = bytes("record")
            #expect(TrustedKey(key, lane: "1").isValid(try again.signature(for: message), for: message))
            #expect(try FileManager.default.contentsOfDirectory(atPath: directory) == ["lane.key"])
        }
    }

    @Test("Measured and simulated lanes have keys of their own")
    func keyPerOrigin() throws {
        try withTemporaryDirectory { directory in
            let measured = try SigningKey.loadOrCreate(in: directory, origin: .measured)
            let simulated = try SigningKey.loadOrCreate(in: directory, origin: .simulated)
            #expect(measured.id != simulated.id)
            #expect(simulated.origin == .simulated)
            #expect(mode(of: directory + "/lane-simulated.key") == 0o600)
        }
    }

    @Test("A key of RFC 8410, as OpenSSL writes it, is read")
    func publishedKey() throws {
        try withTemporaryDirectory { directory in
            let path = directory + "/lane.key"
            let pem = """
                -----BEGIN PRIVATE KEY-----
                MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC
                -----END PRIVATE KEY-----

                """
            try Data(pem.utf8).write(to: URL(fileURLWithPath: path))
            chmod(path, 0o600)
            let key = try SigningKey.load(from: directory, origin: .measured)
            let publicKey = try #require(
                Data(base64Encoded: "MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE="))
            #expect(key.publicKey == Array(publicKey.suffix(32)))
        }
    }

    @Test("A key or a directory that others can reach is refused", arguments: [0o640, 0o604, 0o620, 0o601] as [mode_t])
    func openToOthers(mode: mode_t) throws {
        try withTemporaryDirectory { directory in
            _ = try SigningKey.loadOrCreate(in: directory, origin: .measured)
            let path = directory + "/lane.key"
            chmod(path, mode)
            #expect(throws: SigningKeyError.fileOpenToOthers(path: path, mode: String(mode, radix: 8))) {
                try SigningKey.loadOrCreate(in: directory, origin: .measured)
            }
            chmod(path, 0o600)
            chmod(directory, 0o750)
            #expect(throws: SigningKeyError.directoryOpenToOthers(path: directory, mode: "750")) {
                try SigningKey.loadOrCreate(in: directory, origin: .measured)
            }
            chmod(directory, 0o700)
        }
    }

    @Test("A damaged key is refused and never replaced", arguments: ["", "-----BEGIN PRIVATE KEY-----\n", "garbage"])
    func damaged(content: String) throws {
        try withTemporaryDirectory { directory in
            let path = directory + "/lane.key"
            try Data(content.utf8).write(to: URL(fileURLWithPath: path))
            chmod(path, 0o600)
            #expect(throws: SigningKeyError.malformed(path: path)) {
                try SigningKey.loadOrCreate(in: directory, origin: .measured)
            }
            #expect(FileManager.default.contents(atPath: path) == Data(content.utf8))
        }
    }

    @Test("Without a directory or a file there is no key")
    func missing() throws {
        try withTemporaryDirectory { directory in
            #expect(throws: SigningKeyError.self) { try SigningKey.load(from: directory, origin: .measured) }
            #expect(throws: SigningKeyError.self) {
                try SigningKey.loadOrCreate(in: directory + "/none/keys", origin: .measured)
            }
            // A link is not followed: it could lead to a key of somebody's choice.
            symlink("/nowhere", directory + "/lane.key")
            #expect(throws: SigningKeyError.self) { try SigningKey.loadOrCreate(in: directory, origin: .measured) }
        }
    }

    @Test("Many starts at once agree on one key")
    func race() async throws {
        let directory = try withTemporaryDirectory { $0 }
        defer { try? FileManager.default.removeItem(atPath: directory) }
        mkdir(directory, 0o700)
        let ids = try await withThrowingTaskGroup(of: String.self) { group in
            for _ in 0..<16 {
                group.addTask { try SigningKey.loadOrCreate(in: directory, origin: .measured).id }
            }
            return try await group.reduce(into: Set<String>()) { $0.insert($1) }
        }
        #expect(ids.count == 1)
    }

    @Test("A trust file is written and read, and looks up by fingerprint")
    func trustFile() throws {
        try withTemporaryDirectory { directory in
            let key = SigningKey(origin: .measured)
            let simulated = SigningKey(origin: .simulated)
            var trust = try TrustFile([TrustedKey(key, lane: "1")])
            try trust.enrol(TrustedKey(simulated, lane: "1"))
            try trust.enrol(TrustedKey(simulated, lane: "1"))
            #expect(trust.keys.count == 2)
            #expect(throws: TrustFileError.enrolledTwice(id: key.id)) {
                try trust.enrol(TrustedKey(key, lane: "2"))
            }
            let path = directory + "/trust.json"
            try trust.write(to: path)
            let read = try TrustFile(contentsOf: path)
            #expect(read == trust)
            #expect(read.key(id: simulated.id)?.origin == .simulated)
            #expect(read.key(id: "00") == nil)
        }
    }

    @Test(
        "A trust file that is wrong is refused at its place",
        arguments: [
            ("{}", "keys"), (#"{"keys":[{}]}"#, "keys[0].algorithm"),
            (
                #"{"keys":[{"algorithm":"ed25519","id":"00","lane":"1","origin":"measured","publicKey":"AAAA"}]}"#,
                "keys[0].publicKey"
            ),
            (
                #"{"keys":[{"algorithm":"rsa","id":"00","lane":"1","origin":"measured","publicKey":"KEY"}]}"#,
                "keys[0].algorithm"
            ),
            (
                #"{"keys":[{"algorithm":"ed25519","id":"00","lane":"","origin":"measured","publicKey":"KEY"}]}"#,
                "keys[0].lane"
            ),
            (
                #"{"keys":[{"algorithm":"ed25519","id":"00","lane":"1","origin":"other","publicKey":"KEY"}]}"#,
                "keys[0].origin"
            ),
            (
                #"{"keys":[{"algorithm":"ed25519","id":"00","lane":"1","origin":"measured","publicKey":"KEY"}]}"#,
                "keys[0].id"
            ),
        ])
    func malformedTrustFile(json: String, place: String) throws {
        let publicKey = Data(SigningKey(origin: .measured).publicKey).base64EncodedString()
        let error = #expect(throws: TrustFileError.self) {
            try TrustFile(parsing: bytes(json.replacingOccurrences(of: "KEY", with: publicKey)))
        }
        guard case .malformed(let found, _) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(found == place)
    }
}
