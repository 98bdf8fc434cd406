/// Whether a value may be used, and why not (数据有效性).
public enum Validity: String, CaseIterable, Sendable {
    /// Measured, in range, recent.
    case valid
    /// Measured, but longer ago than the requirement pack allows.
    case stale
    /// Outside the range the instrument's profile gives for the field.
    case outOfRange = "out-of-range"
    /// The instrument marks the value, or itself, as defective.
    case deviceFault = "device-fault"
    /// Never measured; there is no value.
    case absent
}

/// A value with the time it was acquired, as instruments deliver it, before it is typed by a ``Channel``.
///
/// The time is the moment the last byte of the value's frame was read. A value is never re-stamped as fresh.
public struct TimedReading: Hashable, Sendable {
    /// Which value.
    public let channel: ChannelID
    /// The number in the channel's unit; nil where the instrument gave none.
    public let value: Double?
    /// When it was acquired, on the lane's clock.
    public let acquiredAt: LaneInstant
    /// Whether it may be used; `absent` exactly where there is no value.
    public let validity: Validity

    /// Creates a reading. Without a finite value its validity becomes `absent`, unless it names a fault.
    public init(_ channel: ChannelID, _ value: Double?, at acquiredAt: LaneInstant, validity: Validity = .valid) {
        self.channel = channel
        self.acquiredAt = acquiredAt
        let finite = value.flatMap { $0.isFinite ? $0 : nil }
        self.value = finite
        self.validity = finite == nil && validity != .deviceFault ? .absent : validity
    }
}

/// A typed value with the time it was acquired and whether it may be used.
public struct Reading<Unit: MeasurementUnit>: Hashable, Sendable {
    /// The quantity, whatever its validity; nil where there is none.
    public let quantity: Quantity<Unit>?
    /// When it was acquired; nil if never.
    public let acquiredAt: LaneInstant?
    /// Whether it may be used.
    public let validity: Validity

    /// Creates a reading.
    public init(quantity: Quantity<Unit>?, acquiredAt: LaneInstant?, validity: Validity) {
        self.quantity = quantity
        self.acquiredAt = acquiredAt
        self.validity = validity
    }

    /// The quantity if it may be used for a verdict.
    public var valid: Quantity<Unit>? { validity == .valid ? quantity : nil }
}
