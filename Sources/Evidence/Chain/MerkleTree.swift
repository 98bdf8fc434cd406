import Crypto

/// The hash tree of RFC 6962, section 2.1, over SHA-256.
///
/// Whoever keeps a root of some size can later be shown, by some twenty digests, that a record is under it
/// (inclusion) and that a longer tree only adds to it (consistency).
public struct MerkleTree: Sendable {
    /// The leaves' hashes, in order.
    private var leaves: [[UInt8]] = []

    /// A tree over the leaves' contents.
    public init(_ contents: [[UInt8]] = []) { leaves = contents.map(Self.leafHash) }

    /// A tree over a lane's records: each leaf is the 32 bytes of a payload's digest.
    public init(records: [Digest]) { self.init(records.map(\.bytes)) }

    /// The number of leaves.
    public var size: Int { leaves.count }

    /// Adds a leaf at the end.
    public mutating func append(_ content: [UInt8]) { leaves.append(Self.leafHash(content)) }

    /// The root over the first leaves (MTH); that over none is the digest of nothing.
    ///
    /// - Parameter size: how many; they must be there.
    public func root(size: Int) -> [UInt8] { Self.root(leaves[..<size]) }

    /// The root over all leaves.
    public var root: [UInt8] { root(size: size) }

    /// The hashes that lead from a leaf to the root over the first leaves (PATH), the leaf's neighbour first.
    ///
    /// - Parameters:
    ///   - index: the leaf, from 0.
    ///   - size: the size of the tree; nil for all leaves.
    /// - Returns: nil unless index < size ≤ number of leaves.
    public func inclusionProof(of index: Int, size: Int? = nil) -> [[UInt8]]? {
        let size = size ?? self.size
        guard size <= leaves.count, index >= 0, index < size else { return nil }
        return Self.path(to: index, in: leaves[..<size])
    }

    /// The hashes that show that the tree of a size only grew to another (PROOF).
    ///
    /// - Returns: nil unless 1 ≤ older ≤ newer ≤ number of leaves.
    public func consistencyProof(from older: Int, to newer: Int? = nil) -> [[UInt8]]? {
        let newer = newer ?? size
        guard older >= 1, older <= newer, newer <= leaves.count else { return nil }
        return Self.subproof(older, leaves[..<newer], isWhole: true)
    }

    // MARK: Verification, without the tree (RFC 9162, sections 2.1.3.2 and 2.1.4.2)

    /// Whether a path leads from a leaf to a root.
    public static func isIncluded(
        _ content: [UInt8], at index: Int, size: Int, path: [[UInt8]], root: [UInt8]
    ) -> Bool {
        guard index >= 0, index < size else { return false }
        var (node, last) = (index, size - 1)
        var hash = leafHash(content)
        for sibling in path {
            guard last > 0 else { return false }
            if node & 1 == 1 || node == last {
                hash = nodeHash(sibling, hash)
                while node & 1 == 0, node != 0 { (node, last) = (node >> 1, last >> 1) }
            } else {
                hash = nodeHash(hash, sibling)
            }
            (node, last) = (node >> 1, last >> 1)
        }
        return last == 0 && hash == root
    }

    /// Whether a path shows that the tree with the older root only grew to that with the newer one.
    public static func isConsistent(
        older: Int, olderRoot: [UInt8], newer: Int, newerRoot: [UInt8], path: [[UInt8]]
    ) -> Bool {
        guard older >= 1, older <= newer else { return false }
        if older == newer { return path.isEmpty && olderRoot == newerRoot }
        // A complete older tree is itself the first hash of the path, and is left out of it.
        var rest = (older & (older - 1) == 0 ? [olderRoot] : []) + path
        guard !rest.isEmpty else { return false }
        var (node, last) = (older - 1, newer - 1)
        while node & 1 == 1 { (node, last) = (node >> 1, last >> 1) }
        var (olderHash, newerHash) = (rest[0], rest[0])
        rest.removeFirst()
        for sibling in rest {
            guard last > 0 else { return false }
            if node & 1 == 1 || node == last {
                olderHash = nodeHash(sibling, olderHash)
                newerHash = nodeHash(sibling, newerHash)
                while node & 1 == 0, node != 0 { (node, last) = (node >> 1, last >> 1) }
            } else {
                newerHash = nodeHash(newerHash, sibling)
            }
            (node, last) = (node >> 1, last >> 1)
        }
        return last == 0 && olderHash == olderRoot && newerHash == newerRoot
    }

    // MARK: Hashes

    private static func leafHash(_ content: [UInt8]) -> [UInt8] { Array(SHA256.hash(data: [0x00] + content)) }

    private static func nodeHash(_ left: [UInt8], _ right: [UInt8]) -> [UInt8] {
        Array(SHA256.hash(data: [0x01] + left + right))
    }

    private static func root(_ leaves: ArraySlice<[UInt8]>) -> [UInt8] {
        guard let first = leaves.first else { return Array(SHA256.hash(data: [UInt8]())) }
        guard leaves.count > 1 else { return first }
        let middle = leaves.startIndex + split(leaves.count)
        return nodeHash(root(leaves[..<middle]), root(leaves[middle...]))
    }

    private static func path(to index: Int, in leaves: ArraySlice<[UInt8]>) -> [[UInt8]] {
        guard leaves.count > 1 else { return [] }
        let middle = leaves.startIndex + split(leaves.count)
        return leaves.startIndex + index < middle
            ? path(to: index, in: leaves[..<middle]) + [root(leaves[middle...])]
            : path(to: index - split(leaves.count), in: leaves[middle...]) + [root(leaves[..<middle])]
    }

    private static func subproof(_ older: Int, _ leaves: ArraySlice<[UInt8]>, isWhole: Bool) -> [[UInt8]] {
        if older == leaves.count { return isWhole ? [] : [root(leaves)] }
        let half = split(leaves.count)
        let middle = leaves.startIndex + half
        return older <= half
            ? subproof(older, leaves[..<middle], isWhole: isWhole) + [root(leaves[middle...])]
            : subproof(older - half, leaves[middle...], isWhole: false) + [root(leaves[..<middle])]
    }

    /// The largest power of two below a number of at least two.
    private static func split(_ count: Int) -> Int { 1 << (Int.bitWidth - 1 - (count - 1).leadingZeroBitCount) }
}
