public import Messages
import NIOSSL

/// Whom a lane trusts to be the authority, and how it shows who it is. Secrets are named by file and appear in neither
/// arguments, logs nor errors.
public struct TransportSecurity: Hashable, Sendable {
    /// A PEM file with the certificate that the authority's must go back to: that of the office that issued it, or its
    /// own if it has signed it itself. The host's name is verified either way. Nil for the computer's own list.
    public var pinnedCertificate: String?
    /// A PEM file with the lane's certificate, its issuers after it.
    public var clientCertificate: String?
    /// A PEM file with the key of the lane's certificate.
    public var clientKey: String?

    /// Creates settings.
    public init(pinnedCertificate: String? = nil, clientCertificate: String? = nil, clientKey: String? = nil) {
        self.pinnedCertificate = pinnedCertificate
        self.clientCertificate = clientCertificate
        self.clientKey = clientKey
    }

    /// What the connection is made with: TLS 1.2 or later, certificate and name verified.
    func configuration() throws(TransportSecurityError) -> TLSConfiguration {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.minimumTLSVersion = .tlsv12
        configuration.certificateVerification = .fullVerification
        if let pinnedCertificate {
            configuration.trustRoots = .certificates(try Self.certificates(pinnedCertificate))
        }
        if let clientCertificate {
            configuration.certificateChain = try Self.certificates(clientCertificate).map { .certificate($0) }
            let path = clientKey ?? clientCertificate
            do {
                configuration.privateKey = .privateKey(try NIOSSLPrivateKey(file: path, format: .pem))
            } catch {
                throw TransportSecurityError(path: path, detail: "PEM")
            }
        }
        return configuration
    }

    private static func certificates(_ path: String) throws(TransportSecurityError) -> [NIOSSLCertificate] {
        let found: [NIOSSLCertificate]
        do {
            found = try NIOSSLCertificate.fromPEMFile(path)
        } catch {
            throw TransportSecurityError(path: path, detail: "PEM")
        }
        guard !found.isEmpty else { throw TransportSecurityError(path: path, detail: "PEM") }
        return found
    }
}

/// A certificate or key that cannot be used.
public struct TransportSecurityError: MessageError, Hashable {
    /// The file.
    public let path: String
    /// What it should have been.
    public let detail: String

    /// What to tell the person who set it up.
    public var message: Message {
        Message(.uplinkCredentialUnreadable, ["path": .text(path), "detail": .text(detail)])
    }
}
