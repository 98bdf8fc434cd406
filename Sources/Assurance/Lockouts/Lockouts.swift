public import Evidence
import Messages
import Metrology
import Procedures
public import Standards

/// What keeps a lane from testing, decided by its condition, the rules and the time alone (锁止判定).
public struct Lockouts: Hashable, Sendable {
    /// All of them, the lane's before its instruments', in the order of the rules.
    public let all: [Lockout]

    /// Those that keep a method from being carried out.
    public func on(_ method: TestMethod) -> [Lockout] { all.filter { $0.locks(method) } }

    /// Decides.
    public init(_ condition: LaneCondition, rules: AssuranceRules, now: Timestamp) {
        let judge = Judge(condition, rules, now)
        guard condition.isAssured else {
            // Nothing can be said about a lane that nobody described, except that it may not measure.
            all =
                (condition.isSimulated && !condition.wasAssured
                    ? [] : [judge.lockout(.unassured, Message(.lockUnassured), next: .nextConfigure)])
                + judge.ofStorage() + judge.ofDelivery()
            return
        }
        all = (judge.ofTheLane() + judge.ofChecks() + judge.ofInstruments()).filter { !judge.isLifted($0) }
    }
}

/// One decision under way.
private struct Judge {
    let condition: LaneCondition
    let rules: AssuranceRules
    let now: Timestamp

    init(_ condition: LaneCondition, _ rules: AssuranceRules, _ now: Timestamp) {
        self.condition = condition
        self.rules = rules
        self.now = now
    }

    func lockout(
        _ rule: LockoutRule, _ evidence: Message, next: MessageCode, _ arguments: [String: MessageArgument] = [:],
        subject: String? = nil, methods: Set<TestMethod>? = nil, since: Timestamp? = nil
    ) -> Lockout {
        Lockout(
            rule: rule, subject: subject, methods: methods, evidence: evidence, clause: rules.clauses[rule],
            next: Message(next, arguments), since: since)
    }

    // MARK: The lane as a whole

    func ofTheLane() -> [Lockout] {
        var found: [Lockout] = []
        for finding in condition.findings {
            found.append(lockout(.evidence, finding, next: .nextEvidence, since: condition.newestSealed))
        }
        if condition.peopleChanged { found.append(lockout(.people, Message(.lockPeople), next: .nextPeople)) }
        found += ofStorage() + ofDelivery() + ofTheClock() + ofTheAuthority() + ofTheState() + ofAborts() + ofTheAir()
        return found
    }

    func ofDelivery() -> [Lockout] { condition.delivery.map { lockout(.delivery, $0, next: .nextDelivery) } }

    func ofStorage() -> [Lockout] {
        if let problem = condition.storage { return [lockout(.storage, problem, next: .nextStorage)] }
        let needed = rules.freeSpace.count
        guard let free = condition.freeBytes, free < needed << 20 else { return [] }
        return [
            lockout(
                .storage,
                Message(.lockStorage, ["free": .integer(free >> 20), "needed": .integer(needed)]), next: .nextStorage)
        ]
    }

    private func ofTheClock() -> [Lockout] {
        var found: [Lockout] = []
        let passed = condition.history.results.last { $0.kind == .clock && $0.verdict == "passed" }?.counter
        if let newest = condition.newestSealed, now < newest {
            found.append(
                lockout(
                    .clock, Message(.lockClockBehind, ["newest": .text(newest.text), "now": .text(now.text)]),
                    next: .nextClock))
        }
        for step in condition.clockSteps where passed.map({ $0 <= step.counter }) ?? true {
            let size = (try? RoundedDecimal(step.seconds, places: 1))?.description ?? "\(step.seconds)"
            found.append(
                lockout(
                    .clock, Message(.lockClockStep, ["at": .text(step.at.text), "seconds": .decimal(size)]),
                    next: .nextClock, since: step.at))
        }
        return found
    }

    private func ofTheAuthority() -> [Lockout] {
        let own = condition.orders.last { $0.action == .lock || ($0.action == .unlock && $0.rule == nil) }
        guard let own, own.action == .lock else { return [] }
        return [
            lockout(
                .authority,
                Message(.lockAuthority, ["number": .integer(own.number), "reason": .text(own.reason)]),
                next: .nextAuthority, since: Timestamp(own.header.at))
        ]
    }

    private func ofTheState() -> [Lockout] {
        let accepted = condition.orders.contains { $0.action == .acceptState && $0.state == condition.stateDigest }
        guard !accepted else { return [] }
        return condition.differences.map { difference in
            lockout(
                .software,
                Message(
                    .lockSoftware,
                    [
                        "part": .text(difference.part), "sealed": .text(difference.sealed ?? "–"),
                        "found": .text(difference.found ?? "–"),
                    ]), next: .nextSoftware, ["digest": .text(condition.stateDigest?.description ?? "–")],
                subject: difference.part)
        }
    }

    private func ofAborts() -> [Lockout] {
        let aborted = condition.tests.reversed().prefix { $0.isAborted }
        guard aborted.count > rules.abortsInARow.count, let last = aborted.first else { return [] }
        let needed = rules.checks.filter { !condition.methods(needing: $0).isEmpty }.map(\.kind)
        let releasing = rules.abortsReleasedBy.filter(needed.contains)
        let isReleased =
            !releasing.isEmpty
            && releasing.allSatisfy { kind in
                condition.history.results.contains {
                    $0.kind == kind && $0.verdict == "passed" && $0.ended > last.ended
                }
            }
        guard !isReleased else { return [] }
        let kinds = releasing.map(\.rawValue).joined(separator: ", ")
        return [
            lockout(
                .aborts,
                Message(
                    .lockAborts,
                    ["count": .integer(aborted.count), "limit": .integer(rules.abortsInARow.count)]),
                next: .nextAborts, ["checks": .text(kinds)], since: last.ended)
        ]
    }

