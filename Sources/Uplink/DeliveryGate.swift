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

    /// Why no test may begin now, all reasons at once; empty if one may.
    ///
    /// - Parameter now: the wall clock's time.
    public func reasons(at now: Date) async -> [Message] {
        var reasons: [Message] = []
        if let problem = journal.storageProblem() { reasons.append(problem.message) }
        do {
            reasons += allowance.reasons(try await journal.outboxStatistics(), free: journal.freeBytes, at: now)
        } catch {
            reasons.append(error.message)
        }
        return reasons
    }
}
