import Authority
import Foundation
import Testing

@Suite("Behaviour")
struct BehaviourTests {
    /// A record that is right, sent to a server that was told to misbehave once.
    private func misbehaving(
        _ behaviour: Behaviour, _ body: (AuthorityServer, () async throws -> WebAnswer) async throws -> Void
    ) async throws {
        try await withServer { server, client, lane in
            await server.behave(behaviour)
            let payload = Payload.passed().json
            let envelope = try lane.envelope(payload)
            try await body(server) { try await client.post(envelope, payload: payload) }
            // Whatever happened, the lane that sends again ends with its receipt.
            await server.behave(.proper)
            #expect(try await client.post(envelope, payload: payload).receipt.digest == digest(payload))
            #expect(await server.report.accepted == 1)
        }
    }

    @Test("Unavailable for two records, and then as it should be")
    func unavailable() async throws {
        try await misbehaving(Behaviour(.unavailable, count: 2)) { server, send in
            for _ in 0..<2 {
                let answer = try await send()
                #expect(answer.status == 503)
                #expect(answer.headers.contains("retry-after: 1"))
            }
            #expect(await server.receipts.isEmpty)
            #expect(try await send().status == 200)
            #expect(await server.report.misbehaved == ["unavailable": 2])
        }
    }

    @Test("Without a count it lasts until something else is set")
    func lasting() async throws {
        try await misbehaving(Behaviour(.unavailable)) { server, send in
            for _ in 0..<5 {
                let answer = try await send()
                #expect(answer.status == 503)
            }
            #expect(await server.report.misbehaved == ["unavailable": 5])
        }
    }

    @Test("A slow answer comes after its delay, and is right")
    func slow() async throws {
        try await misbehaving(Behaviour(.slow, count: 1, delayMilliseconds: 150)) { _, send in
            let start = ContinuousClock.now
            let answer = try await send()
            let elapsed = start.duration(to: .now)
            #expect(answer.status == 200)
            #expect(elapsed >= .milliseconds(150))
        }
    }

    @Test("A rejection has words, and stores nothing")
    func reject() async throws {
        try await misbehaving(Behaviour(.reject, count: 1)) { server, send in
            let answer = try await send()
            #expect(answer.status == 422)
            #expect(try answer.problems.map(\.rule) == ["told-to-reject"])
            #expect(await server.receipts.isEmpty)
        }
    }

    @Test("A dropped connection ends without a byte, and stores nothing")
    func dropped() async throws {
        try await misbehaving(Behaviour(.dropConnection, count: 1)) { server, send in
            await #expect(throws: WebClient.Failure.closed(after: 0)) { try await send() }
            #expect(await server.receipts.isEmpty)
        }
    }

    @Test("A lost receipt leaves the record stored, and sending again brings it")
    func lostReceipt() async throws {
        try await misbehaving(Behaviour(.loseReceipt, count: 1)) { server, send in
            await #expect(throws: WebClient.Failure.closed(after: 0)) { try await send() }
            let receipts = await server.receipts
            #expect(receipts.count == 1)
            let receipt = try await send().receipt
            #expect(receipt == receipts.first)
            #expect(await server.report.duplicates == 1)
        }
    }

