public import Procedures
import Synchronization

/// Where people's doings reach a running test: buttons, keys, the emergency stop.
///
/// Safe to use from any thread and from signal handlers' tasks; what is posted is in the next frame.
public final class OperatorPanel: Sendable {
    private let events = Mutex<[FrameEvent]>([])
    private let ending = Atomic(false)

    /// Creates a panel with nothing posted.
    public init() {}

    /// Posts an event.
    public func post(_ event: FrameEvent) { events.withLock { $0.append(event) } }

    /// Whether the program was told to end.
    var isProgramEnding: Bool { ending.load(ordering: .acquiring) }

    /// Ends the running test, and every later one after its first frame, as interrupted: the program was told to end,
    /// and no person broke the test off. Nothing of it is in a frame; the frames simply end.
    public func endProgram() { ending.store(true, ordering: .releasing) }

    /// Takes what was posted since the last call, in order.
    func take() -> [FrameEvent] {
        events.withLock { events in
            defer { events.removeAll() }
            return events
        }
    }
}
