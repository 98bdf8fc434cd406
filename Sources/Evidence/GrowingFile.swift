import COpenSSL
import Crypto

/// A file that grows in memory while its digests are taken: when a test ends, its frames and its wire log need not be
/// read again to be sealed.
public struct GrowingFile: Sendable {
    /// The content so far.
    public private(set) var bytes: [UInt8] = []

    private var digested = 0
    private var sha256 = SHA256()
    private var sm3 = RunningSM3()

    /// Creates a file with its first bytes.
    public init(_ bytes: [UInt8] = []) { append(bytes) }

    /// Adds bytes at the end.
    public mutating func append(_ more: [UInt8]) {
        bytes += more
        guard bytes.count - digested >= Self.block else { return }
        if !isKnownUniquelyReferenced(&sm3) { sm3 = RunningSM3(sm3) }
        bytes[digested...].withUnsafeBytes { rest in
            sha256.update(bufferPointer: rest)
            sm3.update(rest)
        }
        digested = bytes.count
    }

    /// The SHA-256 digest of the content so far.
    public var digest: Digest {
        var whole = sha256
        bytes[digested...].withUnsafeBytes { whole.update(bufferPointer: $0) }
        return Digest(.sha256, Array(whole.finalize()))
    }

    /// The SM3 digest of the content so far.
    public var sm3Digest: Digest {
        let whole = RunningSM3(sm3)
        bytes[digested...].withUnsafeBytes { whole.update($0) }
        return Digest(.sm3, whole.finish())
    }

    /// Bytes that are taken into the digests at once: lines of a frame alone would cost half as much again.
    private static let block = 16_384
}

/// libcrypto's state of an SM3 digest.
///
/// `@unchecked Sendable`: it changes only through a `GrowingFile` that holds the only reference to it, or before anyone
/// else has one.
private final class RunningSM3: @unchecked Sendable {
    private let state: OpaquePointer

    init() {
        state = Self.allocated()
        Self.require(EVP_DigestInit_ex(state, EVP_sm3(), nil))
    }

    /// A copy that goes on by itself.
    init(_ other: RunningSM3) {
        state = Self.allocated()
        Self.require(EVP_MD_CTX_copy_ex(state, other.state))
    }

    deinit { EVP_MD_CTX_free(state) }

    func update(_ bytes: UnsafeRawBufferPointer) {
        Self.require(EVP_DigestUpdate(state, bytes.baseAddress, bytes.count))
    }

    func finish() -> [UInt8] {
        var digest = [UInt8](repeating: 0, count: 32)
        Self.require(EVP_DigestFinal_ex(state, &digest, nil))
        return digest
    }

    private static func allocated() -> OpaquePointer {
        guard let state = EVP_MD_CTX_new() else { preconditionFailure("out of memory") }
        return state
    }

    /// It fails only where libcrypto was built without SM3, or memory is out; a digest that is none must not go on.
    private static func require(_ done: CInt) { precondition(done == 1, "libcrypto has no SM3") }
}
