public import Evidence
import Foundation
import Journal
import Messages

/// Asks the authority for the newest record of a lane that it has; nil if it has none.
public typealias NewestRecordQuery = @Sendable (_ lane: String) async throws -> ReceivedRecord?

/// Finds out whether a data directory was put back to an earlier state (数据目录回滚), before anything is sealed in it.
///
/// Such a directory looks whole: only somebody who has seen more of the chain can tell. That is the authority.
enum ChainComparison {
    /// Compares the newest receipt here, and the authority's newest record, with the lane's own records.
    ///
    /// A lane whose authority cannot be asked goes on, since it must work without a network; the audit trail says so.
    ///
    /// - Throws: ``LaneError/chainRefused(_:)`` if records are missing or other ones, now or at an earlier start, or
    ///   `JournalError`.
    static func run(_ journal: Journal, lane: String, ask: NewestRecordQuery?) async throws {
        if let reason = try await journal.refusal() { throw LaneError.chainRefused(reason) }
        if let received = try await journal.newestReceived() { try await compare(received, with: journal) }
        guard let ask else { return }
        let newest: ReceivedRecord?
        do {
            newest = try await ask(lane)
        } catch {
            try await journal.audit("chain.not-compared", ["reason": .string("\(error)")], at: Date())
            return
        }
        if let newest { try await compare(newest, with: journal) }
        try await journal.audit(
            "chain.compared",
            [
                "counter": newest.map { .integer(Int64($0.counter)) } ?? .null,
                "digest": newest.map { .string($0.digest.description) } ?? .null,
            ], at: Date())
    }

    private static func compare(_ received: ReceivedRecord, with journal: Journal) async throws {
        guard let finding = try await journal.objection(to: received) else { return }
        try await journal.refuseTests(finding.message, at: Date())
        throw LaneError.chainRefused(finding.message)
    }
}
