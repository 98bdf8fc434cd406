public import Evidence
import Foundation
import Journal
import Messages

/// What the authority has of a lane's chain.
public struct ReceivedChain: Hashable, Sendable {
    /// The newest record; nil if it has none.
    public let newest: ReceivedRecord?
    /// The epoch that was opened last; nil if none was.
    public let epoch: ReceivedEpoch?

    /// Creates one from its parts.
    public init(newest: ReceivedRecord?, epoch: ReceivedEpoch? = nil) {
        self.newest = newest
        self.epoch = epoch
    }
}

/// Asks the authority what it has of a lane's chain.
public typealias NewestRecordQuery = @Sendable (_ lane: String) async throws -> ReceivedChain

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
        let received: ReceivedChain
        do {
            received = try await ask(lane)
        } catch {
            try await journal.audit("chain.not-compared", ["reason": .string("\(error)")], at: Date())
            return
        }
        let newest = received.newest
        if let epoch = received.epoch { try await require(journal.objection(to: epoch), in: journal) }
        if let newest { try await compare(newest, with: journal) }
        try await journal.audit(
            "chain.compared",
            [
                "counter": newest.map { .integer(Int64($0.counter)) } ?? .null,
                "digest": newest.map { .string($0.digest.description) } ?? .null,
                "epoch": received.epoch.map { .integer(Int64($0.epoch)) } ?? .null,
            ], at: Date())
    }

    private static func compare(_ received: ReceivedRecord, with journal: Journal) async throws {
        try await require(journal.objection(to: received), in: journal)
    }

    /// Closes the directory if there is an objection.
    private static func require(_ objection: Finding?, in journal: Journal) async throws {
        guard let objection else { return }
        try await journal.refuseTests(objection.message, at: Date())
        throw LaneError.chainRefused(objection.message)
    }
}
