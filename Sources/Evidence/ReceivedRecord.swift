/// A record that the authority says it has, as its receipt names it (回执).
public struct ReceivedRecord: Hashable, Sendable {
    /// The record's number.
    public let counter: Int
    /// The digest of its payload.
    public let digest: Digest

    /// Creates one from its parts.
    public init(counter: Int, digest: Digest) {
        self.counter = counter
        self.digest = digest
    }

    /// Reads a receipt; nil if it names no record.
    public init?(receipt: JSONValue) {
        guard let counter = receipt["counter"]?.wholeNumber, counter >= 1,
            let digest = receipt["digest"]?.text.flatMap({ Digest($0) })
        else { return nil }
        self.init(counter: counter, digest: digest)
    }
}
