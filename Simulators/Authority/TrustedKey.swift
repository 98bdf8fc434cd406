import Crypto
import Foundation

/// The algorithms whose signatures the authority can verify.
public enum KeyAlgorithm: String, CaseIterable, Sendable {
    /// Ed25519 (RFC 8032).
    case ed25519
    /// SM2 with SM3 (GB/T 32918.2-2016, 椭圆曲线公钥密码算法).
    case sm2
}

/// A lane's public key that the authority has enrolled.
public struct TrustedKey: Hashable, Sendable {
    /// The id that envelopes name it by.
    public let id: String
    /// What it signs with.
    public let algorithm: KeyAlgorithm
    /// The lane that signs with it.
    public let lane: String
    /// The origin of the records that it may sign, such as `measured` or `simulated`.
    public let origin: String
    /// The numbers of the records that it may sign.
    public let counters: ClosedRange<Int>

    /// 32 bytes for Ed25519, 65 of an uncompressed point for SM2.
    private let bytes: [UInt8]

    /// Takes a raw public key.
    ///
    /// - Parameters:
    ///   - publicKey: the bytes of the key, in base64: 32 for Ed25519, for SM2 the 65 of the uncompressed point.
    ///   - counters: the numbers of the records that it may sign.
    /// - Throws: ``AuthorityError`` if that is not such a key.
    public init(
        id: String, algorithm: KeyAlgorithm = .ed25519, publicKey: String, lane: String, origin: String,
        counters: ClosedRange<Int> = 1...Int.max
    ) throws(AuthorityError) {
        let bytes = Data(base64Encoded: publicKey).map(Array.init) ?? []
        let isKey =
            switch algorithm {
            case .ed25519: (try? Curve25519.Signing.PublicKey(rawRepresentation: bytes)) != nil
            case .sm2: SM2Signature.isPublicKey(bytes)
            }
        guard isKey else {
            throw AuthorityError("The public key \(id) is no key of \(algorithm.rawValue) in base64.")
        }
        (self.id, self.algorithm, self.lane, self.origin) = (id, algorithm, lane, origin)
        (self.counters, self.bytes) = (counters, bytes)
    }

    /// Reads every key of a trust file.
    ///
    ///     {"keys": [{"algorithm": "ed25519", "id": …, "lane": …, "origin": …, "publicKey": …}]}
    ///
    /// A key may have `fromCounter` and `throughCounter`, and `revoked` with its `fromCounter`.
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
            guard let algorithm = KeyAlgorithm(rawValue: entry.algorithm) else {
                let known = KeyAlgorithm.allCases.map(\.rawValue).joined(separator: " and ")
                throw AuthorityError(
                    "The trust file \(path) has a key for \(entry.algorithm); known are \(known).")
            }
            guard !keys.contains(where: { $0.id == entry.id }) else {
                throw AuthorityError("The trust file \(path) has the key \(entry.id) twice.")
            }
            guard let counters = entry.counters else { continue }
            let key = try TrustedKey(
                id: entry.id, algorithm: algorithm, publicKey: entry.publicKey, lane: entry.lane,
                origin: entry.origin, counters: counters)
            keys.append(key)
        }
        return keys
    }

    func verifies(_ signature: [UInt8], over message: [UInt8]) -> Bool {
        switch algorithm {
        case .ed25519:
            (try? Curve25519.Signing.PublicKey(rawRepresentation: bytes))?.isValidSignature(signature, for: message)
                ?? false
        case .sm2: SM2Signature.isValid(signature, over: message, publicKey: bytes)
        }
    }

    /// What keeps the key from signing the record of a number, as the end of a sentence; nil if nothing does.
    func objection(to counter: Int) -> String? {
        guard !counters.contains(counter) else { return nil }
        let end = counters.upperBound == .max ? "on" : "to \(counters.upperBound)"
        return "signs records from \(counters.lowerBound) \(end)"
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
        let fromCounter: Int?
        let throughCounter: Int?
        let revoked: Revocation?

        struct Revocation: Decodable {
            let fromCounter: Int
        }

        /// The numbers that it may sign; nil for none.
        var counters: ClosedRange<Int>? {
            let first = max(1, fromCounter ?? 1)
            let last = min(throughCounter ?? .max, revoked.map { $0.fromCounter - 1 } ?? .max)
            return first <= last ? first...last : nil
        }
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
