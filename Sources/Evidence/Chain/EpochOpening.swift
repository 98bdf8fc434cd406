import Messages

/// That a lane begins anew after some of its records (链纪元开启), signed by the lane.
///
/// When a data directory is restored from a copy, or was put back, records may have been sealed that are not in it, and
/// their numbers are used again. The statement tells which records the lane goes on from; those of an earlier epoch that
/// stand beyond them are another line, and a number that was used twice is told apart by its epoch.
public struct EpochOpening: Hashable, Sendable {
    /// Lane, the epoch that begins, origin, time.
    public let header: StatementHeader
    /// The number of the last record that is kept of the earlier epochs; 0 if none is.
    public let after: Int
    /// The digest of that record's payload; nil if none is kept.
    public let head: Digest?
    /// Why, in a person's words.
    public let reason: String

    static let members: Set<String> = ["after", "head", "reason"]

    /// Creates an opening, to be signed or judged.
    public init(header: StatementHeader, after: Int, head: Digest?, reason: String) {
        self.header = header
        self.after = after
        self.head = head
        self.reason = reason
    }

    /// Signs the opening.
    ///
    /// - Throws: `JSONError` or ``SigningKeyError``.
    public func sealed(with keys: [SigningKey]) throws -> Envelope {
        try header.sealed(
            [
                "after": .integer(Int64(after)), "head": head.map { .string($0.description) } ?? .null,
                "reason": .string(reason),
            ], with: keys)
    }

    /// Reads an opening without judging its signatures.
    ///
    /// - Throws: ``Finding``, the first one.
    public init(parsing bytes: [UInt8]) throws(Finding) {
        let envelope = try Envelope(parsing: bytes, type: .statement)
        let payload: JSONValue
        do { payload = try JSONValue(parsing: envelope.payload) } catch {
            throw Finding(.evidenceNotJSON, ["detail": .message(error.message)], at: "payload")
        }
        var reader = MemberReader(payload, at: "payload")
        reader.expect(only: StatementHeader.members.union(Self.members))
        let opening = StatementHeader.read(&reader, as: .epoch).flatMap { Self.read(&reader, $0) }
        guard let opening, reader.findings.isEmpty else {
            throw reader.findings.first ?? Finding(.evidenceNotAnObject, at: "payload")
        }
        self = opening
    }

    static func read(_ reader: inout MemberReader, _ header: StatementHeader) -> EpochOpening? {
        let earlier = reader.findings.count
        let after = reader.count("after", from: 0)
        var head: Digest?
        // Where no record is kept there is nothing to name.
        if after == 0 {
            if reader.value["head"] != .null { reader.note("head", .evidenceExpectedNoPrevious) }
        } else {
            head = reader.digest("head")
        }
        let reason = reader.text("reason")
        // The first epoch begins with the lane, and nobody opens it.
        if header.epoch < 2 { reader.note("epoch", .evidenceExpectedCounter) }
        guard let after, let reason, reader.findings.count == earlier else { return nil }
        return EpochOpening(header: header, after: after, head: head, reason: reason)
    }
}

extension Verifier {
    /// Verifies the opening of an epoch; the keys' bounds are held against the number of the epoch's first record.
    public func verifyEpochOpening(_ bytes: [UInt8]) -> StatementReport<EpochOpening> {
        verifyStatement(
            bytes, .epoch, members: EpochOpening.members, counter: { $0.after + 1 }, read: EpochOpening.read)
    }
}

/// A record whose envelope is not at hand any more, by what is kept of it after its retention term (保存期满后).
public struct WithheldRecord: Hashable, Sendable {
    /// The epoch in which it was sealed.
    public let epoch: Int
    /// Its number.
    public let counter: Int
    /// The digest of its payload.
    public let digest: Digest

    /// Creates one from its parts.
    public init(epoch: Int, counter: Int, digest: Digest) {
        self.epoch = epoch
        self.counter = counter
        self.digest = digest
    }
}
