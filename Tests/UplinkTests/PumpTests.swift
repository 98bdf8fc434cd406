import Evidence
import Foundation
import GRDB
import Journal
import Messages
import Testing
import Uplink

@Suite("Pump")
struct PumpTests {
    private let policy = RetryPolicy(base: 1, cap: 300, longestRequested: 3_600)

    private func pump(
        _ journal: Journal, _ transport: ScriptedTransport, _ clock: ManualClock = ManualClock(), random: Double = 0.5
    ) -> Pump {
        Pump(
            journal: journal, transport: transport,
            configuration: .init(base: "http://authority.example/", policy: policy, interval: 1), clock: clock,
            random: { random })
    }

    @Test("Records go out in the order of their numbers, with digest and type, and come back as receipts")
    func delivers() async throws {
        try await withJournal(records: 3) { journal, _ in
            let transport = ScriptedTransport(.accept)
            let delivered = try await pump(journal, transport).drain(until: noon)
            #expect(delivered.map(\.counter) == [1, 2, 3])
            #expect(delivered.map(\.state) == [.delivered, .delivered, .delivered])
            #expect(transport.requests.map(\.counter) == [1, 2, 3])
            for (request, delivery) in zip(transport.requests, delivered) {
                #expect(request.url == "http://authority.example/v1/records")
                #expect(request.headers["Content-Type"] == "application/vnd.laneagent.record+json")
                #expect(request.headers["Idempotency-Key"] == delivery.payloadDigest.description)
                let payload = try Envelope(parsing: request.body).payload
                #expect(request.headers["Idempotency-Key"] == Digest(of: payload).description)
                #expect(try await request.body == journal.content(of: delivery.number))
                #expect(try delivery.receipt == receipt(for: request.body))
            }
            try await pump(journal, transport).deliverDue()
            #expect(transport.requests.count == 3)
        }
    }

    @Test(
        "A rejected record is put aside with the authority's words, and holds up no other",
        arguments: [400, 409, 413, 422])
    func rejects(status: Int) async throws {
        try await withJournal(records: 2) { journal, _ in
            let words = #"{"error":"rejected","problems":[{"path":"counter","problem":"限值不符"}]}"#
            let transport = ScriptedTransport(.answer(UplinkAnswer(status: status, body: bytes(words))), .accept)
            let done = try await pump(journal, transport).drain(until: noon)
            #expect(done.map(\.state) == [.quarantined, .delivered])
            let code: MessageCode = [409: .uplinkConflict, 413: .uplinkTooLarge][status] ?? .uplinkRejected
            #expect(done[0].problem?.code == code)
            #expect(Catalogue(.chinese).text(try #require(done[0].problem)).contains("限值不符"))
            #expect(transport.requests.count == 2)
            // It is sent again only after somebody dealt with it.
            try await journal.retry(1, at: noon)
            #expect(try await pump(journal, transport).drain(until: noon).map(\.state) == [.delivered])
        }
    }

    @Test(
        "Whatever else the authority says, the record stays until it is confirmed",
        arguments: [
            .answer(UplinkAnswer(status: 500)), .answer(UplinkAnswer(status: 502)), .answer(UplinkAnswer(status: 503)),
            .answer(UplinkAnswer(status: 504)), .answer(UplinkAnswer(status: 401)), .answer(UplinkAnswer(status: 403)),
            .answer(UplinkAnswer(status: 404)), .answer(UplinkAnswer(status: 408)), .answer(UplinkAnswer(status: 429)),
            .answer(UplinkAnswer(status: 302)), .answer(UplinkAnswer(status: 201)), .answer(UplinkAnswer(status: 204)),
            .fail(.timeout(seconds: 30)), .fail(.unreachable(detail: "refused")), .fail(.answerTooLarge(limit: 9)),
            .answer(UplinkAnswer(status: 200)), .answer(UplinkAnswer(status: 200, body: bytes("<html>"))),
            .answer(UplinkAnswer(status: 200, body: bytes("{}"))),
            .spoil { $0["digest"] = .string(Digest(of: []).description) }, .spoil { $0["counter"] = 2 },
            .spoil { $0["counter"] = "1" }, .spoil { $0["lane"] = "other" }, .spoil { $0["id"] = nil },
            .spoil { $0["receivedAt"] = nil }, .spoil { $0["digest"] = nil },
        ] as [ScriptedTransport.Line])
    func retries(line: ScriptedTransport.Line) async throws {
        try await withJournal(records: 1) { journal, _ in
            let transport = ScriptedTransport { index, _ in index < 50 ? line : .accept }
            let clock = ManualClock()
            let pump = pump(journal, transport, clock)
            try await pump.deliverDue()
            let waiting = try await journal.delivery(1)
            #expect(waiting.state == .pending)
            #expect(waiting.attempts == 1)
            #expect(waiting.notBefore > noon)
            let text = try #require(waiting.problem.map { Catalogue(.chinese).text($0) })
            #expect(!text.contains("{"), "a placeholder without a value: \(text)")
            let done = try await pump.drain(until: .distantFuture)
            #expect(done.map(\.state) == [.delivered])
            #expect(transport.requests.count == 51)
            #expect(Set(transport.requests.map(\.headers)).count == 1)
        }
    }

