public import Foundation
public import Journal
public import Messages

/// Whether a test may begin, as far as storage and delivery are concerned.
///
/// It keeps no state: every look is at what is there now, so that a lane is locked when a cause arises and free when the
/// cause is gone, without anybody's doing.
public struct DeliveryGate: Sendable {
    private let journal: Journal
    private let allowance: DeliveryAllowance

    /// Creates a gate.
    public init(_ journal: Journal, _ allowance: DeliveryAllowance) {
        self.journal = journal
        self.allowance = allowance
    }

    /// Why no test may begin now.
    public struct Reasons: Hashable, Sendable {
        /// What about the storage stands in the way; nil if nothing does.
        public var storage: Message?
        /// What about delivery stands in the way, all at once; empty if nothing does.
        public var delivery: [Message] = []

        /// All of them; empty if a test may begin.
        public var all: [Message] { (storage.map { [$0] } ?? []) + delivery }
    }

    /// Why no test may begin now.
    ///
    /// - Parameter now: the wall clock's time.
    public func reasons(at now: Date) async -> Reasons {
        var reasons = Reasons(storage: journal.storageProblem()?.message ?? allowance.shortage(free: journal.freeBytes))
        do {
            reasons.delivery = allowance.delays(try await journal.outboxStatistics(), at: now)
        } catch {
            // A journal that cannot be read has no room for another test either.
            reasons.storage = reasons.storage ?? error.message
        }
        return reasons
    }
}
