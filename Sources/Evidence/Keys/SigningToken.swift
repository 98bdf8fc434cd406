import Crypto

/// What holds a private key and signs with it (签名载体): the one protocol that a hardware token, a smart card or a
/// cryptographic card implements to sign a lane's records. The keys in files conform to it as well.
///
/// Nothing else of the program touches private keys: whoever has such a token makes a ``SigningKey`` of it with
/// ``SigningKey/init(origin:token:)`` and gives that to the lane's sealer. With PKCS #11 (version 3.0; in China GM/T 0016,
/// 智能密码钥匙密码应用接口规范) the members are:
///
/// | member | PKCS #11 |
/// |---|---|
/// | ``algorithm`` | key type of the object: `CKK_EC_EDWARDS`, or the vendor's SM2 |
/// | ``publicKey`` | `C_GetAttributeValue` of `CKA_EC_POINT`, without its DER OCTET STRING around |
/// | ``signature(for:)`` | `C_SignInit` and `C_Sign` with `CKM_EDDSA`, or the vendor's SM2 with SM3 |
///
/// The private key never leaves the token: there is no member that reads it, so that such a key is in no backup, and its
/// rotation is the token's own affair, told to the authority as for any other key.
public protocol SigningToken: Sendable {
    /// The algorithm that it signs with.
    var algorithm: SignatureAlgorithm { get }
    /// The raw public key: 32 bytes for Ed25519, and for SM2 the 65 of the uncompressed point.
    var publicKey: [UInt8] { get }

    /// Signs bytes: 64 raw bytes for Ed25519 (RFC 8032), DER with the signer's identity `1234567812345678` for SM2
    /// (GM/T 0009). It may block; it is called from the journal's own queue.
    ///
    /// - Throws: ``SigningKeyError/signingFailed(detail:)``, for example when the token was taken away.
    func signature(for message: [UInt8]) throws(SigningKeyError) -> [UInt8]
}

/// A token whose private key can be written to a file: those in memory, which keys in files are read into.
protocol SecretHolding: SigningToken {
    /// The 32 secret bytes; nil if the library does not give them.
    var secret: [UInt8]? { get }
}

/// An Ed25519 key pair in memory.
struct Ed25519Pair: SecretHolding {
    let key: Curve25519.Signing.PrivateKey

    var algorithm: SignatureAlgorithm { .ed25519 }
    var publicKey: [UInt8] { Array(key.publicKey.rawRepresentation) }
    var secret: [UInt8]? { Array(key.rawRepresentation) }

    func signature(for message: [UInt8]) throws(SigningKeyError) -> [UInt8] {
        do { return Array(try key.signature(for: message)) } catch { throw .signingFailed(detail: "\(error)") }
    }
}

/// An SM2 key pair in memory.
struct SM2Pair: SecretHolding {
    let key: SM2Key

    var algorithm: SignatureAlgorithm { .sm2 }
    var publicKey: [UInt8] { key.publicKey }
    var secret: [UInt8]? { key.secret }

    func signature(for message: [UInt8]) throws(SigningKeyError) -> [UInt8] {
        guard let signature = key.signature(for: message) else { throw .signingFailed(detail: "libcrypto: SM2") }
        return signature
    }
}
