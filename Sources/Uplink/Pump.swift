import Evidence
public import Foundation
public import Journal
import Messages

/// Carries sealed records from the journal's outbox to the authority (监管平台), for as long as it takes.
///
/// It never drops a record: what is not confirmed is tried again for ever, and what the authority rejects is put
/// aside in the journal with the authority's words. Since the payload's digest goes along as idempotency key, a
/// record whose receipt got lost may be sent again without harm.
public actor Pump {
    /// Where the authority is, and how patient the pump.
    public struct Configuration: Sendable {
        /// The address that `/v1/records` is added to, without a slash at the end.
        public let base: String
        /// How long to wait between attempts.
        public let policy: RetryPolicy
        /// How often to look for new records, in seconds.
        public let interval: TimeInterval

        /// Creates a configuration.
        public init(base: String, policy: RetryPolicy = RetryPolicy(), interval: TimeInterval = 1) {
            self.base = base.hasSuffix("/") ? String(base.dropLast()) : base
            self.policy = policy
            self.interval = interval
        }
    }

    private let journal: Journal
    private let transport: any UplinkTransport
    private let configuration: Configuration
    private let clock: any PumpClock
    private let random: @Sendable () -> Double

    /// Until when the authority as a whole is not worth trying.
    private var pausedUntil = Date.distantPast
    private var isDelivering = false

    /// Creates a pump.
    ///
    /// - Parameter random: uniform in 0..<1, for the jitter.
    public init(
        journal: Journal, transport: any UplinkTransport, configuration: Configuration,
        clock: any PumpClock = SystemPumpClock(),
        random: @escaping @Sendable () -> Double = { .random(in: 0..<1) }
    ) {
        self.journal = journal
        self.transport = transport
        self.configuration = configuration
        self.clock = clock
        self.random = random
    }

    /// Delivers what is due, again and again, until the task is cancelled.
    ///
    /// - Parameter report: hears of what the journal could not do, such as a full disk; the pump goes on.
    public func run(report: @Sendable (JournalError) async -> Void = { _ in }) async {
        while !Task.isCancelled {
            do {
                try await deliverDue()
            } catch {
                await report(error)
            }
            do {
                try await clock.sleep(seconds: configuration.interval)
            } catch {
                return
            }
        }
    }

    /// Delivers until nothing is pending any more, or until a point in time.
    ///
    /// - Returns: the deliveries that were confirmed or rejected meanwhile, in the order of their numbers.
    /// - Throws: ``JournalError``.
    public func drain(until deadline: Date) async throws(JournalError) -> [Delivery] {
        let before = Set(try await journal.outbox(.pending).map(\.counter))
        while !Task.isCancelled {
            try await deliverDue()
            guard let next = try await journal.nextAttempt(), clock.now < deadline else { break }
            let wait = min(max(next, pausedUntil), deadline).timeIntervalSince(clock.now)
            // A wrong clock must not make the wait longer than any wait can be.
            let seconds = min(max(wait, 0.01), configuration.policy.longest)
            guard (try? await clock.sleep(seconds: seconds)) != nil else { break }
        }
        return try await journal.outbox().filter { before.contains($0.counter) && $0.state != .pending }
    }

    /// Delivers what is due now, one record after the other in the order of their numbers.
    ///
    /// - Throws: ``JournalError``. A record that was sent then and not confirmed in the journal is sent again.
    public func deliverDue() async throws(JournalError) {
        // One at a time: an actor lets others in wherever it waits.
        guard !isDelivering else { return }
        isDelivering = true
        defer { isDelivering = false }
        let longest = configuration.policy.longest
        while !Task.isCancelled {
            let now = clock.now
            guard pausedUntil <= now || pausedUntil > now.addingTimeInterval(longest),
                let delivery = try await journal.nextDue(now, horizon: longest)
            else { return }
            let judgement = try await attempt(delivery)
            // An exchange that was cut off by cancellation says nothing about the authority.
            if case .retry = judgement, Task.isCancelled { return }
            try await note(judgement, of: delivery)
        }
    }

    private func attempt(_ delivery: Delivery) async throws(JournalError) -> AnswerJudgement {
        let envelope: [UInt8]
        do {
            envelope = try await journal.envelope(of: delivery.counter)
        } catch .damaged(let item) {
            // It must not go out, and must not hold up the others.
            return .rejected(JournalError.damaged(item: item).message)
        }
        let request = UplinkRequest(
            url: configuration.base + "/v1/records",
            headers: [
                "Content-Type": Envelope.payloadType, "Idempotency-Key": delivery.payloadDigest.description,
            ],
            body: envelope)
        do {
            return AnswerJudgement(try await transport.post(request), to: delivery, at: clock.now)
        } catch {
            return AnswerJudgement(error)
        }
    }

    private func note(_ judgement: AnswerJudgement, of delivery: Delivery) async throws(JournalError) {
        let now = clock.now
        switch judgement {
        case .delivered(let receipt):
            try await journal.markDelivered(delivery.counter, receipt: receipt, at: now)
            pausedUntil = .distantPast
        case .rejected(let reason):
            try await journal.quarantine(delivery.counter, reason: reason, at: now)
            pausedUntil = .distantPast
        case .retry(let problem, let scope, let requested):
            let attempts = delivery.attempts + 1
            let wait = configuration.policy.wait(after: attempts, requested: requested, random: random())
            let notBefore = now.addingTimeInterval(wait)
            if scope == .authority { pausedUntil = notBefore }
            try await journal.markRetry(
                delivery.counter, attempts: attempts, notBefore: notBefore, problem: problem)
        }
    }
}
