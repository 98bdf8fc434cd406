import Evidence
import Foundation
import Synchronization
import Testing

@Suite("A key in a token")
struct TokenTests {
    /// A token as hardware is one: it signs, counts, can be taken away, and never gives its key.
    private final class Token: SigningToken {
        private let key: SigningKey
        private let state = Mutex((signatures: 0, isThere: true))

        init(_ algorithm: SignatureAlgorithm) throws { key = try SigningKey(new: algorithm, origin: .measured) }

        var algorithm: SignatureAlgorithm { key.algorithm }
        var publicKey: [UInt8] { key.publicKey }
        var signatures: Int { state.withLock { $0.signatures } }

        func takeAway() { state.withLock { $0.isThere = false } }

        func signature(for message: [UInt8]) throws(SigningKeyError) -> [UInt8] {
            guard state.withLock({ $0.isThere }) else { throw .signingFailed(detail: "CKR_TOKEN_NOT_PRESENT") }
            state.withLock { $0.signatures += 1 }
            return try key.signature(for: message)
        }
    }

    @Test("signs records beside a key in a file, and is asked once for each")
    func signs() throws {
        let token = try Token(.sm2)
        let keys = [SigningKey(origin: .measured), SigningKey(origin: .measured, token: token)]
        let header = RecordHeader(
            lane: "L", counter: 1, previous: nil, origin: .measured, signing: keys.map(\.algorithm), attachments: [])
        let record = try SignedRecord(payload: header.object, signedWith: keys)
        let trust = try TrustFile(keys.map { TrustedKey($0, lane: "L") })
        let report = Verifier(trust: trust, requiring: [.ed25519, .sm2])
            .verify(record.envelopeBytes, attachments: { _ in nil })
        #expect(report.findings == [])
        #expect(token.signatures == 1)
        #expect(keys[1].id == Digest(of: token.publicKey).hexadecimalDigits)
        token.takeAway()
        #expect(throws: SigningKeyError.signingFailed(detail: "CKR_TOKEN_NOT_PRESENT")) {
            try SignedRecord(payload: header.object, signedWith: keys)
        }
    }
}
