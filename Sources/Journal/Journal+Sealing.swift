public import Evidence
public import Foundation
import GRDB
import Messages

/// Where the record that is to be sealed will stand.
public struct SealContext: Hashable, Sendable {
    /// The lane's epoch.
    public let epoch: Int
    /// The lane's next number, gap-free.
    public let counter: Int
    /// The digest of the payload before; nil for the first record.
    public let previousDigest: Digest?
    /// The digest of the audit trail's last entry: a record that holds it shows if the trail is cut short later.
    public let auditHead: Digest?
}

/// A record, signed, on its way into the journal.
public struct SealedRecord: Sendable {
    /// The envelope with its header, or what is wrong with it.
    let signed: Result<SignedRecord, Finding>
    /// The envelope's bytes; they never change again.
    public let envelope: [UInt8]
    /// The files that the payload names, all of them and no others.
    public let attachments: [AttachedFile]
    /// `passed`, `failed` or `aborted`, for lists.
    public let verdict: String
    /// What lists show besides, in the lane's own encoding.
    public let summary: [UInt8]

    /// Creates a record that has just been signed.
    public init(_ signed: SignedRecord, attachments: [AttachedFile], verdict: String, summary: [UInt8]) {
        self.signed = .success(signed)
        envelope = signed.envelopeBytes
        self.attachments = attachments
        self.verdict = verdict
        self.summary = summary
    }

    /// Creates a record of whatever bytes; sealing it refuses what is no envelope of a record.
    public init(envelope: [UInt8], attachments: [AttachedFile], verdict: String, summary: [UInt8]) {
        signed = Result { () throws(Finding) in try SignedRecord(parsing: envelope) }
        self.envelope = envelope
        self.attachments = attachments
        self.verdict = verdict
        self.summary = summary
    }
}

extension Journal {
    /// Seals a test: number, record, attachments, delivery and audit entry in one transaction, all or none.
    ///
    /// If `build` throws, nothing is stored, the number is free again, and the error comes out of this method. What
    /// `build` returns is checked: the payload must hold the number and the digest it was given, name exactly the
    /// attachments that come with it, and belong to the test's lane. If the test's beginning was queued, its end is, too,
    /// before the record.
    ///
    /// - Parameter build: makes the record; it runs on the journal's own queue, and must not call the journal.
    /// - Returns: the record as it is now stored.
    /// - Throws: ``JournalError``, or what `build` throws.
    @discardableResult
    public func seal(
        test id: String, at now: Date, build: @escaping @Sendable (SealContext) throws -> SealedRecord
    ) async throws -> StoredRecord {
        let stored = try await write { db in
            let test = try number(ofOpenTest: id, in: db)
            let last = try Row.fetchOne(
                db, sql: "SELECT counter, payload_digest FROM records ORDER BY counter DESC LIMIT 1")
            let context = SealContext(
                epoch: try StoredEpoch.current(in: db),
                counter: (last?["counter"] as Int? ?? 0) + 1,
                previousDigest: (last?["payload_digest"] as String?).flatMap { Digest($0) },
                auditHead: try AuditTrail.head(in: db))
            let sealed = try build(context)
            FailPoint.recordSigned.pass()
            let digest = try requireFit(sealed, of: test, in: context, db)
            try db.execute(
                sql: """
                    INSERT INTO records
                    (counter, test, sealed_at, payload_digest, previous_digest, envelope, verdict, summary)
                    VALUES (?, ?, ?, ?, ?, ?, ?, ?)
                    """,
                arguments: [
                    context.counter, test, wallText(now), digest.description, context.previousDigest?.description,
                    Data(sealed.envelope), sealed.verdict, Data(sealed.summary),
                ])
            for (position, attachment) in sealed.attachments.enumerated() {
                try keepArtifact(attachment.bytes, attachment.digest, in: db)
                try db.execute(
                    sql: "INSERT INTO record_artifacts (counter, position, name, digest) VALUES (?, ?, ?, ?)",
                    arguments: [context.counter, position, attachment.name, attachment.digest.description])
            }
            // It is an attachment now, or was lost with the program that heard it.
            try db.execute(sql: "DELETE FROM wire WHERE test = ?", arguments: [test])
            try queue(context.counter, digest, sealed.verdict, of: (test, id), at: now, in: db)
            try AuditTrail.append(
                "record.sealed",
                [
                    "counter": .integer(Int64(context.counter)), "digest": .string(digest.description),
                    "test": .string(id), "verdict": .string(sealed.verdict),
                ], at: now, to: db)
            FailPoint.recordWritten.pass()
            return try StoredRecord.fetch(context.counter, in: db)
        }
        FailPoint.recordCommitted.pass()
        return stored
    }
}

