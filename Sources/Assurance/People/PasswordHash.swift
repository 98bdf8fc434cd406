import COpenSSL
import Dispatch
import Evidence

/// A password as it is kept: salted and stretched with scrypt (RFC 7914), so that whoever reads the list of people
/// cannot sign in as one of them.
public struct PasswordHash: Hashable, Sendable {
    /// What the stretching costs.
    public struct Cost: Hashable, Sendable {
        /// The number of blocks, a power of two.
        public let n: Int
        /// The size of a block in 128 bytes.
        public let r: Int
        /// How often all of it is done.
        public let p: Int

        /// Creates a cost.
        public init(n: Int, r: Int, p: Int) {
            self.n = n
            self.r = r
            self.p = p
        }

        /// 32 MiB and about a tenth of a second: RFC 7914's advice for interactive use, doubled.
        public static let interactive = Cost(n: 1 << 15, r: 8, p: 1)

        /// Whether a file may ask for it: no file is to exhaust the machine's memory.
        var isPermitted: Bool {
            n > 1 && n & (n - 1) == 0 && (1...32).contains(r) && (1...16).contains(p) && n * r <= 1 << 21
        }
    }

    /// Random bytes, different for each password.
    public let salt: [UInt8]
    /// What the password and the salt give.
    public let key: [UInt8]
    /// At what cost.
    public let cost: Cost

    /// A hash that was kept.
    public init(salt: [UInt8], key: [UInt8], cost: Cost) {
        self.salt = salt
        self.key = key
        self.cost = cost
    }

    /// Hashes a new password with a new salt.
    ///
    /// - Returns: nil if the library refuses the cost.
    public init?(_ password: [UInt8], cost: Cost = .interactive) async {
        var generator = SystemRandomNumberGenerator()
        let salt = (0..<16).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
        guard let key = await Self.derive(password, salt, cost, length: 32) else { return nil }
        self.init(salt: salt, key: key, cost: cost)
    }

    /// Whether a password is the one that was hashed; takes as long for a wrong one.
    public func matches(_ password: [UInt8]) async -> Bool {
        guard let derived = await Self.derive(password, salt, cost, length: key.count) else { return false }
        return CRYPTO_memcmp(derived, key, key.count) == 0
    }

    /// The key that scrypt derives; nil for a cost that is not permitted.
    ///
    /// It takes a while and much memory, so it runs beside Swift's own threads.
    public static func derive(_ password: [UInt8], _ salt: [UInt8], _ cost: Cost, length: Int) async -> [UInt8]? {
        guard cost.isPermitted, length > 0 else { return nil }
        return await withCheckedContinuation { continuation in
            DispatchQueue.global().async {
                var key = [UInt8](repeating: 0, count: length)
                let memory = UInt64(128 * cost.r * (cost.n + cost.p + 2) + 1 << 20)
                let isDone = password.withUnsafeBytes { bytes in
                    EVP_PBE_scrypt(
                        bytes.baseAddress?.assumingMemoryBound(to: CChar.self), bytes.count, salt, salt.count,
                        UInt64(cost.n), UInt64(cost.r), UInt64(cost.p), memory, &key, length)
                }
                continuation.resume(returning: isDone == 1 ? key : nil)
            }
        }
    }
}
