import Dispatch
import Glibc

/// Turns Ctrl-C and a request to end into an orderly abort of the test.
final class Interrupts {
    private let sources: [any DispatchSourceSignal]

    /// Watches SIGINT, SIGTERM and SIGHUP until stopped; `abort` is called for each.
    init(_ abort: @escaping @Sendable () -> Void) {
        sources = [SIGINT, SIGTERM, SIGHUP].map { number in
            // The default action would end the process before the source is asked.
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number)
            source.setEventHandler(handler: abort)
            source.resume()
            return source
        }
    }

    /// Gives the signals their default meaning back.
    func stop() {
        for source in sources { source.cancel() }
        for number in [SIGINT, SIGTERM, SIGHUP] { signal(number, SIG_DFL) }
    }
}
