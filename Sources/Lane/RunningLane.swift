public import Assurance
public import Evidence
import Foundation
public import Instruments
public import Journal
import Metrology
public import Procedures
public import Standards
import Synchronization

/// A lane that is open for tests: instruments connected, dynamometer unloaded, journal open, key at hand.
public final class RunningLane: Sendable {
    /// The name of the trust file in a data directory.
    public static let trustFileName = "trust.json"

    /// What the lane is made of.
    public let configuration: LaneConfiguration
    /// Where everything is kept.
    public let journal: Journal
    /// The lane's clocks.
    public let time: any LaneTime
    /// Where people's doings come from.
    public let panel = OperatorPanel()
    /// The connected instruments.
    public let instruments: [Instrument]
    /// Signs records.
    public let sealer: RecordSealer
    /// The file with the lane's own public keys, as enrolled on this machine.
    public let trustFile: String
    /// The paths of private keys that are kept in clear, open to whoever is root or has the disk.
    public let keysInClear: [String]
    /// Tests that the last run did not live to seal, sealed now.
    public let recovered: [StoredRecord]
    /// Records of tests that had been left over, of which nobody has been told yet.
    private let untold: Mutex<[StoredRecord]>
    /// Decides whether the lane may test.
    public let desk: LockoutDesk

    private let software: SoftwareIdentity
    private let delivery: DeliveryTerms
    private let underWay = TestsUnderWay()
    private let told = ToldState()
    private let watch: GuardPost?

    /// Opens a lane. The dynamometer is unloaded before anything else is done.
    ///
    /// - Parameters:
    ///   - configuration: the lane file's content.
    ///   - directory: the data directory; it must be there.
    ///   - passphrase: what the private keys are encrypted under; nil for keys in clear.
    ///   - newestRecord: asks the authority for the newest record that it has of the lane; nil for no authority.
    ///   - time: the lane's clocks.
    ///   - software: the program's identity.
    ///   - guardExecutable: the program that keeps watch over the dynamometer; nil for none.
    ///   - delivery: what is to be known of delivery.
    ///   - clocks: wall clock and time since boot, to notice that the clock was set.
    /// - Throws: ``LaneError/chainRefused(_:)`` if records that the authority has are not in the data directory;
    ///   `InstrumentError`, `PortAddressError`, `JournalError`, `SigningKeyError`, `KeyRegisterError`, `TrustFileError`,
    ///   ``LaneError``.
    public static func open(
        _ configuration: LaneConfiguration, directory: String, passphrase: [UInt8]? = nil,
        newestRecord: NewestRecordQuery? = nil, time: any LaneTime, software: SoftwareIdentity,
        guardExecutable: String?, delivery: DeliveryTerms = .none,
        clocks: @escaping @Sendable () -> ClockReading = LaneClocks.now
    ) async throws -> RunningLane {
        try await open(
            configuration, directory: directory, passphrase: passphrase, newestRecord: newestRecord, time: time,
            software: software, guardExecutable: guardExecutable, delivery: delivery, clocks: clocks
        ) { entry in
            Instrument(
                profile: entry.profile, port: try PortAddress(entry.port), isFasterThanLife: time.rate > 1,
                now: { time.now() })
        }
    }

    /// Opens a lane whose instruments somebody else makes, for ports that are not this machine's.
    package static func open(
        _ configuration: LaneConfiguration, directory: String, passphrase: [UInt8]? = nil,
        newestRecord: NewestRecordQuery? = nil, time: any LaneTime, software: SoftwareIdentity,
        guardExecutable: String?, delivery: DeliveryTerms = .none,
        clocks: @escaping @Sendable () -> ClockReading = LaneClocks.now,
        instrument make: (LaneConfiguration.InstrumentEntry) throws -> Instrument
    ) async throws -> RunningLane {
        // A lane that has died just now may have a guard at work.
        try await GuardHold.waitForEnd(in: directory)
        var instruments: [Instrument] = []
        do {
            // The dynamometer first: it may still be loaded by a run that died.
            for entry in configuration.instruments.sorted(by: {
                ($0.role == .dynamometer ? 0 : 1) < ($1.role == .dynamometer ? 0 : 1)
            }) {
                let instrument = try make(entry)
                instruments.append(instrument)
                try await instrument.connect()
                if entry.role == .dynamometer { try await instrument.perform(.brakeOff) }
            }
            return try await RunningLane(
                configuration, directory, passphrase, newestRecord, time, software, guardExecutable, delivery,
                instruments, clocks)
        } catch {
            await close(instruments)
            throw error
        }
    }

