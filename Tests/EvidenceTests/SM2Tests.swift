import COpenSSL
import Evidence
import Testing

@Suite("SM2 with SM3")
struct SM2Tests {
    // GM/T 0003.5-2012, Annex A: the example on the recommended curve.
    static let secret = hex("3945208F7B2144B13F36E38AC6D39F95889393692860B51A42FB81EF4DF7C5B8")
    static let publicKey = hex(
        """
        04 09F9DF311E5421A150DD7D161E4BC5C672179FAD1833FC076BB08FF356F35020
        CCEA490CE26775A52DC6EA718CC1AA600AED05FBF35E084A6632F6072DA9AD13
        """)
    static let r = hex("F5A03B0648D2C4630EEAC513E1BB81A15944DA3827D5B74143AC7EACEEE720B3")
    static let s = hex("B1B6AA29DF212FD8763182BC0D421CA1BB9038FD1F7F42D4840B69C485BBC1AA")
    static let order = hex("FFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123")
    static let message = bytes("message digest")

    private func key() throws -> SigningKey {
        try #require(SigningKey(origin: .measured, algorithm: .sm2, secret: Self.secret))
    }

    /// A positive INTEGER in DER.
    private func integer(_ number: [UInt8]) -> [UInt8] {
        var digits = Array(number.drop { $0 == 0 })
        if digits.isEmpty || digits[0] >= 0x80 { digits.insert(0, at: 0) }
        return [0x02, UInt8(digits.count)] + digits
    }

    private func der(_ r: [UInt8], _ s: [UInt8]) -> [UInt8] {
        let content = integer(r) + integer(s)
        return [0x30, UInt8(content.count)] + content
    }

    @Test("SM3 is that of GM/T 0004-2012, both examples")
    func sm3() {
        #expect(
            Digest(of: bytes("abc"), .sm3).description
                == "sm3:66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0")
        let long = Digest(of: bytes(String(repeating: "abcd", count: 16)), .sm3)
        #expect(long.hexadecimalDigits == "debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732")
        #expect(Digest(long.description, .sm3) == long)
        #expect(Digest(long.description) == nil)
        #expect(Digest(Digest(of: []).description, .sm3) == nil)
    }

    @Test("The standard's key pair and signature are judged as the standard says")
    func publishedSignature() throws {
        let key = try key()
        #expect(key.publicKey == Self.publicKey)
        let trusted = TrustedKey(key, lane: "1")
        #expect(trusted.isValid(der(Self.r, Self.s), for: Self.message))
        let fresh = try key.signature(for: Self.message)
        #expect(trusted.isValid(fresh, for: Self.message))
        #expect(fresh != (try key.signature(for: Self.message)))
    }

    @Test("Every flipped bit of signature and message is found")
    func flippedBits() throws {
        let trusted = TrustedKey(try key(), lane: "1")
        let good = der(Self.r, Self.s)
        for index in good.indices {
            for bit in 0..<8 {
                var spoilt = good
                spoilt[index] ^= 1 << bit
                #expect(!trusted.isValid(spoilt, for: Self.message), "bit \(bit) of byte \(index)")
            }
        }
        for index in Self.message.indices {
            var spoilt = Self.message
            spoilt[index] ^= 1
            #expect(!trusted.isValid(good, for: spoilt))
        }
    }

    @Test("Numbers out of range and other spellings of the same numbers are refused")
    func degenerate() throws {
        let trusted = TrustedKey(try key(), lane: "1")
        let zero = [UInt8](repeating: 0, count: 32)
        var complement = Self.order
        var borrow = 0
        for index in complement.indices.reversed() {
            let difference = Int(complement[index]) - Int(Self.r[index]) - borrow
            borrow = difference < 0 ? 1 : 0
            complement[index] = UInt8((difference + 256) % 256)
        }
        for (r, s) in [
            (zero, Self.s), (Self.r, zero), (Self.order, Self.s), (Self.r, Self.order), (Self.r, complement),
        ] {
            #expect(!trusted.isValid(der(r, s), for: Self.message))
        }
        #expect(!trusted.isValid(Self.r + Self.s, for: Self.message))
        #expect(!trusted.isValid(der(Self.r, Self.s) + [0], for: Self.message))
        // BER may give a length in two bytes; DER may not.
        let content = der(Self.r, Self.s).dropFirst(2)
        #expect(!trusted.isValid([0x30, 0x81, UInt8(content.count)] + content, for: Self.message))
        #expect(!trusted.isValid([], for: Self.message))
    }

    @Test(
        "A signature under another identity is refused, libcrypto's empty one too",
        arguments: ["", "ALICE123@YAHOO.COM"])
    func otherIdentity(identity: String) throws {
        let trusted = TrustedKey(try key(), lane: "1")
        let own = try FixedSM2.signature(of: Self.message, secret: Self.secret, identity: bytes("1234567812345678"))
        #expect(trusted.isValid(own, for: Self.message))
        let other = try FixedSM2.signature(of: Self.message, secret: Self.secret, identity: bytes(identity))
        #expect(!trusted.isValid(other, for: Self.message))
    }

    @Test("With the standard's nonce the test's own signer makes the standard's signature")
    func fixedSigner() throws {
        let nonce = hex("59276E27D506861A16680F3AD9C02DCCEF3CC1FA3CDBE4CE6D54B80DEAC1BC21")
        let signature = try FixedSM2.signature(
            of: Self.message, secret: Self.secret, identity: bytes("1234567812345678"), nonce: nonce)
        #expect(signature == der(Self.r, Self.s))
    }

    @Test("What is no key is refused")
    func noKeys() {
        var next = Self.order
        next[31] -= 1
        for secret in [[UInt8](repeating: 0, count: 32), next, Self.order, [], Self.secret + [0]] {
            #expect(SigningKey(origin: .measured, algorithm: .sm2, secret: secret) == nil)
        }
        next[31] -= 1
        #expect(SigningKey(origin: .measured, algorithm: .sm2, secret: next) != nil)
        func trusted(_ publicKey: [UInt8]) -> TrustedKey? {
            TrustedKey(algorithm: .sm2, lane: "1", origin: .measured, publicKey: publicKey)
        }
        #expect(trusted(Self.publicKey) != nil)
        for index in Self.publicKey.indices {
            var spoilt = Self.publicKey
            spoilt[index] ^= 1
            #expect(trusted(spoilt) == nil, "byte \(index)")
        }
        #expect(trusted([]) == nil)
        #expect(trusted([0]) == nil)
        #expect(trusted(Array(Self.publicKey.dropLast())) == nil)
    }
}

