import Messages

/// A record's envelope together with its header, the one read from the other: what a journal needs to know of a record
/// before it gives it a place in the chain.
///
/// Only a payload whose header is in order becomes one. No signature is verified.
public struct SignedRecord: Sendable {
    /// The envelope.
    public let envelope: Envelope
    /// The envelope as it is stored and sent.
    public let envelopeBytes: [UInt8]
    /// The payload's header.
    public let header: RecordHeader
    /// The digest of the payload: the record's identity.
    public let payloadDigest: Digest

    /// Writes a payload in its canonical form and signs it with one key or more.
    ///
    /// - Throws: ``Finding`` for the first thing that is wrong with the payload's header, `JSONError` for a value that
    ///   JSON cannot hold, ``SigningKeyError``.
    public init(payload: JSONObject, signedWith keys: [SigningKey]) throws {
        let payload = JSONValue.object(payload)
        header = try Self.header(of: payload)
        envelope = try Envelope(payload: try payload.canonicalBytes(), signedWith: keys)
        envelopeBytes = envelope.bytes
        payloadDigest = envelope.payloadDigest
    }

    /// Reads an envelope and its payload strictly.
    ///
    /// - Throws: ``Finding``, the first one, placed in the envelope or in the payload.
    public init(parsing bytes: [UInt8]) throws(Finding) {
        envelope = try Envelope(parsing: bytes)
        envelopeBytes = bytes
        let payload: JSONValue
        do {
            payload = try JSONValue(parsing: envelope.payload)
        } catch {
            throw Finding(.evidenceNotJSON, ["detail": .message(error.message)], at: "payload")
        }
        header = try Self.header(of: payload)
        payloadDigest = envelope.payloadDigest
    }

    private static func header(of payload: JSONValue) throws(Finding) -> RecordHeader {
        let (header, findings) = RecordHeader.read(payload)
        guard let header else { throw findings.first ?? Finding(.evidenceNotAnObject, at: "payload") }
        return header
    }
}
