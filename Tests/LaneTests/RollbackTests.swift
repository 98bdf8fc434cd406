import Evidence
import Foundation
import Journal
import Lane
import Messages
import Procedures
import Testing

@Suite("A data directory", .serialized)
struct RollbackTests {
    @Test("that was put back to an earlier state is refused, from then on even without the authority")
    func rolledBack() async throws {
        let bench = try await SimulatedBench()
        let copy = "\(bench.directory)-copy"
        defer { try? FileManager.default.removeItem(atPath: copy) }
        _ = try await abortedTest(on: bench.lane, bench)
        await bench.lane.close()
        try FileManager.default.copyItem(atPath: bench.directory, toPath: copy)
        let again = try await bench.reopen(bench.directory)
        let second = try await abortedTest(on: again, bench)
        await again.close()
        let newest = ReceivedRecord(counter: second.counter, digest: second.payloadDigest)
        #expect(newest.counter == 2)

        #expect(
            try await refusal { try await bench.reopen(copy) { _ in ReceivedChain(newest: newest) } }
                == .evidenceChainRolledBack)
        // Neither silence of the authority nor its forgetting opens it again, and the trail has it.
        #expect(try await refusal { try await bench.reopen(copy) } == .evidenceChainRolledBack)
        #expect(
            try await refusal { try await bench.reopen(copy) { _ in ReceivedChain(newest: nil) } }
                == .evidenceChainRolledBack)
        let journal = try await Journal.open(copy, as: .reading)
        #expect(try await journal.auditTrail().filter { $0.kind == "chain.refused" }.count == 1)
        try journal.close()

        // The newest state goes on, whether the authority has everything, not yet everything, or cannot be asked.
        for query: NewestRecordQuery in [
            { _ in ReceivedChain(newest: newest) }, { _ in ReceivedChain(newest: nil) }, { _ in throw Unreachable() },
        ] {
            let lane = try await bench.reopen(bench.directory, newestRecord: query)
            await lane.close()
        }
        let whole = try await Journal.open(bench.directory, as: .reading)
        let kinds = try await whole.auditTrail().map(\.kind)
        #expect(kinds.count { $0 == "chain.compared" } == 2)
        #expect(kinds.count { $0 == "chain.not-compared" } == 1)
        #expect(kinds.count { $0 == "key.created" } == 2)
        try whole.close()
        await bench.close()
    }

    @Test("in which a number was used again is refused")
    func forked() async throws {
        let bench = try await SimulatedBench()
        let record = try await abortedTest(on: bench.lane, bench)
        await bench.lane.close()
        let other = ReceivedRecord(counter: record.counter, digest: Digest(of: [1]))
        #expect(
            try await refusal { try await bench.reopen(bench.directory) { _ in ReceivedChain(newest: other) } }
                == .evidenceChainFork)
        await bench.close()
    }

    private struct Unreachable: Error {}

    private func abortedTest(on lane: RunningLane, _ bench: SimulatedBench) async throws -> StoredRecord {
        try await bench.test(on: lane) { _, _ in lane.panel.post(.operatorAbort) }.record
    }

    /// Why a lane cannot be opened.
    private func refusal(_ open: () async throws -> RunningLane) async throws -> MessageCode? {
        do {
            await (try await open()).close()
            return nil
        } catch LaneError.chainRefused(let reason) {
            return reason.code
        }
    }
}