    private init(
        _ configuration: LaneConfiguration, _ directory: String, _ passphrase: [UInt8]?,
        _ newestRecord: NewestRecordQuery?, _ time: any LaneTime, _ software: SoftwareIdentity,
        _ guardExecutable: String?, _ delivery: DeliveryTerms, _ instruments: [Instrument],
        _ clocks: @escaping @Sendable () -> ClockReading
    ) async throws {
        self.configuration = configuration
        self.time = time
        self.software = software
        self.delivery = delivery
        self.instruments = instruments
        journal = try await Journal.open(directory)
        try await GuardNote.take(from: directory, into: journal)
        try await ChainComparison.run(journal, lane: configuration.lane, ask: newestRecord)
        let origin = try await Self.origin(instruments, software)
        var register = try KeyRegister(directory: "\(directory)/keys", passphrase: passphrase)
        trustFile = "\(directory)/\(Self.trustFileName)"
        try await KeyHistory(of: configuration.lane, origin, journal: journal, trustFile: trustFile)
            .require(SignatureAlgorithm.allCases, in: register)
        let keys = try await Self.keys(
            of: configuration.lane, origin, in: &register, journal: journal, at: time.wallTime())
        keysInClear = register.keysInClear()
        try Self.enrol(register.entries.filter { entry in keys.contains { $0.id == entry.key.id } }, in: trustFile)
        sealer = RecordSealer(
            lane: configuration.lane, station: configuration.station, origin: origin, keys: keys)
        recovered = try await Recovery.sealOpenTests(in: journal, with: sealer, at: time.wallTime())
        untold = Mutex(recovered)
        desk = try await LockoutDesk.open(
            configuration, journal: journal, origin: origin, trust: try TrustFile(contentsOf: trustFile),
            software: software, sealer: sealer, delivery: delivery, clocks: clocks, now: { time.wallTime() })
        let unload = instruments.first { $0.role == .dynamometer }?.unattendedUnload
        if let guardExecutable, let unload {
            // Without it a killed program would leave the vehicle under load.
            watch = try GuardPost(
                executable: guardExecutable, unload: unload, note: "\(directory)/\(GuardNote.fileName)")
        } else {
            watch = nil
        }
        await tellState()
    }

    /// A record is measured only if nothing about it is simulated: not an instrument, and not the program.
    ///
    /// Whether an instrument far off in a network is one cannot be told from here; a build that has simulators in it
    /// therefore never measures, whatever it is connected to.
    private static func origin(_ instruments: [Instrument], _ software: SoftwareIdentity) async throws -> RecordOrigin {
        if software.isSimulationBuild { return .simulated }
        for instrument in instruments where await instrument.endsOnThisComputer { return .simulated }
        return .measured
    }

    /// The keys that the lane signs with, of every algorithm; those that had to be made are in the audit trail.
    private static func keys(
        of lane: String, _ origin: RecordOrigin, in register: inout KeyRegister, journal: Journal, at wallTime: String
    ) async throws -> [SigningKey] {
        let known = Set(register.entries.map(\.key.id))
        let keys = try register.loadOrCreate(
            lane: lane, origin: origin, SignatureAlgorithm.allCases, at: wallTime)
        for entry in register.entries where !known.contains(entry.key.id) {
            try await journal.audit("key.created", SystemAccount.current.noted(in: entry.auditDetail), at: Date())
        }
        return keys
    }