/// Queues the end of a test whose stream was begun, and its record.
private func queue(
    _ counter: Int, _ digest: Digest, _ verdict: String, of test: (number: Int64, id: String), at now: Date,
    in db: Database
) throws {
    let lane = try String.fetchOne(db, sql: "SELECT lane FROM tests WHERE number = ?", arguments: [test.number]) ?? ""
    if try QueuedItem.isStreamed(test.number, in: db) {
        try QueuedItem(kind: .end, lane: lane, test: test).queue(
            [
                "counter": .integer(Int64(counter)), "digest": .string(digest.description),
                "verdict": .string(verdict),
            ], at: now, in: db)
    }
    try QueuedItem(kind: .record, lane: lane, test: test).queue(record: counter, digest: digest, at: now, in: db)
}

/// A record that would not verify must not take a place in the chain.
private func requireFit(
    _ sealed: SealedRecord, of test: Int64, in context: SealContext, _ db: Database
) throws -> Digest {
    func refuse(_ code: MessageCode, _ arguments: [String: MessageArgument], at place: String) -> JournalError {
        .sealMismatch(reason: Finding(Message(code, arguments), at: place))
    }
    let signed: SignedRecord
    do {
        signed = try sealed.signed.get()
    } catch {
        throw JournalError.sealMismatch(reason: error)
    }
    let header = signed.header
    guard header.counter == context.counter else {
        throw refuse(
            .evidenceCounterUnexpected,
            ["found": .integer(header.counter), "expected": .integer(context.counter)], at: "payload.counter")
    }
    guard header.previous == context.previousDigest else {
        throw refuse(
            .evidencePreviousUnexpected, ["expected": .text(context.previousDigest?.description ?? "null")],
            at: "payload.previous")
    }
    guard header.epoch == context.epoch else {
        throw refuse(
            .evidenceChainOtherEpoch, ["found": .integer(header.epoch), "expected": .integer(context.epoch)],
            at: "payload.epoch")
    }
    // The chain is of one lane; a directory that changes hands would break it.
    let lane = try String.fetchOne(db, sql: "SELECT lane FROM tests WHERE number = ?", arguments: [test]) ?? ""
    try db.execute(sql: "INSERT OR IGNORE INTO meta (name, value) VALUES ('lane', ?)", arguments: [lane])
    let owner = try String.fetchOne(db, sql: "SELECT value FROM meta WHERE name = 'lane'")
    guard header.lane == lane, lane == owner else {
        throw refuse(
            .evidenceChainOtherLane, ["found": .text(header.lane), "expected": .text(owner ?? lane)],
            at: "payload.lane.id")
    }
    let given = sealed.attachments.map { $0.reference(signing: header.signing) }
    for reference in header.attachments where !given.contains(reference) {
        throw refuse(.evidenceAttachmentMissing, [:], at: "attachment \(reference.name)")
    }
    guard given.count == header.attachments.count else {
        throw refuse(
            .evidenceMemberUnknown,
            ["name": .text(given.first { !header.attachments.contains($0) }?.name ?? "attachments")],
            at: "payload.attachments")
    }
    return signed.payloadDigest
}
