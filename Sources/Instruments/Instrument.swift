import Glibc
public import Metrology

/// One instrument on its port: polled for readings, told to act (检测设备).
///
/// The actor runs on a thread of its own, which reads whatever comes, the moment it comes, and stamps it with the
/// lane's time. Timeouts are real time. Errors on the wire never throw from ``poll(waitingForFresh:)``: a report says
/// what was read and what is known of the link, and a lost link is tried again by itself, at growing intervals, while
/// polls in between return at once.
///
/// An instrument reports only what its frames hold. A reading keeps the time of its frame's last byte; nothing is
/// repeated, filled in or stamped again.
public actor Instrument {
    /// The model.
    public nonisolated let profile: DeviceProfile

    /// The port as the lane file names it.
    public nonisolated let port: String

    /// The lane's clock.
    let now: @Sendable () -> LaneInstant
    /// Whether lane time runs faster than real time.
    let isFasterThanLife: Bool
    let opener: any PortOpener
    let thread: BusThread

    // The state of the link. Times are the opener's uptime.
    var connection: Connection?
    var decoder: StreamDecoder?
    var lost: InstrumentError?
    var failuresInARow = 0
    private var isWanted = false
    private var wasOpened = false
    private var attempts = 0
    private var retryAt = Duration.zero
    var notBefore = Duration.zero
    var settledAt = Duration.zero
    /// Until when a late reply may still come.
    var lateUntil = Duration.zero
    var lastFrameAt = Duration.zero

    /// Whether the instrument has been woken up and has named itself since the port was opened.
    var isIntroduced = false
    /// What the instrument is still busy with.
    var pending: PendingCommand?
    /// What commands that were waited for have failed at and not been done well since.
    var failings: Set<InstrumentCondition> = []
    /// The number of the request that was sent last, where requests are numbered.
    var transaction: UInt16 = 0
    /// How many urgent actions wait for their turn.
    nonisolated let urgency = Urgency()

    /// How long an answer is waited for while the port is only looked at; nil otherwise.
    var patience: Duration?

    // What the next report will say.
    var wire: [WireFrame] = []
    var frames: [StampedFrame] = []
    var framesReceived = 0
    var polled: [Int: LaneInstant] = [:]

    /// What has happened on the line since the start.
    public internal(set) var counters = InstrumentCounters()

    /// How each command has fared since the start.
    public internal(set) var statistics: [String: CommandStatistics] = [:]

    /// The same since the last account was taken.
    var recentStatistics: [String: CommandStatistics] = [:]
    /// The counters when the last account was taken.
    var accountedCounters = InstrumentCounters()

    /// Whether a port of this instrument has ever been a pseudo-terminal (伪终端), that is, a simulation.
    public private(set) var isPseudoTerminal = false

    /// Whether a port of this instrument has ever ended on this computer, that is, in a program and not in an
    /// instrument: a pseudo-terminal, or a network connection of the computer to itself.
    public private(set) var endsOnThisComputer = false

    /// The instrument's own thread.
    public nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

    /// Creates an instrument on a port of this machine; nothing is opened yet.
    ///
    /// - Parameters:
    ///   - profile: the model.
    ///   - port: where it is plugged in.
    ///   - now: the lane's clock; called on the instrument's thread when bytes have been read.
    ///   - isFasterThanLife: whether lane time runs faster than real time, on a simulated lane.
    public init(
        profile: DeviceProfile, port: PortAddress, isFasterThanLife: Bool = false,
        now: @escaping @Sendable () -> LaneInstant
    ) {
        self.init(
            profile: profile, port: port, opener: SystemPorts(address: port), isFasterThanLife: isFasterThanLife,
            now: now)
    }

    /// Creates an instrument whose port is opened by `opener`; nothing is opened yet.
    public init(
        profile: DeviceProfile, port: PortAddress, opener: any PortOpener, isFasterThanLife: Bool = false,
        now: @escaping @Sendable () -> LaneInstant
    ) {
        self.isFasterThanLife = isFasterThanLife
        self.profile = profile
        self.port = port.description
        self.opener = opener
        self.now = now
        thread = BusThread(name: profile.id)
    }

    deinit { thread.stop() }

    // MARK: Connecting

    /// Opens the port and makes sure that the instrument is there: the first poll of the profile is answered, or a
    /// stream shows a frame.
    ///
    /// If it throws, the instrument still counts as wanted: polls go on trying.
    ///
    /// - Throws: ``InstrumentError`` if the port cannot be opened or nothing readable comes in time.
    public func connect() async throws(InstrumentError) {
        isWanted = true
        try open()
        try introduce()
        switch connection {
        case .serial(let port) where decoder != nil:
            let before = framesReceived
            try serve(port, upTo: profile.timing.replyTimeout) { $0.framesReceived > before }
            if framesReceived == before { throw silence() }
        default:
            guard let first = profile.polls.first else { return }
            do {
                _ = try exchange(first.command)
            } catch {
                // A refusal shows that the instrument is there as well as any answer.
                if ![.refused, .busy, .unavailable].contains(error.reason) { throw error }
            }
        }
    }

    /// Closes the port. The instrument is not tried again until it is connected.
    public func close() async {
        isWanted = false
        dropConnection()
        lost = nil
    }

    /// Opens the port if it is not open.
    ///
    /// - Parameter urgently: whether to try even before the next retry is due.
    func ensureOpen(urgently: Bool = false) throws(InstrumentError) {
        if !isWanted { throw error(.notConnected) }
        if connection != nil { return }
        if let lost, !urgently, opener.uptime < retryAt { throw lost }
        try open()
    }

    private func open() throws(InstrumentError) {
        if connection != nil { return }
        do throws(PortFailure) {
            let opened = try openConnection()
            connection = opened
            isPseudoTerminal = isPseudoTerminal || opened.port.isPseudoTerminal
            endsOnThisComputer = endsOnThisComputer || opened.port.endsOnThisComputer
            if wasOpened { counters.reopens += 1 }
            wasOpened = true
        } catch {
            let error = self.error(error.reason)
            markLost(error)
            throw error
        }
        // A link that was lost is good again when something readable comes, not when the port can be opened.
        failuresInARow = 0
        isIntroduced = false
        pending = nil
        decoder = StreamDecoder(profile)
        lastFrameAt = opener.uptime
        if let descriptor = connection?.port.descriptor {
            thread.watch(descriptor) { [weak self] in self?.assumeIsolated { $0.idleInputArrived() } }
        }
    }

    private func openConnection() throws(PortFailure) -> Connection {
        if case .modbus(.rtu, let unit) = profile.wire.framing {
            return .modbus(try opener.openModbus(profile.line, unit: unit))
        }
        return .serial(try opener.openSerial(profile.line))
    }

    private func dropConnection() {
        thread.unwatch()
        connection?.port.close()
        connection = nil
        attempts = 0
        retryAt = .zero
    }

    /// Until when the line is left alone. What is urgent waits for the line to settle and for no late reply: at worst a
    /// reply to another question is taken for its acknowledgement, after it has been sent.
    var restsUntil: Duration { urgency.isWaiting ? settledAt : max(settledAt, lateUntil) }

    /// Whether a lost link may be tried again.
    var mayRetry: Bool { opener.uptime >= retryAt }

    /// Counts the link as lost and puts the next attempt off, from a quarter of a second up to two.
    func markLost(_ error: InstrumentError) {
        lost = error
        // Whatever comes back may have started anew, or be another.
        isIntroduced = false
        retryAt = opener.uptime + .milliseconds(250) * (1 << min(attempts, 3))
        attempts += 1
    }

    /// Counts the link as good.
    func markUp() {
        lost = nil
        failuresInARow = 0
        attempts = 0
    }

    /// The port has gone: closes it, to be looked for again.
    func portFailed(_ failure: PortFailure, command: String? = nil) -> InstrumentError {
        let error = error(failure.reason, command: command)
        dropConnection()
        markLost(error)
        return error
    }

    // MARK: Probing

    /// Opens the port to look what is there, without waking anything up.
    func openForProbing(patience: Duration) throws(InstrumentError) {
        isWanted = true
        try open()
        isIntroduced = true
        self.patience = patience
    }

    func endProbing() {
        isWanted = false
        dropConnection()
        lost = nil
        patience = nil
    }

    /// Whether a frame of the stream comes in time.
    func hearsFrame(within time: Duration) throws(InstrumentError) -> Bool {
        guard let port = connection?.port else { return false }
        let before = framesReceived
        try serve(port, upTo: time) { $0.framesReceived > before }
        return framesReceived > before
    }

    // MARK: Common to all kinds

    /// An open port, by what it can do.
    enum Connection {
        case serial(any SerialPort)
        case modbus(any ModbusPort)

        var port: any Port {
            switch self {
            case .serial(let port): port
            case .modbus(let port): port
            }
        }
    }

    /// A frame of a stream with the time of its last byte.
    struct StampedFrame {
        let frame: DecodedFrame
        let at: LaneInstant
    }

    /// How much is kept for a report that nobody asks for; at ten frames a second, more than a minute.
    private static let backlog = 1024

    func error(
        _ reason: InstrumentError.Reason, command: String? = nil, expected: String? = nil, received: [UInt8] = []
    ) -> InstrumentError {
        InstrumentError(
            reason, device: profile.id, port: port, command: command, expected: expected, received: received)
    }

    func log(_ kind: WireFrame.Kind, _ bytes: [UInt8], at instant: LaneInstant, command: String? = nil) {
        if bytes.isEmpty { return }
        if wire.count == Self.backlog {
            wire.removeFirst(Self.backlog / 4)
            counters.overflows += Self.backlog / 4
        }
        wire.append(WireFrame(kind: kind, bytes: bytes, at: instant, command: command))
    }

    /// Keeps the reply to a command that has just come, and notes beside its bytes that it was read.
    func keep(_ frame: StampedFrame, answering command: Command) {
        if let last = wire.indices.last, wire[last].kind == .received { wire[last].command = command.name }
        keep(frame)
    }

    func keep(_ frame: StampedFrame) {
        if frames.count == Self.backlog {
            frames.removeFirst(Self.backlog / 4)
            counters.overflows += Self.backlog / 4
        }
        frames.append(frame)
    }
}
