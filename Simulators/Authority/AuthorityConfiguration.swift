/// How a platform is set up.
public struct AuthorityConfiguration: Sendable {
    /// The address to listen at; loopback unless told otherwise.
    public var host: String
    /// The port to listen at, 0 for any that is free.
    public var port: Int
    /// The directory that accepted records are kept in; it is made if there is none.
    public var storageDirectory: String
    /// The lanes' public keys.
    public var trustedKeys: [TrustedKey]
    /// Whether records of simulated lanes are taken.
    public var acceptsSimulated: Bool

    /// The certificate for HTTPS; nil for plain HTTP.
    public var security: AuthoritySecurity?

    /// A platform on the loopback interface.
    public init(
        storageDirectory: String, trustedKeys: [TrustedKey], acceptsSimulated: Bool = false,
        host: String = "127.0.0.1", port: Int = 0
    ) {
        self.storageDirectory = storageDirectory
        self.trustedKeys = trustedKeys
        self.acceptsSimulated = acceptsSimulated
        (self.host, self.port) = (host, port)
    }
}

/// Where a platform listens.
public struct BoundAddress: Hashable, Sendable, CustomStringConvertible {
    /// The numeric address.
    public let host: String
    /// The port.
    public let port: Int

    /// `host:port`, as in a URL.
    public var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}
