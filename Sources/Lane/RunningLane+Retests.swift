import Evidence
import Foundation
public import Journal
import Messages
public import Procedures

extension RunningLane {
    /// The record of this lane that a retest follows (复检).
    ///
    /// - Returns: nil for a first test, and for a record that is not in this lane's journal: the earlier test may have
    ///   been on another lane of the station.
    /// - Throws: `OrderProblems` if the record is this lane's and not that of an earlier attempt on this vehicle;
    ///   `JournalError`.
    public func followed(by order: TestOrder) async throws -> StoredRecord? {
        guard let digest = order.follows.flatMap({ Digest($0) }), let record = try await journal.record(of: digest)
        else { return nil }
        // Where its term is over, that it is this lane's is all that is left to know.
        guard let payload = try await payload(of: record) else { return record }
        let earlier = payload["order"]
        let attempt = earlier?["attempt"]?.wholeNumber ?? .max
        guard earlier?["vehicle"]?["vin"]?.text == order.vehicle.vin, attempt < order.attempt else {
            throw OrderProblems([
                OrderProblem(
                    "follows",
                    Message(
                        .orderFollowsOther,
                        [
                            "counter": .integer(record.counter), "attempt": .integer(order.attempt),
                            "vin": .text(order.vehicle.vin),
                        ]))
            ])
        }
        return record
    }

    /// What a record says; nil if it was removed after its term.
    private func payload(of record: StoredRecord) async throws -> JSONValue? {
        do {
            let envelope = try await journal.envelope(of: record.counter)
            return try JSONValue(parsing: Envelope(parsing: envelope).payload)
        } catch let error as JournalError {
            guard case .removed = error else { throw error }
            return nil
        }
    }

    /// Refuses a retest of what was no earlier test of its vehicle, and notes one whose earlier record this lane does
    /// not have.
    func note(retest order: TestOrder) async throws {
        guard let digest = order.follows, try await followed(by: order) == nil else { return }
        try await journal.audit(
            "order.follows-elsewhere",
            ["order": .string(order.number), "attempt": .integer(Int64(order.attempt)), "follows": .string(digest)],
            at: Date())
    }
}
