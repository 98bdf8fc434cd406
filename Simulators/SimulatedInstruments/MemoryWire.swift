public import Metrology
import Plant

/// A simulated instrument on a wire in memory: neither pseudo-terminal nor thread.
///
/// It does nothing by itself. Whoever moves the lane's clock stops at each ``nextEvent`` and calls
/// ``bringUpToDate()``; ``MemoryLane`` does.
public final class MemoryWire: Sendable {
    /// What the instrument is for.
    public let role: InstrumentRole
    private let line: SerialLine
    private let state: Guarded<State>

    /// `@unchecked Sendable` is right because the only one lives in `state`, and its instrument is touched there only.
    private struct State: @unchecked Sendable {
        var instrument: any WireInstrument
        var surroundings: Surroundings
        var spoiler: FrameSpoiler
        var output = OutputQueue()
        var partialSince: Int64?
        /// What has come through to the host and was not read.
        var inbox: [UInt8] = []
    }

    /// After this much silence the beginning of a frame is forgotten, as on a line with a thread, ns.
    private static let patience: Int64 = 1_000_000_000
    /// More bytes than this that nobody has read are thrown away.
    private static let unreadLimit = 3072
    /// How long a library that speaks for an instrument may take to answer, ns of real time.
    private static let relayPatience: Int64 = 5_000_000_000

    init(_ line: SerialLine) throws(SimulationError) {
        self.line = line
        role = line.role
        let surroundings = Surroundings(host: line.host, log: line.log, unit: line.unit)
        state = Guarded(
            State(
                instrument: try line.makeInstrument(surroundings), surroundings: surroundings,
                spoiler: FrameSpoiler(line.model)))
    }

    /// Whether the cable is in.
    public var isConnected: Bool { state.withLock { $0.spoiler.faults[.hangUp] == nil } }

    /// When something happens next, lane time in nanoseconds; nil if nothing does before the host sends something.
    public var nextEvent: Int64? {
        state.withLock { state in
            [
                state.output.nextDue, state.instrument.nextEvent?.nanoseconds,
                state.partialSince.map { $0 + Self.patience },
            ]
            .compactMap { $0 }.min()
        }
    }

    /// Lets happen what is due by now.
    public func bringUpToDate() {
        state.withLock { state in
            obeyOrders(&state)
            let now = state.surroundings.now
            flush(&state)
            if let event = state.instrument.nextEvent, now >= event,
                let frame = state.instrument.act(state.surroundings)
            {
                send(frame, answering: nil, &state)
            }
            if let since = state.partialSince, now.nanoseconds - since >= Self.patience {
                state.instrument.forgetPartialFrame()
                state.partialSince = nil
            }
            flush(&state)
        }
    }

    /// The host sets its end of the line to a speed, bits per second; nil for an end that has none.
    public func set(hostSpeed: Int?) { state.withLock { $0.spoiler.hostSpeed = hostSpeed } }

    /// Throws away what the host has not read, as opening a port does.
    public func discardUnread() { state.withLock { $0.inbox.removeAll() } }

    /// Takes what the host sends; false if the cable is out.
    public func take(_ bytes: [UInt8]) -> Bool {
        bringUpToDate()
        return state.withLock { state in
            guard state.spoiler.faults[.hangUp] == nil else { return false }
            state.partialSince = state.surroundings.now.nanoseconds
            for frame in state.instrument.receive(state.spoiler.heard(bytes), state.surroundings) {
                send(frame, answering: bytes, &state)
            }
            if let relay = state.instrument.relay,
                waitForInput([relay], nanoseconds: Self.relayPatience).contains(relay)
            {
                send(readAvailable(relay), answering: bytes, &state)
            }
            flush(&state)
            return true
        }
    }

    /// What has come through to the host.
    public func read() -> [UInt8] {
        state.withLock { state in
            defer { state.inbox.removeAll() }
            return state.inbox
        }
    }

    /// Whether there is anything to read.
    public var hasInput: Bool { state.withLock { !$0.inbox.isEmpty } }

    func end() { state.withLock { $0.instrument.end() } }

    private func obeyOrders(_ state: inout State) {
        let orders = line.orders()
        state.surroundings.errors = orders.errors
        guard orders.faults != state.spoiler.faults else {
            return state.spoiler.take(orders.faults, orders.injections)
        }
        let wantsReboot = orders.faults[.reboot] != nil && state.spoiler.faults[.reboot] == nil
        let hangsUp = orders.faults[.hangUp] != nil && state.spoiler.faults[.hangUp] == nil
        state.spoiler.take(orders.faults, orders.injections)
        if orders.faults[.stuckValue] == nil {
            state.surroundings.stuck = nil
        } else if state.surroundings.stuck == nil {
            state.surroundings.stuck = state.surroundings.host.observe()
        }
        if hangsUp {
            state.output.removeAll()
            state.inbox.removeAll()
            line.log.happened(.hangUp)
        }
        if wantsReboot, let fresh = try? line.makeInstrument(state.surroundings) {
            state.instrument.end()
            state.instrument = fresh
            state.output.removeAll()
            line.log.happened(.reboot)
        }
    }

    private func send(_ frame: [UInt8], answering request: [UInt8]?, _ state: inout State) {
        guard state.spoiler.faults[.hangUp] == nil, !frame.isEmpty else { return }
        let now = state.surroundings.now.nanoseconds
        let spoilt = state.spoiler.queue(
            frame, into: &state.output, at: now, lineSpeed: line.model.lineSpeed, log: line.log)
        line.record?.add(SentFrame(request: request, bytes: frame, onTheWire: spoilt, at: now))
    }

    private func flush(_ state: inout State) {
        while let piece = state.output.next(at: state.surroundings.now.nanoseconds) {
            if piece.isBeginning {
                if state.inbox.count > Self.unreadLimit {
                    state.inbox.removeAll()
                    line.log.overrun()
                }
                line.log.sent()
            }
            state.inbox += piece.bytes
        }
    }
}
