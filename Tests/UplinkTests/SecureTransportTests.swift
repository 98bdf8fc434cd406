import Authority
import Evidence
import Foundation
import Glibc
import Journal
import Messages
import Testing
import Uplink

/// Against the authority's simulator over TLS; `Certificates/make` made what both sides show.
@Suite("Transport over HTTPS")
struct SecureTransportTests {
    private static func file(_ name: String) -> String {
        URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Certificates/\(name)").path
    }

    /// Delivers a state of the lane to an authority with a certificate; gives what became of it, and what the authority
    /// has.
    private func deliver(
        to certificate: String = "authority", clientRoots: String? = nil, with security: TransportSecurity?,
        scheme: String = "https"
    ) async throws -> (item: Delivery, stored: Int, address: String) {
        var result: (Delivery, Int, String)?
        try await withJournal(records: 0) { journal, directory in
            let key = SigningKey(origin: .measured)
            var trust = try TrustFile()
            try trust.enrol(Evidence.TrustedKey(key, lane: laneName))
            try trust.write(to: directory + "/trust.json")
            var configuration = AuthorityConfiguration(
                storageDirectory: directory + "/authority",
                trustedKeys: try Authority.TrustedKey.readTrustFile(directory + "/trust.json"))
            configuration.security = AuthoritySecurity(
                certificate: Self.file("\(certificate).pem"), key: Self.file("\(certificate).key.pem"),
                clientRoots: clientRoots.map { Self.file($0) })
            let server = AuthorityServer(configuration: configuration)
            let address = "\(scheme)://\(try await server.start())"
            try await journal.queueLaneState(["state": "open"], lane: laneName, at: Date())
            let transport = try security.map { try HTTPTransport(security: $0) } ?? HTTPTransport()
            let pump = Pump(journal: journal, transport: transport, configuration: .init(base: address))
            try await pump.deliverDue()
            await transport.shutdown()
            result = (try await journal.delivery(1), await server.report.streamStored, address)
            await server.stop()
        }
        return try #require(result)
    }

    /// What a person reads of a failure: a sentence in both languages, with the address and without secrets.
    private func check(_ item: Delivery, _ code: MessageCode, _ address: String) throws {
        #expect(item.state == .pending)
        let problem = try #require(item.problem)
        #expect(problem.code == code)
        for language in Language.allCases {
            let text = Catalogue(language).text(problem)
            #expect(text.contains(address), "\(text)")
            #expect(text.firstMatch(of: /[{}]|NIO|\.swift|PRIVATE/) == nil, "\(text)")
        }
    }

    @Test("With the office's certificate pinned an item is delivered and receipted")
    func pinnedOffice() async throws {
        let (item, stored, _) = try await deliver(with: TransportSecurity(pinnedCertificate: Self.file("office.pem")))
        #expect(item.state == .delivered && item.receipt != nil)
        #expect(stored == 1)
    }

    @Test("With the certificate pinned that the authority has signed itself an item is delivered and receipted")
    func pinnedAuthority() async throws {
        let (item, stored, _) = try await deliver(
            to: "self-signed", with: TransportSecurity(pinnedCertificate: Self.file("self-signed.pem")))
        #expect(item.state == .delivered, "\(String(describing: item.problem))")
        #expect(stored == 1)
    }

    @Test(
        "A certificate that is another office's, expired, another host's or nobody's is not accepted; nothing is sent",
        arguments: [
            ("authority", "other-office.pem"), ("expired", "office.pem"), ("wrong-name", "office.pem"),
            ("authority", nil), ("self-signed", nil), ("self-signed", "office.pem"),
        ] as [(String, String?)])
    func refused(certificate: String, pin: String?) async throws {
        let (item, stored, address) = try await deliver(
            to: certificate, with: pin.map { TransportSecurity(pinnedCertificate: Self.file($0)) })
        try check(item, .uplinkCertificate, address)
        #expect(stored == 0)
    }

