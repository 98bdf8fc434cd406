public import Messages

/// Why an acceleration does not count and has to be repeated (加速无效原因).
public enum AccelerationFault: String, CaseIterable, Sendable {
    /// The pedal was not pressed in time.
    case notStarted = "not-started"
    /// The governed speed was reached too late: the pedal was pressed slowly.
    case tooSlow = "too-slow"
    /// The engine fell back to idle before it reached the governed speed.
    case speedNotReached = "speed-not-reached"
    /// The governed speed was left too soon.
    case releasedEarly = "released-early"
    /// The governed speed was held too long.
    case heldTooLong = "held-too-long"
    /// Readings of the smoke were missing.
    case smokeNotRead = "smoke-not-read"
    /// Readings of the engine speed were missing.
    case speedNotRead = "speed-not-read"
    /// The opacimeter's peak memory and its readings disagree.
    case peaksDiffer = "peaks-differ"

    /// What the driver is told.
    public var message: Message {
        switch self {
        case .notStarted: Message(.accelerationNotStarted)
        case .tooSlow: Message(.accelerationTooSlow)
        case .speedNotReached: Message(.accelerationSpeedNotReached)
        case .releasedEarly: Message(.accelerationReleasedEarly)
        case .heldTooLong: Message(.accelerationHeldTooLong)
        case .smokeNotRead: Message(.accelerationSmokeNotRead)
        case .speedNotRead: Message(.accelerationSpeedNotRead)
        case .peaksDiffer: Message(.accelerationPeaksDiffer)
        }
    }
}
