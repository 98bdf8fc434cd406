import CLinux
import Foundation
import Glibc

/// What the process holds.
enum Resources {
    /// Threads.
    static var threads: Int { (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/task").count) ?? 0 }

    /// Open files.
    static var files: Int { (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count) ?? 0 }

    /// Bytes that are allocated and not freed.
    static var heap: Int { Int(linux_heap_in_use()) }

    /// Waits until a number is small enough again, at most five seconds: threads end a little after their work.
    static func settles(_ limit: Int, _ number: () -> Int) -> Bool {
        let deadline = ContinuousClock.now + .seconds(5)
        while number() > limit {
            guard ContinuousClock.now < deadline else { return false }
            sched_yield()
        }
        return true
    }
}