/// SM2 with a nonce that follows from key and message, for signatures that come out the same each time. For tests
/// only: it takes no care to hide the secret.
enum FixedSM2 {
    struct Failure: Error {}

    /// - Parameter nonce: the number k of GM/T 0003.2, clause 6.1; nil derives one.
    static func signature(
        of message: [UInt8], secret: [UInt8], identity: [UInt8], nonce: [UInt8]? = nil
    ) throws -> [UInt8] {
        guard let group = EC_GROUP_new_by_curve_name(NID_sm2), let point = EC_POINT_new(group),
            let context = BN_CTX_new()
        else { throw Failure() }
        defer {
            EC_POINT_free(point)
            EC_GROUP_free(group)
            BN_CTX_free(context)
        }
        func number(_ bytes: [UInt8] = [0]) throws -> OpaquePointer {
            guard let number = BN_bin2bn(bytes, Int32(bytes.count), nil) else { throw Failure() }
            return number
        }
        func padded(_ number: OpaquePointer?) -> [UInt8] {
            var bytes = [UInt8](repeating: 0, count: 32)
            BN_bn2binpad(number, &bytes, 32)
            return bytes
        }
        let (a, b, x, y) = (try number(), try number(), try number(), try number())
        let (d, r, s, t) = (try number(secret), try number(), try number(), try number())
        defer { for used in [a, b, x, y, d, r, s, t] { BN_free(used) } }
        let n = EC_GROUP_get0_order(group)

        // Z = SM3(ENTL ‖ ID ‖ a ‖ b ‖ xG ‖ yG ‖ xA ‖ yA), e = SM3(Z ‖ M).
        EC_GROUP_get_curve(group, nil, a, b, context)
        var z = [UInt8(identity.count * 8 / 256), UInt8(identity.count * 8 % 256)] + identity + padded(a) + padded(b)
        EC_POINT_get_affine_coordinates(group, EC_GROUP_get0_generator(group), x, y, context)
        z += padded(x) + padded(y)
        EC_POINT_mul(group, point, d, nil, nil, context)
        EC_POINT_get_affine_coordinates(group, point, x, y, context)
        z += padded(x) + padded(y)
        let e = try number(Digest(of: Digest(of: z, .sm3).bytes + message, .sm3).bytes)
        defer { BN_free(e) }

        // The first digest is below n but for one time in four thousand millions; then the test would say so.
        let k = try number(nonce ?? Digest(of: secret + message).bytes)
        defer { BN_free(k) }
        guard BN_cmp(k, n) < 0 else { throw Failure() }
        EC_POINT_mul(group, point, k, nil, nil, context)
        EC_POINT_get_affine_coordinates(group, point, x, nil, context)
        BN_mod_add(r, e, x, n, context)
        // s = (1 + d)⁻¹ · (k − r·d)
        BN_mod_mul(t, r, d, n, context)
        BN_mod_sub(t, k, t, n, context)
        BN_copy(s, d)
        BN_add_word(s, 1)
        BN_mod_inverse(s, s, n, context)
        BN_mod_mul(s, s, t, n, context)
        func integer(_ number: [UInt8]) -> [UInt8] {
            var digits = Array(number.drop { $0 == 0 })
            if digits.isEmpty || digits[0] >= 0x80 { digits.insert(0, at: 0) }
            return [0x02, UInt8(digits.count)] + digits
        }
        let content = integer(padded(r)) + integer(padded(s))
        return [0x30, UInt8(content.count)] + content
    }
}
