public import Evidence
import Foundation
public import Instruments
public import Journal
import Metrology
public import Procedures
import Standards

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

    private let software: SoftwareIdentity
    private let watch: DynamometerGuard?

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
    /// - Throws: ``LaneError/chainRefused(_:)`` if records that the authority has are not in the data directory;
    ///   `InstrumentError`, `PortAddressError`, `JournalError`, `SigningKeyError`, `KeyRegisterError`, `TrustFileError`,
    ///   ``LaneError``.
    public static func open(
        _ configuration: LaneConfiguration, directory: String, passphrase: [UInt8]? = nil,
        newestRecord: NewestRecordQuery? = nil, time: any LaneTime, software: SoftwareIdentity,
        guardExecutable: String?
    ) async throws -> RunningLane {
        var instruments: [Instrument] = []
        do {
            // The dynamometer first: it may still be loaded by a run that died.
            for entry in configuration.instruments.sorted(by: {
                ($0.role == .dynamometer ? 0 : 1) < ($1.role == .dynamometer ? 0 : 1)
            }) {
                let instrument = Instrument(
                    profile: entry.profile, port: try PortAddress(entry.port), now: { time.now() })
                instruments.append(instrument)
                try await instrument.connect()
                if entry.role == .dynamometer { try await instrument.perform(.brakeOff) }
            }
            return try await RunningLane(
                configuration, directory, passphrase, newestRecord, time, software, guardExecutable, instruments)
        } catch {
            await close(instruments)
            throw error
        }
    }

    private init(
        _ configuration: LaneConfiguration, _ directory: String, _ passphrase: [UInt8]?,
        _ newestRecord: NewestRecordQuery?, _ time: any LaneTime, _ software: SoftwareIdentity,
        _ guardExecutable: String?, _ instruments: [Instrument]
    ) async throws {
        self.configuration = configuration
        self.time = time
        self.software = software
        self.instruments = instruments
        journal = try await Journal.open(directory)
        try await ChainComparison.run(journal, lane: configuration.lane, ask: newestRecord)
        let origin = try await Self.origin(instruments, software)
        var register = try KeyRegister(directory: "\(directory)/keys", passphrase: passphrase)
        let keys = try await Self.keys(
            of: configuration.lane, origin, in: &register, journal: journal, at: time.wallTime())
        keysInClear = register.keysInClear()
        trustFile = "\(directory)/\(Self.trustFileName)"
        try Self.enrol(register.entries.filter { entry in keys.contains { $0.id == entry.key.id } }, in: trustFile)
        sealer = RecordSealer(
            lane: configuration.lane, station: configuration.station, origin: origin, keys: keys)
        recovered = try await Recovery.sealOpenTests(in: journal, with: sealer, at: time.wallTime())
        let unload = instruments.first { $0.role == .dynamometer }?.unattendedUnload
        if let guardExecutable, let unload {
            // Without it a killed program would leave the vehicle under load.
            guard let started = DynamometerGuard(executable: guardExecutable, unload: unload) else {
                throw LaneError.noGuard
            }
            watch = started
        } else {
            watch = nil
        }
    }

    /// A record is measured only if nothing about it is simulated: not an instrument, and not the program.
    private static func origin(_ instruments: [Instrument], _ software: SoftwareIdentity) async throws -> RecordOrigin {
        if software.isSimulationBuild { return .simulated }
        for instrument in instruments where await instrument.isPseudoTerminal { return .simulated }
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
            try await journal.audit("key.created", entry.auditDetail, at: Date())
        }
        return keys
    }

    /// Makes sure that the lane's own keys are in its trust file, each for the records that it signs.
    private static func enrol(_ entries: [KeyRegister.Entry], in path: String) throws {
        var trust = FileManager.default.fileExists(atPath: path) ? try TrustFile(contentsOf: path) : TrustFile.empty
        let before = trust
        for entry in entries { try trust.enrol(entry.key) }
        if trust != before { try trust.write(to: path) }
    }

    /// Prepares the test that an order asks for.
    ///
    /// - Throws: `OrderProblems` naming everything that stands in the way; nothing has moved then.
    public func session(for order: TestOrder) async throws -> LaneSession {
        let test = try configuration.prepare(order)
        // A prepared test has its packs.
        guard let packs = configuration.packs[order.method] else {
            throw OrderProblems(configuration.missing(for: order.method))
        }
        var identities: [InstrumentIdentity] = []
        for entry in configuration.instruments {
            guard let instrument = instruments.first(where: { $0.role == entry.role }) else { continue }
            identities.append(
                InstrumentIdentity(
                    role: entry.role, model: entry.profile.model, serial: entry.serial, port: entry.port,
                    isPseudoTerminal: await instrument.isPseudoTerminal, profile: entry.profile.id,
                    profileBytes: entry.profile.bytes))
        }
        let context = TestContext(
            station: configuration.station, testID: UUID().uuidString, order: order, started: time.wallTime(),
            isClockSynchronised: time.isWallClockSynchronised, rate: time.rate, software: software,
            instruments: identities, lane: configuration.parameters,
            limits: PackReference(id: packs.limits.identity.id, bytes: packs.limits.bytes),
            requirements: PackReference(id: packs.requirements.identity.id, bytes: packs.requirements.bytes))
        return LaneSession(
            test, context: context, instruments: instruments, time: time, panel: panel, journal: journal, seal: sealer)
    }

    /// Closes the lane: unloads the dynamometer, lets the guard go, closes ports and journal.
    ///
    /// - Returns: what kept the dynamometer from being unloaded; the guard then unloads it.
    @discardableResult
    public func close() async -> InstrumentError? {
        let problem = await LaneSession.unload(instruments)
        await Self.close(instruments)
        if problem == nil { watch?.dismiss() } else { watch?.abandon() }
        try? journal.close()
        return problem
    }

    private static func close(_ instruments: [Instrument]) async {
        for instrument in instruments { await instrument.close() }
    }
}
