/// What the authority gives for a record that it has stored safely (回执).
public struct Receipt: Codable, Hashable, Sendable {
    /// The receipt's own id.
    public let id: String
    /// The digest of the record's payload, `sha256:` and hexadecimal digits.
    public let digest: String
    /// The record's counter.
    public let counter: Int
    /// The lane that sent it.
    public let lane: String
    /// When the record was stored, ISO 8601, UTC.
    public let receivedAt: String
}
