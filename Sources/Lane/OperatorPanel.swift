public import Procedures
import Synchronization

/// Where people's doings reach a running test: buttons, keys, the emergency stop.
///
/// Safe to use from any thread and from signal handlers' tasks; what is posted is in the next frame.
public final class OperatorPanel: Sendable {
    private let events = Mutex<[FrameEvent]>([])

    /// Creates a panel with nothing posted.
    public init() {}

    /// Posts an event.
    public func post(_ event: FrameEvent) { events.withLock { $0.append(event) } }

    /// Takes what was posted since the last call, in order.
    func take() -> [FrameEvent] {
        events.withLock { events in
            defer { events.removeAll() }
            return events
        }
    }
}
