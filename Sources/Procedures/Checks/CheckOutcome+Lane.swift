extension CheckOutcome: LaneOutcome {
    /// A check is not about the room's air.
    public var air: AirState? { nil }
}
