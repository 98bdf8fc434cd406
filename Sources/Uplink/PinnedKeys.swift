import Evidence
import NIOCore
import NIOSSL

/// Lets a connection be used only if the other side has shown one of some keys (公钥固定), whoever has issued its
/// certificate.
///
/// The certificate itself is verified before, as it is without pinned keys. Nothing is sent until this is done.
enum PinnedKeys {
    /// The other side has another key.
    struct OtherKey: Error {
        /// The digest of the key that it has; nil if it showed none.
        let found: Digest?
    }

    /// Looks at the key of a connection that has just come about.
    ///
    /// - Parameter keys: digests of keys as certificates hold them (SubjectPublicKeyInfo, RFC 5280, section 4.1.2.7).
    static func check(_ channel: any Channel, _ keys: [Digest]) -> EventLoopFuture<Void> {
        channel.nioSSL_peerCertificate().flatMapThrowing { certificate in
            let found = try certificate.map { Digest(of: try $0.extractPublicKey().toSPKIBytes()) }
            guard let found, keys.contains(found) else { throw OtherKey(found: found) }
        }.flatMapErrorThrowing { error in
            // The client closes no connection that it could not take into use. It has to hear of the failure first: to
            // hear of the end of a connection that it is still waiting for would confuse it.
            channel.eventLoop.scheduleTask(in: .milliseconds(100)) { channel.close(promise: nil) }
            throw error
        }
    }
}
