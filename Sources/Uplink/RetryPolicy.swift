public import Foundation

/// How long to wait before another attempt: exponential back-off with full jitter.
///
/// Full jitter, a wait anywhere up to the bound, spreads the lanes of a city after an outage of the authority best
/// (Brooker, “Exponential Backoff and Jitter”, AWS Architecture Blog, 2015). It is never less than a tenth of the
/// first bound, so that chance cannot make attempts follow each other at once.
public struct RetryPolicy: Hashable, Sendable {
    /// The bound of the first wait, in seconds; it doubles with each attempt.
    public let base: TimeInterval
    /// The bound that no wait exceeds, in seconds.
    public let cap: TimeInterval
    /// The longest wait that an authority may ask for, in seconds.
    public let longestRequested: TimeInterval

    /// Creates a policy.
    public init(base: TimeInterval = 1, cap: TimeInterval = 300, longestRequested: TimeInterval = 3_600) {
        self.base = base
        self.cap = cap
        self.longestRequested = longestRequested
    }

    /// The longest wait there can be, in seconds.
    public var longest: TimeInterval { max(cap, longestRequested) }

    /// The wait after an attempt that did not succeed, in seconds.
    ///
    /// - Parameter attempts: how many have not succeeded by now, from 1.
    /// - Parameter requested: what the authority asked for, in seconds.
    /// - Parameter random: uniform in 0..<1.
    public func wait(after attempts: Int, requested: TimeInterval?, random: Double) -> TimeInterval {
        // Past 2^60 the bound is the cap for any sensible base.
        let bound = min(cap, base * Double(UInt64(1) << UInt64(min(max(attempts - 1, 0), 60))))
        return max(bound * random, base / 10, min(requested ?? 0, longestRequested))
    }

    /// What a `Retry-After` field asks for, in seconds from `now`: a number of seconds or a date as HTTP writes it
    /// (RFC 9110, 10.2.3 and 5.6.7); nil if it is neither.
    public static func requested(by field: String?, at now: Date) -> TimeInterval? {
        guard let field = field?.trimmingCharacters(in: .whitespaces), !field.isEmpty else { return nil }
        if field.utf8.allSatisfy({ (0x30...0x39).contains($0) }) { return TimeInterval(field) }
        return date(field).map { max(0, $0.timeIntervalSince(now)) }
    }

    private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

    /// A date such as `Sun, 06 Nov 1994 08:49:37 GMT`; the obsolete spellings are not read.
    private static func date(_ text: String) -> Date? {
        let pattern = /[A-Z][a-z]{2}, (\d{2}) ([A-Z][a-z]{2}) (\d{4}) (\d{2}):(\d{2}):(\d{2}) GMT/
        guard let match = text.wholeMatch(of: pattern), let month = months.firstIndex(of: String(match.2)) else {
            return nil
        }
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = .gmt
        return calendar.date(
            from: DateComponents(
                year: Int(match.3), month: month + 1, day: Int(match.1), hour: Int(match.4), minute: Int(match.5),
                second: Int(match.6)))
    }
}
