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

    @Test(
        "Ed25519 makes and judges the signatures of RFC 8032, tests 2 and 3",
        arguments: [
            (
                "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
                "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
                """
                92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c
                387b2eaeb4302aeeb00d291612bb0c00
                """
            ),
            (
                "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
                "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
                """
                6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc659
                4a7c15e9716ed28dc027beceea1ec40a
                """
            ),
        ])
    func moreOfRFC8032(secret: String, publicKey: String, message: String, signature: String) throws {
        let key = try #require(SigningKey(origin: .measured, secret: hex(secret)))
        #expect(key.publicKey == hex(publicKey))
        let trusted = TrustedKey(key, lane: "1")
        #expect(trusted.isValid(hex(signature), for: hex(message)))
        #expect(!trusted.isValid(hex(signature), for: hex(message) + [0]))
        #expect(trusted.isValid(try key.signature(for: hex(message)), for: hex(message)))
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
        Spoilt(pattern: "==(?=\"\\})", replacement: "", place: "envelope.signatures[0].sig", code: .evidenceBase64),
        Spoilt(pattern: ".==(?=\"\\})", replacement: "B==", place: "envelope.signatures[0].sig", code: .evidenceBase64),
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
