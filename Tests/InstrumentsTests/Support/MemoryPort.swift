import Instruments
import Synchronization

/// A serial port, a Modbus line and their opener in memory, on a clock that only waiting moves.
///
/// Waiting for input jumps straight to the next thing that is due, or to the end of the wait, so that a test of a
/// timeout takes no time.
final class MemoryPort: PortOpener, SerialPort, ModbusPort {
    /// What happens at a moment.
    enum Event: Sendable {
        case input([UInt8])
        case hangUp
    }

    struct State {
        var time = Duration.zero
        var due: [(at: Duration, event: Event)] = []
        var inbox: [UInt8] = []
        var hasHungUp = false
        var isOpen = false
        var opened = 0
        var openFailure: PortFailure?
        var afterOpening: [(after: Duration, event: Event)] = []
        var sent: [[UInt8]] = []
        var answers: @Sendable ([UInt8], Int) -> [(after: Duration, event: Event)] = { _, _ in [] }
    }

    let state = Mutex(State())
    let descriptor: Int32? = nil
    let isPseudoTerminal = true

    /// Answers each request that is sent; the number counts the requests from 1.
    func answer(_ answers: @escaping @Sendable ([UInt8], Int) -> [(after: Duration, event: Event)]) {
        state.withLock { $0.answers = answers }
    }

    /// Lets something happen some time from now.
    func schedule(_ event: Event, after delay: Duration = .zero) {
        state.withLock { $0.due.append(($0.time + delay, event)) }
    }

    /// Lets things happen some time after the port is opened next.
    func sendAfterOpening(_ events: [(after: Duration, event: Event)]) {
        state.withLock { $0.afterOpening = events }
    }

    /// Moves the clock.
    func advance(_ time: Duration) { state.withLock { $0.time += time } }

    /// What opening the port will throw from now on; nil for nothing.
    func failOpening(_ failure: PortFailure?) { state.withLock { $0.openFailure = failure } }

    var sent: [[UInt8]] { state.withLock { $0.sent } }
    var opened: Int { state.withLock { $0.opened } }

    // MARK: PortOpener

    var uptime: Duration { state.withLock { $0.time } }

    func openSerial(_ line: LineSettings) throws(PortFailure) -> any SerialPort {
        try open()
        return self
    }

    func openModbus(_ line: LineSettings, unit: UInt8) throws(PortFailure) -> any ModbusPort {
        try open()
        return self
    }

    private func open() throws(PortFailure) {
        let failure = state.withLock { state in
            state.opened += 1
            if state.openFailure == nil {
                state.isOpen = true
                state.hasHungUp = false
                state.inbox = []
                state.due = state.afterOpening.map { (state.time + $0.after, $0.event) }
                state.afterOpening = []
            }
            return state.openFailure
        }
        if let failure { throw failure }
    }

    // MARK: Port

    func waitForInput(upTo time: Duration) throws(PortFailure) -> Bool {
        let outcome = state.withLock { state -> Bool? in
            let deadline = state.time + max(.zero, time)
            while true {
                state.deliver()
                if !state.inbox.isEmpty { return true }
                if state.hasHungUp || !state.isOpen { return nil }
                guard let next = state.due.map(\.at).min(), next <= deadline else {
                    state.time = deadline
                    return false
                }
                state.time = next
            }
        }
        guard let outcome else { throw .hungUp }
        return outcome
    }

    func read() throws(PortFailure) -> [UInt8] {
        state.withLock { state in
            state.deliver()
            defer { state.inbox = [] }
            return state.inbox
        }
    }

    func write(_ bytes: [UInt8]) throws(PortFailure) {
        let gone = state.withLock { state in
            state.deliver()
            if state.hasHungUp { return true }
            state.sent.append(bytes)
            state.due += state.answers(bytes, state.sent.count).map { (state.time + $0.after, $0.event) }
            return false
        }
        if gone { throw .hungUp }
    }

    func exchange(
        _ request: [UInt8], replyTimeout: Duration, byteTimeout: Duration
    ) throws(PortFailure) -> ModbusAnswer {
        try write(request)
        return try waitForInput(upTo: replyTimeout) ? .frame(try read()) : .timedOut([])
    }

    func close() { state.withLock { $0.isOpen = false } }
}

extension MemoryPort.State {
    mutating func deliver() {
        let now = time
        for entry in due.filter({ $0.at <= now }).sorted(by: { $0.at < $1.at }) {
            switch entry.event {
            case .input(let bytes): inbox += bytes
            case .hangUp: hasHungUp = true
            }
        }
        due.removeAll { $0.at <= now }
    }
}
