public import Assurance
public import Evidence
public import Foundation
public import Instruments
public import Journal
import Messages
import Metrology
public import Procedures
public import Standards
import Synchronization

/// Decides whether the lane may test (锁止管理): gathers what is sealed, what is configured and what is measured, and
/// lets `Lockouts` judge it.
///
/// It holds no decision of its own, only what was read; each question is judged anew.
public final class LockoutDesk: Sendable {
    private struct Held {
        var sealed = SealedHistory()
        /// Whether the lane's state was sealed under a section on assurance that is no longer there.
        var wasAssured = false
        var differences: [LaneState.Difference] = []
        var conditions: [InstrumentRole: Set<InstrumentCondition>] = [:]
        var air: AirState?
        var objections = DeliveryTerms.Objections()
        var reading: ClockReading
    }

    /// What the lane file says; nil for a lane without a section on assurance.
    public let assurance: LaneConfiguration.Assurance?

    private let configuration: LaneConfiguration
    private let journal: Journal
    private let origin: RecordOrigin
    private let delivery: DeliveryTerms
    private let parts: [String: String]
    private let changes: ChangeAudit
    private let clocks: @Sendable () -> ClockReading
    private let now: @Sendable () -> Timestamp
    private let held: Mutex<Held>

    /// Opens the desk of a lane that is about to run: compares clocks, software and people with what was sealed, and
    /// notes what it finds in the audit trail. Nothing is asked of a lane without a section on assurance.
    ///
    /// - Parameters:
    ///   - trust: the lane's own keys.
    ///   - sealer: signs the state of a new lane; nil to look only, beside a running lane.
    ///   - delivery: what is to be known of delivery.
    ///   - clocks: wall clock and time since boot.
    ///   - now: the wall clock that records are written by.
    /// - Throws: `JournalError`; or what signing throws.
    public static func open(
        _ configuration: LaneConfiguration, journal: Journal, origin: RecordOrigin, trust: TrustFile,
        software: SoftwareIdentity, sealer: RecordSealer?, delivery: DeliveryTerms = .none,
        clocks: @escaping @Sendable () -> ClockReading = LaneClocks.now, now: @escaping @Sendable () -> String
    ) async throws -> LockoutDesk {
        let desk = LockoutDesk(configuration, journal, origin, delivery, software, clocks, now)
        await desk.lookAtDelivery()
        guard let assurance = configuration.assurance else {
            let states = try await journal.auditEntries(of: [AssuranceEntry.state.rawValue])
            desk.held.withLock { $0.wasAssured = !states.isEmpty }
            if sealer != nil { try await desk.noteStart() }
            return desk
        }
        let sealed = try await SealedHistory(
            of: journal, lane: configuration.lane, origin: origin, trust: trust, authority: assurance.authority,
            rules: assurance.rules)
        desk.held.withLock { $0.sealed = sealed }
        if sealer != nil { try await desk.noteStart() }
        let found = LaneState.digest(of: desk.parts)
        if let state = sealed.state {
            let differences = LaneState.differences(sealed: state.parts, found: desk.parts)
            desk.held.withLock { $0.differences = differences }
            let isAccepted = sealed.orders.contains { $0.action == .acceptState && $0.state == found }
            if isAccepted, !differences.isEmpty, let sealer { try await desk.sealState(sealer) }
        } else if sealed.findings.isEmpty, let sealer {
            // A lane without records begins with the state in which it is found.
            try await desk.sealState(sealer)
        }
        if sealer != nil {
            if let opening = sealed.opening { try await desk.compareClocks(since: opening) }
            try await journal.audit(
                AssuranceEntry.opened.rawValue, desk.held.withLock { $0.reading.detail }, at: Date())
        }
        return desk
    }

    private init(
        _ configuration: LaneConfiguration, _ journal: Journal, _ origin: RecordOrigin, _ delivery: DeliveryTerms,
        _ software: SoftwareIdentity, _ clocks: @escaping @Sendable () -> ClockReading,
        _ now: @escaping @Sendable () -> String
    ) {
        self.configuration = configuration
        assurance = configuration.assurance
        self.journal = journal
        self.origin = origin
        self.delivery = delivery
        parts = configuration.parts(software)
        changes = ChangeAudit(configuration, software, in: journal)
        self.clocks = clocks
        // The lane's own spelling of a moment is always read back.
        self.now = { Timestamp(now()) ?? Timestamp(seconds: 0) }
        held = Mutex(Held(reading: clocks()))
    }

    // MARK: Questions

