import COpenSSL
import Foundation

/// Private and public keys as files that other programs read: PKCS #8 and SubjectPublicKeyInfo in PEM.
///
/// An unencrypted key of either algorithm has one DER spelling only, that which `openssl genpkey` writes: Ed25519 by
/// RFC 8410, section 7, SM2 as an EC key (RFC 5915) of the curve 1.2.156.10197.1.301 with its public point.
enum KeyFile {
    /// Why a file gives no key.
    enum Failure: Error {
        case malformed
        case passphraseMissing
        case passphraseWrong
    }

    // MARK: Private keys

    /// SEQUENCE, version 0, algorithm 1.3.101.112, an OCTET STRING within an OCTET STRING.
    private static let ed25519Prefix: [UInt8] = [
        0x30, 0x2E, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2B, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20,
    ]
    /// SEQUENCE, version 0, algorithm EC public key on SM2's curve, OCTET STRING with ECPrivateKey: version 1, the
    /// scalar…
    private static let sm2Prefix: [UInt8] = [
        0x30, 0x81, 0x87, 0x02, 0x01, 0x00, 0x30, 0x13, 0x06, 0x07, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x02, 0x01, 0x06,
        0x08, 0x2A, 0x81, 0x1C, 0xCF, 0x55, 0x01, 0x82, 0x2D, 0x04, 0x6D, 0x30, 0x6B, 0x02, 0x01, 0x01, 0x04, 0x20,
    ]
    /// …and the point as BIT STRING under the tag [1].
    private static let sm2Point: [UInt8] = [0xA1, 0x44, 0x03, 0x42, 0x00]

    /// A key pair's file: in clear, or encrypted under a passphrase; nil if libcrypto fails to encrypt.
    static func privateKey(
        _ algorithm: SignatureAlgorithm, secret: [UInt8], publicKey: [UInt8], passphrase: [UInt8]?
    ) -> [UInt8]? {
        let content =
            switch algorithm {
            case .ed25519: ed25519Prefix + secret
            case .sm2: sm2Prefix + secret + sm2Point + publicKey
            }
        guard let passphrase else { return pem("PRIVATE KEY", content) }
        return encrypt(content, passphrase).map { pem("ENCRYPTED PRIVATE KEY", $0) }
    }

    /// The algorithm and the 32 secret bytes of a file.
    static func secret(
        of file: [UInt8], passphrase: [UInt8]?
    ) throws(Failure) -> (algorithm: SignatureAlgorithm, bytes: [UInt8]) {
        if let content = content(of: file, "PRIVATE KEY") { return try secret(inClear: content) }
        guard let encrypted = content(of: file, "ENCRYPTED PRIVATE KEY") else { throw .malformed }
        guard let passphrase else { throw .passphraseMissing }
        return try secret(inClear: try decrypt(encrypted, passphrase))
    }

    /// Whether a file says of itself that it is encrypted.
    static func isEncrypted(_ file: [UInt8]) -> Bool { file.starts(with: firstLine("ENCRYPTED PRIVATE KEY")) }

    private static func secret(
        inClear content: [UInt8]
    ) throws(Failure) -> (algorithm: SignatureAlgorithm, bytes: [UInt8]) {
        if content.starts(with: ed25519Prefix), content.count == ed25519Prefix.count + 32 {
            return (.ed25519, Array(content.dropFirst(ed25519Prefix.count)))
        }
        guard content.starts(with: sm2Prefix), content.count == sm2Prefix.count + 32 + sm2Point.count + 65 else {
            throw .malformed
        }
        let secret = Array(content.dropFirst(sm2Prefix.count).prefix(32))
        // The public half must be the secret's own.
        guard let key = SM2Key(secret: secret), content == sm2Prefix + secret + sm2Point + key.publicKey else {
            throw .malformed
        }
        return (.sm2, secret)
    }

    // MARK: Public keys

    /// A public key as SubjectPublicKeyInfo (RFC 5280, section 4.1) in PEM.
    static func publicKey(_ algorithm: SignatureAlgorithm, _ publicKey: [UInt8]) -> [UInt8] {
        let prefix: [UInt8] =
            switch algorithm {
            case .ed25519: [0x30, 0x2A, 0x30, 0x05, 0x06, 0x03, 0x2B, 0x65, 0x70, 0x03, 0x21, 0x00]
            case .sm2:
                [
                    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x02, 0x01, 0x06, 0x08, 0x2A,
                    0x81, 0x1C, 0xCF, 0x55, 0x01, 0x82, 0x2D, 0x03, 0x42, 0x00,
                ]
            }
        return pem("PUBLIC KEY", prefix + publicKey)
    }

