public import Foundation
public import Journal
public import Messages

/// How far delivery may fall behind before no further test begins (联网要求). Each reason ends by itself with its cause.
public struct DeliveryAllowance: Hashable, Sendable {
    /// How long the oldest item may wait, in hours; nil for any time.
    public var hours: Int?
    /// How many items may be undelivered; nil for any number.
    public var items: Int?
    /// How many bytes must be free for data; nil for what the journal itself asks for.
    public var freeBytes: Int?

    /// Creates an allowance.
    public init(hours: Int? = nil, items: Int? = nil, freeBytes: Int? = nil) {
        self.hours = hours
        self.items = items
        self.freeBytes = freeBytes
    }

    /// Why no test may begin now, all reasons at once; empty if one may.
    ///
    /// Quarantined items do not count: they wait for a person, not for the line.
    ///
    /// - Parameter free: the bytes that are free for data; nil if the system does not say.
    public func reasons(_ outbox: OutboxStatistics, free: Int?, at now: Date) -> [Message] {
        var reasons: [Message] = []
        if let hours, let oldest = outbox.oldestPending, now.timeIntervalSince(oldest) > Double(hours) * 3_600 {
            reasons.append(
                Message(
                    .uplinkPressureOffline,
                    [
                        "pending": .integer(outbox.pending), "limit": .integer(hours),
                        "hours": .integer(Int(now.timeIntervalSince(oldest) / 3_600)),
                    ]))
        }
        if let items, outbox.pending > items {
            reasons.append(
                Message(.uplinkPressureBacklog, ["pending": .integer(outbox.pending), "limit": .integer(items)]))
        }
        if let freeBytes, let free, free < freeBytes {
            reasons.append(
                Message(.uplinkPressureStorage, ["free": .integer(free), "limit": .integer(freeBytes)]))
        }
        return reasons
    }
}
