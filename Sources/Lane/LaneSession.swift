import Assurance
public import Evidence
import Foundation
public import Instruments
public import Journal
public import Messages
public import Metrology
public import Procedures
import Standards
import Synchronization

/// Runs one test or check on a lane, from the first frame to the sealed record.
///
/// Whatever happens, the dynamometer is unloaded and the test accounted for: completed, or aborted with its reason,
/// its frames kept either way. If the program dies, a guard unloads the dynamometer, and the next start seals the
/// test from the journal.
public struct LaneSession: Sendable {
    /// What the session tells whoever looks at it.
    public let events: AsyncStream<LaneEvent>

    private let continuation: AsyncStream<LaneEvent>.Continuation
    private let test: any LaneProcedure
    private let prologue: TestPrologue
    private let testID: String
    private let instruments: [any LaneInstrument]
    private let time: any LaneTime
    private let panel: OperatorPanel
    private let journal: Journal
    private let seal: RecordSealer
    private let isStreamed: Bool
    private let underWay: TestsUnderWay
    private let interlock: @Sendable () -> Lockout?
    private let sealed: @Sendable (StoredRecord) async -> Void

    /// Prepares a test; nothing has happened yet.
    ///
    /// - Parameters:
    ///   - test: the prepared procedure.
    ///   - prologue: what the record says about it.
    ///   - instruments: connected instruments, one for each role.
    ///   - time: the lane's clocks.
    ///   - panel: where people's doings come from.
    ///   - journal: where everything is kept.
    ///   - seal: signs the record.
    ///   - isStreamed: whether the authority is told of the test as it goes.
    ///   - underWay: the lane's tests under way, among which this one is while it runs.
    ///   - interlock: what locks the lane right now, asked every second; a lockout breaks the test off.
    ///   - sealed: is told of the record.
    init(
        _ test: any LaneProcedure, prologue: TestPrologue, instruments: [any LaneInstrument], time: any LaneTime,
        panel: OperatorPanel, journal: Journal, seal: RecordSealer, isStreamed: Bool,
        underWay: TestsUnderWay, interlock: @escaping @Sendable () -> Lockout?,
        sealed: @escaping @Sendable (StoredRecord) async -> Void
    ) {
        self.test = test
        self.prologue = prologue
        testID = prologue.id
        self.isStreamed = isStreamed
        self.underWay = underWay
        self.interlock = interlock
        self.sealed = sealed
        self.instruments = instruments
        self.time = time
        self.panel = panel
        self.journal = journal
        self.seal = seal
        // Whoever looks may be slow; the newest matters, and a test never waits for its spectators.
        (events, continuation) = AsyncStream.makeStream(of: LaneEvent.self, bufferingPolicy: .bufferingNewest(256))
    }

    /// What a test came to.
    public struct Result: Sendable {
        /// The procedure's outcome.
        public let outcome: any LaneOutcome
        /// The record as the journal holds it.
        public let record: StoredRecord
        /// What the lane knows about the reason of an abort, with port, device and bytes.
        public let diagnosis: Message?
        /// What somebody should look at, on the lines and in what they brought; it has decided nothing.
        public let advice: [Message]
        /// How evenly the test was sampled.
        public let sampling: SamplingStatistics
        /// How long it took in lane time.
        public let duration: LaneSpan
    }

    /// Runs the test to its end.
    ///
    /// Cancelling the task breaks the test off as the operator would.
    ///
    /// - Throws: `JournalError` if the test cannot be stored, before anything has moved; or if the record could not
    ///   be sealed at the end, in which case the test stays open and is sealed at the next start.
    public func run() async throws -> Result {
        defer { continuation.finish() }
        // A test that is not sealed when this ends is left over, and sealed before the next one.
        underWay.begin(testID)
        var isSealed = false
        defer { underWay.end(testID, isSealed: isSealed) }
        try await begin()
        // From here on the lines are accounted for.
        for instrument in instruments { _ = await instrument.accountForLine() }
        let troubles = Mutex(InstrumentTroubles())
        let executor = DirectiveExecutor(
            instruments, inTurn: time.standsStill,
            announce: { [continuation] in if case .prompt(let words) = $0 { continuation.yield(.prompt(words)) } },
            failed: { [panel, continuation] role, error in
                troubles.withLock { $0.take(error, ofAction: role) }
                continuation.yield(.trouble(role, error))
                panel.post(.actionFailed(role))
            })
        let log = FrameLog(
            store: { [journal, testID] entries in
                try await journal.appendFrames(
                    test: testID, entries.map { StoredFrame(tick: $0.tick, bytes: $0.bytes) },
                    wire: entries.flatMap(\.wire), processData: entries.compactMap(\.second))
            }, failed: { [panel] _ in panel.post(.storageLost) })

        let progress = await withTaskCancellationHandler {
            await sample(executor, log) { role, error in
                guard let error else { return troubles.withLock { $0.recovered(role) } }
                if troubles.withLock({ $0.take(error, ofLink: role) }) { continuation.yield(.trouble(role, error)) }
            }
        } onCancel: { [panel] in
            panel.post(.operatorAbort)
        }
        await executor.finish()
        await Self.unload(instruments)
        await log.finish()

        let diagnosis = Self.diagnosis(of: progress.outcome, troubles.withLock { $0 }, progress.lock)
        var accounts: [LineAccount] = []
        for instrument in instruments {
            if let account = await instrument.accountForLine() { accounts.append(account) }
        }
        let advice = progress.advisor.marks(accounts)
        let record = try await sealRecord(progress, diagnosis, accounts, advice)
        isSealed = true
        await sealed(record)
        continuation.yield(.sealed(counter: record.counter, digest: record.payloadDigest))
        return Result(
            outcome: progress.outcome, record: record, diagnosis: diagnosis, advice: advice,
            sampling: progress.sampling,
            duration: progress.duration)
    }

