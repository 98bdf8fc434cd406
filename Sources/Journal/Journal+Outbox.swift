import Evidence
public import Foundation
import GRDB
public import Messages

/// Which part of the outbox to look at.
public enum OutboxShare: Sendable {
    /// What was queued since a time, the oldest first.
    case live(since: Date)
    /// Everything, the oldest first.
    case backlog
}

/// What became of an attempt to deliver.
public enum DeliveryOutcome: Sendable {
    /// The authority has the item; here is its receipt.
    case delivered(receipt: [UInt8])
    /// Not this time; `attempts` have not succeeded by now, and before a time there is no other.
    case retry(attempts: Int, notBefore: Date, problem: Message)
    /// It is put aside, with the reason.
    case rejected(Message)
}

/// An item with what became of it.
public struct NotedOutcome: Sendable {
    /// The item's number in the outbox.
    public let number: Int
    /// What became of it.
    public let outcome: DeliveryOutcome

    /// Creates a note.
    public init(_ number: Int, _ outcome: DeliveryOutcome) {
        self.number = number
        self.outcome = outcome
    }
}

extension Journal {
    /// Pending items whose time has come, in the order of their numbers.
    ///
    /// Items of one test stay in their order: one that waits for its next attempt, or is quarantined, holds up those of
    /// its own test, and no others. The opening of an epoch holds up everything that was queued after it.
    ///
    /// - Parameter horizon: no wait is ever longer. One that seems to be comes from a clock that has been set back,
    ///   and is over.
    /// - Parameter limit: how many at most.
    public func due(
        _ share: OutboxShare, at now: Date, horizon: TimeInterval, limit: Int
    ) async throws(JournalError) -> [Delivery] {
        try await read { db in
            try DueItems(now: milliseconds(now), horizon: milliseconds(now.addingTimeInterval(horizon)))
                .fetch(share, limit: limit, in: db)
        }
    }

    /// When the earliest item may be attempted that nothing of its own test holds up; nil if there is none.
    public func nextAttempt() async throws(JournalError) -> Date? {
        try await read { db in
            try Int64.fetchOne(
                db,
                sql: """
                    SELECT not_before FROM outbox WHERE state = 'pending' AND \(isOfOpenEpoch) AND NOT EXISTS (
                        SELECT 1 FROM outbox AS earlier
                        WHERE earlier.test = outbox.test AND earlier.number < outbox.number
                        AND earlier.state <> 'delivered')
                    ORDER BY not_before LIMIT 1
                    """
            ).map(date)
        }
    }

    /// All deliveries, or those in one state, in the order of their numbers.
    ///
    /// - Parameter after: only those with a greater number, to turn pages.
    /// - Parameter limit: how many at most.
    public func outbox(
        _ state: DeliveryState? = nil, after: Int = 0, limit: Int = .max
    ) async throws(JournalError) -> [Delivery] {
        try await read { db in
            let condition = state.map { "AND state = '\($0.rawValue)'" } ?? ""
            return try Row.fetchAll(
                db, sql: "\(Delivery.query) WHERE outbox.number > ? \(condition) ORDER BY outbox.number LIMIT ?",
                arguments: [after, limit]
            ).map { try Delivery($0) }
        }
    }

    /// The newest deliveries, or the newest of those in one state, in the order of their numbers.
    ///
    /// - Parameter before: only those with a smaller number, to turn pages back.
    /// - Parameter limit: how many at most.
    /// - Returns: the deliveries, and how many there are before the first of them.
    public func newestDeliveries(
        _ state: DeliveryState? = nil, before: Int = .max, limit: Int
    ) async throws(JournalError) -> (deliveries: [Delivery], earlier: Int) {
        try await read { db in
            let condition = state.map { "AND state = '\($0.rawValue)'" } ?? ""
            let newest = try Row.fetchAll(
                db, sql: "\(Delivery.query) WHERE outbox.number < ? \(condition) ORDER BY outbox.number DESC LIMIT ?",
                arguments: [before, max(0, limit)]
            ).map { try Delivery($0) }
            let earlier = try Int.fetchOne(
                db, sql: "SELECT count(*) FROM outbox WHERE number < ? \(condition)",
                arguments: [newest.last?.number ?? before])
            return (newest.reversed(), earlier ?? 0)
        }
    }

    /// How many items wait, and for how long.
    public func outboxStatistics() async throws(JournalError) -> OutboxStatistics {
        try await read { try fetchStatistics($0) }
    }

