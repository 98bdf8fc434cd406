import Messages

/// The root over all of a lane's records up to the end of a day (每日根), as the lane signs it.
public struct TreeHead: Hashable, Sendable {
    /// Lane, epoch, origin, time.
    public let header: StatementHeader
    /// The day in China's time, `2026-11-21`.
    public let day: String
    /// How many records there were: the last one's number.
    public let size: Int
    /// The root (RFC 6962) over the digests of their payloads.
    public let root: Digest
    /// The digest of the last one's payload.
    public let head: Digest

    /// The head over records' digests; nil over none.
    ///
    /// - Parameter digests: the digests of the payloads from record 1 on.
    public init?(_ digests: [Digest], day: String, header: StatementHeader) {
        guard let head = digests.last, let root = Digest(bytes: MerkleTree(records: digests).root) else { return nil }
        self.header = header
        self.day = day
        size = digests.count
        self.root = root
        self.head = head
    }

    private init(header: StatementHeader, day: String, size: Int, root: Digest, head: Digest) {
        self.header = header
        self.day = day
        self.size = size
        self.root = root
        self.head = head
    }

    /// Signs the head.
    ///
    /// - Throws: `JSONError` or ``SigningKeyError``.
    public func sealed(with keys: [SigningKey]) throws -> Envelope {
        try header.sealed(
            [
                "day": .string(day), "size": .integer(Int64(size)), "root": .string(root.description),
                "head": .string(head.description),
            ], with: keys)
    }

    /// What the records at hand say against the head.
    ///
    /// - Parameter digests: the digests of the payloads from record 1 on.
    public func objection(from digests: [Digest]) -> Finding? {
        guard digests.count >= size else {
            return Finding(
                .evidenceChainTruncated, ["from": .integer(digests.count + 1), "to": .integer(size)],
                at: "head \(day)")
        }
        let found = Digest(bytes: MerkleTree(records: Array(digests[..<size])).root)
        guard found == root, digests[size - 1] == head else {
            return Finding(
                .evidenceRootDiffers,
                ["found": .text(found?.description ?? "–"), "expected": .text(root.description)], at: "head \(day)")
        }
        return nil
    }

    static func read(_ reader: inout MemberReader, _ header: StatementHeader) -> TreeHead? {
        let day = reader.value["day"]?.text.flatMap { Timestamp("\($0)T00:00:00Z") == nil ? nil : $0 }
        if day == nil { reader.note("day", .expectedDate) }
        let size = reader.count("size")
        let root = reader.digest("root")
        let head = reader.digest("head")
        guard let day, let size, let root, let head else { return nil }
        return TreeHead(header: header, day: day, size: size, root: root, head: head)
    }
}

extension Verifier {
    /// Verifies a signed head.
    public func verifyTreeHead(_ bytes: [UInt8]) -> StatementReport<TreeHead> {
        verifyStatement(
            bytes, .treeHead, members: ["day", "size", "root", "head"], counter: { $0.size }, read: TreeHead.read)
    }
}

/// A path through a lane's tree, as a file that anyone can check against signed heads.
public enum ChainProof: Hashable, Sendable {
    /// That the record of a number, with a payload of this digest, is under the root of a size.
    case inclusion(lane: String, counter: Int, digest: Digest, size: Int, path: [Digest])
    /// That the tree of a size only grew to another.
    case consistency(lane: String, older: Int, newer: Int, path: [Digest])

    private static let inclusionSchema = "laneagent.inclusion-proof/1"
    private static let consistencySchema = "laneagent.consistency-proof/1"

    /// The proof of a record; nil unless it is among the first `size` records.
    public init?(lane: String, digests: [Digest], counter: Int, size: Int) {
        guard size >= 1, size <= digests.count,
            let path = MerkleTree(records: digests).inclusionProof(of: counter - 1, size: size)
        else { return nil }
        self = .inclusion(
            lane: lane, counter: counter, digest: digests[counter - 1], size: size,
            path: path.compactMap { Digest(bytes: $0) })
    }

    /// The proof of growth; nil unless 1 ≤ older ≤ newer ≤ number of records.
    public init?(lane: String, digests: [Digest], older: Int, newer: Int) {
        guard let path = MerkleTree(records: digests).consistencyProof(from: older, to: newer) else { return nil }
        self = .consistency(lane: lane, older: older, newer: newer, path: path.compactMap { Digest(bytes: $0) })
    }

