import AsyncHTTPClient
import Evidence
import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL

extension TransportError {
    /// What an error of the HTTP client means for a person.
    ///
    /// - Parameter url: where the request was to go.
    /// - Parameter seconds: what the transport allows an exchange.
    init(_ error: any Error, url: String, seconds: Int) {
        let address = Self.address(of: url)
        switch error {
        case let error as NIOConnectionError: self = Self.connection(error, address)
        case let error as IOError: self = Self.system(error, address)
        case let error as HTTPClientError: self = Self.client(error, url, address, seconds)
        case let error as NIOSSLError: self = Self.security(error, address)
        case let error as NIOSSLExtraError:
            self = .certificate(
                address: address,
                detail: error == .failedToValidateHostname ? "HOSTNAME_MISMATCH" : Self.words(of: "\(error)"))
        case let error as PinnedKeys.OtherKey:
            self = .otherKey(address: address, found: error.found?.description ?? "–")
        // The other side's last word, such as that it wants a certificate.
        case is BoringSSLError: self = .handshake(address: address, detail: Self.words(of: "\(error)"))
        case HTTPParserError.invalidEOFState:
            self = .connectionLost(address: address, detail: String(cString: strerror(ECONNRESET)))
        case is HTTPParserError: self = .notHTTP(address: address, detail: "\(error)")
        case is ChannelError: self = .connectionLost(address: address, detail: "\(error)")
        default: self = .unreachable(detail: "\(address): \(error)")
        }
    }

    private static func connection(_ error: NIOConnectionError, _ address: String) -> TransportError {
        // No address was tried: the name could not be resolved.
        guard let first = error.connectionErrors.first?.error else { return .nameUnknown(host: error.host) }
        if let first = first as? IOError { return system(first, address) }
        if case ChannelError.connectTimeout(let time)? = first as? ChannelError {
            return .connectTimeout(address: address, seconds: Int(time.nanoseconds / 1_000_000_000))
        }
        return .noRoute(address: address, detail: "\(first)")
    }

    private static func system(_ error: IOError, _ address: String) -> TransportError {
        let words = String(cString: strerror(error.errnoCode))
        return switch error.errnoCode {
        case ECONNREFUSED: .refused(address: address)
        case ECONNRESET, EPIPE, ECONNABORTED: .connectionLost(address: address, detail: words)
        default: .noRoute(address: address, detail: words)
        }
    }

    private static func client(
        _ error: HTTPClientError, _ url: String, _ address: String, _ seconds: Int
    ) -> TransportError {
        switch error {
        case .deadlineExceeded, .readTimeout, .writeTimeout: .timeout(seconds: seconds)
        case .connectTimeout, .getConnectionFromPoolTimeout: .connectTimeout(address: address, seconds: seconds)
        case .remoteConnectionClosed, .uncleanShutdown:
            .connectionLost(address: address, detail: error.shortDescription)
        case .invalidURL, .emptyHost, .emptyScheme: .addressInvalid(address: Self.address(of: url))
        case .tlsHandshakeTimeout: .handshake(address: address, detail: error.shortDescription)
        default:
            // An address without a known scheme has its name in the error, and so no constant of its own.
            error.shortDescription == "Unsupported scheme"
                ? .addressInvalid(address: address) : .unreachable(detail: "\(address): \(error.shortDescription)")
        }
    }

    private static func security(_ error: NIOSSLError, _ address: String) -> TransportError {
        let detail = words(of: "\(error)")
        switch error {
        case .uncleanShutdown: return .connectionLost(address: address, detail: detail)
        case .unableToValidateCertificate, .noCertificateToValidate:
            return .certificate(address: address, detail: detail)
        case .handshakeFailed where detail.contains("CERTIFICATE_VERIFY_FAILED"):
            return .certificate(address: address, detail: detail)
        default: return .handshake(address: address, detail: detail)
        }
    }

    /// The names of what went wrong, such as `CERTIFICATE_VERIFY_FAILED`, out of the library's long description.
    static func words(of text: String) -> String {
        let names = text.matches(of: /[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+/).map { String($0.0) }
        return names.isEmpty ? String(text.prefix(120)) : names.prefix(2).joined(separator: ", ")
    }

    /// Scheme, host and port; never a path, which may hold more than an address, nor a name with its password.
    static func address(of url: String) -> String {
        // What is no address may still hold a password.
        guard let scheme = url.range(of: "://") else { return String(url.split(separator: "@").last ?? "") }
        let rest = url[scheme.upperBound...]
        let authority = rest[..<(rest.firstIndex { "/?#".contains($0) } ?? rest.endIndex)]
        let host = authority.lastIndex(of: "@").map { authority[authority.index(after: $0)...] } ?? authority
        return String(url[..<scheme.upperBound] + host)
    }

    /// Whether an address holds a name or password, which would show in lists of processes and in files.
    static func hasCredentials(_ url: String) -> Bool {
        guard let scheme = url.range(of: "://") else { return false }
        return url[scheme.upperBound...].prefix { !"/?#".contains($0) }.contains("@")
    }
}