    @Test("Of two certificates that one office issued for one name, the one with the pinned key is let in alone")
    func pinnedKey() async throws {
        // The digest of the key in the certificate, as OpenSSL gives it.
        func key(_ name: String) throws -> Digest {
            let text = try String(contentsOfFile: Self.file("\(name).pin"), encoding: .utf8)
            return try #require(Digest(text.trimmingCharacters(in: .whitespacesAndNewlines)))
        }
        let authority = try key("authority")
        let other = try key("wrong-name")
        var security = TransportSecurity(pinnedCertificate: Self.file("office.pem"), pinnedKeys: [authority])
        #expect(try await deliver(with: security).item.state == .delivered)
        // The next key beside the present one, while the authority changes.
        security.pinnedKeys = [other, authority]
        #expect(try await deliver(with: security).item.state == .delivered)
        security.pinnedKeys = [other]
        let (item, stored, address) = try await deliver(with: security)
        try check(item, .uplinkOtherKey, address)
        #expect(stored == 0)
        let text = Catalogue(.english).text(try #require(item.problem))
        #expect(text.contains(authority.description), "\(text)")
        // The right key does not make up for a certificate of nobody's, or of another host.
        for (certificate, office) in [("authority", "other-office.pem"), ("wrong-name", "office.pem")] {
            let security = TransportSecurity(
                pinnedCertificate: Self.file(office), pinnedKeys: [try key(certificate)])
            let (item, stored, address) = try await deliver(to: certificate, with: security)
            try check(item, .uplinkCertificate, address)
            #expect(stored == 0)
        }
    }

    @Test("An authority that asks for the lane's certificate gets it, and lets nobody in without")
    func client() async throws {
        let key = try Self.privateCopy("lane.key.pem")
        defer { unlink(key) }
        var security = TransportSecurity(
            pinnedCertificate: Self.file("office.pem"), clientCertificate: Self.file("lane.pem"), clientKey: key)
        let (item, stored, _) = try await deliver(clientRoots: "office.pem", with: security)
        #expect(item.state == .delivered, "\(String(describing: item.problem))")
        #expect(stored == 1)
        (security.clientCertificate, security.clientKey) = (nil, nil)
        let (other, nothing, address) = try await deliver(clientRoots: "office.pem", with: security)
        #expect(nothing == 0)
        let code = try #require(other.problem).code
        // The authority may end the connection before or after the lane has written its request.
        #expect([.uplinkHandshake, .uplinkConnectionLost].contains(code))
        try check(other, code, address)
    }

    @Test("Whoever set up a certificate sends nothing in the open")
    func plain() async throws {
        let security = TransportSecurity(pinnedCertificate: Self.file("office.pem"))
        let (item, stored, address) = try await deliver(with: security, scheme: "http")
        try check(item, .uplinkNotSecure, address)
        #expect(stored == 0)
    }

    @Test("A server that takes a connection and never speaks TLS holds nobody up past the deadline")
    func noTLS() async throws {
        let server = try LoopbackServer { _ in .drop }
        defer { server.stop() }
        let transport = try HTTPTransport(
            security: TransportSecurity(pinnedCertificate: Self.file("office.pem")), timeout: .seconds(1))
        let url = server.base.replacing("http://", with: "https://")
        let began = ContinuousClock.now
        let error = await #expect(throws: TransportError.self) {
            try await transport.post(UplinkRequest(url: url, headers: [:], body: []))
        }
        await transport.shutdown()
        #expect([.uplinkHandshake, .uplinkConnectTimeout, .uplinkTimeout].contains(error?.message.code))
        // Without one it would be half a minute.
        #expect(ContinuousClock.now - began < .seconds(10))
    }

