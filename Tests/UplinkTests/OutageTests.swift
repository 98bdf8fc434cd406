import Evidence
import Foundation
import Journal
import Messages
import Synchronization
import Testing
import Uplink

@Suite("Outage")
struct OutageTests {
    /// Twenty tests as an outage leaves them: beginning, process data, end and record of each, two thousand items.
    private func queue(in journal: Journal) async throws {
        for test in 0..<20 {
            try await journal.beginTest(
                id: "test \(test)", method: "asm", lane: laneName, startedAt: "", order: [], context: [],
                announcement: ["method": "asm"], at: noon)
            try await journal.appendFrames(
                test: "test \(test)", [StoredFrame(tick: 1, bytes: [1])],
                processData: (0..<97).map { ["second": .integer($0)] }, at: noon)
            try await journal.seal(test: "test \(test)", at: noon, build: buildRecord)
        }
    }

    @Test("Two thousand queued items wait through an outage, and go out once each, in order, when it is over")
    func drains() async throws {
        try await withJournal(records: 0) { journal, _ in
            try await queue(in: journal)
            #expect(try await journal.outboxStatistics().pending == 2_000)
            let isUp = Mutex(false)
            let transport = ScriptedTransport { _, _ in
                isUp.withLock { $0 } ? .accept : .fail(.refused(address: "http://authority.example"))
            }
            let clock = ManualClock()
            let policy = RetryPolicy()
            let pump = Pump(
                journal: journal, transport: transport,
                configuration: .init(base: "http://authority.example", policy: policy), clock: clock, random: { 0.5 })
            // A night without the authority: tried now and then, by a single item, and nothing is given up.
            let morning = noon.addingTimeInterval(12 * 3_600)
            #expect(try await pump.drain(until: morning).isEmpty)
            let attempts = transport.requests.count
            #expect((200..<600).contains(attempts), "\(attempts) attempts")
            #expect(try await journal.outboxStatistics().pending == 2_000)
            #expect(await pump.status.problem?.code == .uplinkRefused)

            isUp.withLock { $0 = true }
            let before = residentBytes()
            let began = ContinuousClock.now
            let done = try await pump.drain(until: clock.now.addingTimeInterval(policy.longest + 60))
            let seconds = (ContinuousClock.now - began) / .seconds(1)
            let growth = residentBytes() - before
            print("drained \(done.count) items in \(seconds) s (debug or not), memory grew by \(growth >> 10) kB")
            #expect(done.count == 2_000)
            #expect(try await journal.outboxStatistics().pending == 0)
            // The receipts of two thousand items, which the answer of a drain holds, and little besides.
            #expect(growth < 64 << 20)
            let sent = transport.requests.dropFirst(attempts).compactMap { $0.headers["Idempotency-Key"] }
            let items = try await journal.outbox()
            #expect(sent == items.map(\.payloadDigest.description))
        }
    }

    @Test("A deadline ends a drain in the midst of a backlog")
    func deadline() async throws {
        try await withJournal(records: 0) { journal, _ in
            try await queue(in: journal)
            let clock = ManualClock()
            // Each exchange takes a tenth of a second.
            let transport = ScriptedTransport { _, _ in
                clock.advance(0.1)
                return .accept
            }
            let pump = Pump(
                journal: journal, transport: transport, configuration: .init(base: "http://authority.example"),
                clock: clock)
            let done = try await pump.drain(until: noon.addingTimeInterval(5))
            #expect((45...60).contains(done.count), "\(done.count)")
            #expect(clock.now.timeIntervalSince(noon) < 6)
            #expect(try await journal.outboxStatistics().pending == 2_000 - done.count)
        }
    }
}

/// What of this process is in memory now.
private func residentBytes() -> Int {
    let words = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8))?.split(separator: " ") ?? []
    return words.count > 1 ? (Int(words[1]) ?? 0) * 4_096 : 0
}
