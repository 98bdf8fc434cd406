public import Evidence
import Glibc
public import Messages
import NIOSSL

/// Whom a lane trusts to be the authority, and how it shows who it is. Secrets are named by file and appear in neither
/// arguments, logs nor errors.
public struct TransportSecurity: Hashable, Sendable {
    /// A PEM file with the certificate that the authority's must go back to: that of the office that issued it, or its
    /// own if it has signed it itself. The host's name is verified either way. Nil for the computer's own list.
    public var pinnedCertificate: String?
    /// The SHA-256 digests of the keys that the authority may have, as certificates hold keys (SubjectPublicKeyInfo);
    /// none for any key. The certificate is verified besides, so that an office that issues another certificate for the
    /// authority's name gets nobody else in. Two of them let the authority change to its next key.
    public var pinnedKeys: [Digest]
    /// A PEM file with the lane's certificate, its issuers after it.
    public var clientCertificate: String?
    /// A PEM file with the key of the lane's certificate.
    public var clientKey: String?

    /// Creates settings.
    public init(
        pinnedCertificate: String? = nil, pinnedKeys: [Digest] = [], clientCertificate: String? = nil,
        clientKey: String? = nil
    ) {
        self.pinnedCertificate = pinnedCertificate
        self.pinnedKeys = pinnedKeys
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
        if clientCertificate == nil, let clientKey {
            throw TransportSecurityError(path: clientKey, problem: .keyWithoutCertificate)
        }
        if let clientCertificate {
            configuration.certificateChain = try Self.certificates(clientCertificate).map { .certificate($0) }
            let path = clientKey ?? clientCertificate
            try Self.requirePrivacy(of: path)
            do {
                configuration.privateKey = .privateKey(try NIOSSLPrivateKey(file: path, format: .pem))
            } catch {
                throw TransportSecurityError(path: path, problem: .unusable("PEM"))
            }
        }
        return configuration
    }

    /// Everything that is wrong with the files; empty if a connection can be made with them.
    public func problems() -> [TransportSecurityError] {
        var found: [TransportSecurityError] = []
        // Each file by itself, so that all is told at once; then together, since a key may belong to another certificate.
        let parts = [
            TransportSecurity(pinnedCertificate: pinnedCertificate),
            TransportSecurity(clientCertificate: clientCertificate, clientKey: clientKey),
        ]
        for part in parts {
            do throws(TransportSecurityError) { try part.check() } catch { found.append(error) }
        }
        return found
    }

    private func check() throws(TransportSecurityError) {
        let configuration = try configuration()
        do { _ = try NIOSSLContext(configuration: configuration) } catch {
            throw TransportSecurityError(
                path: clientKey ?? clientCertificate ?? pinnedCertificate ?? "",
                problem: .unusable(TransportError.words(of: "\(error)")))
        }
    }

    /// A key that others can read is no proof of who the lane is.
    private static func requirePrivacy(of path: String) throws(TransportSecurityError) {
        var status = stat()
        guard stat(path, &status) == 0 else {
            throw TransportSecurityError(path: path, problem: .unusable(String(cString: strerror(errno))))
        }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw TransportSecurityError(path: path, problem: .unusable("PEM"))
        }
        let mode = status.st_mode & 0o7777
        guard mode & 0o077 == 0 else {
            throw TransportSecurityError(path: path, problem: .openToOthers(mode: String(mode, radix: 8)))
        }
    }

    private static func certificates(_ path: String) throws(TransportSecurityError) -> [NIOSSLCertificate] {
        let found: [NIOSSLCertificate]
        do {
            found = try NIOSSLCertificate.fromPEMFile(path)
        } catch {
            throw TransportSecurityError(path: path, problem: .unusable("PEM"))
        }
        guard !found.isEmpty else { throw TransportSecurityError(path: path, problem: .unusable("PEM")) }
        return found
    }
}

/// A certificate or key that cannot be used.
public struct TransportSecurityError: MessageError, Hashable {
    /// What is wrong with it.
    public enum Trouble: Hashable, Sendable {
        /// It is not readable as what it should be.
        case unusable(String)
        /// Others than its owner may read or change it; its permissions in octal.
        case openToOthers(mode: String)
        /// A key without a certificate says nothing about the lane.
        case keyWithoutCertificate
    }

    /// The file.
    public let path: String
    /// What is wrong with it.
    public let problem: Trouble

    /// What to tell the person who set it up.
    public var message: Message {
        let file = MessageArgument.text(path)
        return switch problem {
        case .unusable(let detail): Message(.uplinkCredentialUnreadable, ["path": file, "detail": .text(detail)])
        case .openToOthers(let mode): Message(.uplinkCredentialOpen, ["path": file, "mode": .text(mode)])
        case .keyWithoutCertificate: Message(.uplinkCredentialKeyMissing, ["path": file])
        }
    }
}
