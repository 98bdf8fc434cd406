import Foundation
import Metrology
import Plant

/// An instrument on its pseudo-terminal, with a thread of its own.
final class SerialLine: Sendable {
    let role: InstrumentRole
    let model: SimulatedModel
    let link: String?
    let unit: UInt8
    let host: PlantHost
    let log = FrameLog()
    /// Every frame that was meant to be sent; nil if nobody wants to know.
    let record: FrameRecord?

    private let warmUp: LaneSpan
    private let wakeUp: WakeUp
    private let state = Guarded(State())

    private struct State {
        /// The faults that are in force.
        var faults: [Fault.Kind: Fault] = [:]
        /// How often each kind has been let in.
        var injections: [Fault.Kind: Int] = [:]
        /// What is wrong with the instrument's sensors.
        var errors = SensorErrors()
        /// Signalled once the thread runs and has taken the faults over.
        var waiting: [Signal] = []
        var path: String?
        /// Where it was before a hang-up.
        var lastPath: String?
        var hostLineSpeed: Int?
        var worker: Worker?
        var isStopping = false
        /// Why the instrument could not be switched on.
        var problem: SimulationError?
    }

    init(
        _ request: InstrumentRequest, model: SimulatedModel, host: PlantHost, warmUp: LaneSpan,
        recordsFrames: Bool = false
    )
        throws(SimulationError)
    {
        role = request.role
        self.model = model
        link = request.link
        unit = request.unit ?? model.usualUnit
        self.host = host
        self.warmUp = warmUp
        record = recordsFrames ? FrameRecord() : nil
        wakeUp = try WakeUp()
    }

    deinit { wakeUp.close() }

    // MARK: From any thread

    /// Opens the pseudo-terminal and starts the thread; returns when the instrument is on.
    func start() throws(SimulationError) {
        let surroundings = Surroundings(host: host, log: log, unit: unit)
        let end = try LineEnd(link: link)
        do {
            if let file = linkFile { try LinkFile.make(at: file, to: end.path) }
        } catch {
            end.close()
            throw error
        }
        let isOn = Signal()
        state.withLock { state in
            state.path = end.path
            state.waiting.append(isOn)
            state.worker = Worker("\(model.rawValue)") { [self] in
                var runner = LineRunner(self, surroundings, end)
                runner.run()
            }
        }
        isOn.wait()
        guard let problem = state.withLock({ $0.problem }) else { return }
        stop()
        throw problem
    }

    /// Ends the thread and closes the pseudo-terminal; returns when that is done.
    func stop() {
        let worker = state.withLock { state in
            defer { state.worker = nil }
            state.isStopping = true
            return state.worker
        }
        wakeUp.signal()
        worker?.join()
        let path = state.withLock { $0.path }
        if let linkFile { LinkFile.remove(at: linkFile, to: path) }
    }

    /// Adds a fault; returns when the instrument behaves accordingly.
    func add(_ fault: Fault) {
        change { state in
            state.faults[fault.kind] = fault
            state.injections[fault.kind, default: 0] += 1
        }
    }

    /// Ends a fault, or with nil all of them and all that is wrong with the sensors.
    func end(_ kind: Fault.Kind?) {
        change { state in
            guard let kind else {
                state.faults.removeAll()
                return state.errors = SensorErrors()
            }
            state.faults[kind] = nil
        }
    }

    /// Changes what is wrong with the sensors.
    func changeErrors(_ change: (inout SensorErrors) -> Void) {
        self.change { change(&$0.errors) }
    }

    private func change(_ change: (inout State) -> Void) {
        let taken = Signal()
        let isRunning = state.withLock { state in
            change(&state)
            guard state.worker != nil else { return false }
            state.waiting.append(taken)
            return true
        }
        guard isRunning else { return }
        wakeUp.signal()
        taken.wait()
    }

    /// The symbolic link to the terminal; nil for none, and for a network port.
    private var linkFile: String? { link.flatMap { $0.hasPrefix(LineEnd.networkPrefix) ? nil : $0 } }

    func happened(_ kind: Fault.Kind) { log.happened(kind) }

    var endpoint: Endpoint {
        Endpoint(role: role, model: model.rawValue, path: linkFile ?? state.withLock { $0.path } ?? link ?? "")
    }

