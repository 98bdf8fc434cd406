import COpenSSL

/// Verification of SM2 signatures with SM3 (GB/T 32918.2-2016), by libcrypto.
///
/// The signer's identity is the one that is usual where nothing else was agreed, `1234567812345678`
/// (GB/T 35276-2017, clause 10).
enum SM2Signature {
    private static let identity = Array("1234567812345678".utf8)

    /// SubjectPublicKeyInfo up to the point: SEQUENCE of 89 bytes, id-ecPublicKey on the curve 1.2.156.10197.1.301,
    /// BIT STRING of 66 bytes without unused bits (RFC 5480).
    private static let header: [UInt8] = [
        0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x02, 0x01, 0x06, 0x08, 0x2A, 0x81, 0x1C,
        0xCF, 0x55, 0x01, 0x82, 0x2D, 0x03, 0x42, 0x00,
    ]

    /// Whether bytes are an uncompressed point of the curve.
    static func isPublicKey(_ point: [UInt8]) -> Bool { withKey(point) { _ in true } ?? false }

    /// Whether a signature in DER was made over a message by the owner of a public key.
    static func isValid(_ signature: [UInt8], over message: [UInt8], publicKey: [UInt8]) -> Bool {
        withKey(publicKey) { key in
            guard let context = EVP_MD_CTX_new() else { return false }
            defer { EVP_MD_CTX_free(context) }
            // The identity can be set once the context is for SM2; the key's context belongs to the other.
            var keyContext: OpaquePointer?
            guard EVP_DigestVerifyInit_ex(context, &keyContext, "SM3", nil, nil, key, nil) == 1,
                EVP_PKEY_CTX_set1_id(keyContext, identity, Int32(identity.count)) == 1
            else { return false }
            return EVP_DigestVerify(context, signature, signature.count, message, message.count) == 1
        } ?? false
    }

    /// Calls with libcrypto's key of a point; nil if there is none.
    private static func withKey(_ point: [UInt8], _ body: (OpaquePointer) -> Bool) -> Bool? {
        // What one malformed key or signature leaves behind, another call would report.
        defer { ERR_clear_error() }
        guard point.count == 65, point[0] == 4 else { return nil }
        let information = header + point
        let key = information.withUnsafeBufferPointer { bytes -> OpaquePointer? in
            var start = bytes.baseAddress
            return d2i_PUBKEY(nil, &start, bytes.count)
        }
        guard let key else { return nil }
        defer { EVP_PKEY_free(key) }
        return body(key)
    }
}
