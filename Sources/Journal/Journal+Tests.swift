public import Evidence
public import Foundation
import GRDB
import Glibc

/// One frame of a test as the lane wrote it.
public struct StoredFrame: Hashable, Sendable {
    /// The frame's tick, distinct within its test.
    public let tick: Int
    /// The frame in the lane's own encoding.
    public let bytes: [UInt8]

    /// Creates a frame.
    public init(tick: Int, bytes: [UInt8]) {
        self.tick = tick
        self.bytes = bytes
    }
}

/// A test that was begun.
public struct StoredTest: Hashable, Sendable {
    /// The test's own identifier, a UUID.
    public let id: String
    /// The method, such as `asm`.
    public let method: String
    /// The lane (检测线编号).
    public let lane: String
    /// Wall-clock start, ISO 8601, as it was given.
    public let startedAt: String
    /// What was ordered, as it was given.
    public let order: [UInt8]
    /// What the lane needs to account for the test, as it was given.
    public let context: [UInt8]
    /// The frames stored so far, in the order of their ticks.
    public let frames: [StoredFrame]
    /// What was on the wires up to the last of them, in the lane's own encoding; empty once the test is sealed.
    public let wire: [UInt8]
}

extension Journal {
    /// Begins a test. If that cannot be stored there is no test.
    ///
    /// The directory must have the reserve of free bytes, and the test itself is the probe that storage works: it
    /// is on disk when this returns.
    ///
    /// - Parameter announcement: what the authority is told of the beginning, queued in the same transaction; from then
    ///   on process data may be queued, too. Nil where the authority wants records alone.
    /// - Throws: ``JournalError``, among them ``JournalError/spaceLow(path:free:needed:)`` and
    ///   ``JournalError/testExists(id:)``.
    public func beginTest(
        id: String, method: String, lane: String, startedAt: String, order: [UInt8], context: [UInt8],
        announcement: JSONObject? = nil, at now: Date
    ) async throws(JournalError) {
        if let problem = storageProblem() { throw problem }
        try await record { db in
            guard try Int.fetchOne(db, sql: "SELECT number FROM tests WHERE id = ?", arguments: [id]) == nil else {
                throw JournalError.testExists(id: id)
            }
            try db.execute(
                sql: """
                    INSERT INTO tests (id, method, lane, started_at, test_order, context) VALUES (?, ?, ?, ?, ?, ?)
                    """, arguments: [id, method, lane, startedAt, Data(order), Data(context)])
            let number = db.lastInsertedRowID
            try AuditTrail.append(
                "test.begun", ["id": .string(id), "lane": .string(lane), "method": .string(method)], at: now, to: db)
            if let announcement {
                try QueuedItem(kind: .start, lane: lane, test: (number, id)).queue(announcement, at: now, in: db)
            }
            FailPoint.testWritten.pass()
        }
        FailPoint.testCommitted.pass()
    }

    /// Stores frames as they come, all of them or none, in one short transaction.
    ///
    /// - Parameter wire: what was on the wires up to the last of these frames, and was not given before.
    /// - Parameter processData: what the authority is told of the seconds that these frames complete; it is queued with
    ///   them, if the test's beginning was.
    /// - Parameter now: when that was.
    /// - Throws: ``JournalError``, among them ``JournalError/testSealed(id:)`` and
    ///   ``JournalError/frameExists(test:tick:)``.
    public func appendFrames(
        test id: String, _ frames: [StoredFrame], wire: [UInt8] = [], processData: [JSONObject] = [],
        at now: Date = Date()
    ) async throws(JournalError) {
        try await record { db in
            let test = try number(ofOpenTest: id, in: db)
            let statement = try db.cachedStatement(sql: "INSERT INTO frames (test, tick, bytes) VALUES (?, ?, ?)")
            for frame in frames {
                do {
                    try statement.execute(arguments: [test, frame.tick, Data(frame.bytes)])
                } catch let error as DatabaseError where error.extendedResultCode == .SQLITE_CONSTRAINT_PRIMARYKEY {
                    throw JournalError.frameExists(test: id, tick: frame.tick)
                }
            }
            if !wire.isEmpty {
                try db.execute(
                    sql: """
                        INSERT INTO wire (test, number, bytes)
                        SELECT :test, COALESCE(MAX(number), 0) + 1, :bytes FROM wire WHERE test = :test
                        """, arguments: ["test": test, "bytes": Data(wire)])
            }
            if !processData.isEmpty, try QueuedItem.isStreamed(test, in: db) {
                let lane = try String.fetchOne(db, sql: "SELECT lane FROM tests WHERE number = ?", arguments: [test])
                let item = QueuedItem(kind: .process, lane: lane ?? "", test: (test, id))
                for content in processData { try item.queue(content, at: now, in: db) }
            }
            FailPoint.framesWritten.pass()
        }
        FailPoint.framesCommitted.pass()
    }

    /// The tests that were begun and never sealed, with their frames, in the order they were begun.
    ///
    /// After a kill or a power loss the lane seals them as aborted.
    public func openTests() async throws(JournalError) -> [StoredTest] {
        try await read { db in
            try Row.fetchAll(
                db,
                sql: """
                    SELECT * FROM tests WHERE number IN (SELECT number FROM tests EXCEPT SELECT test FROM records)
                    ORDER BY number
                    """
            ).map { try storedTest($0, in: db) }
        }
    }

    /// A test with all its frames, sealed or not.
    ///
    /// - Throws: ``JournalError/unknown(item:)`` if it was never begun.
    public func test(_ id: String) async throws(JournalError) -> StoredTest {
        try await read { db in
            guard let row = try Row.fetchOne(db, sql: "SELECT * FROM tests WHERE id = ?", arguments: [id]) else {
                throw JournalError.unknown(item: id)
            }
            return try storedTest(row, in: db)
        }
    }
}

/// The number of a test that is begun and not sealed.
func number(ofOpenTest id: String, in db: Database) throws -> Int64 {
    guard let test = try Int64.fetchOne(db, sql: "SELECT number FROM tests WHERE id = ?", arguments: [id]) else {
        throw JournalError.unknown(item: id)
    }
    guard try Int64.fetchOne(db, sql: "SELECT counter FROM records WHERE test = ?", arguments: [test]) == nil else {
        throw JournalError.testSealed(id: id)
    }
    return test
}

private func storedTest(_ row: Row, in db: Database) throws -> StoredTest {
    let number: Int64 = row["number"]
    let frames = try Row.fetchAll(
        db, sql: "SELECT tick, bytes FROM frames WHERE test = ? ORDER BY tick", arguments: [number]
    ).map { StoredFrame(tick: $0["tick"], bytes: bytes(in: $0, "bytes")) }
    let wire = try Row.fetchAll(
        db, sql: "SELECT bytes FROM wire WHERE test = ? ORDER BY number", arguments: [number]
    ).flatMap { bytes(in: $0, "bytes") }
    return StoredTest(
        id: row["id"], method: row["method"], lane: row["lane"], startedAt: row["started_at"],
        order: bytes(in: row, "test_order"), context: bytes(in: row, "context"), frames: frames, wire: wire)
}

/// The bytes of a column that is never null.
func bytes(in row: Row, _ column: String) -> [UInt8] {
    let data: Data = row[column]
    return Array(data)
}
