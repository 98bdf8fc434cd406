import Evidence
import Foundation
import Journal
import Messages
import Testing

@Suite("Outbox")
struct OutboxTests {
    private let later = noon.addingTimeInterval(60)

    private let problem = Message(
        .uplinkUnexpectedStatus,
        [
            "status": 503, "words": "维护中", "bytes": .bytes([1, 255]), "limit": .decimal("0.50"),
            "inner": .message(Message(.keyMalformed, ["path": "/k"])),
        ])

    private func withRecords(_ count: Int, _ body: (Journal) async throws -> Void) async throws {
        try await withJournal { journal, _ in
            for number in 1...count { try await journal.run("\(number)") }
            try await body(journal)
        }
    }

    @Test("Deliveries are due in the order of their numbers, with what the authority needs")
    func order() async throws {
        try await withRecords(3) { journal in
            let first = try #require(try await journal.firstDue(noon))
            #expect(first.counter == 1)
            #expect(first.lane == laneName)
            #expect(first.state == .pending)
            #expect(first.attempts == 0)
            #expect(try await journal.record(1).payloadDigest == first.payloadDigest)
            try await journal.markDelivered(1, receipt: bytes("receipt"), at: noon)
            #expect(try await journal.firstDue(noon)?.counter == 2)
            let delivered = try await journal.delivery(1)
            #expect(delivered.state == .delivered)
            #expect(delivered.receipt == bytes("receipt"))
            #expect(try await journal.outbox().map(\.counter) == [1, 2, 3])
            #expect(try await journal.outbox(.delivered).map(\.counter) == [1])
        }
    }

    @Test("The newest deliveries come first to be listed, and what is before them can be turned to")
    func newest() async throws {
        try await withRecords(5) { journal in
            let first = try await journal.newestDeliveries(limit: 2)
            #expect(first.deliveries.map(\.number) == [4, 5] && first.earlier == 3)
            let second = try await journal.newestDeliveries(before: 4, limit: 2)
            #expect(second.deliveries.map(\.number) == [2, 3] && second.earlier == 1)
            let last = try await journal.newestDeliveries(before: 2, limit: 2)
            #expect(last.deliveries.map(\.number) == [1] && last.earlier == 0)
            #expect(try await journal.newestDeliveries(limit: 5).earlier == 0)
            let none = try await journal.newestDeliveries(limit: 0)
            #expect(none.deliveries.isEmpty && none.earlier == 5)
            try await journal.markDelivered(1, receipt: bytes("receipt"), at: noon)
            try await journal.markDelivered(3, receipt: bytes("receipt"), at: noon)
            let delivered = try await journal.newestDeliveries(.delivered, limit: 1)
            #expect(delivered.deliveries.map(\.number) == [3] && delivered.earlier == 1)
            let pending = try await journal.newestDeliveries(.pending, before: 5, limit: 8)
            #expect(pending.deliveries.map(\.number) == [2, 4] && pending.earlier == 0)
        }
    }

    @Test("What waits for another attempt holds up nothing, and keeps what it ran into")
    func retry() async throws {
        try await withRecords(2) { journal in
            try await journal.markRetry(1, attempts: 4, notBefore: later, problem: problem)
            #expect(try await journal.firstDue(noon)?.counter == 2)
            #expect(try await journal.firstDue(later)?.counter == 1)
            let delivery = try await journal.delivery(1)
            #expect(delivery.attempts == 4)
            #expect(delivery.notBefore == later)
            #expect(delivery.problem == problem)
            try await journal.markDelivered(2, receipt: [], at: noon)
            #expect(try await journal.nextAttempt() == later)
            #expect(try await journal.firstDue(noon) == nil)
        }
    }

    @Test("A wait that a wrong clock made endless is over when the clock is right again")
    func clockSetBack() async throws {
        try await withRecords(1) { journal in
            try await journal.markRetry(
                1, attempts: 1, notBefore: noon.addingTimeInterval(12 * 365 * 86_400), problem: problem)
            #expect(try await journal.firstDue(noon)?.counter == 1)
        }
    }

    @Test("Quarantine holds up its own record only, and ends when somebody deals with it")
    func quarantine() async throws {
        try await withRecords(2) { journal in
            try await journal.quarantine(1, reason: problem, at: noon)
            #expect(try await journal.firstDue(noon)?.counter == 2)
            let delivery = try await journal.delivery(1)
            #expect(delivery.state == .quarantined)
            #expect(delivery.problem == problem)
            #expect(try await journal.record(1).delivery == .quarantined)
            await #expect(throws: JournalError.wrongState(delivery: 1, found: .quarantined, expected: .pending)) {
                try await journal.markDelivered(1, receipt: [], at: noon)
            }
            try await journal.retry(1, at: later)
            #expect(try await journal.firstDue(noon)?.counter == 2)
            #expect(try await journal.firstDue(later)?.counter == 1)
            #expect(
                try await journal.auditTrail().map(\.kind).suffix(2) == ["delivery.quarantined", "delivery.requeued"])
            #expect(AuditEntry.firstBreak(in: try await journal.auditTrail()) == nil)
        }
    }

    @Test("A delivery is confirmed once and never goes back")
    func finalStates() async throws {
        try await withRecords(1) { journal in
            try await journal.markDelivered(1, receipt: bytes("receipt"), at: noon)
            let wrong = JournalError.wrongState(delivery: 1, found: .delivered, expected: .pending)
            await #expect(throws: wrong) { try await journal.markDelivered(1, receipt: bytes("other"), at: noon) }
            await #expect(throws: wrong) {
                try await journal.markRetry(1, attempts: 1, notBefore: noon, problem: problem)
            }
            await #expect(throws: wrong) { try await journal.quarantine(1, reason: problem, at: noon) }
            await #expect(throws: JournalError.wrongState(delivery: 1, found: .delivered, expected: .quarantined)) {
                try await journal.retry(1, at: noon)
            }
            #expect(try await journal.delivery(1).receipt == bytes("receipt"))
            await #expect(throws: JournalError.unknown(item: "delivery 2")) {
                try await journal.quarantine(2, reason: problem, at: noon)
            }
        }
    }

    @Test("The outbox survives a kill in every state")
    func afterKill() async throws {
        try await withJournal { journal, directory in
            for number in 1...3 { try await journal.run("\(number)") }
            try await journal.markDelivered(1, receipt: bytes("receipt"), at: noon)
            try await journal.quarantine(2, reason: problem, at: noon)
            try await journal.markRetry(3, attempts: 1, notBefore: later, problem: problem)
            let before = try await journal.outbox()
            let revived = try await Journal.open(try copyAsAfterKill(directory), reserve: 0)
            #expect(try await revived.outbox() == before)
            #expect(before.map(\.state) == [.delivered, .quarantined, .pending])
        }
    }
}

extension Journal {
    /// The item that would be sent first.
    func firstDue(_ now: Date) async throws -> Delivery? {
        try await due(.backlog, at: now, horizon: 3_600, limit: 1).first
    }
}