    @Test(
        "A name or password in an address sends nothing, and is told without it",
        arguments: ["http://lane:geheim@127.0.0.1:1/v1", "https://geheim@127.0.0.1:1", "lane:geheim@127.0.0.1"])
    func credentials(url: String) async throws {
        let transport = HTTPTransport(timeout: .seconds(5))
        let error = await #expect(throws: TransportError.self) {
            try await transport.post(UplinkRequest(url: url, headers: [:], body: []))
        }
        await transport.shutdown()
        let message = try #require(error).message
        if url.contains("://") { #expect(message.code == .uplinkCredentialsInAddress) }
        for language in Language.allCases {
            let text = Catalogue(language).text(message)
            #expect(text.contains("127.0.0.1"), "\(text)")
            #expect(!text.contains("geheim"), "\(text)")
        }
        #expect(!"\(String(describing: error))".contains("geheim"))
    }

    @Test("A certificate or key that cannot be used is told by its file, and not by what is in it")
    func unusable() throws {
        let noKey = try Self.privateCopy("office.pem")
        defer { unlink(noKey) }
        for (security, path) in [
            (TransportSecurity(pinnedCertificate: Self.file("make")), "make"),
            (TransportSecurity(pinnedCertificate: "/nowhere.pem"), "/nowhere.pem"),
            (TransportSecurity(clientCertificate: Self.file("lane.pem"), clientKey: noKey), noKey),
            (TransportSecurity(clientCertificate: Self.file("lane.pem"), clientKey: "/nowhere.key"), "/nowhere.key"),
        ] {
            let error = #expect(throws: TransportSecurityError.self) { _ = try HTTPTransport(security: security) }
            let message = try #require(error).message
            #expect(message.code == .uplinkCredentialUnreadable)
            #expect(Catalogue(.english).text(message).contains(path))
        }
    }

    @Test("A key that others may read, that belongs to no certificate or to another one is refused, all at once")
    func keys() throws {
        let key = try Self.privateCopy("lane.key.pem")
        let other = try Self.privateCopy("expired.key.pem")
        defer { for path in [key, other] { unlink(path) } }
        func codes(_ security: TransportSecurity) -> [MessageCode] { security.problems().map(\.message.code) }
        let lane = Self.file("lane.pem")
        #expect(codes(TransportSecurity(clientCertificate: lane, clientKey: key)) == [])
        for mode in [0o640, 0o604, 0o660] as [mode_t] {
            chmod(key, mode)
            let security = TransportSecurity(clientCertificate: lane, clientKey: key)
            #expect(codes(security) == [.uplinkCredentialOpen])
            for language in Language.allCases {
                let text = Catalogue(language).text(try #require(security.problems().first).message)
                #expect(text.contains(key) && text.contains(String(mode, radix: 8)), "\(text)")
            }
            // A link to it is no way around.
            let link = key + ".link"
            symlink(key, link)
            #expect(codes(TransportSecurity(clientCertificate: lane, clientKey: link)) == [.uplinkCredentialOpen])
            unlink(link)
            #expect(throws: TransportSecurityError.self) { _ = try HTTPTransport(security: security) }
        }
        chmod(key, 0o400)
        #expect(codes(TransportSecurity(clientCertificate: lane, clientKey: key)) == [])
        #expect(codes(TransportSecurity(clientKey: key)) == [.uplinkCredentialKeyMissing])
        #expect(codes(TransportSecurity(clientCertificate: lane, clientKey: other)) == [.uplinkCredentialUnreadable])
        let both = TransportSecurity(pinnedCertificate: "/nowhere.pem", clientKey: key)
        #expect(codes(both) == [.uplinkCredentialUnreadable, .uplinkCredentialKeyMissing])
    }

    /// A file of ours as a station keeps its key: for its owner alone, which a repository cannot keep.
    private static func privateCopy(_ name: String) throws -> String {
        let path = "/tmp/uplink-\(UInt32.random(in: .min ... .max))-\(name)"
        let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: file(name))))
        let isNew = try DurableFile.create(bytes, at: path, mode: 0o600)
        try #require(isNew)
        return path
    }
}
