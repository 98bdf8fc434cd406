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
    private let isSecure: Bool

    /// Creates a transport; ``shutdown()`` must follow before it goes away.
    ///
    /// - Parameter timeout: for a whole exchange, from connecting to the answer's last byte.
    /// - Parameter limit: the greatest length of an answer's body, in bytes.
    public convenience init(timeout: Duration = .seconds(30), limit: Int = 1 << 20) {
        self.init(timeout, limit, HTTPClient.Configuration(), isSecure: false)
    }

    /// Creates a transport that speaks HTTPS alone, with a pinned authority or a certificate of the lane's own.
    ///
    /// - Throws: ``TransportSecurityError`` if a certificate or key cannot be used.
    public convenience init(
        security: TransportSecurity, timeout: Duration = .seconds(30), limit: Int = 1 << 20
    ) throws(TransportSecurityError) {
        var configuration = HTTPClient.Configuration()
        configuration.tlsConfiguration = try security.configuration()
        if !security.pinnedKeys.isEmpty {
            configuration.http1_1ConnectionDebugInitializer = { PinnedKeys.check($0, security.pinnedKeys) }
        }
        self.init(timeout, limit, configuration, isSecure: true)
    }

    private init(_ timeout: Duration, _ limit: Int, _ configuration: HTTPClient.Configuration, isSecure: Bool) {
        var configuration = configuration
        configuration.redirectConfiguration = .disallow
        configuration.httpVersion = .http1Only
        // A server that takes a connection and says nothing would otherwise hold up the end of the transport, too.
        configuration.timeout.connect = .nanoseconds(timeout.nanoseconds)
        // Whether and when to try again is the pump's business.
        configuration.connectionPool.retryConnectionEstablishment = false
        // A connection that the other side may have closed meanwhile fails the next exchange.
        configuration.connectionPool.idleTimeout = .seconds(15)
        client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
        self.timeout = timeout
        self.limit = limit
        self.isSecure = isSecure
    }

    /// Sends a request as POST.
    public func post(_ request: UplinkRequest) async throws(TransportError) -> UplinkAnswer {
        // Whoever pinned a certificate does not want the record to travel in the open because of a missing letter.
        if isSecure, !request.url.lowercased().hasPrefix("https://") {
            throw .notSecure(address: TransportError.address(of: request.url))
        }
        if TransportError.hasCredentials(request.url) {
            throw .credentialsInAddress(address: TransportError.address(of: request.url))
        }
        var message = HTTPClientRequest(url: request.url)
        message.method = .POST
        for (name, value) in request.headers { message.headers.add(name: name, value: value) }
        message.body = .bytes(request.body)
        // The client's deadline ends with the answer's head; a body that trickles in must not outlive it either.
        return try await exchange(message)
    }

    /// Asks with GET.
    ///
    /// - Throws: ``TransportError``.
    public func get(_ url: String) async throws(TransportError) -> UplinkAnswer {
        if isSecure, !url.lowercased().hasPrefix("https://") { throw .addressInvalid(address: url) }
        return try await exchange(HTTPClientRequest(url: url))
    }

    private func exchange(_ message: HTTPClientRequest) async throws(TransportError) -> UplinkAnswer {
        let seconds = Int(timeout.components.seconds)
        let outcome = await withTaskGroup(of: Result<UplinkAnswer, TransportError>?.self) { group in
            group.addTask { [client, timeout, limit] in
                do {
                    let answer = try await client.execute(message, timeout: .nanoseconds(timeout.nanoseconds))
                    let body = try await answer.body.collect(upTo: limit)
                    return .success(
                        UplinkAnswer(
                            status: Int(answer.status.code), retryAfter: answer.headers.first(name: "Retry-After"),
                            location: answer.headers.first(name: "Location"), body: Array(body.readableBytesView)))
                } catch is NIOTooManyBytesError {
                    return .failure(.answerTooLarge(limit: limit))
                } catch {
                    return .failure(TransportError(error, url: message.url, seconds: seconds))
                }
            }
            group.addTask { [timeout] in
                // Cancelled as soon as the answer is there.
                try? await Task.sleep(for: timeout)
                return Task.isCancelled ? nil : .failure(.timeout(seconds: seconds))
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
}

extension Duration {
    fileprivate var nanoseconds: Int64 { components.seconds * 1_000_000_000 + components.attoseconds / 1_000_000_000 }
}
