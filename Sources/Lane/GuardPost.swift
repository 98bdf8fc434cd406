import Instruments
import Synchronization

/// The lane's guard, and another one once it has gone: a vehicle is put under load only while somebody would unload it.
final class GuardPost: Sendable {
    private let executable: String
    private let unload: UnattendedUnload
    private let note: String
    private let guardian: Mutex<DynamometerGuard>

    /// Starts a guard.
    ///
    /// - Parameters:
    ///   - executable: the program that is run with the word `guard`.
    ///   - note: where the guard leaves word; see ``GuardNote``.
    /// - Throws: ``LaneError/noGuard``.
    init(executable: String, unload: UnattendedUnload, note: String) throws(LaneError) {
        (self.executable, self.unload, self.note) = (executable, unload, note)
        guard let first = DynamometerGuard(executable: executable, unload: unload, note: note) else {
            throw .noGuard
        }
        guardian = Mutex(first)
    }

    /// The process number of the guard.
    var process: Int32 { guardian.withLock { $0.process } }

    /// Makes sure that there is a guard.
    ///
    /// - Returns: whether the one before had gone and there is another one now.
    /// - Throws: ``LaneError/noGuard`` if it had gone and no other can be started.
    func renew() throws(LaneError) -> Bool {
        try guardian.withLock { guardian throws(LaneError) in
            if guardian.isAlive { return false }
            guard let next = DynamometerGuard(executable: executable, unload: unload, note: note) else {
                throw .noGuard
            }
            // There is nobody to be taken leave of; this closes the line to where it was.
            guardian.dismiss()
            guardian = next
            return true
        }
    }

    /// As ``DynamometerGuard/dismiss()``.
    func dismiss() -> Bool { guardian.withLock { $0.dismiss() } }

    /// As ``DynamometerGuard/abandon()``.
    func abandon() { guardian.withLock { $0.abandon() } }
}