    var report: LaneSnapshot.Instrument {
        let (path, speed) = state.withLock { ($0.path, $0.hostLineSpeed) }
        return LaneSnapshot.Instrument(
            role: role.rawValue, model: model.rawValue, path: linkFile ?? path ?? link ?? "", terminal: path,
            hostLineSpeed: speed, frames: log.snapshot, screen: log.shown)
    }

    // MARK: From the line's thread, or from whoever moves a line in memory

    struct Orders {
        let faults: [Fault.Kind: Fault]
        let injections: [Fault.Kind: Int]
        let errors: SensorErrors
        let waiting: [Signal]
        let isStopping: Bool
    }

    /// What the thread is to do next, and who waits for it.
    func orders() -> Orders {
        wakeUp.drain()
        return state.withLock { state in
            defer { state.waiting.removeAll() }
            return Orders(
                faults: state.faults, injections: state.injections, errors: state.errors, waiting: state.waiting,
                isStopping: state.isStopping)
        }
    }

    func makeInstrument(_ surroundings: Surroundings) throws(SimulationError) -> any WireInstrument {
        try model.instrument(surroundings, warmUp: warmUp)
    }

    /// Opens the instrument's end again after a hang-up; nil if that cannot be done now.
    fileprivate func reopen() -> LineEnd? {
        // A network port comes back under the number that the host knows.
        try? LineEnd(link: state.withLock { linkFile == nil && link != nil ? $0.lastPath : link })
    }

    fileprivate func opened(_ end: LineEnd?) {
        let before = state.withLock { state in
            defer { state.path = end?.path }
            if let path = state.path { state.lastPath = path }
            return state.path
        }
        guard let linkFile else { return }
        // As with a real adapter, the name goes with the terminal. Should somebody put a file there meanwhile, the host
        // finds no port: still a hang-up.
        if let end {
            try? LinkFile.make(at: linkFile, to: end.path)
        } else {
            LinkFile.remove(at: linkFile, to: before)
        }
    }

    fileprivate func failed(_ problem: SimulationError) { state.withLock { $0.problem = problem } }
    fileprivate func saw(hostLineSpeed: Int?) { state.withLock { $0.hostLineSpeed = hostLineSpeed } }

    /// Lets nobody wait for a thread that is about to end.
    fileprivate func ended() {
        let waiting = state.withLock { state in
            defer { state.waiting.removeAll() }
            state.worker = nil
            return state.waiting
        }
        waiting.forEach { $0.give() }
    }

    fileprivate var wakeDescriptor: Int32 { wakeUp.descriptor }
    fileprivate var clock: SimulationClock { host.clock }
}

/// The loop of a line's thread: one wait for everything that can happen.
private struct LineRunner {
    private let line: SerialLine
    private var surroundings: Surroundings
    private var end: LineEnd?
    /// The one that was pulled.
    private var pulled: LineEnd?
    private var faults: [Fault.Kind: Fault] { spoiler.faults }
    private var output = OutputQueue()
    private var spoiler: FrameSpoiler
    private var partialSince: Int64?
    private var wantsReboot = false

    /// After this much real silence the beginning of a frame is forgotten, ns.
    private static let patience: Int64 = 1_000_000_000
    /// More bytes than this that nobody has read are thrown away, as a closed serial port does. The kernel holds 4096.
    private static let unreadLimit = 3072

    init(_ line: SerialLine, _ surroundings: Surroundings, _ end: LineEnd) {
        self.line = line
        self.surroundings = surroundings
        self.end = end
        spoiler = FrameSpoiler(line.model)
    }

    mutating func run() {
        defer {
            end?.close()
            pulled?.release()
            line.ended()
        }
        var instrument: any WireInstrument
        do throws(SimulationError) {
            instrument = try line.makeInstrument(surroundings)
        } catch {
            return line.failed(error)
        }
        defer { instrument.end() }
        while obeyOrders() {
            if wantsReboot { reboot(&instrument) }
            let now = SimulationClock.monotonicNanoseconds()
            flush(at: now)
            if let event = instrument.nextEvent, surroundings.now >= event {
                if let frame = instrument.act(surroundings) { send(frame) }
            }
            if let since = partialSince, now - since >= Self.patience {
                instrument.forgetPartialFrame()
                partialSince = nil
            }
            wait(for: &instrument, now: now)
        }
    }

