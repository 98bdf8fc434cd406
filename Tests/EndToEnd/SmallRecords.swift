import Evidence
import Foundation
import Journal

/// Begins and seals small tests in a journal, signed with both algorithms by keys of its directory, which trusts them.
struct SmallRecords {
    private let journal: Journal
    private let lane: String
    private let keys: [SigningKey]

    /// - Parameter since: from when on the keys hold, if there are none yet.
    init(in journal: Journal, lane: String, since: String) throws {
        self.journal = journal
        self.lane = lane
        var register = try KeyRegister(directory: "\(journal.directory)/keys")
        keys = try register.loadOrCreate(lane: lane, origin: .simulated, SignatureAlgorithm.allCases, at: since)
        try TrustFile(register.entries.map(\.key)).write(to: "\(journal.directory)/trust.json")
    }

    func begin(_ test: String, at moment: Date) async throws {
        try await journal.beginTest(
            id: test, method: "asm", lane: lane, startedAt: moment.formatted(.iso8601), order: [], context: [],
            at: moment)
    }

    func seal(_ test: String, at moment: Date) async throws {
        try await journal.seal(test: test, at: moment) { context in
            let file = AttachedFile(name: "frames.jsonl", bytes: Array("frames of \(context.counter)".utf8))
            let header = RecordHeader(
                lane: lane, counter: context.counter, previous: context.previousDigest, origin: .simulated,
                signing: keys.map(\.algorithm), attachments: [file.reference(signing: keys.map(\.algorithm))])
            return SealedRecord(
                try SignedRecord(payload: header.object, signedWith: keys), attachments: [file], verdict: "passed",
                summary: [])
        }
    }
}