    /// One delivery.
    ///
    /// - Throws: ``JournalError/unknown(item:)``.
    public func delivery(_ number: Int) async throws(JournalError) -> Delivery {
        try await read { try Delivery.fetch(number, in: $0) }
    }

    /// The delivery of a record.
    ///
    /// - Throws: ``JournalError/unknown(item:)``.
    public func delivery(ofRecord counter: Int) async throws(JournalError) -> Delivery {
        try await read { db in
            guard
                let row = try Row.fetchOne(
                    db, sql: "\(Delivery.query) WHERE outbox.counter = ?", arguments: [counter])
            else { throw JournalError.unknown(item: "record \(counter)") }
            return try Delivery(row)
        }
    }

    /// The first item of the same test, or opening of an epoch, that holds an item up; nil if none does.
    public func holdingUp(_ item: Delivery) async throws(JournalError) -> Delivery? {
        try await read { db in
            try Row.fetchOne(
                db,
                sql: """
                    \(Delivery.query) WHERE (tests.id = ? OR outbox.kind = 'epoch') AND outbox.number < ?
                    AND outbox.state <> 'delivered'
                    ORDER BY outbox.number LIMIT 1
                    """, arguments: [item.test, item.number]
            ).map { try Delivery($0) }
        }
    }

    /// The bytes that an item carries to the authority.
    ///
    /// - Throws: ``JournalError/unknown(item:)``, or ``JournalError/damaged(item:)`` if they no longer fit the digest
    ///   that was stored with them.
    public func content(of number: Int) async throws(JournalError) -> [UInt8] {
        try await read { db in
            let sql = "SELECT counter, body, digest FROM outbox WHERE number = ?"
            guard let row = try Row.fetchOne(db, sql: sql, arguments: [number]) else {
                throw JournalError.unknown(item: "delivery \(number)")
            }
            if let counter = row["counter"] as Int? { return try sealedEnvelope(counter, in: db) }
            let content = bytes(in: row, "body")
            guard Digest(of: content).description == row["digest"] else {
                throw JournalError.damaged(item: "delivery \(number)")
            }
            return content
        }
    }

    /// Notes what became of some attempts, all in one transaction.
    ///
    /// - Throws: ``JournalError/wrongState(delivery:found:expected:)`` unless every item is pending; then none is noted.
    public func note(_ outcomes: [NotedOutcome], at now: Date) async throws(JournalError) {
        guard !outcomes.isEmpty else { return }
        try await record { db in
            for noted in outcomes { try noteOutcome(noted, at: now, in: db) }
            FailPoint.receiptsWritten.pass()
        }
        FailPoint.receiptsCommitted.pass()
    }

    /// Notes that the authority has an item, with its receipt.
    ///
    /// - Throws: ``JournalError/wrongState(delivery:found:expected:)`` unless it is pending.
    public func markDelivered(_ number: Int, receipt: [UInt8], at now: Date) async throws(JournalError) {
        try await note([NotedOutcome(number, .delivered(receipt: receipt))], at: now)
    }

    /// Notes an attempt that did not succeed, and when the next one may be.
    ///
    /// - Throws: ``JournalError/wrongState(delivery:found:expected:)`` unless the item is pending.
    public func markRetry(
        _ number: Int, attempts: Int, notBefore: Date, problem: Message
    ) async throws(JournalError) {
        let outcome = DeliveryOutcome.retry(attempts: attempts, notBefore: notBefore, problem: problem)
        try await note([NotedOutcome(number, outcome)], at: notBefore)
    }

    /// Puts an item aside that was rejected. Only its own test is held up.
    ///
    /// - Parameter reason: the rejection, with the authority's words.
    /// - Throws: ``JournalError/wrongState(delivery:found:expected:)`` unless the item is pending.
    public func quarantine(_ number: Int, reason: Message, at now: Date) async throws(JournalError) {
        try await note([NotedOutcome(number, .rejected(reason))], at: now)
    }

    /// Lets a quarantined item be delivered again, or one that waits be attempted at once.
    ///
    /// - Throws: ``JournalError/wrongState(delivery:found:expected:)`` if it is delivered.
    public func retry(_ number: Int, at now: Date) async throws(JournalError) {
        try await record { db in
            let delivery = try Delivery.fetch(number, in: db)
            guard delivery.state != .delivered else {
                throw JournalError.wrongState(delivery: number, found: .delivered, expected: .quarantined)
            }
            try db.execute(
                sql: "UPDATE outbox SET state = 'pending', attempts = 0, not_before = ? WHERE number = ?",
                arguments: [milliseconds(now), number])
            try AuditTrail.append(
                "delivery.requeued", ["item": .integer(Int64(number)), "was": .string(delivery.state.rawValue)],
                at: now, to: db)
            FailPoint.requeueWritten.pass()
        }
    }
}