    /// Makes sure that the lane's own keys are in its trust file, each for the records that it signs.
    static func enrol(_ entries: [KeyRegister.Entry], in path: String) throws {
        var trust = FileManager.default.fileExists(atPath: path) ? try TrustFile(contentsOf: path) : TrustFile.empty
        let before = trust
        for entry in entries { try trust.enrol(entry.key) }
        if trust != before { try trust.write(to: path) }
    }

    /// Prepares the test that an order asks for.
    ///
    /// - Parameter person: who is signed in; a lane with a section on assurance tests for nobody else.
    /// - Throws: `LaneLocked` with every reason if the lane is locked for the method; `OrderProblems` naming
    ///   everything that stands in the way, an earlier record of another vehicle with it; `PeopleError`. Nothing has
    ///   moved then.
    public func session(for order: TestOrder, by person: SignedInPerson? = nil) async throws -> LaneSession {
        var configuration = configuration
        configuration.parameters = desk.parameters
        let test = try configuration.prepare(order)
        // A prepared test has its packs.
        guard let packs = configuration.packs[order.method] else {
            throw OrderProblems(configuration.missing(for: order.method))
        }
        try requirePerson(person, for: .test)
        await desk.look(at: instruments)
        try desk.require(order.method)
        // What was left over may be one test without a verdict too many.
        if try await sealLeftovers() { try desk.require(order.method) }
        var context = TestContext(
            station: configuration.station, testID: UUID().uuidString, order: order, started: time.wallTime(),
            isClockSynchronised: time.isWallClockSynchronised, rate: time.rate, software: software,
            instruments: await identities(), lane: configuration.parameters,
            limits: PackReference(id: packs.limits.identity.id, bytes: packs.limits.bytes),
            requirements: PackReference(id: packs.requirements.identity.id, bytes: packs.requirements.bytes))
        context.person = person.map { RecordedPerson(name: $0.name, role: $0.role.rawValue) }
        context.algorithm = test.algorithm
        context.vehicleChecks = test.checks.map { PackReference(id: $0.identity.id, bytes: $0.bytes) }
        try await requireGuard()
        try await note(retest: order)
        return session(test.procedure, TestPrologue(context))
    }

    /// Prepares a check; the lane may be locked, since passing checks is what unlocks it.
    ///
    /// - Parameters:
    ///   - check: the prepared procedure.
    ///   - order: what it was prepared from.
    ///   - requirements: the pack that it goes by.
    ///   - person: who is signed in; nil only on a simulated lane that has no people.
    /// - Throws: `PeopleError`, ``LaneError``.
    public func session(
        for check: any CheckProcedure, order: CheckOrder, requirements: CheckRequirements,
        by person: SignedInPerson? = nil
    ) async throws -> LaneSession {
        guard desk.assurance != nil else { throw LaneError.checkWithoutAssurance }
        try requirePerson(person, for: .check)
        try await desk.requireCheck()
        _ = try await sealLeftovers()
        try await requireGuard()
        let context = CheckContext(
            checkID: UUID().uuidString, order: order,
            person: person.map { RecordedPerson(name: $0.name, role: $0.role.rawValue) }, started: time.wallTime(),
            isClockSynchronised: time.isWallClockSynchronised, rate: time.rate, software: software,
            instruments: await identities(), lane: desk.parameters,
            requirements: PackReference(id: requirements.identity.id, bytes: requirements.bytes))
        return session(check, TestPrologue(context))
    }

    private func session(_ procedure: any LaneProcedure, _ prologue: TestPrologue) -> LaneSession {
        LaneSession(
            procedure, prologue: prologue, instruments: instruments, time: time, panel: panel, journal: journal,
            seal: sealer, isStreamed: delivery.isStreamed, underWay: underWay,
            interlock: { [desk] in desk.interlock() },
            sealed: { record in
                await self.desk.take(record, from: self.journal)
                await self.tellState()
            })
    }

