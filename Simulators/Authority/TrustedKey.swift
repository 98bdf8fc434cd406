import Crypto
import Foundation

/// A lane's public key that the authority has enrolled.
public struct TrustedKey: Hashable, Sendable {
    /// The id that envelopes name it by.
    public let id: String
    /// The lane that signs with it.
    public let lane: String
    /// The origin of the records that it may sign, such as `measured` or `simulated`.
    public let origin: String

    /// The 32 bytes of an Ed25519 public key.
    private let bytes: Data

    /// Takes a raw Ed25519 public key.
    ///
    /// - Parameter publicKey: the 32 bytes of the key, in base64.
    /// - Throws: ``AuthorityError`` if that is not such a key.
    public init(id: String, publicKey: String, lane: String, origin: String) throws(AuthorityError) {
        guard let bytes = Data(base64Encoded: publicKey),
            (try? Curve25519.Signing.PublicKey(rawRepresentation: bytes)) != nil
        else { throw AuthorityError("The public key \(id) is not 32 bytes of Ed25519 in base64.") }
        (self.id, self.lane, self.origin, self.bytes) = (id, lane, origin, bytes)
    }

    /// Reads every key of a trust file.
    ///
    ///     {"keys": [{"algorithm": "ed25519", "id": …, "lane": …, "origin": …, "publicKey": …}]}
    ///
    /// - Throws: ``AuthorityError`` if the file cannot be read, names another algorithm or has one id twice.
    public static func readTrustFile(_ path: String) throws(AuthorityError) -> [TrustedKey] {
        let file: TrustFile
        do {
            file = try JSONDecoder().decode(TrustFile.self, from: Data(contentsOf: URL(fileURLWithPath: path)))
        } catch {
            throw AuthorityError("The trust file \(path) cannot be read: \(error)")
        }
        var keys: [TrustedKey] = []
        for entry in file.keys {
            guard entry.algorithm == "ed25519" else {
                throw AuthorityError("The trust file \(path) has a key for \(entry.algorithm); only ed25519 is known.")
            }
            guard !keys.contains(where: { $0.id == entry.id }) else {
                throw AuthorityError("The trust file \(path) has the key \(entry.id) twice.")
            }
            let key = try TrustedKey(
                id: entry.id, publicKey: entry.publicKey, lane: entry.lane, origin: entry.origin)
            keys.append(key)
        }
        return keys
    }

    func verifies(_ signature: [UInt8], over message: [UInt8]) -> Bool {
        guard let key = try? Curve25519.Signing.PublicKey(rawRepresentation: bytes) else { return false }
        return key.isValidSignature(signature, for: message)
    }
}

private struct TrustFile: Decodable {
    let keys: [Entry]

    struct Entry: Decodable {
        let algorithm: String
        let id: String
        let lane: String
        let origin: String
        let publicKey: String
    }
}

/// Why the authority's platform cannot do its work; never about a record.
public struct AuthorityError: Error, Hashable, CustomStringConvertible {
    /// What happened, for a person.
    public let description: String

    init(_ description: String) {
        self.description = description
    }
}
