import Evidence
import Foundation
import Journal
import Messages
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
                #expect(try await request.body == journal.content(of: delivery.number))
                #expect(try delivery.receipt == receipt(for: request.body))
            }
        }
    }

    @Test("Status, Retry-After and body come as they were sent, and no redirection is followed")
    func answers() async throws {
        let busy = try await post(.send(answer("503 Busy", bytes("维护中"), fields: "Retry-After: 7\r\n")))
        #expect(busy == .success(UplinkAnswer(status: 503, retryAfter: "7", body: bytes("维护中"))))
        let moved = try await post(.send(answer("307 Moved", fields: "Location: http://127.0.0.1:1/\r\n")))
        #expect(moved == .success(UplinkAnswer(status: 307, location: "http://127.0.0.1:1/")))
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

    /// What a person reads, in both languages, without a name of a type in it.
    private func check(_ error: TransportError?, _ code: MessageCode, _ words: String) throws {
        let message = try #require(error).message
        #expect(message.code == code)
        for language in Language.allCases {
            let text = Catalogue(language).text(message)
            #expect(text.contains(words), "\(text)")
            #expect(text.firstMatch(of: /[{}]|NIO|Error|\.swift|errno/) == nil, "\(text)")
        }
    }

    @Test("A connection that is dropped or cut short is lost, and the sentence says to whom")
    func lost() async throws {
        for reply in [LoopbackServer.Reply.drop, .send(answer("200 OK", bytes("{"), length: 100))] {
            guard case .failure(let error) = try await post(reply) else {
                Issue.record("an answer for \(reply)")
                continue
            }
            try check(error, .uplinkConnectionLost, "http://127.0.0.1:")
        }
    }

    @Test("What does not speak HTTP is told so")
    func notHTTP() async throws {
        guard case .failure(let error) = try await post(.send(bytes("SSH-2.0-OpenSSH_9.2\r\n"))) else {
            Issue.record("an answer")
            return
        }
        try check(error, .uplinkNotHTTP, "http://127.0.0.1:")
    }

    @Test("Refused connections, wrong addresses and unknown names are sentences with address")
    func unreachable() async throws {
        let server = try LoopbackServer { _ in .drop }
        server.stop()
        let transport = HTTPTransport(timeout: .seconds(5))
        for (url, code, words) in [
            (server.base + "/v1/records", MessageCode.uplinkRefused, server.base),
            ("no address at all", .uplinkAddressInvalid, "no address at all"),
            ("gopher://127.0.0.1/", .uplinkAddressInvalid, "gopher://127.0.0.1"),
            ("http://no-such-host.invalid/", .uplinkNameUnknown, "no-such-host.invalid"),
        ] {
            let error = await #expect(throws: TransportError.self) {
                try await transport.post(UplinkRequest(url: url, headers: [:], body: []))
            }
            try check(error, code, words)
        }
        await transport.shutdown()
    }
}
