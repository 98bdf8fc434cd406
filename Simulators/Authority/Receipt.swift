/// What the authority gives for a record that it has stored safely (回执).
public struct Receipt: Codable, Hashable, Sendable {
    /// The receipt's own id.
    public let id: String
    /// The digest of the record's payload, `sha256:` and hexadecimal digits.
    public let digest: String
    /// The epoch of the lane's chain that the record is of.
    public let epoch: Int
    /// The record's counter.
    public let counter: Int
    /// The lane that sent it.
    public let lane: String
    /// When the record was stored, ISO 8601, UTC.
    public let receivedAt: String

    init(id: String, digest: String, epoch: Int = 1, counter: Int, lane: String, receivedAt: String) {
        (self.id, self.digest, self.epoch, self.counter) = (id, digest, epoch, counter)
        (self.lane, self.receivedAt) = (lane, receivedAt)
    }

    /// Reads a receipt; those that were given before there were epochs are of the first.
    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            id: try values.decode(String.self, forKey: .id), digest: try values.decode(String.self, forKey: .digest),
            epoch: try values.decodeIfPresent(Int.self, forKey: .epoch) ?? 1,
            counter: try values.decode(Int.self, forKey: .counter),
            lane: try values.decode(String.self, forKey: .lane),
            receivedAt: try values.decode(String.self, forKey: .receivedAt))
    }
}

/// What the authority gives for the statement that a lane begins a new epoch (链纪元).
public struct EpochReceipt: Codable, Hashable, Sendable {
    /// The receipt's own id.
    public let id: String
    /// The digest of the statement's envelope.
    public let digest: String
    /// The epoch that begins.
    public let epoch: Int
    /// The counter of the last record that is kept; 0 for none.
    public let after: Int
    /// The digest of that record's payload; nil for none.
    public let head: String?
    /// The lane.
    public let lane: String
    /// When the statement was stored, ISO 8601, UTC.
    public let receivedAt: String
}
