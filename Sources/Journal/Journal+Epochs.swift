public import Evidence
public import Foundation
import GRDB
import Messages

/// An epoch that the lane opened (链纪元), with the statement that says so.
public struct StoredEpoch: Hashable, Sendable {
    /// The epoch, from 2; the first begins with the lane.
    public let epoch: Int
    /// The number of the last record that was kept; 0 if none was.
    public let after: Int
    /// The digest of its payload.
    public let head: Digest?
    /// The signed statement's envelope.
    public let statement: [UInt8]
    /// When it was opened, by the wall clock, in UTC.
    public let begunAt: String

    init(_ row: Row) {
        epoch = row["epoch"]
        after = row["after"]
        head = (row["head"] as String?).flatMap { Digest($0) }
        statement = bytes(in: row, "statement")
        begunAt = row["begun_at"]
    }

    static func all(in db: Database) throws -> [StoredEpoch] {
        // Whoever only looks may find a journal that the lane of this version has not opened yet.
        guard try db.tableExists("epochs") else { return [] }
        return try Row.fetchAll(db, sql: "SELECT * FROM epochs ORDER BY epoch").map { StoredEpoch($0) }
    }

    static func current(in db: Database) throws -> Int {
        try all(in: db).last?.epoch ?? 1
    }
}

extension [StoredEpoch] {
    /// The epoch in which a record of the lane was sealed: the last one that goes on after a smaller number.
    public func epoch(of counter: Int) -> Int { last { $0.after < counter }?.epoch ?? 1 }
}

/// Where a new epoch will begin.
public struct EpochContext: Hashable, Sendable {
    /// The epoch that begins.
    public let epoch: Int
    /// The number of the last record; 0 if there is none.
    public let after: Int
    /// The digest of its payload.
    public let head: Digest?
}

extension Journal {
    /// The epoch that records are sealed in now.
    public func epoch() async throws(JournalError) -> Int { try await read { try StoredEpoch.current(in: $0) } }

    /// The epochs that were opened, in their order.
    public func epochs() async throws(JournalError) -> [StoredEpoch] { try await read { try StoredEpoch.all(in: $0) } }

    /// Opens a new epoch after the last record: statement, delivery and audit entry in one transaction. A directory that
    /// was closed for tests is open again.
    ///
    /// - Parameters:
    ///   - lane: the lane; the journal must be its.
    ///   - least: the least number of the epoch, where the authority knows of later ones than this directory.
    ///   - build: signs the statement; it runs on the journal's own queue, and must not call the journal.
    /// - Throws: ``JournalError/otherLane(found:expected:)``, ``JournalError/sealMismatch(reason:)`` for a statement that
    ///   does not say what it must, or what `build` throws; nothing is stored then.
    @discardableResult
    public func beginEpoch(
        of lane: String, atLeast least: Int = 2, at now: Date,
        build: @escaping @Sendable (EpochContext) throws -> Envelope
    ) async throws -> StoredEpoch {
        try await write { db in
            let owner = try String.fetchOne(db, sql: "SELECT value FROM meta WHERE name = 'lane'")
            if let owner, owner != lane { throw JournalError.otherLane(found: lane, expected: owner) }
            let last = try Row.fetchOne(
                db, sql: "SELECT counter, payload_digest FROM records ORDER BY counter DESC LIMIT 1")
            let context = EpochContext(
                epoch: max(try StoredEpoch.current(in: db) + 1, least), after: last?["counter"] ?? 0,
                head: (last?["payload_digest"] as String?).flatMap { Digest($0) })
            let statement = try build(context).bytes
            try requireFit(statement, lane, context)
            try db.execute(
                sql: "INSERT INTO epochs (epoch, after, head, statement, begun_at) VALUES (?, ?, ?, ?, ?)",
                arguments: [context.epoch, context.after, context.head?.description, Data(statement), wallText(now)])
            try QueuedItem(kind: .epoch, lane: lane, test: nil)
                .queue(opening: statement, epoch: context.epoch, at: now, in: db)
            let refusal = try String.fetchOne(db, sql: "SELECT value FROM meta WHERE name = 'refusal'")
            try db.execute(sql: "DELETE FROM meta WHERE name = 'refusal'")
            try AuditTrail.append(
                "epoch.begun",
                [
                    "epoch": .integer(Int64(context.epoch)), "after": .integer(Int64(context.after)),
                    "head": context.head.map { .string($0.description) } ?? .null,
                    "statement": .string(Digest(of: statement).description),
                    "refusal": refusal.flatMap { try? JSONValue(parsing: Array($0.utf8)) } ?? .null,
                ], at: now, to: db)
            guard let stored = try StoredEpoch.all(in: db).last else {
                throw JournalError.damaged(item: "epoch \(context.epoch)")
            }
            return stored
        }
    }
}

/// A statement that says something else than the journal would make every later record doubtful.
private func requireFit(_ statement: [UInt8], _ lane: String, _ context: EpochContext) throws {
    let opening: EpochOpening
    do throws(Finding) { opening = try EpochOpening(parsing: statement) } catch {
        throw JournalError.sealMismatch(reason: error)
    }
    guard opening.header.lane == lane, opening.header.epoch == context.epoch, opening.after == context.after,
        opening.head == context.head
    else {
        throw JournalError.sealMismatch(
            reason: Finding(
                Message(
                    .evidenceChainOtherEpoch,
                    ["found": .integer(opening.header.epoch), "expected": .integer(context.epoch)]),
                at: "payload.epoch"))
    }
}

/// What is not as it was stored about the epochs.
func checkEpochs(_ db: Database) throws -> [Finding] {
    var findings: [Finding] = []
    for epoch in try StoredEpoch.all(in: db) {
        let opening = try? EpochOpening(parsing: epoch.statement)
        let own = try String.fetchOne(
            db, sql: "SELECT payload_digest FROM records WHERE counter = ?", arguments: [epoch.after])
        if opening?.header.epoch != epoch.epoch || opening?.after != epoch.after || opening?.head != epoch.head
            || own != epoch.head?.description
        {
            findings.append(
                Finding(
                    Message(
                        .evidenceEpochHead,
                        [
                            "counter": .integer(epoch.after), "found": .text(epoch.head?.description ?? "null"),
                            "expected": .text(own ?? "null"),
                        ]), at: "epoch \(epoch.epoch)"))
        }
    }
    return findings
}
