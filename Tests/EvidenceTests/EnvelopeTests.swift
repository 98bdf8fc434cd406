import Evidence
import Foundation
import Messages
import Testing

@Suite("Envelopes")
struct EnvelopeTests {
    @Test("The signed bytes are DSSE's pre-authentication encoding")
    func preAuthenticationEncoding() {
        #expect(
            text(Envelope.preAuthenticationEncoding(of: bytes("hello world"), type: "http://example.com/HelloWorld"))
                == "DSSEv1 29 http://example.com/HelloWorld 11 hello world")
        // Lengths are counted in bytes.
        #expect(
            text(Envelope.preAuthenticationEncoding(of: bytes("怠速")))
                == "DSSEv1 37 application/vnd.laneagent.record+json 6 怠速")
    }

    @Test("Ed25519 is that of RFC 8032, test 1")
    func ed25519() throws {
        let key = try #require(
            SigningKey(
                origin: .measured,
                secret: hex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")))
        #expect(key.publicKey == hex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"))
        #expect(key.id == "21fe31dfa154a261626bf854046fd2271b7bed4b6abe45aa58877ef47f9721b9")
        let signature = try key.signature(for: [])
        let trusted = TrustedKey(key, lane: "1")
        #expect(trusted.isValid(signature, for: []))
        #expect(
            trusted.isValid(
                hex(
                    """
                    e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46b
                    d25bf5f0595bbe24655141438e7a100b
                    """), for: []))
        #expect(!trusted.isValid(signature, for: [0]))
        #expect(!trusted.isValid([], for: []))
        #expect(!trusted.isValid(Array(signature.dropLast()), for: []))
    }

    @Test("An envelope is written in canonical form and reads back")
    func roundTrip() throws {
        let payload = try SampleLane().payload()
        let keys = (0..<3).map { _ in SigningKey(origin: .measured) }
        let envelope = try Envelope(payload: payload, signedWith: keys)
        #expect(try JSONValue(parsing: envelope.bytes).canonicalBytes() == envelope.bytes)
        let read = try Envelope(parsing: envelope.bytes)
        #expect(read == envelope)
        #expect(read.payload == payload)
        #expect(read.signatures.map(\.keyID) == keys.map(\.id).sorted())
        #expect(read.payloadDigest == Digest(of: payload))
    }

    /// A spoilt spelling: a regular expression, what takes its place, and what must be found where.
    struct Spoilt: Sendable {
        let pattern: String
        let replacement: String
        let place: String
        let code: MessageCode
    }

    static let spoilt = [
        Spoilt(pattern: "$", replacement: " ", place: "envelope", code: .evidenceNotCanonical),
        Spoilt(pattern: ":\\[", replacement: ": [", place: "envelope", code: .evidenceNotCanonical),
        Spoilt(pattern: "Type", replacement: "\\\\u0054ype", place: "envelope", code: .evidenceNotCanonical),
        Spoilt(pattern: "\\}$", replacement: ",\"z\":1}", place: "envelope", code: .evidenceMemberUnknown),
        Spoilt(pattern: "^\\{", replacement: "{\"payload\":\"\",", place: "envelope", code: .evidenceNotJSON),
        Spoilt(pattern: "==", replacement: "", place: "envelope.signatures[0].sig", code: .evidenceBase64),
        Spoilt(pattern: ".==", replacement: "B==", place: "envelope.signatures[0].sig", code: .evidenceBase64),
        Spoilt(pattern: "\"sig\"", replacement: "\"x\"", place: "envelope.signatures[0]", code: .evidenceMemberMissing),
        Spoilt(pattern: "\\+json", replacement: "+yaml", place: "envelope.payloadType", code: .evidencePayloadType),
        Spoilt(
            pattern: "\"keyid\":\".", replacement: "\"keyid\":\"G", place: "envelope.signatures[0].keyid",
            code: .evidenceKeyIDMalformed),
        Spoilt(pattern: "\\[.*\\]", replacement: "[]", place: "envelope.signatures", code: .evidenceNoSignatures),
        Spoilt(
            pattern: "\\[(.*)\\]", replacement: "[$1,$1]", place: "envelope.signatures[1].keyid",
            code: .evidenceSignatureOrder),
        Spoilt(pattern: "^.*$", replacement: "[]", place: "envelope", code: .evidenceNotAnObject),
        Spoilt(pattern: "^.*$", replacement: "", place: "envelope", code: .evidenceNotJSON),
    ]

    @Test("Any other spelling is refused at its place", arguments: spoilt)
    func strictness(spoilt: Spoilt) throws {
        var lane = SampleLane()
        let good = try lane.seal()
        let changed = text(good).replacingOccurrences(
            of: spoilt.pattern, with: spoilt.replacement, options: .regularExpression)
        #expect(bytes(changed) != good)
        let finding = #expect(throws: Finding.self) { try Envelope(parsing: bytes(changed)) }
        #expect(finding?.place == spoilt.place)
        #expect(finding?.message.code == spoilt.code)
    }

    @Test("Digests have one spelling")
    func digests() {
        // FIPS 180-4's example.
        let abc = "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        #expect(Digest(of: bytes("abc")).description == abc)
        #expect(Digest(abc) == Digest(of: bytes("abc")))
        #expect(Digest(abc.uppercased()) == nil)
        #expect(Digest(String(abc.dropLast())) == nil)
        #expect(Digest(String(abc.dropFirst(7))) == nil)
        #expect(Digest(abc.replacingOccurrences(of: "ba78", with: "BA78")) == nil)
        #expect(Digest(abc.replacingOccurrences(of: "ba78", with: "xy78")) == nil)
    }
}
