public import Instruments
public import Metrology

/// Something that can be told to act.
public protocol ObedientInstrument: Sendable {
    /// What it is for.
    var role: InstrumentRole { get }
    /// What it can be told to do.
    var actions: Set<InstrumentAction.Kind> { get }
    /// Tells it to do something, and returns when it obeys.
    func perform(_ action: InstrumentAction) async throws(InstrumentError)
    /// Tells it, without waiting, that something urgent is coming: a load that waits for its confirmation is broken off.
    func makeWay()
    /// Takes one ``makeWay()`` back.
    func wayIsClear()
}

/// What a session needs of an instrument; `Instrument` is one, tests bring their own.
public protocol LaneInstrument: ObedientInstrument {
    /// How often it is to be asked.
    var pollInterval: LaneSpan { get }
    /// Whether it sends without being asked, so that asking it takes no time.
    var sendsByItself: Bool { get }
    /// Asks for what is new; never throws, since a lost link is a report too.
    func poll(waitingForFresh: Bool) async -> InstrumentReport
    /// Asks by itself from now on, at regular real times, and hands every report over; it must not block.
    func startPolling(
        every interval: Duration, after delay: Duration, deliver: @escaping @Sendable (InstrumentReport) -> Void)
    /// Asks no more by itself.
    func stopPolling()
    /// How its line has fared since the last call; nil for one without a line.
    func accountForLine() async -> LineAccount?
}

extension LaneInstrument {
    /// No line.
    public func accountForLine() async -> LineAccount? { nil }
}

extension Instrument: LaneInstrument {
    /// How its line has fared since the last call.
    public nonisolated func accountForLine() async -> LineAccount? { await takeLineAccount() }

    /// The role of its profile.
    public nonisolated var role: InstrumentRole { profile.role }
    /// The interval of its profile.
    public nonisolated var pollInterval: LaneSpan { profile.pollInterval }
    /// Whether its profile is of a stream.
    public nonisolated var sendsByItself: Bool { profile.sendsByItself }
    /// The actions of its profile.
    public nonisolated var actions: Set<InstrumentAction.Kind> { profile.actions }
}