    /// Takes the load off the dynamometer, first thing and last thing; tries three times.
    ///
    /// - Returns: what stood in the way, if the dynamometer did not obey.
    @discardableResult
    public static func unload(_ instruments: [any LaneInstrument]) async -> InstrumentError? {
        var problem: InstrumentError?
        for instrument in instruments where instrument.role == .dynamometer {
            for _ in 0..<3 {
                do throws(InstrumentError) {
                    try await instrument.perform(.brakeOff)
                    return nil
                } catch {
                    problem = error
                }
            }
        }
        return problem
    }

    // MARK: Steps

    private struct Progress {
        var outcome: any LaneOutcome
        var frameFile: GrowingFile
        var wireLog: GrowingFile
        var sampling: SamplingStatistics
        var duration: LaneSpan
        var lock: Lockout?
        var advisor: LineAdvisor
    }

    /// Whether a frame is the first of a second.
    private func isSecond(_ frame: Frame) -> Bool {
        frame.tick % max(1, Int(LaneSpan.seconds(1).nanoseconds / test.tick.nanoseconds)) == 0
    }

    private func begin() async throws {
        for attachment in prologue.attachments { _ = try await journal.storeArtifact(attachment.bytes) }
        let bytes = try prologue.bytes()
        try await journal.beginTest(
            id: testID, method: prologue.method, lane: seal.lane,
            startedAt: prologue.members["time"]?["started"]?.text ?? "",
            order: try (prologue.members["order"] ?? .null).canonicalBytes(), context: bytes,
            announcement: isStreamed ? TestStream.announcement(of: prologue) : nil, at: Date())
    }

    private func sample(
        _ executor: DirectiveExecutor, _ log: FrameLog, trouble: (InstrumentRole, InstrumentError?) -> Void
    ) async -> Progress {
        var procedure = test
        var sampler = Sampler(instruments, time: time, freshness: test.freshness, period: test.tick)
        var writer = FrameWriter()
        var frameFile = GrowingFile()
        var sampling = SamplingStatistics()
        var lock: Lockout?
        var stream = TestStream()
        var advisor = LineAdvisor(
            burnsGasoline: prologue.members["order"]?["vehicle"]?["fuel"]?.text == "gasoline")
        while true {
            let frame = await sampler.next(panel, trouble: trouble)
            if lock == nil, isSecond(frame), let found = interlock() {
                // In the next frame, as everything else that ends a test from outside.
                lock = found
                panel.post(.laneLocked)
            }
            let directives = procedure.advance(frame)
            executor.perform(directives)
            await executor.settle()
            sampling.note(frame)
            advisor.note(frame, directives)
            // Readings are finite numbers and names of ours: JSON can hold every frame.
            if let line = try? writer.line(frame) {
                frameFile.append(line)
                let second = isStreamed ? stream.second(of: frame, procedure.status) : nil
                log.add((frame.tick, line, second, sampler.takeWire()))
            }
            continuation.yield(.frame(frame, procedure.status))
            var ended: (any LaneOutcome)? = procedure.outcome
            if ended == nil, panel.isProgramEnding {
                executor.perform(procedure.interrupt())
                await executor.settle()
                // Whatever an interrupted check had come to, it says nothing.
                let check = prologue.checkKind.map { CheckOutcome(kind: $0, verdict: .aborted(.interrupted)) }
                ended = check ?? procedure.outcome
            }
            if let outcome = ended {
                time.release()
                return Progress(
                    outcome: outcome, frameFile: frameFile, wireLog: sampler.wireLog.file, sampling: sampling,
                    duration: frame.time - .zero, lock: lock, advisor: advisor)
            }
        }
    }

    private func sealRecord(
        _ progress: Progress, _ diagnosis: Message?, _ accounts: [LineAccount], _ advice: [Message]
    ) async throws -> StoredRecord {
        let record = try TestRecord(
            prologue, outcome: progress.outcome, ended: time.wallTime(), frameFile: progress.frameFile,
            wireLog: progress.wireLog, sampling: progress.sampling, diagnosis: diagnosis,
            lines: accounts.map(\.record), advice: advice)
        return try await seal.seal(record, test: testID, in: journal)
    }

    /// The instrument's own words for an abort that is about an instrument, and a lockout's for one that it made.
    private static func diagnosis(
        of outcome: any LaneOutcome, _ troubles: InstrumentTroubles, _ lock: Lockout?
    ) -> Message? {
        guard case .aborted(let reason) = outcome.verdict else { return nil }
        if case .laneLocked = reason { return lock?.evidence }
        return troubles.error(behind: reason)?.message
    }
}
