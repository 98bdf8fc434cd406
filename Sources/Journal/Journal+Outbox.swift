public import Evidence
public import Foundation
import GRDB
public import Messages

/// How far the delivery of a record is (上传状态).
public enum DeliveryState: String, CaseIterable, Sendable {
    /// To be delivered, now or later.
    case pending
    /// The authority has it, and its receipt is here.
    case delivered
    /// The authority rejected it; it stays until someone deals with it.
    case quarantined
}

/// A record on its way to the authority. It is never deleted.
public struct Delivery: Hashable, Sendable {
    /// The record's number, which also names the delivery.
    public let counter: Int
    /// The lane.
    public let lane: String
    /// The digest of the payload: what makes delivery idempotent.
    public let payloadDigest: Digest
    /// How far it is.
    public let state: DeliveryState
    /// How many attempts did not succeed.
    public let attempts: Int
    /// Before this there is no attempt.
    public let notBefore: Date
    /// What the last attempt ran into, or why the authority rejected the record.
    public let problem: Message?
    /// The authority's receipt, as it came.
    public let receipt: [UInt8]?

    init(_ row: Row) throws {
        counter = row["counter"]
        lane = row["lane"]
        attempts = row["attempts"]
        notBefore = Date(timeIntervalSince1970: Double(row["not_before"] as Int64) / 1000)
        problem = (row["problem"] as Data?).map { Message(stored: Array($0)) }
        receipt = (row["receipt"] as Data?).map { Array($0) }
        guard let digest = Digest(row["payload_digest"]), let state = DeliveryState(rawValue: row["state"]) else {
            throw JournalError.damaged(item: "record \(counter)")
        }
        payloadDigest = digest
        self.state = state
    }

    fileprivate static let query = """
        SELECT outbox.*, tests.lane, payload_digest, receipt
        FROM outbox JOIN records USING (counter) JOIN tests ON tests.number = records.test
        LEFT JOIN receipts USING (counter)
        """
}

extension Journal {
    /// The pending delivery of the smallest number whose time has come; nil if there is none.
    ///
    /// A delivery that waits for its next attempt holds up no other, and neither does a quarantined one.
    ///
    /// - Parameter horizon: no wait is ever longer. One that seems to be comes from a clock that has been set back,
    ///   and is over.
    public func nextDue(_ now: Date, horizon: TimeInterval) async throws(JournalError) -> Delivery? {
        try await read { db in
            try Row.fetchOne(
                db,
                sql: """
                    \(Delivery.query) WHERE state = 'pending' AND (not_before <= ? OR not_before > ?)
                    ORDER BY outbox.counter LIMIT 1
                    """,
                arguments: [milliseconds(now), milliseconds(now.addingTimeInterval(horizon))]
            ).map { try Delivery($0) }
        }
    }

    /// When the earliest pending delivery may be attempted; nil if none is pending.
    public func nextAttempt() async throws(JournalError) -> Date? {
        try await read { db in
            try Int64.fetchOne(db, sql: "SELECT MIN(not_before) FROM outbox WHERE state = 'pending'")
                .map { Date(timeIntervalSince1970: Double($0) / 1000) }
        }
    }

    /// All deliveries, or those in one state, in the order of their numbers.
    public func outbox(_ state: DeliveryState? = nil) async throws(JournalError) -> [Delivery] {
        try await read { db in
            try Row.fetchAll(
                db, sql: "\(Delivery.query) WHERE ?1 IS NULL OR state = ?1 ORDER BY outbox.counter",
                arguments: [state?.rawValue]
            ).map { try Delivery($0) }
        }
    }

    /// One delivery.
    ///
    /// - Throws: ``JournalError/unknown(item:)``.
    public func delivery(_ counter: Int) async throws(JournalError) -> Delivery {
        try await read { try fetchDelivery(counter, in: $0) }
    }

