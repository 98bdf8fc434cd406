public import Evidence
import Foundation
public import Journal

/// Gives a test's record its place in the lane's chain and signs it.
public struct RecordSealer: Sendable {
    /// The lane's identifier.
    public let lane: String
    /// The station's number.
    public let station: String
    /// Where the records' readings come from.
    public let origin: RecordOrigin
    /// The lane's keys, one of each algorithm that its records are signed with.
    public let keys: [SigningKey]

    /// The algorithms that records are signed with.
    public var signing: [SignatureAlgorithm] { keys.map(\.algorithm) }

    /// Creates a sealer.
    ///
    /// - Parameter keys: keys of the origin, of different algorithms, at least one.
    public init(lane: String, station: String, origin: RecordOrigin, keys: [SigningKey]) {
        self.lane = lane
        self.station = station
        self.origin = origin
        self.keys = keys
    }

    /// Seals a record in the journal, queued for delivery in the same transaction.
    ///
    /// - Throws: `JournalError`, `SigningKeyError`, `JSONError` or `Finding`; nothing is stored then.
    public func seal(_ record: TestRecord, test: String, in journal: Journal) async throws -> StoredRecord {
        let files = record.attachments
        let references = files.map { $0.reference(signing: signing) }
        return try await journal.seal(test: test, at: Date()) { place in
            let payload = record.payload(
                lane: lane, station: station, epoch: place.epoch, counter: place.counter,
                previous: place.previousDigest, audit: place.auditHead, origin: origin, signing: signing,
                references: references)
            return SealedRecord(
                try SignedRecord(payload: payload, signedWith: keys), attachments: files, verdict: record.verdict,
                summary: try record.summary())
        }
    }
}
