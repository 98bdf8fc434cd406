import Evidence
import Foundation
import Journal
import Testing
import Uplink

@Suite("Bandwidth")
struct BandwidthTests {
    @Test("The backlog takes no more of the line than it may, and what is live does not wait for it")
    func cap() async throws {
        try await withJournal(records: 6) { journal, _ in
            let clock = ManualClock()
            // Long enough after they were queued.
            clock.advance(3_600)
            let start = clock.now
            let transport = ScriptedTransport(.accept)
            var configuration = Pump.Configuration(base: "http://authority.example")
            configuration.backlogBytesPerSecond = 100
            let pump = Pump(journal: journal, transport: transport, configuration: configuration, clock: clock)

            try await pump.deliverDue()
            #expect(transport.requests.compactMap(\.counter) == [1])
            try await journal.queueLaneState(["state": "open"], lane: laneName, at: clock.now)
            try await pump.deliverDue()
            #expect(transport.requests.count == 2 && transport.requests[1].url.hasSuffix("/v1/stream"))

            let done = try await pump.drain(until: start.addingTimeInterval(3_600))
            #expect(done.count == 5)
            #expect(transport.requests.compactMap(\.counter) == [1, 2, 3, 4, 5, 6])
            // After each but the last there was a pause for its bytes.
            let bytes = transport.requests.filter { $0.counter != nil }.dropLast().map(\.body.count).reduce(0, +)
            let seconds = clock.now.timeIntervalSince(start)
            #expect(seconds >= Double(bytes) / 100 && seconds < Double(bytes) / 100 + 5, "\(bytes) bytes, \(seconds) s")
        }
    }
}