    /// Everything that keeps the lane from testing now.
    public func lockouts() throws -> Lockouts {
        let rules = try assurance?.rules ?? AssuranceRules.builtIn()
        return Lockouts(condition(), rules: rules, now: now())
    }

    /// Refuses a method that is locked.
    ///
    /// - Throws: `LaneLocked` with every reason; nothing has moved.
    public func require(_ method: TestMethod) throws {
        let found = try lockouts().on(method)
        guard found.isEmpty else { throw LaneLocked(found) }
    }

    /// Where each required check stands, in the order of the opening routine.
    public func standings() -> [CheckStanding] {
        guard let rules = assurance?.rules else { return [] }
        let condition = condition()
        let now = now()
        return rules.checks.compactMap { requirement in
            condition.methods(needing: requirement).isEmpty
                ? nil : condition.standing(of: requirement, rules: rules, now: now)
        }
    }

    /// The sealed checks.
    public var checks: CheckHistory { held.withLock { $0.sealed.checks } }

    /// The digest of what the lane is made of now.
    public var stateDigest: Digest { LaneState.digest(of: parts) }

    /// What the lane measures with: the lane file's parameters, and in their place what passed checks found.
    public var parameters: LaneParameters {
        var parameters = configuration.parameters
        checks.apply(to: &parameters, serial: configuration.serial(of:))
        return parameters
    }

    private func condition() -> LaneCondition {
        let held = held.withLock { $0 }
        var condition = LaneCondition()
        condition.isAssured = assurance != nil
        condition.wasAssured = held.wasAssured
        condition.isSimulated = origin == .simulated
        condition.methods = Dictionary(
            uniqueKeysWithValues: configuration.packs.keys.filter { configuration.missing(for: $0).isEmpty }.map {
                ($0, $0.roles)
            })
        condition.instruments = configuration.instruments.map {
            LaneCondition.Instrument(role: $0.role, serial: $0.serial, conditions: held.conditions[$0.role])
        }
        condition.history = held.sealed.checks
        condition.tests = held.sealed.tests
        condition.air = held.air
        condition.freeBytes = journal.freeBytes
        condition.storage = held.objections.storage
        condition.delivery = held.objections.delivery
        condition.clockSteps = held.sealed.clockSteps
        condition.newestSealed = held.sealed.newest
        condition.findings = held.sealed.findings
        condition.orders = held.sealed.orders
        condition.differences = held.differences
        condition.stateDigest = stateDigest
        if assurance != nil {
            let people = try? PeopleFile(in: journal.directory)
            let isThere = people.map { !$0.people.isEmpty } ?? true
            condition.peopleChanged = isThere || held.sealed.peopleDigest != nil
            if let people, people.digest == held.sealed.peopleDigest { condition.peopleChanged = false }
        }
        return condition
    }

    // MARK: What happens

    /// Tells the audit trail what is other than the last start left it.
    private func noteStart() async throws {
        let (checks, counter) = held.withLock { ($0.sealed.checks, $0.sealed.newestCounter) }
        try await changes.noteStart(checks, newest: counter, at: Date())
    }

    /// Asks how delivery and storage are.
    public func lookAtDelivery() async {
        let found = await delivery.objections(journal)
        held.withLock { $0.objections = found }
    }

    /// Refuses a check while delivery is behind, where its pack says so; storage is looked at when the check begins.
    ///
    /// - Throws: `LaneLocked`.
    func requireCheck() async throws {
        guard !delivery.allowsChecks else { return }
        await lookAtDelivery()
        let found = try lockouts().all.filter { $0.rule == .delivery }
        guard found.isEmpty else { throw LaneLocked(found) }
    }

    /// Asks the instruments, delivery and storage how they are, so that a lane is judged by what is so now.
    public func look(at instruments: [Instrument]) async {
        await lookAtDelivery()
        guard assurance != nil else { return }
        for instrument in instruments {
            let report = await instrument.poll(waitingForFresh: true)
            held.withLock { held in
                if let conditions = report.conditions { held.conditions[report.role] = conditions.conditions }
                func value(_ channel: ChannelID) -> Double? {
                    report.readings.last { $0.channel == channel && $0.validity == .valid }?.value
                }
                if report.role == .weatherStation, let temperature = value(.airTemperature),
                    let humidity = value(.relativeHumidity), let pressure = value(.airPressure)
                {
                    held.air = AirState(
                        temperature: Temperature(temperature), relativeHumidity: Percentage(humidity),
                        pressure: Pressure(pressure))
                }
            }
        }
    }