    /// The file's bytes: canonical JSON.
    ///
    /// - Throws: `JSONError` for a number that JSON cannot hold.
    public func bytes() throws(JSONError) -> [UInt8] {
        var object: JSONObject
        let path: [Digest]
        switch self {
        case .inclusion(let lane, let counter, let digest, let size, let steps):
            object = [
                "schema": .string(Self.inclusionSchema), "lane": .string(lane), "counter": .integer(Int64(counter)),
                "digest": .string(digest.description), "size": .integer(Int64(size)),
            ]
            path = steps
        case .consistency(let lane, let older, let newer, let steps):
            object = [
                "schema": .string(Self.consistencySchema), "lane": .string(lane), "older": .integer(Int64(older)),
                "newer": .integer(Int64(newer)),
            ]
            path = steps
        }
        object["path"] = .array(path.map { .string($0.description) })
        return try JSONValue.object(object).canonicalBytes()
    }

    /// Reads a proof strictly.
    ///
    /// - Returns: the proof if nothing is wrong with the file, and else what is.
    public static func read(_ bytes: [UInt8]) -> (proof: ChainProof?, findings: [Finding]) {
        let value: JSONValue
        do { value = try JSONValue(parsing: bytes) } catch {
            return (nil, [Finding(.evidenceNotJSON, ["detail": .message(error.message)], at: "proof")])
        }
        var reader = MemberReader(value, at: "proof")
        var path: [Digest] = []
        for (index, step) in (value["path"]?.elements ?? []).enumerated() {
            guard let digest = step.text.flatMap({ Digest($0) }) else {
                reader.note("path[\(index)]", .evidenceExpectedDigest)
                continue
            }
            path.append(digest)
        }
        if value["path"]?.elements == nil { reader.note("path", .expectedSequence) }
        let lane = reader.text("lane")
        var proof: ChainProof?
        switch value["schema"]?.text {
        case inclusionSchema:
            reader.expect(only: ["schema", "lane", "counter", "digest", "size", "path"])
            let (counter, digest, size) = (reader.count("counter"), reader.digest("digest"), reader.count("size"))
            if let lane, let counter, let digest, let size {
                proof = .inclusion(lane: lane, counter: counter, digest: digest, size: size, path: path)
            }
        case consistencySchema:
            reader.expect(only: ["schema", "lane", "older", "newer", "path"])
            let (older, newer) = (reader.count("older"), reader.count("newer"))
            if let lane, let older, let newer {
                proof = .consistency(lane: lane, older: older, newer: newer, path: path)
            }
        default:
            let known = "\(inclusionSchema), \(consistencySchema)"
            reader.adopt([Finding(.evidenceSchemaUnknown, ["known": .text(known)], at: "proof.schema")])
        }
        return (reader.findings.isEmpty ? proof : nil, reader.findings)
    }

    /// What verified heads say against the proof.
    ///
    /// - Parameters:
    ///   - heads: heads of the sizes that the proof is about.
    ///   - digest: the digest of the payload that the proof is to be about; nil to take the proof's word.
    public func objection(from heads: [TreeHead], record digest: Digest? = nil) -> Finding? {
        let wrong = Finding(.evidenceProofWrong, at: "proof.path")
        func root(_ lane: String, _ size: Int) -> Digest? {
            heads.first { $0.header.lane == lane && $0.size == size }?.root
        }
        func lacking(_ size: Int) -> Finding { Finding(.evidenceHeadLacking, ["size": .integer(size)], at: "proof") }
        switch self {
        case .inclusion(let lane, let counter, let stated, let size, let path):
            if let digest, digest != stated {
                return Finding(
                    .evidenceProofOfOther, ["found": .text(stated.description), "expected": .text(digest.description)],
                    at: "proof.digest")
            }
            guard let root = root(lane, size) else { return lacking(size) }
            return MerkleTree.isIncluded(
                stated.bytes, at: counter - 1, size: size, path: path.map(\.bytes), root: root.bytes) ? nil : wrong
        case .consistency(let lane, let older, let newer, let path):
            guard let olderRoot = root(lane, older) else { return lacking(older) }
            guard let newerRoot = root(lane, newer) else { return lacking(newer) }
            return MerkleTree.isConsistent(
                older: older, olderRoot: olderRoot.bytes, newer: newer, newerRoot: newerRoot.bytes,
                path: path.map(\.bytes)) ? nil : wrong
        }
    }
}
