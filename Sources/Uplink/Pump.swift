import Evidence
public import Foundation
public import Journal
public import Messages

/// Carries what is queued from the journal's outbox to the authority (监管平台), for as long as it takes.
///
/// It never drops an item: what is not confirmed is tried again for ever, and what is rejected is put aside in the
/// journal with the authority's words. Since a digest goes along as idempotency key, an item whose receipt got lost may
/// be sent again without harm.
///
/// What was queued a short while ago goes first, and after each batch of that some of the backlog, so that a test under
/// way is seen while old items catch up. When several attempts in a row fail, the authority as a whole is left alone for
/// the wait of the last one, and then probed with a single item.
public actor Pump {
    /// Where the authority is, and how patient the pump.
    public struct Configuration: Sendable {
        /// The address that `/v1/records` is added to, without a slash at the end.
        public var base: String
        /// How long to wait between attempts.
        public var policy: RetryPolicy
        /// How often to look for new items, in seconds.
        public var interval: TimeInterval
        /// How long after it was queued an item goes before the backlog, in seconds.
        public var liveSpan: TimeInterval = 120
        /// How many attempts in a row may fail before the authority is left alone.
        public var failuresInARow = 5
        /// How many bytes a second the backlog may take of the line; nil for all there are.
        public var backlogBytesPerSecond: Int?
        /// What the authority is known to reject.
        public var rules = DestinationRules()

        /// Creates a configuration.
        public init(base: String, policy: RetryPolicy = RetryPolicy(), interval: TimeInterval = 1) {
            self.base = base.hasSuffix("/") ? String(base.dropLast()) : base
            self.policy = policy
            self.interval = interval
        }
    }

    /// How delivery stands.
    public struct Status: Hashable, Sendable {
        /// When the authority last answered an item with receipt or rejection; nil if it has not yet.
        public fileprivate(set) var lastAnswer: Date?
        /// How many attempts in a row have failed.
        public fileprivate(set) var failures = 0
        /// What the last of them ran into.
        public fileprivate(set) var problem: Message?
        /// Until when the authority is left alone; in the past if it is not.
        public fileprivate(set) var pausedUntil = Date.distantPast
    }

    /// How delivery stands.
    public private(set) var status = Status()

    private let journal: Journal
    private let transport: any UplinkTransport
    private let configuration: Configuration
    private let clock: any PumpClock
    private let random: @Sendable () -> Double

    private var isDelivering = false
    /// Before this the backlog has had its share of the line.
    private var backlogFrom = Date.distantPast
    /// The items that were confirmed or rejected, while somebody wants to know.
    private var settled: [Int]?

    /// Items that are sent between two looks at the outbox, and noted together: one wait for the disk instead of many.
    private static let batch = 16
    /// How many of the backlog go between two batches of live items.
    private static let backlogShare = 4
    /// A batch ends after this time, in seconds: newer items may have come.
    private static let batchTime: TimeInterval = 0.25

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

    /// Delivers until nothing is pending any more that could go, or until a point in time.
    ///
    /// - Returns: the deliveries that were confirmed or rejected meanwhile, in the order of their numbers.
    /// - Throws: ``JournalError``.
    public func drain(until deadline: Date) async throws(JournalError) -> [Delivery] {
        settled = []
        defer { settled = nil }
        while !Task.isCancelled {
            try await deliverDue(until: deadline)
            guard let next = try await journal.nextAttempt(), clock.now < deadline else { break }
            let wait = min(max(next, status.pausedUntil, backlogFrom), deadline).timeIntervalSince(clock.now)
            // A wrong clock must not make the wait longer than any wait can be.
            let seconds = min(max(wait, 0.01), configuration.policy.longest)
            guard (try? await clock.sleep(seconds: seconds)) != nil else { break }
        }
        var deliveries: [Delivery] = []
        for number in (settled ?? []).sorted() { deliveries.append(try await journal.delivery(number)) }
        return deliveries
    }

    /// Delivers what is due now: live items before the backlog, each in the order of their numbers.
    ///
    /// - Throws: ``JournalError``. An item that was sent then and not confirmed in the journal is sent again.
    public func deliverDue() async throws(JournalError) { try await deliverDue(until: .distantFuture) }

    /// A backlog may take hours: whoever has a deadline must not wait for its end.
    private func deliverDue(until deadline: Date) async throws(JournalError) {
        // One at a time: an actor lets others in wherever it waits.
        guard !isDelivering else { return }
        isDelivering = true
        defer { isDelivering = false }
        let horizon = configuration.policy.longest
        while !Task.isCancelled, !isPaused, clock.now <= deadline {
            let start = clock.now.addingTimeInterval(-configuration.liveSpan)
            let live = try await journal.due(.live(since: start), at: clock.now, horizon: horizon, limit: limit)
            try await send(live, isBacklog: false)
            guard !Task.isCancelled, !isPaused else { return }
            let mayGo = backlogFrom <= clock.now || backlogFrom > clock.now.addingTimeInterval(horizon)
            let share = live.isEmpty ? limit : min(limit, Self.backlogShare)
            let backlog =
                mayGo ? try await journal.due(.backlog, at: clock.now, horizon: horizon, limit: share) : []
            try await send(backlog, isBacklog: true)
            if live.isEmpty, backlog.isEmpty { return }
        }
    }

    // MARK: Steps

    /// A pause that seems longer than any can be comes from a clock that has been set back, and is over.
    private var isPaused: Bool {
        let now = clock.now
        return status.pausedUntil > now
            && status.pausedUntil <= now.addingTimeInterval(configuration.policy.longest)
    }

    /// An authority that has just failed is probed with one item.
    private var limit: Int { status.failures > 0 ? 1 : Self.batch }

    /// Sends items one after the other and notes what became of them in one transaction.
    private func send(_ items: [Delivery], isBacklog: Bool) async throws(JournalError) {
        var notes: [NotedOutcome] = []
        var heldUp: Set<String> = []
        let began = clock.now
        for item in items {
            if let test = item.test, heldUp.contains(test) { continue }
            if Task.isCancelled || isPaused || clock.now.timeIntervalSince(began) > Self.batchTime { break }
            let (judgement, size) = try await attempt(item)
            // An exchange that was cut off by cancellation says nothing about the authority.
            if case .retry = judgement, Task.isCancelled { break }
            notes.append(NotedOutcome(item.number, outcome(judgement, of: item)))
            if case .delivered = judgement {} else if let test = item.test { heldUp.insert(test) }
            if isBacklog, let rate = configuration.backlogBytesPerSecond {
                backlogFrom = clock.now.addingTimeInterval(Double(size) / Double(max(rate, 1)))
                break
            }
        }
        try await journal.note(notes, at: clock.now)
    }

    private func attempt(_ item: Delivery) async throws(JournalError) -> (AnswerJudgement, size: Int) {
        let content: [UInt8]
        do {
            content = try await journal.content(of: item.number)
        } catch .damaged(let name) {
            // It must not go out, and must not hold up other tests.
            return (.rejected(JournalError.damaged(item: name).message), 0)
        }
        if let problem = configuration.rules.problem(with: content, of: item) { return (.rejected(problem), 0) }
        let (path, type) =
            switch item.kind {
            case .record: ("/v1/records", PayloadType.record.rawValue)
            case .epoch: ("/v1/epochs", PayloadType.statement.rawValue)
            case .start, .process, .end, .laneState: ("/v1/stream", "application/json")
            }
        let request = UplinkRequest(
            url: configuration.base + path,
            headers: [
                "Content-Type": type,
                "Idempotency-Key": item.payloadDigest.description,
            ],
            body: content)
        FailPoint.requestReady.pass()
        let judgement: AnswerJudgement
        do {
            judgement = AnswerJudgement(try await transport.post(request), to: item, at: clock.now)
        } catch {
            judgement = AnswerJudgement(error)
        }
        FailPoint.answerReceived.pass()
        return (judgement, content.count)
    }

    /// What the journal is told, and what the pump itself learns.
    private func outcome(_ judgement: AnswerJudgement, of item: Delivery) -> DeliveryOutcome {
        let now = clock.now
        switch judgement {
        case .delivered(let receipt):
            status = Status(lastAnswer: now)
            settled?.append(item.number)
            return .delivered(receipt: receipt)
        case .rejected(let reason):
            status = Status(lastAnswer: now)
            settled?.append(item.number)
            return .rejected(reason)
        case .retry(let problem, let scope, let requested):
            status.failures += 1
            status.problem = problem
            let attempts = item.attempts + 1
            let wait = configuration.policy.wait(
                after: max(attempts, scope == .authority ? status.failures : 0), requested: requested,
                random: random())
            let notBefore = now.addingTimeInterval(wait)
            if scope == .authority || status.failures >= configuration.failuresInARow { status.pausedUntil = notBefore }
            return .retry(attempts: attempts, notBefore: notBefore, problem: problem)
        }
    }
}
