/// A record that the authority says it has, as its receipt names it (回执).
public struct ReceivedRecord: Hashable, Sendable {
    /// The epoch in which the record was sealed.
    public let epoch: Int
    /// The record's number.
    public let counter: Int
    /// The digest of its payload.
    public let digest: Digest

    /// Creates one from its parts.
    public init(epoch: Int = 1, counter: Int, digest: Digest) {
        self.epoch = epoch
        self.counter = counter
        self.digest = digest
    }

    /// Reads a receipt; nil if it names no record. One without an epoch is of the first.
    public init?(receipt: JSONValue) {
        guard let counter = receipt["counter"]?.wholeNumber, counter >= 1,
            let digest = receipt["digest"]?.text.flatMap({ Digest($0) })
        else { return nil }
        self.init(epoch: receipt["epoch"]?.wholeNumber ?? 1, counter: counter, digest: digest)
    }
}

/// The epoch that the authority says a lane is in.
public struct ReceivedEpoch: Hashable, Sendable {
    /// The epoch.
    public let epoch: Int
    /// The number of the last record that it kept of the earlier ones.
    public let after: Int

    /// Creates one from its parts.
    public init(epoch: Int, after: Int) {
        self.epoch = epoch
        self.after = after
    }

    /// Reads what the authority answers; nil if it names no epoch.
    public init?(answer: JSONValue) {
        guard let epoch = answer["epoch"]?.wholeNumber, epoch >= 1, let after = answer["after"]?.wholeNumber, after >= 0
        else { return nil }
        self.init(epoch: epoch, after: after)
    }
}
