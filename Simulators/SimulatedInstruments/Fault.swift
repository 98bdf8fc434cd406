/// Something that goes wrong with a simulated instrument, for as long as it is not cleared.
public struct Fault: Codable, Hashable, Sendable {
    /// What goes wrong.
    public var kind: Kind
    /// How much of it, in the kind's unit; nil takes ``Kind/usualAmount``.
    public var amount: Double?

    /// Creates a fault.
    public init(_ kind: Kind, amount: Double? = nil) {
        self.kind = kind
        self.amount = amount
    }

    /// What can go wrong. The raw values are those of the control socket.
    public enum Kind: String, Codable, CaseIterable, Sendable {
        /// Nothing is sent.
        case silent
        /// Every frame comes late; the amount is in real milliseconds.
        case slowReply = "slow-reply"
        /// The last byte is wrong, that is the checksum or, where a protocol has none, the terminator; the amount n
        /// means every n-th frame.
        case corruptedChecksum = "corrupted-checksum"
        /// Random bytes precede each frame; the amount is their number.
        case garbage
        /// The second half of each frame is missing.
        case truncated
        /// The cable is pulled: the pseudo-terminal is closed, and a new one opened when the fault is cleared.
        case hangUp = "hang-up"
        /// The analyzer's sample flow is low; the amount is the share that is left.
        case lowFlow = "low-flow"
        /// Values stay what they are now.
        case stuckValue = "stuck-value"
        /// Room air leaks into the sample; the amount is its share.
        case dilution
        /// The engine stalls and does not start.
        case stall

        /// The amount where none is given.
        public var usualAmount: Double {
            switch self {
            case .slowReply: 300
            case .corruptedChecksum: 1
            case .garbage: 5
            case .lowFlow: 0.3
            case .dilution: 0.7
            case .silent, .truncated, .hangUp, .stuckValue, .stall: 0
            }
        }

        /// The amounts that make sense.
        var amounts: ClosedRange<Double> {
            switch self {
            case .slowReply: 0...60_000
            case .corruptedChecksum: 1...1_000_000
            case .garbage: 1...1000
            case .lowFlow, .dilution: 0...1
            case .silent, .truncated, .hangUp, .stuckValue, .stall: 0...0
            }
        }

        /// Whether it can only befall a gas analyzer.
        var isOfSampling: Bool { self == .lowFlow || self == .dilution }
    }

    var effectiveAmount: Double { amount ?? kind.usualAmount }
}
