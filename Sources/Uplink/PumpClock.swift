public import Foundation

/// The time that the pump lives in; tests have one of their own.
public protocol PumpClock: Sendable {
    /// The wall clock, since what waits must survive a restart.
    var now: Date { get }

    /// Waits.
    ///
    /// - Throws: `CancellationError` once the task is cancelled.
    func sleep(seconds: TimeInterval) async throws
}

/// The system's time.
public struct SystemPumpClock: PumpClock {
    /// Creates the clock.
    public init() {}

    /// The wall clock.
    public var now: Date { Date() }

    /// Waits by the monotonic clock, whatever happens to the wall clock meanwhile.
    public func sleep(seconds: TimeInterval) async throws {
        try await Task.sleep(for: .seconds(seconds))
    }
}
