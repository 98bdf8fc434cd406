import Evidence
import Foundation
import Glibc
import Messages
import Testing

@Suite("The register of a lane's keys")
struct KeyRegisterTests {
    static let now = "2026-11-21T14:30:29Z"

    private func files(_ directory: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: directory).sorted()
    }

    @Test("The first start makes a key of each algorithm, the second finds them")
    func firstStart() throws {
        try withTemporaryDirectory { parent in
            let directory = parent + "/keys"
            var register = try KeyRegister(directory: directory)
            let keys = try register.loadOrCreate(lane: "3", origin: .measured, [.ed25519, .sm2], at: Self.now)
            #expect(keys.map(\.algorithm) == [.ed25519, .sm2])
            #expect(try files(directory) == ["lane-sm2.key", "lane.key", "register.json"])
            for file in try files(directory) { #expect(mode(of: "\(directory)/\(file)") == 0o600) }
            var again = try KeyRegister(directory: directory)
            #expect(again.entries == register.entries)
            #expect(
                try again.loadOrCreate(lane: "3", origin: .measured, [.ed25519, .sm2], at: Self.now).map(\.id)
                    == keys.map(\.id))
            #expect(again.keysInClear().count == 2)
            #expect(throws: KeyRegisterError.exists(lane: "3", algorithm: "sm2")) {
                try again.create(lane: "3", origin: .measured, .sm2, at: Self.now)
            }
        }
    }

    @Test("A register that cannot be looked at is not one without keys", arguments: ["elsewhere", "register.json"])
    func hiddenRegister(target: String) throws {
        try withTemporaryDirectory { parent in
            let directory = parent + "/keys"
            var register = try KeyRegister(directory: directory)
            _ = try register.loadOrCreate(lane: "3", origin: .measured, [.ed25519], at: Self.now)
            let before = try files(directory)
            // A link that leads nowhere, or to itself.
            unlink("\(directory)/register.json")
            symlink(target, "\(directory)/register.json")
            #expect(
                throws: SigningKeyError.unreadable(
                    path: "\(directory)/register.json", detail: String(cString: strerror(ELOOP)))
            ) { try KeyRegister(directory: directory) }
            #expect(try files(directory) == before)
            // A file in the place of the directory.
            let file = parent + "/file"
            try Data().write(to: URL(fileURLWithPath: file))
            #expect(
                throws: SigningKeyError.unreadable(path: file, detail: String(cString: strerror(ENOTDIR)))
            ) { try KeyRegister(directory: file) }
            #expect(throws: SigningKeyError.self) { try KeyRegister(directory: file + "/keys") }
        }
    }

    @Test("What permission keeps from being read is an error of its own, for directory, register and key")
    func notPermitted() throws {
        try withTemporaryDirectory { parent in
            chmod(parent, 0o755)
            let directory = parent + "/keys"
            var register = try KeyRegister(directory: directory)
            let entry = try register.create(lane: "3", origin: .measured, .ed25519, at: Self.now).entry
            let key = "\(directory)/\(try #require(entry.file))"
            let path = "\(directory)/register.json"
            try asAnother(hiding: [directory]) {
                #expect(throws: SigningKeyError.notPermitted(path: path)) { try KeyRegister(directory: directory) }
            }
            try asAnother(hiding: [path, key], owning: directory) {
                #expect(throws: SigningKeyError.notPermitted(path: path)) { try KeyRegister(directory: directory) }
                #expect(throws: SigningKeyError.notPermitted(path: key)) { try register.signingKey(entry) }
            }
            #expect(SigningKeyError.notPermitted(path: path).message.code == .keyNotPermitted)
            #expect(try KeyRegister(directory: directory).entries == [entry])
        }
    }

    /// Does something as a user who may not look into the paths. Root may everywhere: there the thread's file accesses
    /// are nobody's for the while.
    private func asAnother(hiding paths: [String], owning directory: String? = nil, _ body: () throws -> Void) throws {
        guard geteuid() == 0 else {
            var modes: [mode_t] = []
            for path in paths {
                modes.append(mode(of: path))
                chmod(path, 0)
            }
            defer { for (path, mode) in zip(paths, modes) { chmod(path, mode) } }
            return try body()
        }
        typealias SetUser = @convention(c) (uid_t) -> Int32
        // setfsuid(2) is of one thread; the function of this name has had this type since it exists.
        let setUser = unsafeBitCast(try #require(dlsym(nil, "setfsuid")), to: SetUser.self)
        let nobody: uid_t = 65_534
        if let directory { chown(directory, nobody, nobody) }
        _ = setUser(nobody)
        defer {
            _ = setUser(0)
            if let directory { chown(directory, 0, 0) }
        }
        try body()
    }

    @Test("A key whose file is lost is named as missing, and can be revoked and replaced all the same")
    func lostFile() throws {
        try withTemporaryDirectory { directory in
            var register = try KeyRegister(directory: directory)
            let keys = try register.loadOrCreate(lane: "3", origin: .measured, [.ed25519, .sm2], at: Self.now)
            for file in ["lane.key", "lane-sm2.key"] { unlink("\(directory)/\(file)") }
            #expect(throws: SigningKeyError.missing(path: "\(directory)/lane.key")) {
                try register.loadOrCreate(lane: "3", origin: .measured, [.ed25519], at: Self.now)
            }
            let revocation = KeyRevocation(fromCounter: 5, at: Self.now, reason: "disk lost")
            for key in keys { #expect(try register.revoke(key.id, revocation) == nil) }
            let (entry, key) = try register.create(lane: "3", origin: .measured, .ed25519, at: Self.now)
            #expect(entry.generation == 2 && key.id != keys[0].id)
        }
    }

    @Test("A lane's key from before the register is taken over")
    func takenOver() throws {
        try withTemporaryDirectory { directory in
            let old = try SigningKey.loadOrCreate(in: directory, origin: .measured)
            var register = try KeyRegister(directory: directory)
            #expect(
                try register.loadOrCreate(lane: "3", origin: .measured, [.ed25519], at: Self.now).map(\.id) == [old.id])
        }
    }

    @Test("Keys under a passphrase are files that only it opens")
    func encrypted() throws {
        try withTemporaryDirectory { directory in
            let passphrase = bytes("检测线 3")
            var register = try KeyRegister(directory: directory, passphrase: passphrase)
            let keys = try register.loadOrCreate(lane: "3", origin: .measured, [.ed25519, .sm2], at: Self.now)
            #expect(register.keysInClear() == [])
            for (key, file) in zip(keys, ["lane.key", "lane-sm2.key"]) {
                let path = "\(directory)/\(file)"
                let content = try #require(FileManager.default.contents(atPath: path))
                #expect(content.starts(with: Data("-----BEGIN ENCRYPTED PRIVATE KEY-----\n".utf8)))
                func load(_ passphrase: [UInt8]?) throws -> String {
                    try SigningKey.load(
                        from: directory, origin: .measured, algorithm: key.algorithm, passphrase: passphrase
                    ).id
                }
                #expect(try load(passphrase) == key.id)
                #expect(throws: SigningKeyError.passphraseMissing(path: path)) { try load(nil) }
                #expect(throws: SigningKeyError.passphraseWrong(path: path)) { try load(bytes("检测线 4")) }
                #expect(throws: SigningKeyError.passphraseWrong(path: path)) { try load([]) }
            }
        }
    }

    @Test(
        "Keys that OpenSSL wrote are read, in clear and under a passphrase",
        arguments: [
            // The key of GM/T 0003.5, Annex A.
            (
                SignatureAlgorithm.sm2, "lane-sm2.key", nil,
                """
                -----BEGIN PRIVATE KEY-----
                MIGHAgEAMBMGByqGSM49AgEGCCqBHM9VAYItBG0wawIBAQQgOUUgj3shRLE/NuOK
                xtOflYiTk2koYLUaQvuB7033xbihRANCAAQJ+d8xHlQhoVDdfRYeS8XGchefrRgz
                /AdrsI/zVvNQIMzqSQziZ3WlLcbqcYzBqmAK7QX7814ISmYy9gctqa0T
                -----END PRIVATE KEY-----

                """
            ),
            (
                .sm2, "lane-sm2.key", "检测线",
                """
                -----BEGIN ENCRYPTED PRIVATE KEY-----
                MIHkME8GCSqGSIb3DQEFDTBCMCEGCSsGAQQB2kcECzAUBAhsZ/q1f3qS+AICQAAC
                AQgCAQEwHQYJYIZIAWUDBAEqBBD10BDLOmXar+oeq1aegOfuBIGQ8y+2fJhQJqcq
                J8Nc9jj3crSoYzNNNeU4lFQKlqpICi+abBEJqpq08ORYFc28NVB43bf4QeFz3iTc
                UhqMEYQmLkXc61Q/us2gLw3Lksv9A0bK6TDhd4OIpS1+pXCQysta0LciA5gVtEaK
                V9xSOyaL8TjGI0YXSLWBLpEzJiRnwZuUIPmzpd4LDTZS2moHc1L6
                -----END ENCRYPTED PRIVATE KEY-----

                """
            ),
            // The key of RFC 8410, section 10.3.
            (
                .ed25519, "lane.key", "lane",
                """
                -----BEGIN ENCRYPTED PRIVATE KEY-----
                MIGTME8GCSqGSIb3DQEFDTBCMCEGCSsGAQQB2kcECzAUBAi0wWkvrTgzfwICQAAC
                AQgCAQEwHQYJYIZIAWUDBAEqBBDgbqn7A6h1lAxFHa+lc+cnBEBwXiRF77k+d88E
                zdshmFIvqelyts5MuLcK8iyUP99vFJZEmMp8hsj7knu3e0lzhh7YCc9wRqLikPvZ
                uicteqiw
                -----END ENCRYPTED PRIVATE KEY-----

                """
            ),
        ] as [(SignatureAlgorithm, String, String?, String)])
    func openSSL(algorithm: SignatureAlgorithm, file: String, passphrase: String?, pem: String) throws {
        try withTemporaryDirectory { directory in
            let path = "\(directory)/\(file)"
            try Data(pem.utf8).write(to: URL(fileURLWithPath: path))
            chmod(path, 0o600)
            let key = try SigningKey.load(
                from: directory, origin: .measured, algorithm: algorithm, passphrase: passphrase.map(bytes))
            switch algorithm {
            case .sm2:
                #expect(key.publicKey == SM2Tests.publicKey)
                #expect(
                    text(TrustedKey(key, lane: "3").pem) == """
                        -----BEGIN PUBLIC KEY-----
                        MFkwEwYHKoZIzj0CAQYIKoEcz1UBgi0DQgAECfnfMR5UIaFQ3X0WHkvFxnIXn60Y
                        M/wHa7CP81bzUCDM6kkM4md1pS3G6nGMwapgCu0F+/NeCEpmMvYHLamtEw==
                        -----END PUBLIC KEY-----

                        """)
            case .ed25519:
                #expect(
                    text(TrustedKey(key, lane: "3").pem) == """
                        -----BEGIN PUBLIC KEY-----
                        MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=
                        -----END PUBLIC KEY-----

                        """)
            }
            // A key of one algorithm does not serve for another.
            let other: SignatureAlgorithm = algorithm == .sm2 ? .ed25519 : .sm2
            rename(path, "\(directory)/\(SigningKey.fileName(for: .measured, other))")
            #expect(throws: SigningKeyError.self) {
                try SigningKey.load(
                    from: directory, origin: .measured, algorithm: other, passphrase: passphrase.map(bytes))
            }
        }
    }

    @Test("Public keys come as JWK for Ed25519, and fingerprints in groups that can be read out")
    func publicForms() throws {
        // RFC 8037, Appendix A.2.
        let secret = hex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")
        let key = TrustedKey(try #require(SigningKey(origin: .measured, secret: secret)), lane: "3")
        #expect(key.webKey?["x"] == "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo")
        #expect(key.webKey?["crv"] == "Ed25519")
        #expect(TrustedKey(try SigningKey(new: .sm2, origin: .measured), lane: "3").webKey == nil)
        #expect(
            key.groupedID
                == "21fe 31df a154 a261 626b f854 046f d227 1b7b ed4b 6abe 45aa 5887 7ef4 7f97 21b9")
    }

    @Test("A rotation is signed by both keys, and the trust file follows it", arguments: SignatureAlgorithm.allCases)
    func rotation(algorithm: SignatureAlgorithm) throws {
        try withTemporaryDirectory { directory in
            var register = try KeyRegister(directory: directory)
            let first = try register.create(lane: "3", origin: .measured, algorithm, at: Self.now).signingKey
            var trust = try TrustFile([TrustedKey(first, lane: "3")])
            let (entry, statement) = try register.rotate(
                lane: "3", origin: .measured, algorithm, first: 8, at: Self.now)
            #expect(entry.generation == 2)
            #expect(register.active(lane: "3", origin: .measured, algorithm) == entry)
            #expect(!register.entries[0].isActive)
            #expect(throws: KeyRegisterError.notActive(id: first.id)) { try register.signingKey(register.entries[0]) }
            // The old private key is gone, the statement is there.
            let left = try files(directory)
            #expect(left.contains("rotation-\(entry.key.id.prefix(16)).json"))
            #expect(left.filter { $0.hasSuffix(".key") } == [entry.file])
            #expect(try KeyRegister(directory: directory).entries == register.entries)

            let report = KeyRotation.verify(statement.bytes, trust: trust)
            #expect(report.findings == [])
            try trust.apply(try #require(report.content))
            #expect(trust.key(id: first.id)?.validity.throughCounter == 7)
            #expect(trust.key(id: entry.key.id)?.validity.fromCounter == 8)
            // A stranger to the lane cannot apply it, nor can the new key vouch for itself.
            let stranger = try TrustFile([TrustedKey(SigningKey(origin: .measured), lane: "3")])
            #expect(
                KeyRotation.verify(statement.bytes, trust: stranger).findings.map(\.message.code) == [
                    .evidenceKeyUnknown, .evidenceStatementSigner, .evidenceKeyUnknown,
                ])
        }
    }

    @Test("A revocation destroys the private key and is signed by another key where there is one")
    func revocation() throws {
        try withTemporaryDirectory { directory in
            var register = try KeyRegister(directory: directory)
            let keys = try register.loadOrCreate(lane: "3", origin: .measured, [.ed25519, .sm2], at: Self.now)
            let trust = try TrustFile(keys.map { TrustedKey($0, lane: "3") })
            let revocation = KeyRevocation(fromCounter: 5, at: Self.now, reason: "laptop lost")
            let statement = try #require(try register.revoke(String(keys[0].id.prefix(9)), revocation))
            let report = KeyRevocationStatement.verify(statement.bytes, trust: trust)
            #expect(report.findings == [])
            #expect(report.content?.key == keys[0].id)
            #expect(report.signers.map(\.id) == [keys[1].id])
            #expect(report.content?.revocation == revocation)
            #expect(!FileManager.default.fileExists(atPath: directory + "/lane.key"))
            #expect(register.active(lane: "3", origin: .measured, .ed25519) == nil)
            // A new key is made under a name of its own, and signs.
            let next = try register.loadOrCreate(lane: "3", origin: .measured, [.ed25519], at: Self.now)
            #expect(next[0].id != keys[0].id)
            #expect(throws: KeyRegisterError.unknown(id: "xx")) { try register.entry("xx") }
            #expect(throws: KeyRegisterError.unknown(id: "")) { try register.entry("") }
        }
    }

    @Test("A request to be enrolled is signed with every key that it names")
    func enrolment() throws {
        let keys = [SigningKey(origin: .measured), try SigningKey(new: .sm2, origin: .measured)]
        let request = try KeyEnrolment.sealed(keys, lane: "3", origin: .measured, at: Self.now)
        let report = KeyEnrolment.verify(request.bytes)
        #expect(report.findings == [])
        #expect(report.content?.keys.map(\.id) == keys.map(\.id))
        // Somebody asks for a key that he does not hold.
        let stripped = Envelope(
            payload: request.payload, type: .statement,
            signatures: request.signatures.filter { $0.keyID == keys[1].id })
        #expect(
            KeyEnrolment.verify(stripped.bytes).findings.map(\.message.code) == [
                .evidenceSignatureMissing, .evidenceStatementSigner,
            ])
        // A record's envelope is no statement, and the other way round.
        var lane = SampleLane()
        #expect(KeyEnrolment.verify(try lane.seal()).findings.map(\.message.code) == [.evidencePayloadType])
        #expect(throws: Finding.self) { try Envelope(parsing: request.bytes) }
    }

    @Test("Every single bit of a statement that is flipped is found, with a place")
    func everyBit() throws {
        let key = SigningKey(origin: .measured)
        let request = try KeyEnrolment.sealed([key], lane: "3", origin: .measured, at: Self.now).bytes
        for index in request.indices {
            for bit in 0..<8 {
                var spoilt = request
                spoilt[index] ^= 1 << bit
                let findings = KeyEnrolment.verify(spoilt).findings
                if findings.isEmpty || findings.contains(where: \.place.isEmpty) {
                    Issue.record("bit \(bit) of byte \(index) went unnoticed or unplaced")
                }
            }
        }
    }

    @Test("Every single bit of a trust file that is flipped is found, with a place")
    func everyBitOfTrust() throws {
        var trust = try TrustFile([
            TrustedKey(
                SigningKey(origin: .measured), lane: "检测线 3",
                validity: KeyValidity(epoch: 1, fromCounter: 2, throughCounter: 9, notBefore: Self.now)),
            TrustedKey(try SigningKey(new: .sm2, origin: .simulated), lane: "3"),
        ])
        _ = trust.revoke(id: trust.keys[1].id, KeyRevocation(fromCounter: 1, at: Self.now, reason: "stolen"))
        let good = try trust.bytes()
        #expect(try TrustFile(parsing: good) == trust)
        var whiteSpace = 0
        for index in good.indices {
            for bit in 0..<8 {
                var spoilt = good
                spoilt[index] ^= 1 << bit
                do {
                    let read = try TrustFile(parsing: spoilt)
                    #expect(read == trust, "bit \(bit) of byte \(index)")
                    whiteSpace += 1
                } catch {
                    guard case .malformed(let place, _) = error else {
                        Issue.record("\(error)")
                        continue
                    }
                    #expect(!place.isEmpty)
                }
            }
        }
        #expect(whiteSpace == 0)
    }

    @Test(
        "A register that is wrong is refused at its place",
        arguments: [
            ("", "–"), ("[]", "register"), (#"{"keys":1}"#, "register"), (#"{"keys":[],"x":1}"#, "register"),
            (#"{"keys":[{}]}"#, "keys[0].key"), (#"{"keys":[{"x":1}]}"#, "keys[0]"),
        ])
    func malformed(json: String, place: String) throws {
        try withTemporaryDirectory { directory in
            try Data(json.utf8).write(to: URL(fileURLWithPath: directory + "/register.json"))
            let error = #expect(throws: KeyRegisterError.self) { try KeyRegister(directory: directory) }
            guard case .malformed(_, let found, _) = error else {
                Issue.record("\(String(describing: error))")
                return
            }
            #expect(found == place)
        }
    }
}
