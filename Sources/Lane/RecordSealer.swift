public import Evidence
import Foundation
public import Journal

/// Gives a test's record its place in the lane's chain and signs it.
public struct RecordSealer: Sendable {
    /// The lane's identifier.
    public let lane: String
    /// The station's number.
    public let station: String
    /// The lane's key; its origin is the records' origin.
    public let key: SigningKey

    /// Creates a sealer.
    public init(lane: String, station: String, key: SigningKey) {
        self.lane = lane
        self.station = station
        self.key = key
    }

    /// Seals a record in the journal, queued for delivery in the same transaction.
    ///
    /// - Throws: `JournalError`, `SigningKeyError`, `JSONError` or `Finding`; nothing is stored then.
    public func seal(_ record: TestRecord, test: String, in journal: Journal) async throws -> StoredRecord {
        // Before the journal is locked, and once: these are the digests that the payload names and the journal keeps.
        let files = record.attachments.map { AttachedFile(name: $0.name, bytes: $0.bytes) }
        let references = files.map { $0.reference(signing: [key.algorithm]) }
        return try await journal.seal(test: test, at: Date()) { place in
            let payload = record.payload(
                lane: lane, station: station, counter: place.counter, previous: place.previousDigest,
                audit: place.auditHead, origin: key.origin, references: references)
            return SealedRecord(
                try SignedRecord(payload: payload, signedWith: [key]), attachments: files, verdict: record.verdict,
                summary: try record.summary())
        }
    }
}
