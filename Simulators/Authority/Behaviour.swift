/// How the platform answers records: as it should, or with one of the failures that a lane has to live with.
public struct Behaviour: Codable, Hashable, Sendable {
    /// The kinds of behaviour.
    public enum Kind: String, Codable, CaseIterable, Sendable {
        /// As it should.
        case none
        /// 503; the record is not looked at.
        case unavailable
        /// As it should, after a delay.
        case slow
        /// 422 for a record that may be right; it is not stored.
        case reject
        /// The connection closes without an answer; the record is not looked at.
        case dropConnection = "drop-connection"
        /// The connection closes without an answer, after the record was dealt with: its receipt is lost.
        case loseReceipt = "lose-receipt"
        /// 200 with a body that is not JSON; the record is not looked at.
        case garbage
        /// 200 with the receipt of some other record; this one is not stored, so that a lane that believes it loses it.
        case wrongReceipt = "wrong-receipt"
        /// 500; the record is not looked at.
        case serverFault = "server-fault"
        /// 401; the record is not looked at.
        case unauthorised
        /// 404; the record is not looked at.
        case notFound = "not-found"
        /// 307 to another address; the record is not looked at.
        case redirect
        /// The record is dealt with; then the answer breaks off.
        case truncated
        /// The record is dealt with; then the connection is reset within the answer.
        case reset
        /// The connection closes without an answer, and the record is dealt with after one that came later.
        case outOfOrder = "out-of-order"
        /// The record is dealt with; the answer says the same twice.
        case duplicate
        /// The record is dealt with; the receipt's clock is a day ahead.
        case skewed
    }

    /// What happens.
    public let kind: Kind
    /// To how many records it happens; nil for all, until something else is set.
    public let count: Int?
    /// How long ``Kind-swift.enum/slow`` waits before it looks at the record; 1000 ms if nil.
    public let delayMilliseconds: Int?

    /// After how many bytes of the body an answer breaks off; in the middle if nil.
    public let bytes: Int?

    /// A behaviour for the next `count` records.
    public init(_ kind: Kind, count: Int? = nil, delayMilliseconds: Int? = nil, bytes: Int? = nil) {
        (self.kind, self.count, self.delayMilliseconds, self.bytes) = (kind, count, delayMilliseconds, bytes)
    }

    /// As it should.
    public static let proper = Behaviour(.none)

    var delay: Duration { .milliseconds(delayMilliseconds ?? 1000) }

    /// What stays of the behaviour after one more record.
    var afterOne: Behaviour {
        guard let count else { return self }
        guard count > 1 else { return .proper }
        return Behaviour(kind, count: count - 1, delayMilliseconds: delayMilliseconds, bytes: bytes)
    }
}
