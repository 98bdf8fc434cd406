/// How one command has fared: how often, how fast, and what went wrong (通信统计).
///
/// Latencies are kept in a histogram whose steps grow by a twentieth, so that a percentile is right to five percent
/// whatever number of exchanges it stands for.
public struct CommandStatistics: Hashable, Sendable {
    /// Why an exchange brought no reply.
    public enum Failure: String, CaseIterable, Sendable {
        /// Nothing, or only a part, in time.
        case timeout
        /// The check bytes disagreed.
        case damaged
        /// The instrument refused, was busy, or had nothing.
        case negative
    }

    /// Exchanges begun.
    public private(set) var count = 0
    /// Exchanges without a reply, by what went wrong.
    public private(set) var failures: [Failure: Int] = [:]
    /// The longest time from the request to the last byte of its reply.
    public private(set) var slowest: Duration?
    /// The shortest time from the request to the last byte of its reply.
    public private(set) var fastest: Duration?
    /// The bytes of that request and reply together.
    public private(set) var fastestBytes = 0
    private var histogram: [Int: Int] = [:]
    private var answers = 0

    /// The lower end of the first step, in milliseconds, and the factor from one step to the next.
    private static let first = 0.05
    private static let growth = 1.05

    /// The time within which a share of the replies came, from 0 to 1; nil without replies.
    public func latency(_ share: Double) -> Duration? {
        guard answers > 0, let slowest else { return nil }
        let wanted = max(1, Int((share * Double(answers)).rounded(.up)))
        var seen = 0
        for step in histogram.keys.sorted() {
            seen += histogram[step] ?? 0
            if seen >= wanted {
                var edge = Self.first
                for _ in 0...step { edge *= Self.growth }
                return min(slowest, .nanoseconds(Int64(edge * 1_000_000)))
            }
        }
        return slowest
    }

    mutating func answered(after time: Duration, bytes: Int = 0) {
        count += 1
        if fastest.map({ time < $0 }) ?? true { (fastest, fastestBytes) = (time, bytes) }
        answers += 1
        slowest = max(slowest ?? .zero, time)
        let (seconds, attoseconds) = time.components
        let milliseconds = Double(seconds) * 1000 + Double(attoseconds) / 1e15
        var step = 0
        var edge = Self.first * Self.growth
        while edge < milliseconds, step < 400 {
            edge *= Self.growth
            step += 1
        }
        histogram[step, default: 0] += 1
    }

    /// Statistics of a command that was never sent.
    public init() {}

    mutating func sent() { count += 1 }

    mutating func failed(_ failure: Failure) {
        count += 1
        failures[failure, default: 0] += 1
    }
}