    private mutating func reboot(_ instrument: inout any WireInstrument) {
        wantsReboot = false
        // Without the means to start anew it goes on as it was.
        guard let fresh = try? line.makeInstrument(surroundings) else { return }
        instrument.end()
        instrument = fresh
        output.removeAll()
        surroundings.log.happened(.reboot)
    }

    private mutating func wait(for instrument: inout some WireInstrument, now: Int64) {
        var timeouts: [Int64] = []
        if let due = output.nextDue { timeouts.append(max(0, due - now)) }
        if let event = instrument.nextEvent { timeouts.append(line.clock.realNanoseconds(until: event)) }
        if let since = partialSince { timeouts.append(max(0, since + Self.patience - now)) }
        let descriptors = [line.wakeDescriptor, instrument.relay].compactMap { $0 } + (end?.descriptors ?? [])
        let ready = waitForInput(descriptors, nanoseconds: timeouts.min())
        if let end, end.descriptors.contains(where: ready.contains) {
            let bytes = end.read(ready)
            noticeHostSpeed()
            line.saw(hostLineSpeed: end.hostLineSpeed)
            if !bytes.isEmpty {
                let frames = instrument.receive(spoiler.heard(bytes), surroundings)
                partialSince = SimulationClock.monotonicNanoseconds()
                for frame in frames { send(frame, answering: bytes) }
            }
        }
        if let relay = instrument.relay, ready.contains(relay) { send(readAvailable(relay)) }
    }

    private mutating func noticeHostSpeed() { spoiler.hostSpeed = end?.hostLineSpeed }

    // MARK: Orders

    /// Takes over changed faults; false when the line is to end.
    private mutating func obeyOrders() -> Bool {
        let orders = line.orders()
        if orders.isStopping {
            orders.waiting.forEach { $0.give() }
            return false
        }
        surroundings.errors = orders.errors
        if orders.faults != faults {
            wantsReboot = orders.faults[.reboot] != nil && faults[.reboot] == nil
            spoiler.take(orders.faults, orders.injections)
            takeFaultsOver()
        } else {
            spoiler.take(orders.faults, orders.injections)
        }
        orders.waiting.forEach { $0.give() }
        return true
    }

    private mutating func takeFaultsOver() {
        if faults[.stuckValue] == nil {
            surroundings.stuck = nil
        } else if surroundings.stuck == nil {
            surroundings.stuck = surroundings.host.observe()
        }
        if faults[.hangUp] != nil, let open = end {
            open.pull()
            (pulled, end) = (open, nil)
            output.removeAll()
            line.opened(nil)
            surroundings.log.happened(.hangUp)
        } else if faults[.hangUp] == nil, end == nil {
            pulled?.release()
            pulled = nil
            // Without descriptors left there is no port: still a hang-up.
            end = line.reopen()
            line.opened(end)
        }
    }

    // MARK: Sending

    /// Queues a frame, spoilt as the faults say.
    private mutating func send(_ frame: [UInt8], answering request: [UInt8]? = nil) {
        guard let end, !frame.isEmpty else { return }
        noticeHostSpeed()
        let spoilt = spoiler.queue(
            frame, into: &output, at: SimulationClock.monotonicNanoseconds(),
            lineSpeed: line.clock.isPaced && end.hasLineSpeed ? line.model.lineSpeed : nil, log: surroundings.log)
        line.record?.add(
            SentFrame(request: request, bytes: frame, onTheWire: spoilt, at: surroundings.now.nanoseconds))
        flush(at: SimulationClock.monotonicNanoseconds())
    }

    private mutating func flush(at now: Int64) {
        guard let end else { return }
        while let piece = output.next(at: now) {
            if piece.isBeginning {
                if end.unread > Self.unreadLimit {
                    end.discardUnread()
                    surroundings.log.overrun()
                }
                surroundings.log.sent()
            }
            if !end.write(piece.bytes) { surroundings.log.overrun() }
        }
    }
}
