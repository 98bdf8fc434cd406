import Foundation
import Journal
import Messages

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

    /// What has fallen behind too far for another test, all reasons at once; empty if nothing has.
    ///
    /// Quarantined items do not count: they wait for a person, not for the line.
    func delays(_ outbox: OutboxStatistics, at now: Date) -> [Message] {
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
        return reasons
    }

    /// That too little is free for data; nil if there is enough.
    ///
    /// - Parameter free: the bytes that are free for data; nil if the system does not say.
    func shortage(free: Int?) -> Message? {
        guard let freeBytes, let free, free < freeBytes else { return nil }
        return Message(.uplinkPressureStorage, ["free": .integer(free), "limit": .integer(freeBytes)])
    }
}
