public import Metrology

/// Turns timed readings into frames; pure, so that frames can be assembled again from logged bytes.
///
/// It keeps the newest reading of every channel with the time it was acquired. A reading is never re-stamped: once it
/// is older than its instrument's freshness, the frames show it as stale.
public struct FrameAssembler: Sendable {
    private let freshness: [InstrumentRole: LaneSpan]
    private let origin: LaneInstant
    private var newest: [ChannelID: TimedReading] = [:]
    private var states: [InstrumentRole: InstrumentState] = [:]
    private var lost: Set<InstrumentRole> = []
    private var events: [FrameEvent] = []

    /// Creates an assembler.
    ///
    /// - Parameters:
    ///   - freshness: how old a reading of each instrument may be, from the requirement pack.
    ///   - origin: the lane's time at tick 0; times in frames count from it.
    public init(freshness: [InstrumentRole: LaneSpan], origin: LaneInstant) {
        self.freshness = freshness
        self.origin = origin
    }

    /// Takes a reading in; an older one than is already known is ignored.
    public mutating func take(_ reading: TimedReading) {
        if let known = newest[reading.channel], known.acquiredAt > reading.acquiredAt { return }
        newest[reading.channel] = reading
    }

    /// Takes a reading of one of several instruments in. Some models read channels of another role besides, such as an
    /// opacimeter the engine speed: they count only where the lane has no instrument of that role.
    ///
    /// - Parameters:
    ///   - role: the role of the instrument that read it.
    ///   - roles: the roles of all instruments.
    public mutating func take(_ reading: TimedReading, of role: InstrumentRole, among roles: Set<InstrumentRole>) {
        guard reading.channel.role == role || !roles.contains(reading.channel.role) else { return }
        take(reading)
    }

    /// Takes in what an instrument says about itself.
    public mutating func take(_ conditions: Set<InstrumentCondition>, of role: InstrumentRole, at time: LaneInstant) {
        states[role] = InstrumentState(conditions: conditions, acquiredAt: LaneInstant.zero + (time - origin))
    }

    /// Notes whether an instrument can be reached.
    public mutating func setLost(_ isLost: Bool, _ role: InstrumentRole) {
        if isLost { lost.insert(role) } else { lost.remove(role) }
    }

    /// Notes an event; the next frame holds it.
    public mutating func take(_ event: FrameEvent) { events.append(event) }

    /// The frame of a tick.
    ///
    /// - Parameters:
    ///   - tick: the tick's number.
    ///   - due: when the tick was due, on the lane's clock.
    ///   - lateness: how much later it came.
    public mutating func frame(tick: Int, due: LaneInstant, lateness: LaneSpan) -> Frame {
        let now = due + lateness
        let samples = newest.mapValues { reading in
            let limit = freshness[reading.channel.role] ?? .zero
            let isStale = reading.validity == .valid && now - reading.acquiredAt > limit
            return Sample(
                value: reading.value, acquiredAt: LaneInstant.zero + (reading.acquiredAt - origin),
                validity: isStale ? .stale : reading.validity)
        }
        defer { events.removeAll() }
        return Frame(
            tick: tick, time: LaneInstant.zero + (due - origin), lateness: lateness, samples: samples, states: states,
            lost: lost, events: events)
    }
}
