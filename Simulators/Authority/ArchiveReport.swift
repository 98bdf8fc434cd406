import Foundation

/// What the platform's store holds, counted from its files alone: nothing that a running server believes goes into it.
public struct ArchiveReport: Codable, Hashable, Sendable {
    /// One lane's records and streams.
    public struct Lane: Codable, Hashable, Sendable {
        /// The lane.
        public let lane: String
        /// Its records.
        public let records: Int
        /// The greatest counter.
        public let lastCounter: Int
        /// Counters below the greatest that no record has.
        public let missing: [Int]
        /// Records by verdict.
        public let verdicts: [String: Int]
        /// Records that do not name the one before them by its digest.
        public let brokenLinks: [Int]
        /// Tests with a stream.
        public let streams: Int
        /// Items of those streams.
        public let streamItems: Int
        /// Streams with items missing before their last one.
        public let incompleteStreams: Int
    }

    /// The lanes, by name.
    public let lanes: [Lane]

    /// Counts what a directory holds.
    ///
    /// - Throws: ``AuthorityError`` for a file that cannot be read or does not belong where it is.
    public init(storageDirectory: String) async throws(AuthorityError) {
        let store = RecordStore(directory: storageDirectory)
        try await store.open()
        let streams = try StreamStore.read(storageDirectory + "/.stream")
        var lanes: [Lane] = []
        for (lane, receipts) in Dictionary(grouping: await store.all, by: \.lane).sorted(by: { $0.key < $1.key }) {
            var verdicts: [String: Int] = [:]
            var broken: [Int] = []
            var digests: [Int: String] = [:]
            // A number that was used again in a later epoch stands for the record there.
            for receipt in receipts.sorted(by: { ($0.epoch, $0.counter) < ($1.epoch, $1.counter) }) {
                guard
                    let (_, bytes) = try await store.record(
                        lane: lane, epoch: receipt.epoch, counter: receipt.counter),
                    let envelope = try? Envelope(parsing: bytes), let payload = try? JSON(parsing: envelope.payload),
                    envelope.digest == receipt.digest, payload.at("counter")?.integer == receipt.counter
                else { throw AuthorityError("Record \(receipt.counter) of \(lane) is not what its receipt says.") }
                verdicts[payload.at("result.verdict")?.text ?? "?", default: 0] += 1
                digests[receipt.counter] = receipt.digest
                if let before = digests[receipt.counter - 1], payload.at("previous")?.text != before {
                    broken.append(receipt.counter)
                }
            }
            let last = receipts.map(\.counter).max() ?? 0
            let own = streams.values.filter { $0.first?.lane == lane && $0.first?.test != nil }
            lanes.append(
                Lane(
                    lane: lane, records: receipts.count, lastCounter: last,
                    missing: (1...max(last, 1)).filter { digests[$0] == nil }, verdicts: verdicts, brokenLinks: broken,
                    streams: own.count, streamItems: own.reduce(0) { $0 + $1.count },
                    incompleteStreams: own.filter { $0.map(\.sequence) != Array(1...$0.count) }.count))
        }
        self.lanes = lanes
    }

    /// The report as JSON.
    public var json: String {
        (try? JSONEncoder.sorted.encode(self)).map { String(decoding: $0, as: UTF8.self) } ?? "{}"
    }
}