    @Test("A record that was put off is dealt with after the next one, each once")
    func outOfOrder() async throws {
        try await withServer { server, client, lane in
            let first = Payload.passed().json
            let second = Payload.passed(counter: 2, previous: .string(digest(first))).json
            await server.behave(Behaviour(.outOfOrder, count: 1))
            let (envelope, next) = (try lane.envelope(first), try lane.envelope(second))
            await #expect(throws: WebClient.Failure.closed(after: 0)) {
                try await client.post(envelope, payload: first)
            }
            #expect(await server.receipts.isEmpty)
            let answer = try await client.post(next, payload: second)
            #expect(answer.status == 200)
            let counters = await server.receipts.map(\.counter)
            #expect(counters.sorted() == [1, 2])
            let receipt = try await client.post(envelope, payload: first).receipt
            #expect(receipt.digest == digest(first))
            let report = await server.report
            #expect(report.accepted == 2 && report.duplicates == 1)
        }
    }

    @Test("Garbage comes with 200 and is not JSON")
    func garbage() async throws {
        try await misbehaving(Behaviour(.garbage, count: 1)) { server, send in
            let answer = try await send()
            #expect(answer.status == 200)
            #expect(throws: (any Error).self) { try answer.receipt }
            #expect(await server.receipts.isEmpty)
        }
    }

    @Test("A wrong receipt is another record's, and this one is not stored")
    func wrongReceipt() async throws {
        try await misbehaving(Behaviour(.wrongReceipt, count: 1)) { server, send in
            let receipt = try await send().receipt
            #expect(receipt.digest == Payload.noDigest)
            #expect(receipt.lane != "320105-03-1")
            #expect(await server.receipts.isEmpty)
        }
    }

    @Test("Behaviour is set over the wire", arguments: Behaviour.Kind.allCases)
    func overTheWire(_ kind: Behaviour.Kind) async throws {
        try await withServer { server, client, lane in
            let order = #"{"kind":"\#(kind.rawValue)","count":1,"delayMilliseconds":1}"#
            let answer = try await client.send("POST", "/control/behaviour", body: Array(order.utf8))
            #expect(answer.status == 200)
            let expected = kind == .none ? .proper : Behaviour(kind, count: 1, delayMilliseconds: 1)
            #expect(try answer.decode(Behaviour.self) == expected)
            _ = try? await client.post(Payload.passed(), by: lane)
            #expect(await server.report.misbehaved == (kind == .none ? [:] : [kind.rawValue: 1]))
        }
    }

    @Test(
        "A behaviour that makes no sense is refused",
        arguments: [
            "", "{}", #"{"kind":"explode"}"#, #"{"kind":"slow","delayMilliseconds":-1}"#,
            #"{"kind":"reject","count":0}"#,
        ])
    func nonsense(_ order: String) async throws {
        try await withServer { server, client, _ in
            let answer = try await client.send("POST", "/control/behaviour", body: Array(order.utf8))
            #expect(answer.status == 400)
            #expect(await server.report.misbehaved.isEmpty)
        }
    }

    @Test("Records are listed and given back byte for byte")
    func reading() async throws {
        try await withServer { _, client, lane in
            let payload = Payload.passed().json
            let envelope = try lane.envelope(payload)
            let receipt = try await client.post(envelope, payload: payload).receipt
            let list = try await client.send("GET", "/v1/records").decode([String: [Receipt]].self)
            #expect(list == ["records": [receipt]])
            let record = try await client.send("GET", "/v1/records/320105-03-1/1")
            #expect(record.status == 200)
            #expect(record.body.firstRange(of: envelope) != nil)
            #expect(try record.decode(Stored.self).receipt == receipt)
            for path in ["/v1/records/320105-03-1/2", "/v1/records/other/1", "/v1/records/320105-03-1/x"] {
                #expect(try await client.send("GET", path).status == 404)
            }
        }
    }

    private struct Stored: Decodable {
        let receipt: Receipt
    }

    @Test("The report counts what happened and which rules were broken")
    func report() async throws {
        try await withServer { server, client, lane in
            _ = try await client.post(Payload.passed(), by: lane)
            var wrong = Payload.passed()
            wrong.set("result.items[0].limit", "0.60")
            wrong.set("result.items[1].limit", "91")
            _ = try await client.post(wrong, by: lane)
            _ = try await client.post([], idempotencyKey: Payload.noDigest)
            let report = try await client.send("GET", "/report").decode(AuthorityReport.self)
            #expect(report == (await server.report))
            #expect(report.received == 3)
            #expect(report.accepted == 1)
            #expect(report.rejected == 1)
            #expect(report.malformed == 1)
            #expect(report.stored == 1)
            #expect(report.problems == ["item.limit": 2, "envelope": 1])
            #expect(try await client.send("GET", "/health").body == Array(#"{"records":1,"status":"ok"}"#.utf8))
        }
    }
}