    /// Notes that the authority has the record, with its receipt.
    ///
    /// - Throws: ``JournalError/wrongState(counter:found:expected:)`` unless the delivery is pending.
    public func markDelivered(_ counter: Int, receipt: [UInt8], at now: Date) async throws(JournalError) {
        try await record { db in
            try requireState(.pending, of: counter, in: db)
            try db.execute(
                sql: "UPDATE outbox SET state = 'delivered', problem = NULL WHERE counter = ?", arguments: [counter])
            try db.execute(
                sql: "INSERT INTO receipts (counter, receipt, received_at) VALUES (?, ?, ?)",
                arguments: [counter, Data(receipt), wallText(now)])
            try AuditTrail.append(
                "delivery.confirmed",
                ["counter": .integer(Int64(counter)), "receipt": .string(Digest(of: receipt).description)], at: now,
                to: db)
        }
    }

    /// Notes an attempt that did not succeed, and when the next one may be.
    ///
    /// - Parameter attempts: how many have not succeeded by now.
    /// - Throws: ``JournalError/wrongState(counter:found:expected:)`` unless the delivery is pending.
    public func markRetry(
        _ counter: Int, attempts: Int, notBefore: Date, problem: Message
    ) async throws(JournalError) {
        try await record { db in
            try requireState(.pending, of: counter, in: db)
            try db.execute(
                sql: "UPDATE outbox SET attempts = ?, not_before = ?, problem = ? WHERE counter = ?",
                arguments: [attempts, milliseconds(notBefore), Data(problem.stored), counter])
        }
    }

    /// Puts a record aside that the authority rejected. Only this record is held up.
    ///
    /// - Parameter reason: the rejection, with the authority's words.
    /// - Throws: ``JournalError/wrongState(counter:found:expected:)`` unless the delivery is pending.
    public func quarantine(_ counter: Int, reason: Message, at now: Date) async throws(JournalError) {
        try await record { db in
            try requireState(.pending, of: counter, in: db)
            try db.execute(
                sql: "UPDATE outbox SET state = 'quarantined', attempts = attempts + 1, problem = ? WHERE counter = ?",
                arguments: [Data(reason.stored), counter])
            try AuditTrail.append(
                "delivery.quarantined", ["counter": .integer(Int64(counter)), "reason": reason.json], at: now, to: db)
        }
    }

    /// Lets a quarantined record be delivered again, from now on.
    ///
    /// - Throws: ``JournalError/wrongState(counter:found:expected:)`` unless the delivery is quarantined.
    public func retryQuarantined(_ counter: Int, at now: Date) async throws(JournalError) {
        try await record { db in
            try requireState(.quarantined, of: counter, in: db)
            try db.execute(
                sql: "UPDATE outbox SET state = 'pending', attempts = 0, not_before = ? WHERE counter = ?",
                arguments: [milliseconds(now), counter])
            try AuditTrail.append(
                "delivery.requeued", ["counter": .integer(Int64(counter))], at: now, to: db)
        }
    }
}

/// An instant as the outbox compares it: whole milliseconds since 1970.
func milliseconds(_ date: Date) -> Int64 {
    let value = (date.timeIntervalSince1970 * 1000).rounded()
    // Dates in the distant past and future stand for “at once” and “never”.
    return Int64(exactly: value) ?? (value < 0 ? .min : .max)
}

private func fetchDelivery(_ counter: Int, in db: Database) throws -> Delivery {
    let sql = "\(Delivery.query) WHERE outbox.counter = ?"
    guard let row = try Row.fetchOne(db, sql: sql, arguments: [counter]) else {
        throw JournalError.unknown(item: "record \(counter)")
    }
    return try Delivery(row)
}

private func requireState(_ expected: DeliveryState, of counter: Int, in db: Database) throws {
    let delivery = try fetchDelivery(counter, in: db)
    guard delivery.state == expected else {
        throw JournalError.wrongState(counter: counter, found: delivery.state, expected: expected)
    }
}
