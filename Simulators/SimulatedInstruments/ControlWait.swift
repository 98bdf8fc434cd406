import Foundation

/// A client of the control socket that waits for a number of the lane to get where it is to be.
struct ControlWait {
    private let order: ControlRequest.WaitOrder
    private let end: ContinuousClock.Instant

    /// How often the lane is looked at, ns.
    static let step: Int64 = 5_000_000

    init(_ order: ControlRequest.WaitOrder) {
        self.order = order
        let seconds = order.seconds.isFinite ? min(max(0, order.seconds), ControlRequest.WaitOrder.longest) : 0
        end = ContinuousClock.now + .seconds(seconds)
    }

    /// The answer, once it holds or the time is over; nil until then.
    func answer(_ lane: SimulatedLane) -> ControlReply? {
        guard order.below != nil || order.above != nil else { return ControlReply(error: "below or above is missing") }
        guard let number = Self.number(order.value, in: lane.snapshot()) else {
            return ControlReply(error: "the state has no number “\(order.value)”")
        }
        let holds = order.below.map { number < $0 } ?? true && order.above.map { number > $0 } ?? true
        return holds ? ControlReply(ok: true) : ContinuousClock.now < end ? nil : ControlReply(ok: false)
    }

    /// The number at a path such as `plant.brakeForce` of the snapshot as it is sent.
    private static func number(_ path: String, in state: LaneSnapshot) -> Double? {
        guard let json = try? JSONEncoder().encode(state),
            let root = try? JSONSerialization.jsonObject(with: json)
        else { return nil }
        let found = path.split(separator: ".").reduce(root as Any?) { place, name in
            (place as? [String: Any])?[String(name)]
        }
        return found as? Double
    }
}
