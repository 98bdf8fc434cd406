import Foundation
import Glibc

/// A guard's hold on its data directory, from its orders to its end.
///
/// When a lane is killed and started again at once, its guard may still have the dynamometer's port and may not have
/// left its note; the start waits for it. The kernel ends the hold with the process, however it ends.
struct GuardHold {
    private let descriptor: Int32

    /// Takes the hold beside a note; nil if it cannot be taken, without which the guard does its work all the same.
    init?(note: String) {
        let directory = (note as NSString).deletingLastPathComponent
        descriptor = open("\(directory)/guard.lock", O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { return nil }
        // Whoever looks whether a guard is here has the lock for a moment itself.
        for _ in 0..<50 {
            if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { return }
            usleep(2000)
        }
        close(descriptor)
        return nil
    }

    /// Ends the hold.
    func release() { close(descriptor) }

    /// Waits until no guard has a data directory; at most three seconds, which is longer than one tries to unload.
    static func waitForEnd(in directory: String) async throws {
        let descriptor = open("\(directory)/guard.lock", O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        let deadline = ContinuousClock.now + .seconds(3)
        while flock(descriptor, LOCK_EX | LOCK_NB) != 0, errno == EWOULDBLOCK, ContinuousClock.now < deadline {
            try await Task.sleep(for: .milliseconds(20))
        }
    }
}
