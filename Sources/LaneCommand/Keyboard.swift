import Dispatch
import Glibc
import Lane
import Procedures

/// The operator's keys: Enter confirms what the driver's aid asks for, `a` and Enter breaks the test off, `e` and Enter is the
/// emergency stop.
///
/// A simulated driver confirms for itself; there a person only breaks off.
final class Keyboard {
    private let source: any DispatchSourceRead

    init(_ panel: OperatorPanel, confirms: Bool = true) {
        source = DispatchSource.makeReadSource(fileDescriptor: STDIN_FILENO)
        source.setEventHandler { [source] in
            var buffer = [UInt8](repeating: 0, count: 256)
            let count = read(STDIN_FILENO, &buffer, buffer.count)
            guard count > 0 else {
                // The input is over; a lane without a keyboard goes on.
                source.cancel()
                return
            }
            for line in buffer[..<count].split(separator: 0x0A, omittingEmptySubsequences: false).dropLast() {
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