/// That the authority knows of every epoch that was opened before an item was queued: it would refuse the item.
private let isOfOpenEpoch = """
    NOT EXISTS (
        SELECT 1 FROM outbox AS opening
        WHERE opening.kind = 'epoch' AND opening.state <> 'delivered' AND opening.number < outbox.number)
    """

/// Finds the items that may be sent now.
private struct DueItems {
    let now: Int64
    let horizon: Int64

    func fetch(_ share: OutboxShare, limit: Int, in db: Database) throws -> [Delivery] {
        switch share {
        case .backlog: return try fetch("", order: "outbox.number", limit, db)
        case .live(let start):
            let condition = "AND outbox.queued_at >= \(milliseconds(start))"
            return try fetch(condition, order: "outbox.queued_at, outbox.number", limit, db)
        }
    }

    private func fetch(_ condition: String, order: String, _ limit: Int, _ db: Database) throws -> [Delivery] {
        try Row.fetchAll(
            db,
            sql: """
                \(Delivery.query) WHERE \(isDue("outbox")) \(condition) AND \(isOfOpenEpoch) AND NOT EXISTS (
                    SELECT 1 FROM outbox AS earlier
                    WHERE earlier.test = outbox.test AND earlier.number < outbox.number
                    AND earlier.state <> 'delivered' AND NOT (\(isDue("earlier"))))
                ORDER BY \(order) LIMIT :limit
                """, arguments: ["now": now, "horizon": horizon, "limit": limit]
        ).map { try Delivery($0) }
    }

    private func isDue(_ table: String) -> String {
        "\(table).state = 'pending' AND (\(table).not_before <= :now OR \(table).not_before > :horizon)"
    }
}

func fetchStatistics(_ db: Database) throws -> OutboxStatistics {
    func count(_ state: DeliveryState) throws -> Int {
        try Int.fetchOne(
            db,
            sql: "SELECT COUNT(*) FROM outbox WHERE state <> 'delivered' AND state = '\(state.rawValue)'") ?? 0
    }
    // What is delivered has no index of its own, and is most there is; the rest has one.
    let all = try Int.fetchOne(db, sql: "SELECT COUNT(*) FROM outbox") ?? 0
    let (pending, quarantined) = (try count(.pending), try count(.quarantined))
    return OutboxStatistics(
        pending: pending, quarantined: quarantined, delivered: all - pending - quarantined,
        oldestPending: try Int64.fetchOne(
            db, sql: "SELECT queued_at FROM outbox WHERE state = 'pending' ORDER BY number LIMIT 1"
        ).map(date))
}

private func noteOutcome(_ noted: NotedOutcome, at now: Date, in db: Database) throws {
    let number = noted.number
    let delivery = try Delivery.fetch(number, in: db)
    guard delivery.state == .pending else {
        throw JournalError.wrongState(delivery: number, found: delivery.state, expected: .pending)
    }
    switch noted.outcome {
    case .delivered(let receipt):
        try db.execute(
            sql: "UPDATE outbox SET state = 'delivered', problem = NULL WHERE number = ?", arguments: [number])
        try db.execute(
            sql: "INSERT INTO receipts (number, receipt, received_at) VALUES (?, ?, ?)",
            arguments: [number, Data(receipt), wallText(now)])
        // A second of process data is no event of its own.
        guard let counter = delivery.counter else { return }
        try AuditTrail.append(
            "delivery.confirmed",
            ["counter": .integer(Int64(counter)), "receipt": .string(Digest(of: receipt).description)], at: now,
            to: db)
    case .retry(let attempts, let notBefore, let problem):
        try db.execute(
            sql: "UPDATE outbox SET attempts = ?, not_before = ?, problem = ? WHERE number = ?",
            arguments: [attempts, milliseconds(notBefore), Data(problem.stored), number])
        FailPoint.retryWritten.pass()
    case .rejected(let reason):
        try db.execute(
            sql: "UPDATE outbox SET state = 'quarantined', attempts = attempts + 1, problem = ? WHERE number = ?",
            arguments: [Data(reason.stored), number])
        var detail: JSONObject = ["item": .integer(Int64(number)), "reason": reason.json]
        if let counter = delivery.counter { detail["counter"] = .integer(Int64(counter)) }
        try AuditTrail.append("delivery.quarantined", detail, at: now, to: db)
        FailPoint.quarantineWritten.pass()
    }
}
