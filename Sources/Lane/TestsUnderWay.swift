import Synchronization

/// The tests and checks that are being carried out, open in the journal and not left over; and whether one was.
final class TestsUnderWay: Sendable {
    private struct State {
        var ids: Set<String> = []
        var hasLeftovers = false
    }

    private let state = Mutex(State())

    var all: Set<String> { state.withLock { $0.ids } }

    /// Whether a test of this run ended without its record; whoever asks seals it.
    func takeLeftovers() -> Bool {
        state.withLock { state in
            defer { state.hasLeftovers = false }
            return state.hasLeftovers
        }
    }

    /// What was left over could not be sealed.
    func putBackLeftovers() { state.withLock { $0.hasLeftovers = true } }

    func begin(_ id: String) { state.withLock { _ = $0.ids.insert(id) } }

    func end(_ id: String, isSealed: Bool) {
        state.withLock { state in
            state.ids.remove(id)
            if !isSealed { state.hasLeftovers = true }
        }
    }
}
