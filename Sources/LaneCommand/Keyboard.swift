import Foundation
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

    private let asked = Asked()
    private let listener: Listener

    /// Who waits for a line that is not about the running test.
    private final class Asked: Sendable {
        private struct State {
            var waiter: CheckedContinuation<String?, Never>?
            var isOver = false
        }

        private let state = Mutex(State())

        /// Waits for a line; at the end of the input for nothing.
        func wait(_ waiter: CheckedContinuation<String?, Never>) {
            let isOver = state.withLock { state in
                if !state.isOver { state.waiter = waiter }
                return state.isOver
            }
            if isOver { waiter.resume(returning: nil) }
        }

        /// Hands a line, or the end of the input, to whoever waits; false if nobody does.
        func give(_ line: String?) -> Bool {
            let waiter = state.withLock { state in
                defer { state.waiter = nil }
                if line == nil { state.isOver = true }
                return state.waiter
            }
            waiter?.resume(returning: line)
            return waiter != nil
        }
    }

    /// Whether a person sits at a terminal.
    var isAttended: Bool { isatty(STDIN_FILENO) == 1 }

    /// Asks for a line, which then means nothing to the panel; nil at the end of the input.
    ///
    /// - Parameter question: shows what is asked. By then the line is waited for: an answer that comes at once is one.
    func nextLine(_ question: () -> Void) async -> String? {
        await withCheckedContinuation { continuation in
            asked.wait(continuation)
            question()
        }
    }

    /// Listens.
    ///
    /// - Parameter complain: hears at once what is wrong with a line.
    init(_ panel: OperatorPanel, confirms: Bool = true, complain: @escaping @Sendable ([Message]) -> Void = { _ in }) {
        let desk = EntryDesk(panel)
        self.desk = desk
        listener = Listener { [asked] bytes, line in
            guard let bytes else {
                // The input is over; a lane without a keyboard goes on.
                _ = asked.give(nil)
                return
            }
            for byte in bytes {
                guard let finished = line.take(byte) else { continue }
                if asked.give(finished) { continue }
                let problems = desk.take(finished, confirms: confirms)
                if !problems.isEmpty { complain(problems) }
            }
            desk.show(line.text)
        }
        listener.start()
    }

    /// Stops listening.
    func stop() {
        listener.stop()
        TypingTerminal.end()
    }
}

/// Reads standard input on a thread of its own.
private final class Listener: Sendable {
    private let hear: @Sendable ([UInt8]?, inout TypedLine) -> Void
    private let isStopped = Atomic(false)

    /// How long the thread sleeps before it looks whether it is still wanted, ms.
    private static let patience: Int32 = 100

    /// - Parameter hear: takes what was typed, with the line so far; nil once the input is over.
    init(_ hear: @escaping @Sendable ([UInt8]?, inout TypedLine) -> Void) { self.hear = hear }

    func start() {
        Thread { self.run() }.start()
    }

    func stop() { isStopped.store(true, ordering: .releasing) }

    private func run() {
        var line = TypedLine()
        var buffer = [UInt8](repeating: 0, count: 256)
        while true {
            var entry = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
            let isReadable = poll(&entry, 1, Self.patience) > 0
            guard !isStopped.load(ordering: .acquiring) else { return }
            guard isReadable else { continue }
            let count = read(STDIN_FILENO, &buffer, buffer.count)
            if count < 0, errno == EINTR || errno == EAGAIN { continue }
            guard count > 0 else { return hear(nil, &line) }
            hear(Array(buffer[..<count]), &line)
        }
    }
}
