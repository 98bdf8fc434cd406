import NIOSSL

/// What the platform shows who it is with, and whom it lets in.
public struct AuthoritySecurity: Sendable {
    /// A PEM file with the platform's certificate.
    public var certificate: String
    /// A PEM file with its key.
    public var key: String
    /// A PEM file with the certificates of the offices whose lanes may connect; nil for everybody.
    public var clientRoots: String?

    /// Creates settings.
    public init(certificate: String, key: String, clientRoots: String? = nil) {
        (self.certificate, self.key, self.clientRoots) = (certificate, key, clientRoots)
    }

    func configuration() throws(AuthorityError) -> TLSConfiguration {
        do {
            var configuration = TLSConfiguration.makeServerConfiguration(
                certificateChain: try NIOSSLCertificate.fromPEMFile(certificate).map { .certificate($0) },
                privateKey: .privateKey(try NIOSSLPrivateKey(file: key, format: .pem)))
            if let clientRoots {
                configuration.certificateVerification = .noHostnameVerification
                configuration.trustRoots = .certificates(try NIOSSLCertificate.fromPEMFile(clientRoots))
            }
            return configuration
        } catch {
            throw AuthorityError("The certificate \(certificate) or its key cannot be used: \(error)")
        }
    }
}
