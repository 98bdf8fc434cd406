import Evidence
public import Journal
public import Messages

/// What the destination is known to reject: an item that breaks these rules is not sent, and put aside with the reason.
public struct DestinationRules: Hashable, Sendable {
    /// The greatest length of a body, in bytes.
    public var largestBody: Int

    /// Creates rules.
    ///
    /// - Parameter largestBody: 8 MiB unless the destination says otherwise; the platform of `Docs/House.md` takes that.
    public init(largestBody: Int = 8 << 20) { self.largestBody = largestBody }

    /// What is wrong with an item; nil if it may go.
    public func problem(with content: [UInt8], of delivery: Delivery) -> Message? {
        guard content.count <= largestBody else {
            return unfit("bytes", Message(.documentOutOfRange, ["key": "bytes", "value": .integer(content.count)]))
        }
        guard delivery.kind == .record else { return nil }
        let payload: JSONValue
        do throws(Finding) {
            let envelope = try Envelope(parsing: content)
            guard let parsed = try? JSONValue(parsing: envelope.payload) else {
                return unfit("payload", Message(.evidenceNotAnObject))
            }
            payload = parsed
        } catch {
            return unfit(error.place, error.message)
        }
        let (header, findings) = RecordHeader.read(payload)
        guard let header else {
            return findings.first.map { unfit($0.place, $0.message) } ?? unfit("payload", Message(.evidenceNotAnObject))
        }
        if header.counter != delivery.counter {
            return unfit(
                "payload.counter",
                Message(
                    .evidenceCounterUnexpected,
                    ["found": .integer(header.counter), "expected": .integer(delivery.counter ?? 0)]))
        }
        if header.lane != delivery.lane {
            return unfit(
                "payload.lane.id",
                Message(.evidenceChainOtherLane, ["found": .text(header.lane), "expected": .text(delivery.lane)]))
        }
        return nil
    }

    private func unfit(_ place: String, _ reason: Message) -> Message {
        Message(.uplinkUnfit, ["place": .text(place), "reason": .message(reason)])
    }
}