    @Test(
        "The opening of an epoch goes out before anything that was queued after it, and is tried until it has arrived")
    func epoch() async throws {
        try await withJournal(records: 1) { journal, _ in
            try await journal.beginEpoch(of: laneName, at: noon, build: openEpoch)
            for number in 2...3 {
                try await journal.beginTest(
                    id: "after \(number)", method: "asm", lane: laneName, startedAt: "2026-05-29T04:26:40+08:00",
                    order: [], context: [], at: noon)
                try await journal.seal(test: "after \(number)", at: noon, build: buildRecord)
            }
            // The statement meets two failures; nothing goes past it.
            let transport = ScriptedTransport { index, request in
                index == 1 || index == 2 ? .answer(UplinkAnswer(status: 500)) : .accept
            }
            let delivered = try await pump(journal, transport).drain(until: noon.addingTimeInterval(60))
            #expect(delivered.map(\.kind) == [.record, .epoch, .record, .record])
            let paths = transport.requests.map { $0.url.replacing("http://authority.example/v1/", with: "") }
            #expect(paths == ["records", "epochs", "epochs", "epochs", "records", "records"])
            let request = transport.requests[3]
            #expect(request.headers["Content-Type"] == "application/vnd.laneagent.statement+json")
            let statement = try await journal.epochs()[0].statement
            #expect(request.body == statement)
            #expect(request.headers["Idempotency-Key"] == Digest(of: statement).description)
            // A receipt for another epoch is none.
            try await journal.beginEpoch(of: laneName, at: noon, build: openEpoch)
            let wrong = ScriptedTransport(.spoil { $0["epoch"] = 2 })
            try await pump(journal, wrong).deliverDue()
            #expect(try await journal.outbox(.pending).map(\.problem?.code) == [.uplinkReceiptMismatch])
        }
    }

    @Test("Waits double up to the cap, spread by full jitter")
    func backOff() async throws {
        try await withJournal(records: 1) { journal, _ in
            let transport = ScriptedTransport { index, _ in index < 12 ? .fail(.timeout(seconds: 30)) : .accept }
            let clock = ManualClock()
            _ = try await pump(journal, transport, clock, random: 0.5).drain(until: .distantFuture)
            #expect(clock.waits == [0.5, 1, 2, 4, 8, 16, 32, 64, 128, 150, 150, 150])
        }
        #expect(policy.wait(after: 3, requested: nil, random: 0.25) == 1)
        #expect(policy.wait(after: 1, requested: nil, random: 0) == 0.1)
        #expect(policy.wait(after: 1_000_000, requested: nil, random: 0.999) < 300)
        #expect(RetryPolicy(base: 1, cap: 300).longest == 3_600)
    }

    @Test("The authority may ask for a longer wait, within bounds", arguments: [429, 503])
    func retryAfter(status: Int) async throws {
        try await withJournal(records: 1) { journal, _ in
            let transport = ScriptedTransport(
                .answer(UplinkAnswer(status: status, retryAfter: "120")),
                .answer(UplinkAnswer(status: status, retryAfter: "99999999")),
                .answer(UplinkAnswer(status: status, retryAfter: "soon")), .accept)
            let clock = ManualClock()
            _ = try await pump(journal, transport, clock).drain(until: .distantFuture)
            #expect(clock.waits == [120, 3_600, 2])
        }
        // RFC 9110, 5.6.7.
        let date = "Sun, 06 Nov 1994 08:49:37 GMT"
        #expect(RetryPolicy.requested(by: date, at: Date(timeIntervalSince1970: 784_111_777 - 90)) == 90)
        #expect(RetryPolicy.requested(by: date, at: noon) == 0)
        #expect(RetryPolicy.requested(by: "-5", at: noon) == nil)
        #expect(RetryPolicy.requested(by: nil, at: noon) == nil)
    }

