public import Messages

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
    /// The `Location` field, as it came.
    public let location: String?
    /// The body.
    public let body: [UInt8]

    /// Creates an answer.
    public init(status: Int, retryAfter: String? = nil, location: String? = nil, body: [UInt8] = []) {
        self.status = status
        self.retryAfter = retryAfter
        self.location = location
        self.body = body
    }
}

/// Why there is no answer.
public enum TransportError: MessageError, Hashable {
    /// No answer within the time that the transport allows, in seconds.
    case timeout(seconds: Int)
    /// An answer with more bytes than the transport takes.
    case answerTooLarge(limit: Int)
    /// The connection ended before the answer was complete.
    case connectionLost(address: String, detail: String)
    /// Nobody listens there.
    case refused(address: String)
    /// The network knows no way there.
    case noRoute(address: String, detail: String)
    /// The host's name cannot be resolved.
    case nameUnknown(host: String)
    /// No connection within the time, in seconds.
    case connectTimeout(address: String, seconds: Int)
    /// The address is none.
    case addressInvalid(address: String)
    /// A certificate is set up, and the address is not one of HTTPS.
    case notSecure(address: String)
    /// The address holds a name or a password; it is told without them.
    case credentialsInAddress(address: String)
    /// What answered does not speak HTTP.
    case notHTTP(address: String, detail: String)
    /// The authority's certificate was not accepted.
    case certificate(address: String, detail: String)
    /// The authority's certificate is good, but for another key than the pinned ones; the digest of the one found.
    case otherKey(address: String, found: String)
    /// No secure connection came about.
    case handshake(address: String, detail: String)
    /// No connection, for a reason that has no case of its own.
    case unreachable(detail: String)

    /// What is wrong with an address to deliver to, before anything is sent; nil if nothing is.
    ///
    /// - Parameter isSecure: whether certificates are set up, which only HTTPS uses.
    public static func problem(with address: String, isSecure: Bool) -> TransportError? {
        let place = Self.address(of: address)
        if hasCredentials(address) { return .credentialsInAddress(address: place) }
        let lower = address.lowercased()
        guard lower.hasPrefix("http://") || lower.hasPrefix("https://"), !place.hasSuffix("://") else {
            return .addressInvalid(address: place)
        }
        return isSecure && !lower.hasPrefix("https://") ? .notSecure(address: place) : nil
    }

    /// Whether it says something about the authority as a whole, and not perhaps about one item alone.
    var isAboutAuthority: Bool {
        switch self {
        case .timeout, .answerTooLarge, .connectionLost: false
        default: true
        }
    }

    /// What to tell a person.
    public var message: Message {
        switch self {
        case .timeout(let seconds): Message(.uplinkTimeout, ["seconds": .integer(seconds)])
        case .answerTooLarge(let limit): Message(.uplinkAnswerTooLarge, ["limit": .integer(limit)])
        case .connectionLost(let address, let detail): Self.message(.uplinkConnectionLost, address, detail)
        case .refused(let address): Message(.uplinkRefused, ["address": .text(address)])
        case .noRoute(let address, let detail): Self.message(.uplinkNoRoute, address, detail)
        case .nameUnknown(let host): Message(.uplinkNameUnknown, ["host": .text(host)])
        case .connectTimeout(let address, let seconds):
            Message(.uplinkConnectTimeout, ["address": .text(address), "seconds": .integer(seconds)])
        case .addressInvalid(let address): Message(.uplinkAddressInvalid, ["address": .text(address)])
        case .notSecure(let address): Message(.uplinkNotSecure, ["address": .text(address)])
        case .credentialsInAddress(let address):
            Message(.uplinkCredentialsInAddress, ["address": .text(address)])
        case .notHTTP(let address, let detail): Self.message(.uplinkNotHTTP, address, detail)
        case .certificate(let address, let detail): Self.message(.uplinkCertificate, address, detail)
        case .otherKey(let address, let found):
            Message(.uplinkOtherKey, ["address": .text(address), "found": .text(found)])
        case .handshake(let address, let detail): Self.message(.uplinkHandshake, address, detail)
        case .unreachable(let detail): Message(.uplinkUnreachable, ["detail": .text(detail)])
        }
    }

    private static func message(_ code: MessageCode, _ address: String, _ detail: String) -> Message {
        Message(code, ["address": .text(address), "detail": .text(detail)])
    }
}

/// Carries one request to the authority and its answer back, once; it never tries again by itself.
public protocol UplinkTransport: Sendable {
    /// Sends a request as POST.
    ///
    /// - Throws: ``TransportError``. After cancellation it may throw any of them.
    func post(_ request: UplinkRequest) async throws(TransportError) -> UplinkAnswer
}
