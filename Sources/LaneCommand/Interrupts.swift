import Dispatch
import Glibc
import Synchronization

/// Turns Ctrl-C and a request to end into an orderly abort of what is going on.
final class Interrupts: Sendable {
    /// Calls `abort` for each SIGINT, SIGTERM and SIGHUP until stopped, in the place of whoever was called before.
    convenience init(_ abort: @escaping @Sendable () -> Void) { self.init(keyed: abort, told: abort) }

    /// - Parameters:
    ///   - keyed: called for each SIGINT: a person at the keyboard pressed Ctrl-C.
    ///   - told: called for each SIGTERM and SIGHUP: the system, or a terminal that is gone, ends the program.
    init(keyed: @escaping @Sendable () -> Void, told: @escaping @Sendable () -> Void) {
        _ = Self.signals
        Self.handler.withLock { $0 = { $0 == SIGINT ? keyed() : told() } }
    }

    /// Gives the signals their default meaning back.
    func stop() { Self.handler.withLock { $0 = nil } }

    private static let handler = Mutex<(@Sendable (Int32) -> Void)?>(nil)

    /// Watched once for the whole life of the program: a second source of a signal, after the first was cancelled, stays
    /// deaf.
    private static let signals = Signals { number in
        if let abort = handler.withLock({ $0 }) { return abort(number) }
        TypingTerminal.end()
        signal(number, SIG_DFL)
        raise(number)
    }

    /// Unchecked: the sources are only kept, and never touched again.
    private final class Signals: @unchecked Sendable {
        private let sources: [any DispatchSourceSignal]

        init(_ received: @escaping @Sendable (Int32) -> Void) {
            sources = [SIGINT, SIGTERM, SIGHUP].map { number in
                // The default action would end the process before the source is asked.
                signal(number, SIG_IGN)
                let source = DispatchSource.makeSignalSource(signal: number)
                source.setEventHandler { received(number) }
                source.resume()
                return source
            }
        }
    }
}
