/// How an analyzer follows a bottle that is opened and closed: the share of the step by the time, in straight lines.
public struct ResponseCurve: Sendable {
    /// A share of the step, 0…1, at a time after the bottle was opened or closed, s.
    public typealias Knot = (after: Double, share: Double)

    /// From the opening on.
    public var coming: [Knot]
    /// From the closing on.
    public var going: [Knot]

    /// Creates a curve; the knots are in the order of their times.
    public init(coming: [Knot], going: [Knot]) {
        self.coming = coming
        self.going = going
    }

    static func share(_ knots: [Knot], after time: Double) -> Double {
        guard let next = knots.firstIndex(where: { $0.after > time }) else { return knots.last?.share ?? 1 }
        guard next > 0 else { return 0 }
        let (before, after) = (knots[next - 1], knots[next])
        return before.share + (time - before.after) / (after.after - before.after) * (after.share - before.share)
    }
}
