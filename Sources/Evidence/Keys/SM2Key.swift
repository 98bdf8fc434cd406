import COpenSSL

/// An SM2 key pair or public key (GM/T 0003-2012, 椭圆曲线公钥密码算法) on the recommended curve sm2p256v1.
///
/// Signatures are always made and judged with the signer's identity `1234567812345678` (GM/T 0009-2012, clause 10):
/// left alone, libcrypto signs with an empty one, which nobody else accepts.
///
/// The key is made once and only read from then on; libcrypto allows several threads to do that at once
/// (openssl-threads(7)), and every call makes contexts of its own. That is why it may be sent between threads.
final class SM2Key: @unchecked Sendable {
    /// The signer's identity (可辨别标识).
    static let identity = Array("1234567812345678".utf8)

    /// The point as 65 bytes: 04, x, y.
    let publicKey: [UInt8]

    private let key: OpaquePointer

    /// A new key pair; nil if libcrypto has no randomness or no SM2.
    static func generate() -> SM2Key? {
        guard let context = EVP_PKEY_CTX_new_from_name(nil, "SM2", nil) else { return nil }
        defer { EVP_PKEY_CTX_free(context) }
        var key: OpaquePointer?
        guard EVP_PKEY_keygen_init(context) == 1, EVP_PKEY_generate(context, &key) == 1, let key else { return nil }
        defer { EVP_PKEY_free(key) }
        var scalar: OpaquePointer?
        guard EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_PRIV_KEY, &scalar) == 1 else { return nil }
        defer { BN_clear_free(scalar) }
        var secret = [UInt8](repeating: 0, count: 32)
        guard BN_bn2binpad(scalar, &secret, 32) == 32 else { return nil }
        return SM2Key(secret: secret)
    }

    /// A public key from its 65 bytes; nil if they are no point of the curve.
    init?(publicKey: [UInt8]) {
        guard publicKey.count == 65, publicKey[0] == 4,
            let key = makeKey(publicKey: publicKey, scalar: nil)
        else { return nil }
        self.publicKey = publicKey
        self.key = key
    }

    /// A key pair from its 32 secret bytes; nil unless they are a number from 1 to n − 2.
    init?(secret: [UInt8]) {
        guard secret.count == 32, let group = EC_GROUP_new_by_curve_name(NID_sm2) else { return nil }
        defer { EC_GROUP_free(group) }
        guard let scalar = BN_bin2bn(secret, 32, nil) else { return nil }
        defer { BN_clear_free(scalar) }
        guard let limit = BN_dup(EC_GROUP_get0_order(group)) else { return nil }
        defer { BN_free(limit) }
        guard BN_sub_word(limit, 1) == 1, BN_is_zero(scalar) == 0, BN_cmp(scalar, limit) < 0,
            let point = EC_POINT_new(group)
        else { return nil }
        defer { EC_POINT_free(point) }
        var publicKey = [UInt8](repeating: 0, count: 65)
        guard EC_POINT_mul(group, point, scalar, nil, nil, nil) == 1,
            EC_POINT_point2oct(group, point, POINT_CONVERSION_UNCOMPRESSED, &publicKey, 65, nil) == 65,
            let key = makeKey(publicKey: publicKey, scalar: scalar)
        else { return nil }
        self.publicKey = publicKey
        self.key = key
    }

    deinit { EVP_PKEY_free(key) }

    /// The 32 secret bytes; nil for a public key.
    var secret: [UInt8]? {
        var scalar: OpaquePointer?
        guard EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_PRIV_KEY, &scalar) == 1 else { return nil }
        defer { BN_clear_free(scalar) }
        var secret = [UInt8](repeating: 0, count: 32)
        return BN_bn2binpad(scalar, &secret, 32) == 32 ? secret : nil
    }

    /// The signature over a message as DER, `SEQUENCE { r INTEGER, s INTEGER }`; nil if libcrypto fails.
    func signature(for message: [UInt8]) -> [UInt8]? {
        withContexts { context in
            guard EVP_DigestSignInit(context, nil, EVP_sm3(), nil, key) == 1 else { return nil }
            // 72 bytes are the longest such structure.
            var signature = [UInt8](repeating: 0, count: 80)
            var length = signature.count
            guard EVP_DigestSign(context, &signature, &length, message, message.count) == 1 else { return nil }
            return Array(signature.prefix(length))
        }
    }

    /// Whether a signature, in its one DER spelling, was made over a message with this key.
    func isValid(_ signature: [UInt8], for message: [UInt8]) -> Bool {
        let isValid: Bool? = withContexts { context in
            guard EVP_DigestVerifyInit(context, nil, EVP_sm3(), nil, key) == 1 else { return false }
            return EVP_DigestVerify(context, signature, signature.count, message, message.count) == 1
        }
        // A malformed signature leaves words behind that another call would report.
        if isValid != true { ERR_clear_error() }
        return isValid ?? false
    }

    private func withContexts<Result>(_ body: (OpaquePointer) -> Result?) -> Result? {
        guard let context = EVP_MD_CTX_new() else { return nil }
        defer { EVP_MD_CTX_free(context) }
        guard let keyContext = EVP_PKEY_CTX_new_from_pkey(nil, key, nil) else { return nil }
        defer { EVP_PKEY_CTX_free(keyContext) }
        guard EVP_PKEY_CTX_set1_id(keyContext, Self.identity, Int32(Self.identity.count)) == 1 else { return nil }
        EVP_MD_CTX_set_pkey_ctx(context, keyContext)
        return body(context)
    }
}

extension SM2Key: Hashable {
    static func == (left: SM2Key, right: SM2Key) -> Bool { left.publicKey == right.publicKey }

    func hash(into hasher: inout Hasher) { hasher.combine(publicKey) }
}

/// libcrypto's key for a point and, in a key pair, its scalar; nil if the point is not on the curve.
private func makeKey(publicKey: [UInt8], scalar: OpaquePointer?) -> OpaquePointer? {
    guard let builder = OSSL_PARAM_BLD_new() else { return nil }
    defer { OSSL_PARAM_BLD_free(builder) }
    return publicKey.withUnsafeBufferPointer { point -> OpaquePointer? in
        // The builder keeps the point's address until it has made its parameters.
        guard OSSL_PARAM_BLD_push_utf8_string(builder, sm2_group_member, sm2_group_name, 0) == 1,
            OSSL_PARAM_BLD_push_octet_string(builder, sm2_public_key_member, point.baseAddress, point.count) == 1,
            scalar == nil || OSSL_PARAM_BLD_push_BN(builder, sm2_private_key_member, scalar) == 1,
            let parameters = OSSL_PARAM_BLD_to_param(builder)
        else { return nil }
        defer { OSSL_PARAM_free(parameters) }
        guard let context = EVP_PKEY_CTX_new_from_name(nil, "SM2", nil) else { return nil }
        defer { EVP_PKEY_CTX_free(context) }
        var key: OpaquePointer?
        let selection = scalar == nil ? evp_pkey_public_key : evp_pkey_keypair
        guard EVP_PKEY_fromdata_init(context) == 1, EVP_PKEY_fromdata(context, &key, selection, parameters) == 1
        else {
            ERR_clear_error()
            return nil
        }
        return key
    }
}