    /// Seals what an earlier test or check of this run left open, such as one whose record the full disk did not take.
    ///
    /// - Returns: whether there were any.
    /// - Throws: as ``Recovery/sealOpenTests(in:with:at:except:)``.
    private func sealLeftovers() async throws -> Bool {
        guard underWay.takeLeftovers() else { return false }
        let known = underWay.all
        do {
            for record in try await Recovery.sealOpenTests(
                in: journal, with: sealer, at: time.wallTime(), except: { known.contains($0) })
            {
                await desk.take(record, from: journal)
                untold.withLock { $0.append(record) }
            }
        } catch {
            underWay.putBackLeftovers()
            throw error
        }
        return true
    }

    /// The records that were sealed for tests which had been left over, by the last run or in this one, since this was
    /// last asked: somebody should be told, and their files belong beside the others'.
    public func takeSealedLeftovers() -> [StoredRecord] {
        untold.withLock { untold in
            defer { untold = [] }
            return untold
        }
    }

    /// Queues the lane's state for the authority, if it is another one than it was told last in this run.
    private func tellState() async {
        guard delivery.isStreamed, let lockouts = try? desk.lockouts() else { return }
        let state = LaneStateReport.content(desk, lockouts, configuration, origin: sealer.origin)
        guard told.isNews(state) else { return }
        do { try await journal.queueLaneState(state, lane: configuration.lane, at: Date()) } catch {
            // Without storage there is no test either, and the state is told with the next change.
            told.forget()
        }
    }

    /// The process number of the dynamometer's guard; nil for none.
    package var guardProcess: Int32? { watch?.process }

    /// A vehicle is loaded only under guard. A guard that was killed is replaced, which the audit trail says.
    private func requireGuard() async throws {
        guard let watch else { return }
        do {
            if try watch.renew() { try await journal.audit("dynamometer.guard-replaced", [:], at: Date()) }
        } catch let error as LaneError {
            try await journal.audit("dynamometer.guard-gone", [:], at: Date())
            throw error
        }
    }

    /// A lane that measures has people, and one of them is signed in; a simulated one may do without.
    private func requirePerson(_ person: SignedInPerson?, for task: LaneTask) throws {
        guard desk.assurance != nil else { return }
        if let person {
            guard person.role.permits(task) else {
                throw PeopleError.notPermitted(name: person.name, role: person.role, task: task)
            }
            return
        }
        let hasPeople = try !PeopleFile(in: journal.directory).people.isEmpty
        if hasPeople || sealer.origin == .measured { throw PeopleError.nobody(task: task) }
    }

    private func identities() async -> [InstrumentIdentity] {
        var identities: [InstrumentIdentity] = []
        for entry in configuration.instruments {
            guard let instrument = instruments.first(where: { $0.role == entry.role }) else { continue }
            identities.append(
                InstrumentIdentity(
                    role: entry.role, model: entry.profile.model, serial: entry.serial, port: entry.port,
                    isPseudoTerminal: await instrument.isPseudoTerminal, profile: entry.profile.id,
                    profileBytes: entry.profile.bytes))
        }
        return identities
    }

    /// Closes the lane: unloads the dynamometer, lets the guard go, closes ports and journal.
    ///
    /// - Returns: what kept the dynamometer from being unloaded; the guard then unloads it.
    @discardableResult
    public func close() async -> InstrumentError? {
        let problem = await LaneSession.unload(instruments)
        await Self.close(instruments)
        if problem != nil {
            watch?.abandon()
        } else if watch?.dismiss() == false {
            // Somebody should know that the last test was not under guard to its end; without storage nobody can.
            try? await journal.audit("dynamometer.guard-gone", [:], at: Date())
        }
        try? journal.close()
        return problem
    }

    private static func close(_ instruments: [Instrument]) async {
        for instrument in instruments { await instrument.close() }
    }
}
