public import Evidence
public import Foundation
import GRDB
public import Messages

/// How far the delivery of an item is (上传状态).
public enum DeliveryState: String, CaseIterable, Sendable {
    /// To be delivered, now or later.
    case pending
    /// The authority has it, and its receipt is here.
    case delivered
    /// It was rejected, by the authority or before it left; it stays until someone deals with it.
    case quarantined
}

/// What an item of the outbox tells the authority.
public enum DeliveryKind: String, CaseIterable, Sendable {
    /// A test has begun (检测开始).
    case start
    /// Some seconds of a test's process data (过程数据).
    case process
    /// A test has ended (检测结束).
    case end
    /// A sealed record (检测结果).
    case record
    /// The state of the lane, a check or a lockout (检测线状态).
    case laneState = "lane-state"
    /// The statement that opens a new epoch (链纪元开启). What was queued after it waits until it has arrived.
    case epoch
}

/// An item on its way to the authority. It is never deleted.
public struct Delivery: Hashable, Sendable {
    /// The item's number in the outbox, in the order of queueing.
    public let number: Int
    /// What it tells.
    public let kind: DeliveryKind
    /// The test it belongs to; nil for the lane's state and for an epoch.
    public let test: String?
    /// Its place among the items of its test, or of the lane's states, from 1; of an epoch's opening the epoch.
    public let sequence: Int
    /// The record's number, if the item is a record.
    public let counter: Int?
    /// The lane.
    public let lane: String
    /// The digest of a record's payload, or of the item's bytes: what makes delivery idempotent.
    public let payloadDigest: Digest
    /// When it was queued.
    public let queuedAt: Date
    /// How far it is.
    public let state: DeliveryState
    /// How many attempts did not succeed.
    public let attempts: Int
    /// Before this there is no attempt.
    public let notBefore: Date
    /// What the last attempt ran into, or why the item was rejected.
    public let problem: Message?
    /// The authority's receipt, as it came.
    public let receipt: [UInt8]?

    init(_ row: Row) throws {
        number = row["number"]
        sequence = row["sequence"]
        counter = row["counter"]
        test = row["test_id"]
        lane = row["lane"]
        attempts = row["attempts"]
        queuedAt = date(row["queued_at"])
        notBefore = date(row["not_before"])
        problem = (row["problem"] as Data?).map { Message(stored: Array($0)) }
        receipt = (row["receipt"] as Data?).map { Array($0) }
        guard let digest = Digest(row["digest"]), let state = DeliveryState(rawValue: row["state"]),
            let kind = DeliveryKind(rawValue: row["kind"])
        else { throw JournalError.damaged(item: "delivery \(number)") }
        payloadDigest = digest
        self.state = state
        self.kind = kind
    }

    static let query = """
        SELECT outbox.*, tests.id AS test_id, receipts.receipt
        FROM outbox LEFT JOIN tests ON tests.number = outbox.test LEFT JOIN receipts ON receipts.number = outbox.number
        """

    static func fetch(_ number: Int, in db: Database) throws -> Delivery {
        guard let row = try Row.fetchOne(db, sql: "\(query) WHERE outbox.number = ?", arguments: [number]) else {
            throw JournalError.unknown(item: "delivery \(number)")
        }
        return try Delivery(row)
    }
}

/// How many items wait, and for how long.
public struct OutboxStatistics: Hashable, Sendable {
    /// Items to be delivered.
    public let pending: Int
    /// Items that wait for a person.
    public let quarantined: Int
    /// Items that the authority has.
    public let delivered: Int
    /// When the oldest pending item was queued; nil if none is.
    public let oldestPending: Date?
}

/// An instant as the outbox compares it: whole milliseconds since 1970.
func milliseconds(_ date: Date) -> Int64 {
    let value = (date.timeIntervalSince1970 * 1000).rounded()
    // Dates in the distant past and future stand for “at once” and “never”.
    return Int64(exactly: value) ?? (value < 0 ? .min : .max)
}

func date(_ milliseconds: Int64) -> Date { Date(timeIntervalSince1970: Double(milliseconds) / 1000) }
