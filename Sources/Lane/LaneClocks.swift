public import Assurance
import Foundation
import Glibc

/// The system's clocks side by side, to notice that somebody set the wall clock.
public enum LaneClocks {
    /// A reading of the wall clock and of the time since boot, taken at once.
    @Sendable public static func now() -> ClockReading {
        func milliseconds(_ clock: clockid_t) -> Int64 {
            var time = timespec()
            clock_gettime(clock, &time)
            return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
        }
        return ClockReading(
            wall: milliseconds(CLOCK_REALTIME), sinceBoot: milliseconds(CLOCK_BOOTTIME), boot: bootIdentity)
    }

    /// The kernel's name for this boot; empty where it tells none, and then there is nothing to compare across runs.
    private static let bootIdentity: String = {
        let text = try? String(contentsOfFile: "/proc/sys/kernel/random/boot_id", encoding: .utf8)
        return text?.trimmingCharacters(in: .whitespacesAndNewlines) ?? UUID().uuidString
    }()
}
