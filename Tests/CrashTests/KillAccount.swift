import Authority
import Evidence
import Foundation
import Journal
import Testing

extension KillDrill {
    /// Compares what the lane has, what it said, and what the authority counted by itself; prints the sums.
    mutating func check() async throws {
        await stopAuthority()
        let journal = try await Journal.open(data, reserve: 0)
        #expect(try await journal.check() == [])
        let statistics = try await journal.statistics()
        let records = try await journal.records(limit: .max)
        let outbox = try await journal.outbox()

        // Every test that was begun is accounted for, and every number that was given.
        #expect(statistics.openTests == 0)
        #expect(statistics.tests == records.count)
        #expect(begun.isSubset(of: Set(records.map(\.test))))
        #expect(records.map(\.counter).reversed() == Array(1..<records.count + 1))
        for (counter, digest) in sealed {
            #expect(records.first { $0.counter == counter }?.payloadDigest.description == digest, "record \(counter)")
        }
        // No record is half signed, and the chain verifies for a stranger with the trust file.
        var envelopes: [[UInt8]] = []
        for counter in 1..<records.count + 1 { envelopes.append(try await journal.envelope(of: counter)) }
        let verifier = Verifier(trust: try TrustFile(contentsOf: data + "/trust.json"), allowSimulated: true)
        #expect(verifier.verifyChain(envelopes, through: records.count).findings == [])

        try await checkAuthority(records, outbox)
        #expect(killsAtRandom > 0)
        for point in FailPoint.allCases { #expect(killsAtPoint["\(point)", default: 0] > 0, "\(point)") }
        try journal.close()
        try await printSummary(statistics.tests, records, outbox)
    }

    /// What the authority has is what the lane has, once.
    private mutating func checkAuthority(_ records: [StoredRecord], _ outbox: [Delivery]) async throws {
        let lane = try await archive()
        #expect(lane.records == records.count)
        #expect(lane.missing == [] && lane.brokenLinks == [] && lane.incompleteStreams == 0)
        #expect(lane.verdicts == Dictionary(records.map { ($0.verdict, 1) }, uniquingKeysWith: +))
        #expect(outbox.allSatisfy { $0.state == .delivered && $0.receipt != nil })
        let items = outbox.filter { $0.kind != .record && $0.kind != .laneState }
        #expect(lane.streamItems == items.count)
        #expect(lane.streams == Set(items.map(\.test)).count)
        // The lane's receipts are those that the authority gave, each for its record.
        try await startAuthority()
        let given = Dictionary((await server?.receipts ?? []).map { ($0.counter, $0) }) { first, _ in first }
        #expect(given.count == records.count)
        for item in outbox {
            guard let counter = item.counter else { continue }
            let receipt = item.receipt.flatMap { try? JSONValue(parsing: $0) }?["receipt"]
            #expect(receipt?["id"]?.text == given[counter]?.id, "receipt of record \(counter)")
            #expect(item.payloadDigest.description == given[counter]?.digest, "record \(counter)")
        }
        #expect(await server?.report.streamStored == outbox.count { $0.kind != .record })
        await stopAuthority()
    }

    private func archive() async throws -> ArchiveReport.Lane {
        let report = try await ArchiveReport(storageDirectory: store)
        #expect(report.lanes.count == 1)
        return try #require(report.lanes.first)
    }

    private func printSummary(_ tests: Int, _ records: [StoredRecord], _ outbox: [Delivery]) async throws {
        let lane = try await archive()
        let points = killsAtPoint.sorted { $0.key < $1.key }.map { "  \($0.key) \($0.value)" }
        let kinds = failures.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", ")
        let atPoints = killsAtPoint.values.reduce(0, +)
        let aborted = records.count { $0.verdict == "aborted" }
        let receipted = outbox.count { $0.kind == .record && $0.receipt != nil }
        print(
            """
            kills per fail point:
            \(points.joined(separator: "\n"))
            kills: \(atPoints + killsAtRandom) (\(atPoints) at fail points, \(killsAtRandom) at random) in \(runs) \
            runs; authority restarted \(restarts) times
            tests started \(tests) = sealed with a verdict \(records.count - aborted) + aborted \(aborted); \
            receipted \(receipted); records the authority counts in its store \(lane.records), counters 1 to \
            \(lane.lastCounter), missing \(lane.missing.count); starts that the lane had told before a kill \(begun.count)
            outbox items \(outbox.count), delivered \(outbox.count { $0.state == .delivered })
            authority: received \(received.total), accepted \(received.accepted), duplicates \(received.duplicates), \
            failed on purpose \(failures.values.reduce(0, +)) (\(kinds))
            streams \(lane.streams) with \(lane.streamItems) items, incomplete \(lane.incompleteStreams)
            """)
    }
}
