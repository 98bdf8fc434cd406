import Authority
import COpenSSL
import Crypto
import Foundation

/// A lane's SM2 key, made anew for each test by libcrypto.
final class SM2LaneKey: @unchecked Sendable {
    // Made once and only read from then on, which libcrypto allows from several threads (openssl-threads(7)).
    private let key: OpaquePointer

    init() throws {
        let context = EVP_PKEY_CTX_new_from_name(nil, "SM2", nil)
        defer { EVP_PKEY_CTX_free(context) }
        var key: OpaquePointer?
        guard EVP_PKEY_keygen_init(context) == 1, EVP_PKEY_generate(context, &key) == 1 else { throw Nothing() }
        self.key = try key.unwrapped
    }

    deinit { EVP_PKEY_free(key) }

    /// The uncompressed point.
    var publicKey: [UInt8] {
        get throws {
            var point = [UInt8](repeating: 0, count: 65)
            var length = 0
            guard EVP_PKEY_get_octet_string_param(key, "encoded-pub-key", &point, 65, &length) == 1, length == 65
            else { throw Nothing() }
            return point
        }
    }

    var id: String { (try? publicKey).map { hexadecimal(SHA256.hash(data: $0)) } ?? "" }

    func trusted(
        lane: String = "320105-03-1", origin: String = "measured", counters: ClosedRange<Int> = 1...Int.max
    ) throws -> TrustedKey {
        try TrustedKey(
            id: id, algorithm: .sm2, publicKey: Data(try publicKey).base64EncodedString(), lane: lane, origin: origin,
            counters: counters)
    }

    /// A signature in base64, made for an identity.
    func signature(for message: [UInt8], identity: String = "1234567812345678") throws -> String {
        let context = EVP_MD_CTX_new()
        defer { EVP_MD_CTX_free(context) }
        var keyContext: OpaquePointer?
        var signature = [UInt8](repeating: 0, count: 80)
        var length = signature.count
        guard EVP_DigestSignInit(context, &keyContext, EVP_sm3(), nil, key) == 1,
            EVP_PKEY_CTX_set1_id(keyContext, identity, Int32(identity.utf8.count)) == 1,
            EVP_DigestSign(context, &signature, &length, message, message.count) == 1
        else { throw Nothing() }
        return Data(signature.prefix(length)).base64EncodedString()
    }
}
