/// A request to the authority.
public struct UplinkRequest: Hashable, Sendable {
    /// The whole address.
    public let url: String
    /// The header fields, by name.
    public let headers: [String: String]
    /// The body of the POST.
    public let body: [UInt8]

    /// Creates a request.
    public init(url: String, headers: [String: String], body: [UInt8]) {
        self.url = url
        self.headers = headers
        self.body = body
    }
}

/// The authority's answer, whatever it says.
public struct UplinkAnswer: Hashable, Sendable {
    /// The HTTP status.
    public let status: Int
    /// The `Retry-After` field, as it came.
    public let retryAfter: String?
    /// The body.
    public let body: [UInt8]

    /// Creates an answer.
    public init(status: Int, retryAfter: String? = nil, body: [UInt8] = []) {
        self.status = status
        self.retryAfter = retryAfter
        self.body = body
    }
}

/// Why there is no answer.
public enum TransportError: Error, Hashable {
    /// Not within the time that the transport allows, in seconds.
    case timeout(seconds: Int)
    /// No connection, or one that broke.
    case unreachable(detail: String)
    /// An answer with more bytes than the transport takes.
    case answerTooLarge(limit: Int)
}

/// Carries one request to the authority and its answer back, once; it never tries again by itself.
public protocol UplinkTransport: Sendable {
    /// Sends a request as POST.
    ///
    /// - Throws: ``TransportError``. After cancellation it may throw any of them.
    func post(_ request: UplinkRequest) async throws(TransportError) -> UplinkAnswer
}
