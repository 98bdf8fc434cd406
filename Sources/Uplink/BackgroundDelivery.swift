import Foundation
public import Journal
import Synchronization

/// Delivery that goes on beside tests for as long as a program runs. A test never waits for it.
public final class BackgroundDelivery: Sendable {
    /// Carries the items; tells how delivery stands.
    public let pump: Pump

    private let transport: HTTPTransport
    private let task = Mutex<Task<Void, Never>?>(nil)

    /// Prepares delivery; nothing is sent before ``start(report:)``.
    ///
    /// - Parameter authority: the address that `/v1/records` is added to.
    /// - Parameter security: pinned certificate and client certificate; nil for plain HTTP or the computer's own trust.
    /// - Parameter backlogBytesPerSecond: how much of the line the backlog may take; nil for all there is.
    /// - Parameter deadline: for a whole exchange with the authority.
    /// - Throws: ``TransportSecurityError`` if a certificate or key cannot be used.
    public init(
        of journal: Journal, to authority: String, security: TransportSecurity? = nil,
        backlogBytesPerSecond: Int? = nil, deadline: Duration = .seconds(10), policy: RetryPolicy = RetryPolicy()
    ) throws(TransportSecurityError) {
        transport =
            if let security { try HTTPTransport(security: security, timeout: deadline) } else {
                HTTPTransport(timeout: deadline)
            }
        var configuration = Pump.Configuration(base: authority, policy: policy, interval: 0.2)
        configuration.backlogBytesPerSecond = backlogBytesPerSecond
        pump = Pump(journal: journal, transport: transport, configuration: configuration)
    }

    /// Begins to deliver; a second time does nothing.
    ///
    /// - Parameter report: hears of what the journal could not do, such as a full disk; delivery goes on.
    public func start(report: @escaping @Sendable (JournalError) async -> Void = { _ in }) {
        task.withLock { task in
            guard task == nil else { return }
            task = Task { [pump] in await pump.run(report: report) }
        }
    }

    /// Ends delivery once the exchange that is under way is over or cut off; what is not delivered stays queued.
    ///
    /// The journal must be open until this returns.
    public func stop() async {
        let running = task.withLock { task in
            defer { task = nil }
            return task
        }
        running?.cancel()
        await running?.value
        await transport.shutdown()
    }
}