    private func ofTheAir() -> [Lockout] {
        guard let air = condition.air else { return [] }
        let temperature = air.temperature.value
        let humidity = air.relativeHumidity.value
        var found: [Lockout] = []
        func shown(_ value: Double) -> MessageArgument {
            .decimal((try? RoundedDecimal(value, places: 1))?.description ?? "\(value)")
        }
        let isCold = !isAtMost(rules.temperature.low.value, temperature)
        if isCold || !isAtMost(temperature, rules.temperature.high.value) {
            found.append(
                lockout(
                    .ambient,
                    Message(
                        .lockTemperature,
                        [
                            "value": shown(temperature), "low": .decimal(rules.temperature.low.decimal.description),
                            "high": .decimal(rules.temperature.high.decimal.description),
                        ]), next: .nextAmbient, subject: "temperature"))
        }
        if !isAtMost(humidity, rules.humidity.value) {
            found.append(
                lockout(
                    .ambient,
                    Message(
                        .lockHumidity,
                        ["value": shown(humidity), "high": .decimal(rules.humidity.decimal.description)]),
                    next: .nextAmbient, subject: "humidity"))
        }
        return found
    }

    /// Compares at twelve significant digits, as everything that is judged.
    private func isAtMost(_ value: Double, _ limit: Double) -> Bool {
        guard value != limit else { return true }
        return value < limit || abs(value - limit) <= 1e-12 * max(abs(value), abs(limit))
    }

    // MARK: Checks and instruments

    func ofChecks() -> [Lockout] {
        rules.checks.compactMap { requirement in
            let methods = condition.methods(needing: requirement)
            guard !methods.isEmpty, let standing = condition.standing(of: requirement, rules: rules, now: now),
                standing.status != .good
            else { return nil }
            let check = MessageArgument.message(requirement.kind.message)
            let role = requirement.role.map { MessageArgument.message($0.message) } ?? "–"
            let serial = condition.instruments.first { $0.role == requirement.role }?.serial
            let next: [String: MessageArgument] = ["check": .text(requirement.kind.rawValue)]
            func locked(_ rule: LockoutRule, _ evidence: Message, since: Timestamp?) -> Lockout {
                lockout(
                    rule, evidence, next: .nextCheck, next, subject: requirement.kind.rawValue, methods: methods,
                    since: since)
            }
            switch standing.status {
            case .good: return nil
            case .missing:
                return locked(
                    .checkMissing,
                    Message(
                        .lockCheckMissing, ["check": check, "role": role, "serial": .text(serial ?? "–")]),
                    since: nil)
            case .failed:
                let worst = standing.last?.items.first { !$0.passes }
                return locked(
                    .checkFailed,
                    Message(
                        .lockCheckFailed,
                        [
                            "check": check, "role": role, "counter": .integer(standing.last?.counter ?? 0),
                            "at": .text(standing.last?.ended.text ?? "–"), "item": .text(worst?.id ?? "–"),
                            "value": .text(worst?.judged?.description ?? "–"),
                            "tolerance": .text(worst?.tolerance ?? "–"),
                        ]), since: standing.last?.ended)
            case .overdue:
                return locked(
                    .checkOverdue,
                    Message(
                        .lockCheckOverdue,
                        [
                            "check": check, "role": role, "last": .text(standing.last?.ended.text ?? "–"),
                            "due": .text(standing.due?.text ?? "–"),
                        ]), since: standing.due)
            }
        }
    }

    func ofInstruments() -> [Lockout] {
        condition.instruments.flatMap { instrument -> [Lockout] in
            let methods = Set(condition.methods.filter { $0.value.contains(instrument.role) }.keys)
            guard !methods.isEmpty else { return [] }
            let role = MessageArgument.message(instrument.role.message)
            var found: [Lockout] = []
            if instrument.conditions?.contains(.warmingUp) == true {
                found.append(
                    lockout(
                        .warmUp, Message(.lockWarmUp, ["role": role]), next: .nextWarmUp,
                        subject: instrument.role.rawValue, methods: methods))
            }
            if instrument.serial == nil, !condition.isSimulated {
                found.append(
                    lockout(
                        .instrument, Message(.lockInstrument, ["role": role]), next: .nextInstrument,
                        subject: instrument.role.rawValue, methods: methods))
            }
            return found
        }
    }

    // MARK: The authority's unlocking

    /// Whether an order lifts a lockout: it names the rule, came after what it lifts, and still holds.
    func isLifted(_ lockout: Lockout) -> Bool {
        // What is so now is not lifted by words: storage, air, warm-up, a program that nobody accepted.
        let liftable: Set<LockoutRule> = [
            .checkMissing, .checkFailed, .checkOverdue, .clock, .aborts, .evidence, .people, .instrument,
        ]
        guard liftable.contains(lockout.rule) else { return false }
        return condition.orders.contains { order in
            guard order.action == .unlock, order.rule == lockout.rule.rawValue,
                order.subject == nil || order.subject == lockout.subject, let at = Timestamp(order.header.at)
            else { return false }
            if let until = order.until.flatMap({ Timestamp($0) }) { if now >= until { return false } }
            return lockout.since.map { $0 <= at } ?? (order.until != nil)
        }
    }
}
