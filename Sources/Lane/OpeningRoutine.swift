public import Assurance
import Standards

/// What a lane has to pass before its first test of the day (每日开机检查), in the order of the pack.
///
/// It holds no state of its own: what has passed is read from the sealed checks, so that an interrupted routine goes
/// on where it was, after a restart too, and a check that was broken off is done again.
public struct OpeningRoutine: Sendable {
    /// The daily checks that the lane needs, each with where it stands.
    public let checks: [CheckStanding]

    /// The routine of a lane.
    ///
    /// - Parameter standings: as ``LockoutDesk/standings()`` gives them.
    public init(_ standings: [CheckStanding]) {
        // Daily is what holds a day at most.
        checks = standings.filter { $0.requirement.interval.value <= 24 }
    }

    /// Those that are not passed, or no longer.
    public var remaining: [CheckStanding] { checks.filter { $0.status != .good } }

    /// Whether the lane has passed its opening.
    public var isDone: Bool { remaining.isEmpty }
}
