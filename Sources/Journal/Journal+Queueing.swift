public import Evidence
public import Foundation
import GRDB

extension Journal {
    /// Queues a state of the lane, such as a lockout or the result of a check, for delivery.
    ///
    /// - Parameter content: what the authority is told.
    public func queueLaneState(_ content: JSONObject, lane: String, at now: Date) async throws(JournalError) {
        try await record { db in
            try QueuedItem(kind: .laneState, lane: lane, test: nil).queue(content, at: now, in: db)
            FailPoint.laneStateWritten.pass()
        }
    }
}

/// An item that is being queued within the caller's transaction.
struct QueuedItem {
    let kind: DeliveryKind
    let lane: String
    /// The test's row and identifier.
    let test: (number: Int64, id: String)?

    /// The schema of the messages that are no records.
    private static let schema = "laneagent.stream/1"

    /// Queues a message with its place in the stream of its test; the receiver can tell whether one is missing.
    func queue(_ content: JSONObject, at now: Date, in db: Database) throws {
        let place = try nextPlace(at: now, in: db)
        let body = try JSONValue.object([
            "schema": .string(Self.schema), "kind": .string(kind.rawValue), "lane": ["id": .string(lane)],
            "test": test.map { .string($0.id) } ?? .null, "sequence": .integer(Int64(place.sequence)),
            "at": .string(wallText(now)), "content": .object(content),
        ]).canonicalBytes()
        try insert(place, counter: nil, digest: Digest(of: body), body: body, at: now, in: db)
    }

    /// Queues a record, whose bytes are kept where records are.
    func queue(record counter: Int, digest: Digest, at now: Date, in db: Database) throws {
        try insert(try nextPlace(at: now, in: db), counter: counter, digest: digest, body: nil, at: now, in: db)
    }

    /// Queues the statement that opens an epoch, with the epoch in the place of the item's own.
    func queue(opening statement: [UInt8], epoch: Int, at now: Date, in db: Database) throws {
        try insert(
            (epoch, milliseconds(now)), counter: nil, digest: Digest(of: statement), body: statement, at: now, in: db)
    }

    /// The place after the last item of the test, or of the lane's states, and a time that is not before that item's:
    /// who sorts by time must not change the order within a test, even after the clock was set back.
    private func nextPlace(at now: Date, in db: Database) throws -> (sequence: Int, queued: Int64) {
        let condition = test == nil ? "test IS NULL AND kind = 'lane-state'" : "test = ?"
        let last = try Row.fetchOne(
            db, sql: "SELECT sequence, queued_at FROM outbox WHERE \(condition) ORDER BY sequence DESC LIMIT 1",
            arguments: test.map { [$0.number] } ?? [])
        guard let last else { return (1, milliseconds(now)) }
        return (last["sequence"] + 1, max(last["queued_at"], milliseconds(now)))
    }

    private func insert(
        _ place: (sequence: Int, queued: Int64), counter: Int?, digest: Digest, body: [UInt8]?, at now: Date,
        in db: Database
    ) throws {
        try db.execute(
            sql: """
                INSERT INTO outbox
                (kind, lane, test, sequence, counter, digest, body, queued_at, state, attempts, not_before)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, 'pending', 0, ?)
                """,
            arguments: [
                kind.rawValue, lane, test?.number, place.sequence, counter, digest.description, body.map { Data($0) },
                place.queued, milliseconds(now),
            ])
    }
}

extension QueuedItem {
    /// Whether the beginning of a test was queued, so that the rest of its stream is due as well.
    static func isStreamed(_ test: Int64, in db: Database) throws -> Bool {
        let sql = "SELECT 1 FROM outbox WHERE test = ? AND sequence = 1 AND kind = 'start'"
        return try Int.fetchOne(db, sql: sql, arguments: [test]) != nil
    }
}
