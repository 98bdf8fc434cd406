import AsyncHTTPClient
import NIOCore
import NIOHTTP1

/// The transport over HTTP and HTTPS.
///
/// It follows no redirection: a record goes to the address that the lane was told, and nowhere else.
public final class HTTPTransport: UplinkTransport {
    private let client: HTTPClient
    private let timeout: Duration
    private let limit: Int

    /// Creates a transport; ``shutdown()`` must follow before it goes away.
    ///
    /// - Parameter timeout: for a whole exchange, from connecting to the answer's last byte.
    /// - Parameter limit: the greatest length of an answer's body, in bytes.
    public init(timeout: Duration = .seconds(30), limit: Int = 1 << 20) {
        var configuration = HTTPClient.Configuration()
        configuration.redirectConfiguration = .disallow
        configuration.httpVersion = .http1Only
        // Whether and when to try again is the pump's business.
        configuration.connectionPool.retryConnectionEstablishment = false
        // A connection that the other side may have closed meanwhile fails the next exchange.
        configuration.connectionPool.idleTimeout = .seconds(15)
        client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
        self.timeout = timeout
        self.limit = limit
    }

    /// Sends a request as POST.
    public func post(_ request: UplinkRequest) async throws(TransportError) -> UplinkAnswer {
        var message = HTTPClientRequest(url: request.url)
        message.method = .POST
        for (name, value) in request.headers { message.headers.add(name: name, value: value) }
        message.body = .bytes(request.body)
        // The client's deadline ends with the answer's head; a body that trickles in must not outlive it either.
        return try await exchange(message)
    }

    private func exchange(_ message: HTTPClientRequest) async throws(TransportError) -> UplinkAnswer {
        let outcome = await withTaskGroup(of: Result<UplinkAnswer, TransportError>?.self) { group in
            group.addTask { [client, timeout, limit] in
                do {
                    let answer = try await client.execute(message, timeout: .nanoseconds(timeout.nanoseconds))
                    let body = try await answer.body.collect(upTo: limit)
                    return .success(
                        UplinkAnswer(
                            status: Int(answer.status.code), retryAfter: answer.headers.first(name: "Retry-After"),
                            body: Array(body.readableBytesView)))
                } catch is NIOTooManyBytesError {
                    return .failure(.answerTooLarge(limit: limit))
                } catch let error as HTTPClientError where Self.timeouts.contains(error) {
                    return .failure(.timeout(seconds: Int(timeout.components.seconds)))
                } catch {
                    return .failure(.unreachable(detail: "\(error)"))
                }
            }
            group.addTask { [timeout] in
                // Cancelled as soon as the answer is there.
                try? await Task.sleep(for: timeout)
                return Task.isCancelled ? nil : .failure(.timeout(seconds: Int(timeout.components.seconds)))
            }
            // The first outcome counts; the watch gives none when it was cancelled.
            var outcome: Result<UplinkAnswer, TransportError>?
            while outcome == nil, let next = await group.next() { outcome = next }
            group.cancelAll()
            return outcome ?? .failure(.unreachable(detail: "cancelled"))
        }
        return try outcome.get()
    }

    /// Closes all connections.
    public func shutdown() async {
        // Fails only if it was shut down before, and then there is nothing left to close.
        try? await client.shutdown()
    }

    /// Without a connection the authority is unreachable; these are failures of one that was made.
    private static let timeouts: [HTTPClientError] = [.deadlineExceeded, .readTimeout, .writeTimeout]
}

extension Duration {
    fileprivate var nanoseconds: Int64 { components.seconds * 1_000_000_000 + components.attoseconds / 1_000_000_000 }
}
