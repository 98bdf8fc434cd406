import Dispatch
import Glibc
import Lane
import Procedures
import Synchronization

/// The operator's keys: Enter confirms what the driver's aid asks for, `a` and Enter breaks the test off, `e` and Enter is the
/// emergency stop.
///
/// A simulated driver confirms for itself; there a person only breaks off.
final class Keyboard {
    private let source: any DispatchSourceRead
    private let asked = Asked()

    /// Who waits for a line that is not about the running test.
    private final class Asked: Sendable {
        let waiting = Mutex<CheckedContinuation<[UInt8]?, Never>?>(nil)

        /// Hands a line, or the end of the input, to whoever waits; false if nobody does.
        func give(_ line: [UInt8]?) -> Bool {
            let waiter = waiting.withLock { waiter in
                defer { waiter = nil }
                return waiter
            }
            waiter?.resume(returning: line)
            return waiter != nil
        }
    }

    /// Whether a person sits at a terminal.
    var isAttended: Bool { isatty(STDIN_FILENO) == 1 }

    /// The next line, which then means nothing to the panel; nil at the end of the input.
    func nextLine() async -> [UInt8]? {
        await withCheckedContinuation { continuation in
            asked.waiting.withLock { $0 = continuation }
        }
    }

    init(_ panel: OperatorPanel, confirms: Bool = true) {
        source = DispatchSource.makeReadSource(fileDescriptor: STDIN_FILENO)
        source.setEventHandler { [source, asked] in
            var buffer = [UInt8](repeating: 0, count: 256)
            let count = read(STDIN_FILENO, &buffer, buffer.count)
            guard count > 0 else {
                // The input is over; a lane without a keyboard goes on.
                source.cancel()
                _ = asked.give(nil)
                return
            }
            for line in buffer[..<count].split(separator: 0x0A, omittingEmptySubsequences: false).dropLast() {
                if asked.give(Array(line)) { continue }
                switch line.first {
                case UInt8(ascii: "a"): panel.post(.operatorAbort)
                case UInt8(ascii: "e"): panel.post(.emergencyStop)
                default:
                    guard confirms else { continue }
                    // What it confirms is known by the procedure that waits for it.
                    panel.post(.probeInserted)
                    panel.post(.confirmed)
                }
            }
        }
        source.resume()
    }

    /// Stops listening.
    func stop() { source.cancel() }
}