    // MARK: PEM (RFC 7468), strictly as written here

    private static func firstLine(_ label: String) -> [UInt8] { Array("-----BEGIN \(label)-----\n".utf8) }

    private static func lastLine(_ label: String) -> [UInt8] { Array("-----END \(label)-----\n".utf8) }

    private static func pem(_ label: String, _ content: [UInt8]) -> [UInt8] {
        let body = Data(content).base64EncodedString(options: [.lineLength64Characters, .endLineWithLineFeed])
        return firstLine(label) + Array(body.utf8) + [0x0A] + lastLine(label)
    }

    private static func content(of file: [UInt8], _ label: String) -> [UInt8]? {
        guard file.starts(with: firstLine(label)), file.count < 16_384 else { return nil }
        let body = file.dropFirst(firstLine(label).count).dropLast(lastLine(label).count)
        let text = String(decoding: body.filter { $0 != 0x0A }, as: UTF8.self)
        guard let content = decodeBase64(text), pem(label, content) == file else { return nil }
        return content
    }

    // MARK: Encryption (PKCS #5 2.1 with scrypt, RFC 7914, and AES-256)

    /// scrypt's cost: 16 MiB of memory and about a quarter of a second. libcrypto refuses to read more than 32 MiB.
    private static let scrypt = (n: UInt64(16_384), r: UInt64(8), p: UInt64(5))

    private static func encrypt(_ content: [UInt8], _ passphrase: [UInt8]) -> [UInt8]? {
        var start: UnsafePointer<UInt8>?
        let info = content.withUnsafeBufferPointer { buffer -> OpaquePointer? in
            start = buffer.baseAddress
            return d2i_PKCS8_PRIV_KEY_INFO(nil, &start, buffer.count)
        }
        defer { PKCS8_PRIV_KEY_INFO_free(info) }
        guard info != nil,
            let scheme = PKCS5_pbe2_set_scrypt(EVP_aes_256_cbc(), nil, 16, nil, scrypt.n, scrypt.r, scrypt.p)
        else { return nil }
        let sealed = passphrase.withCharacters { PKCS8_set0_pbe($0, Int32($1), info, scheme) }
        guard let sealed else {
            X509_ALGOR_free(scheme)
            return nil
        }
        defer { X509_SIG_free(sealed) }
        return derBytes { i2d_X509_SIG(sealed, $0) }
    }

    private static func decrypt(_ content: [UInt8], _ passphrase: [UInt8]) throws(Failure) -> [UInt8] {
        defer { ERR_clear_error() }
        let sealed = content.withUnsafeBufferPointer { buffer -> OpaquePointer? in
            var start = buffer.baseAddress
            return d2i_X509_SIG(nil, &start, buffer.count)
        }
        guard let sealed else { throw .malformed }
        defer { X509_SIG_free(sealed) }
        let info = passphrase.withCharacters { PKCS8_decrypt(sealed, $0, Int32($1)) }
        guard let info else { throw .passphraseWrong }
        defer { PKCS8_PRIV_KEY_INFO_free(info) }
        guard let clear = derBytes({ i2d_PKCS8_PRIV_KEY_INFO(info, $0) }) else { throw .passphraseWrong }
        return clear
    }

    private static func derBytes(
        _ write: (UnsafeMutablePointer<UnsafeMutablePointer<UInt8>?>?) -> Int32
    ) -> [UInt8]? {
        let length = write(nil)
        guard length > 0 else { return nil }
        var bytes = [UInt8](repeating: 0, count: Int(length))
        let written = bytes.withUnsafeMutableBufferPointer { buffer -> Int32 in
            var start = buffer.baseAddress
            return write(&start)
        }
        return written == length ? bytes : nil
    }
}

extension [UInt8] {
    fileprivate func withCharacters<Result>(_ body: (UnsafePointer<CChar>?, Int) -> Result) -> Result {
        withUnsafeBytes { body($0.bindMemory(to: CChar.self).baseAddress, $0.count) }
    }
}
