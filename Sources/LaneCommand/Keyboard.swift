import Dispatch
import Glibc
import Lane
import Messages
import Procedures
import Synchronization

/// The operator's keys: Enter confirms what the driver's aid asks for, `a` and Enter breaks the test off, `e` and Enter
/// is the emergency stop; what a step asks for is typed before Enter.
///
/// A simulated driver confirms for itself; there a person only breaks off.
final class Keyboard {
    /// What is typed means.
    let desk: EntryDesk

    private let source: any DispatchSourceRead
    private let asked = Asked()

    /// Who waits for a line that is not about the running test.
    private final class Asked: Sendable {
        let waiting = Mutex<CheckedContinuation<String?, Never>?>(nil)

        /// Hands a line, or the end of the input, to whoever waits; false if nobody does.
        func give(_ line: String?) -> Bool {
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
    func nextLine() async -> String? {
        await withCheckedContinuation { continuation in
            asked.waiting.withLock { $0 = continuation }
        }
    }

    /// Listens.
    ///
    /// - Parameter complain: hears at once what is wrong with a line.
    init(_ panel: OperatorPanel, confirms: Bool = true, complain: @escaping @Sendable ([Message]) -> Void = { _ in }) {
        let desk = EntryDesk(panel)
        self.desk = desk
        source = DispatchSource.makeReadSource(fileDescriptor: STDIN_FILENO)
        let line = Mutex(TypedLine())
        source.setEventHandler { [source, asked] in
            var buffer = [UInt8](repeating: 0, count: 256)
            let count = read(STDIN_FILENO, &buffer, buffer.count)
            guard count > 0 else {
                // The input is over; a lane without a keyboard goes on.
                source.cancel()
                _ = asked.give(nil)
                return
            }
            for byte in buffer[..<count] {
                guard let finished = line.withLock({ $0.take(byte) }) else { continue }
                if asked.give(finished) { continue }
                let problems = desk.take(finished, confirms: confirms)
                if !problems.isEmpty { complain(problems) }
            }
            desk.show(line.withLock { $0.text })
        }
        source.resume()
    }

    /// Stops listening.
    func stop() {
        source.cancel()
        TypingTerminal.end()
    }
}
