import Evidence
import Foundation
import Journal
import Testing
import Uplink

@Suite("Transport over HTTP")
struct HTTPTransportTests {
    /// Runs a transport against a server that replies in one way.
    private func post(
        timeout: Duration = .seconds(10), limit: Int = 1 << 20, _ reply: LoopbackServer.Reply
    ) async throws -> Result<UplinkAnswer, TransportError> {
        let server = try LoopbackServer { _ in reply }
        defer { server.stop() }
        let transport = HTTPTransport(timeout: timeout, limit: limit)
        let result: Result<UplinkAnswer, TransportError>
        do throws(TransportError) {
            result = .success(try await transport.post(UplinkRequest(url: server.base, headers: [:], body: [1])))
        } catch {
            result = .failure(error)
        }
        await transport.shutdown()
        return result
    }

    @Test("A record reaches an authority over a real socket, and its receipt the journal")
    func overASocket() async throws {
        try await withJournal(records: 3) { journal, _ in
            let server = try LoopbackServer { request in
                guard let body = try? receipt(for: request.body) else { return .drop }
                return .send(answer("200 OK", body, fields: "Content-Type: application/json\r\n"))
            }
            defer { server.stop() }
            let transport = HTTPTransport()
            let pump = Pump(
                journal: journal, transport: transport, configuration: .init(base: server.base), clock: ManualClock())
            let done = try await pump.drain(until: noon)
            await transport.shutdown()
            #expect(done.map(\.state) == [.delivered, .delivered, .delivered])
            let requests = server.requests
            #expect(requests.count == 3)
            for (request, delivery) in zip(requests, done) {
                let head = request.head.lowercased()
                #expect(head.hasPrefix("post /v1/records http/1.1\r\n"))
                #expect(head.contains("content-type: application/vnd.laneagent.record+json"))
                #expect(head.contains("idempotency-key: \(delivery.payloadDigest)"))
                #expect(try await request.body == journal.envelope(of: delivery.counter))
                #expect(try delivery.receipt == receipt(for: request.body))
            }
        }
    }

    @Test("Status, Retry-After and body come as they were sent, and no redirection is followed")
    func answers() async throws {
        let busy = try await post(.send(answer("503 Busy", bytes("维护中"), fields: "Retry-After: 7\r\n")))
        #expect(busy == .success(UplinkAnswer(status: 503, retryAfter: "7", body: bytes("维护中"))))
        let moved = try await post(.send(answer("307 Moved", fields: "Location: http://127.0.0.1:1/\r\n")))
        #expect(moved == .success(UplinkAnswer(status: 307)))
    }

    @Test("An answer that never comes, or never ends, is a timeout")
    func timeouts() async throws {
        #expect(try await post(timeout: .milliseconds(300), .stall([])) == .failure(.timeout(seconds: 0)))
        let endless = answer("200 OK", bytes("{"), length: 100)
        #expect(try await post(timeout: .milliseconds(300), .stall(endless)) == .failure(.timeout(seconds: 0)))
    }

    @Test("An answer longer than the limit is not read to its end")
    func tooLarge() async throws {
        let large = answer("200 OK", Array(repeating: 0x20, count: 5_000))
        #expect(try await post(limit: 4_999, .send(large)) == .failure(.answerTooLarge(limit: 4_999)))
        #expect(try await post(limit: 5_000, .send(large)).map(\.body.count) == .success(5_000))
    }

    @Test("A connection that is refused, dropped or cut short is no answer")
    func unreachable() async throws {
        for reply in [LoopbackServer.Reply.drop, .send(answer("200 OK", bytes("{"), length: 100))] {
            guard case .failure(.unreachable) = try await post(reply) else {
                Issue.record("another outcome for \(reply)")
                continue
            }
        }
        // A port that nobody listens at any more, and no address at all.
        let server = try LoopbackServer { _ in .drop }
        server.stop()
        let transport = HTTPTransport()
        for url in [server.base, "no address at all"] {
            let error = await #expect(throws: TransportError.self) {
                try await transport.post(UplinkRequest(url: url, headers: [:], body: []))
            }
            guard case .unreachable = error else {
                Issue.record("\(String(describing: error)) for \(url)")
                continue
            }
        }
        await transport.shutdown()
    }
}