    /// Takes a record that was just sealed into account.
    func take(_ record: StoredRecord, from journal: Journal) async {
        guard assurance != nil, let bytes = try? await journal.envelope(of: record.counter),
            let envelope = try? Envelope(parsing: bytes), let payload = try? JSONValue(parsing: envelope.payload)
        else { return }
        held.withLock { $0.sealed.take(payload, digest: record.payloadDigest) }
        // What could not be told now, for want of storage, is told with the next check or at the next start.
        try? await changes.noteChecks(checks, at: Date())
    }

    /// What locks the lane in the middle of a test: that its clock was set.
    ///
    /// A check that comes due meanwhile does not break a test off: it was begun with instruments that were good.
    public func interlock() -> Lockout? {
        guard let assurance else { return nil }
        let reading = clocks()
        let step = held.withLock { held -> ClockStep? in
            // Always compared with the same reading: many small steps are a large one.
            guard let step = reading.step(since: held.reading), abs(step) > assurance.rules.clockStep.value else {
                return nil
            }
            held.reading = reading
            let noticed = ClockStep(
                at: Timestamp(seconds: reading.wall / 1000), seconds: step, counter: held.sealed.newestCounter)
            held.sealed.take(noticed)
            return noticed
        }
        guard let step else { return nil }
        Task { [journal] in
            try? await journal.audit(AssuranceEntry.clockStep.rawValue, Self.detail(of: step), at: Date())
        }
        return try? lockouts().all.first { $0.rule == .clock }
    }

    private func compareClocks(since opening: ClockReading) async throws {
        guard let rules = assurance?.rules else { return }
        let reading = held.withLock { $0.reading }
        guard let step = reading.step(since: opening) else { return }
        guard abs(step) > rules.clockStep.value else {
            // The boot's first reading stays the one to compare with, however often the program is started.
            held.withLock { $0.reading = opening }
            return
        }
        let noticed = held.withLock { held in
            let noticed = ClockStep(
                at: Timestamp(seconds: reading.wall / 1000), seconds: step, counter: held.sealed.newestCounter)
            held.sealed.take(noticed)
            return noticed
        }
        try await journal.audit(AssuranceEntry.clockStep.rawValue, Self.detail(of: noticed), at: Date())
    }

    private static func detail(of step: ClockStep) -> JSONObject {
        let old = Timestamp(seconds: step.at.seconds - Int64(step.seconds.rounded()))
        return SystemAccount.current.noted(in: [
            "at": .string(step.at.text), "seconds": .string("\(step.seconds)"),
            "counter": .integer(Int64(step.counter)), "old": .string(old.text), "new": .string(step.at.text),
        ])
    }

    /// Takes an order of the authority.
    ///
    /// - Throws: ``OrderRefused``; `JournalError`.
    public func take(order envelope: [UInt8], at now: Date) async throws -> AuthorityOrder {
        guard let authority = assurance?.authority else { throw OrderRefused.noAuthority }
        let report = AuthorityOrder.verify(envelope, authority: authority, lane: configuration.lane, origin: origin)
        guard report.isValid, let order = report.content else {
            throw OrderRefused.invalid(report.findings.first?.message ?? Message(.evidenceOrderUnsigned))
        }
        let last = held.withLock { $0.sealed.orders.last?.number ?? 0 }
        guard order.number > last else { throw OrderRefused.repeated(number: order.number, last: last) }
        try await journal.audit(
            AssuranceEntry.order.rawValue, ["envelope": .string(String(decoding: envelope, as: UTF8.self))], at: now)
        held.withLock { $0.sealed.take(order) }
        return order
    }

    // MARK: Identity

    /// The signed statement of what the lane is made of.
    public func attestation(_ sealer: RecordSealer) async throws -> Envelope {
        let header = StatementHeader(
            .laneState, lane: configuration.lane, epoch: try await journal.epoch(), origin: origin,
            signing: sealer.signing, at: now().text)
        let newest = try await journal.records(limit: 1).first
        let parameters = checks.sealedParameters(serial: configuration.serial(of:))
        return try LaneState(
            header: header, parts: parts, parameters: parameters, keys: sealer.keys.map(\.id)
        ).sealed(
            head: newest?.payloadDigest, counter: newest?.counter ?? 0, with: sealer.keys)
    }

    private func sealState(_ sealer: RecordSealer) async throws {
        let envelope = try await attestation(sealer)
        try await journal.audit(
            AssuranceEntry.state.rawValue, ["envelope": .string(String(decoding: envelope.bytes, as: UTF8.self))],
            at: Date())
        held.withLock { $0.differences = [] }
    }
}