    @Test("During an outage the authority is tried once a wait, not once a record, and order is kept afterwards")
    func outage() async throws {
        try await withJournal(records: 5) { journal, _ in
            let transport = ScriptedTransport { index, _ in index < 4 ? .fail(.unreachable(detail: "down")) : .accept }
            let pump = pump(journal, transport)
            try await pump.deliverDue()
            try await pump.deliverDue()
            #expect(transport.requests.count == 1)
            _ = try await pump.drain(until: .distantFuture)
            #expect(transport.requests.map(\.counter) == [1, 1, 1, 1, 1, 2, 3, 4, 5])
        }
    }

    @Test("A record that the authority chokes on holds up no other")
    func poison() async throws {
        try await withJournal(records: 3) { journal, _ in
            let transport = ScriptedTransport { _, request in
                request.counter == 1 ? .answer(UplinkAnswer(status: 500, body: bytes("boom"))) : .accept
            }
            let done = try await pump(journal, transport).drain(until: noon)
            #expect(done.map(\.counter) == [2, 3])
            #expect(try await journal.delivery(1).state == .pending)
        }
    }

    @Test("A record whose bytes no longer fit is not sent, is put aside, and holds up no other")
    func damaged() async throws {
        try await withJournal(records: 2) { journal, directory in
            try journal.close()
            let queue = try DatabaseQueue(path: directory + "/journal.sqlite")
            try await queue.write { db in
                try db.execute(
                    sql: """
                        DROP TRIGGER records_no_update;
                        UPDATE records SET envelope = x'00' WHERE counter = 1
                        """)
            }
            try queue.close()
            let again = try await Journal.open(directory, reserve: 0)
            let transport = ScriptedTransport(.accept)
            let done = try await pump(again, transport).drain(until: noon)
            #expect(done.map(\.state) == [.quarantined, .delivered])
            #expect(done[0].problem?.code == .journalDamaged)
            #expect(transport.requests.map(\.counter) == [2])
        }
    }

    @Test("Draining ends at its deadline and loses nothing")
    func deadline() async throws {
        try await withJournal(records: 2) { journal, _ in
            let clock = ManualClock()
            let transport = ScriptedTransport(.answer(UplinkAnswer(status: 503)))
            let done = try await pump(journal, transport, clock).drain(until: noon.addingTimeInterval(10))
            #expect(done.isEmpty)
            #expect(clock.now.timeIntervalSince(noon) < 10.5)
            #expect(try await journal.outbox(.pending).map(\.counter) == [1, 2])
        }
    }

    @Test("The loop delivers what comes later, and ends when it is told to")
    func loop() async throws {
        try await withJournal(records: 2) { journal, _ in
            let clock = ManualClock(waits: 20)
            let transport = ScriptedTransport(.fail(.unreachable(detail: "down")), .accept)
            await pump(journal, transport, clock).run()
            let delivered = try await journal.outbox(.delivered)
            #expect(delivered.map(\.counter) == [1, 2])
            #expect(clock.waits == Array(repeating: 1, count: 20))
        }
    }

    @Test("The loop of a cancelled task ends without sending anything")
    func cancelledLoop() async throws {
        try await withJournal(records: 1) { journal, _ in
            let transport = ScriptedTransport(.accept)
            let pump = pump(journal, transport)
            let task = Task {
                withUnsafeCurrentTask { $0?.cancel() }
                await pump.run()
            }
            await task.value
            #expect(transport.requests.isEmpty)
        }
    }

    @Test("The loop reports what the journal cannot do, and goes on")
    func loopReports() async throws {
        try await withJournal(records: 1) { journal, _ in
            try journal.close()
            await confirmation(expectedCount: 4) { reported in
                await pump(journal, ScriptedTransport(.accept), ManualClock(waits: 3)).run { _ in reported() }
            }
        }
    }

    @Test("A receipt that was lost at a kill is fetched again with the same key")
    func lostReceipt() async throws {
        try await withJournal(records: 1) { journal, directory in
            let first = ScriptedTransport { _, _ in
                // The authority stored the record; the lane was killed before it heard of it.
                .fail(.unreachable(detail: "connection reset"))
            }
            try await pump(journal, first).deliverDue()
            try journal.close()
            let again = try await Journal.open(directory, reserve: 0)
            let second = ScriptedTransport(.accept)
            let clock = ManualClock()
            clock.advance(3_600)
            let done = try await pump(again, second, clock).drain(until: clock.now)
            #expect(done.map(\.state) == [.delivered])
            #expect(first.requests == second.requests)
        }
    }
}
