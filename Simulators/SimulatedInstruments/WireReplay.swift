import Foundation

/// A capture that answers on a pseudo-terminal, as the instrument did (通信记录回放).
public final class WireReplay: Sendable {
    /// Where to open it: the link, or the terminal.
    public let path: String

    private let terminal: PseudoTerminal
    private let link: String?
    private let wakeUp: WakeUp
    private let worker = Guarded<Worker?>(nil)

    /// Opens a pseudo-terminal and begins to answer.
    ///
    /// - Parameter link: where to put a symbolic link to it.
    /// - Throws: ``SimulationError``.
    public init(_ script: WireScript, link: String? = nil) throws(SimulationError) {
        let terminal = try PseudoTerminal()
        do { wakeUp = try WakeUp() } catch {
            terminal.close()
            throw error
        }
        do { if let link { try LinkFile.make(at: link, to: terminal.path) } } catch {
            terminal.close()
            wakeUp.close()
            throw error
        }
        self.terminal = terminal
        self.link = link
        path = link ?? terminal.path
        let stop = wakeUp.descriptor
        worker.withLock { worker in
            worker = Worker("wire replay") {
                var player = Player(script, terminal, stop)
                player.run()
            }
        }
    }

    deinit {
        stop()
        wakeUp.close()
    }

    /// Hangs up and removes the link. Safe to call again.
    public func stop() {
        let running = worker.withLock { worker in
            defer { worker = nil }
            return worker
        }
        guard let running else { return }
        wakeUp.signal()
        running.join()
        terminal.close()
        if let link { LinkFile.remove(at: link, to: terminal.path) }
    }

    private struct Player {
        private let script: WireScript
        private let terminal: PseudoTerminal
        private let stop: Int32
        private var due: [(at: Int64, bytes: [UInt8])] = []
        private var nextRound: Int64?
        private var received: [UInt8] = []
        private var asked: [[UInt8]: Int] = [:]

        init(_ script: WireScript, _ terminal: PseudoTerminal, _ stop: Int32) {
            self.script = script
            self.terminal = terminal
            self.stop = stop
            nextRound = script.stream.isEmpty ? nil : SimulationClock.monotonicNanoseconds()
        }

        mutating func run() {
            while true {
                send(at: SimulationClock.monotonicNanoseconds())
                let next = [due.first?.at, nextRound].compactMap { $0 }.min()
                let ready = waitForInput(
                    [stop, terminal.master],
                    nanoseconds: next.map { max(0, $0 - SimulationClock.monotonicNanoseconds()) })
                if ready.contains(stop) { return }
                if ready.contains(terminal.master) { take(readAvailable(terminal.master)) }
            }
        }

        private mutating func send(at now: Int64) {
            if let begin = nextRound, begin <= now {
                due += script.stream.map { (begin + $0.after, $0.bytes) }
                nextRound = begin + script.round
            }
            while let first = due.first, first.at <= now {
                due.removeFirst()
                // Nobody reads: what a port that is not open would lose is lost.
                if terminal.unread > 3072 { terminal.discardUnread() }
                _ = first.bytes.withUnsafeBytes { write(terminal.master, $0.baseAddress, $0.count) }
            }
        }

        private mutating func take(_ bytes: [UInt8]) {
            for byte in bytes {
                received.append(byte)
                if received.count > max(64, script.longestRequest) { received.removeFirst() }
                guard let request = script.request(endingIn: received), let answers = script.answers[request] else {
                    continue
                }
                received.removeAll()
                let turn = asked[request, default: 0]
                asked[request] = turn + 1
                let now = SimulationClock.monotonicNanoseconds()
                due += answers[turn % answers.count].map { (now + $0.after, $0.bytes) }
                due.sort { $0.at < $1.at }
            }
        }
    }
}
