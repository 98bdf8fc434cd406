public import Evidence
public import Journal
public import Messages
import Procedures
import Standards

/// What a lane's sealed records and audit trail say about its state.
///
/// Nothing is kept beside them: checks, orders and the sealed state of the software are read back from what is signed
/// and chained, and everything that is not as it was sealed is told. An edited table therefore locks the lane instead
/// of unlocking it.
public struct SealedHistory: Sendable {
    /// The checks within the longest interval of the rules.
    public internal(set) var checks = CheckHistory()
    /// The last tests, oldest first.
    public internal(set) var tests: [TestEnding] = []
    /// The newest time of a record or an audit entry.
    public internal(set) var newest: Timestamp?
    /// The number of the newest record; 0 for none.
    public internal(set) var newestCounter = 0
    /// What is not as it was sealed.
    public internal(set) var findings: [Message] = []
    /// The authority's orders, verified, by number.
    public internal(set) var orders: [AuthorityOrder] = []
    /// The state that was sealed last.
    public internal(set) var state: LaneState?
    /// Steps of the clock that the lane noticed.
    public internal(set) var clockSteps: [ClockStep] = []
    /// The digest of the list of people as the lane wrote it last.
    public internal(set) var peopleDigest: Digest?
    /// When the lane was opened last, by several clocks.
    public internal(set) var opening: ClockReading?

    /// How many tests are looked at for what several of them say together.
    static let testCount = 20

    /// Takes a record into account that was sealed since.
    public mutating func take(_ payload: JSONValue, digest: Digest) {
        let ended = payload["time"]?["ended"]?.text.flatMap { Timestamp($0) }
        if let ended { newest = max(newest ?? ended, ended) }
        newestCounter = max(newestCounter, payload["counter"]?.wholeNumber ?? 0)
        if let result = CheckResult(payload: payload, digest: digest) {
            checks.add(result)
        } else if let ending = TestEnding(payload) {
            tests = Array((tests + [ending]).suffix(Self.testCount))
        }
    }

    /// Takes a step of the clock into account that was noticed since.
    public mutating func take(_ step: ClockStep) { clockSteps.append(step) }

    /// Takes an order into account that came since.
    public mutating func take(_ order: AuthorityOrder) { orders.append(order) }

    /// An empty history.
    public init() {}

    /// Reads the history.
    ///
    /// - Parameters:
    ///   - trust: the lane's own keys.
    ///   - authority: the authority's keys; nil if the lane has none.
    /// - Throws: `JournalError` if the journal cannot be read.
    public init(
        of journal: Journal, lane: String, origin: RecordOrigin, trust: TrustFile, authority: TrustFile?,
        rules: AssuranceRules
    ) async throws {
        var reader = SealedReader(
            lane: lane, origin: origin, trust: trust, authority: authority,
            span: Int64((rules.checks.map(\.interval.value).max() ?? 0) * 3600) + 86_400)
        try await reader.readRecords(of: journal)
        try await reader.readAudit(of: journal)
        self = reader.history
    }
}

/// Reads the records from the newest back, and the audit trail.
private struct SealedReader {
    let lane: String
    let origin: RecordOrigin
    let trust: TrustFile
    let authority: TrustFile?
    /// How far back checks matter, s.
    let span: Int64

    var history = SealedHistory()
    private var results: [CheckResult] = []
    private var endings: [TestEnding] = []
    private var newestAudit: (counter: Int, head: Digest)?
    private var hasRecords = false
    /// Records of which only the digest is kept.
    private var removed: Set<Int> = []
    private var epochs: [StoredEpoch] = []

    init(lane: String, origin: RecordOrigin, trust: TrustFile, authority: TrustFile?, span: Int64) {
        self.lane = lane
        self.origin = origin
        self.trust = trust
        self.authority = authority
        self.span = span
    }

    mutating func readRecords(of journal: Journal) async throws {
        let verifier = Verifier(trust: trust, allowSimulated: origin == .simulated)
        try await readEpochs(of: journal, verifier)
        var expected: (counter: Int, digest: Digest?)?
        var before = Int.max
        pages: while true {
            guard let page = await page(of: journal, before: before) else { break }
            for record in page {
                before = record.counter
                hasRecords = true
                let report: VerificationReport
                switch await Self.envelope(of: record.counter, in: journal) {
                case .success(let envelope): report = verifier.verifySeal(envelope)
                case .failure(.removed):
                    // Its digest still has to be the one that the record after it names.
                    if let expected, expected.counter != record.counter || expected.digest != record.payloadDigest {
                        history.findings.append(
                            Message(.lockEvidenceChain, ["counter": .integer(expected.counter + 1)]))
                    }
                    expected = nil
                    removed.insert(record.counter)
                    continue
                case .failure(let error):
                    note(record.counter, error.message)
                    continue
                }
                guard let payload = report.payload, let header = report.header, let digest = report.payloadDigest,
                    report.isValid
                else {
                    note(record.counter, report.findings.first?.message ?? Message(.evidenceNotAnObject))
                    continue
                }
                if let expected, expected.counter != header.counter || expected.digest != digest {
                    history.findings.append(
                        Message(.lockEvidenceChain, ["counter": .integer(expected.counter + 1)]))
                }
                expected = header.previous.map { (header.counter - 1, $0) } ?? (0, nil)
                take(payload, header, digest)
                let ended = payload["time"]?["ended"]?.text.flatMap { Timestamp($0) }
                if let ended, let newest = history.newest, ended.seconds < newest.seconds - span,
                    endings.count >= SealedHistory.testCount
                {
                    break pages
                }
            }
            guard page.count == 200 else {
                // The first record of all has none before it.
                if let expected, expected.counter > 0 {
                    history.findings.append(
                        Message(.lockEvidenceChain, ["counter": .integer(expected.counter + 1)]))
                }
                break
            }
        }
        history.checks = CheckHistory(results)
        history.tests = endings.reversed()
    }

    /// Every epoch must have been opened by a statement of the lane's.
    private mutating func readEpochs(of journal: Journal, _ verifier: Verifier) async throws {
        epochs = try await journal.epochs()
        for epoch in epochs {
            let report = verifier.verifyEpochOpening(epoch.statement)
            guard report.isValid, let opening = report.content, opening.header.lane == lane,
                opening.header.epoch == epoch.epoch, opening.after == epoch.after, opening.head == epoch.head
            else {
                note(epoch: epoch.epoch, report.findings.first?.message ?? Message(.evidenceStatementForeign))
                continue
            }
        }
    }

    private mutating func note(epoch: Int, _ detail: Message) {
        history.findings.append(
            Message(.lockEvidenceEpoch, ["epoch": .integer(epoch), "detail": .message(detail)]))
    }

    private mutating func take(_ payload: JSONValue, _ header: RecordHeader, _ digest: Digest) {
        let epoch = epochs.epoch(of: header.counter)
        if header.epoch != epoch {
            let arguments: [String: MessageArgument] = ["found": .integer(header.epoch), "expected": .integer(epoch)]
            note(epoch: header.epoch, Message(.evidenceChainOtherEpoch, arguments))
        }
        let ended = payload["time"]?["ended"]?.text.flatMap { Timestamp($0) }
        if let ended { history.newest = max(history.newest ?? ended, ended) }
        history.newestCounter = max(history.newestCounter, header.counter)
        if newestAudit == nil, let head = payload["audit"]?.text.flatMap({ Digest($0) }) {
            newestAudit = (header.counter, head)
        }
        if let result = CheckResult(payload: payload, digest: digest) {
            results.append(result)
        } else if endings.count < SealedHistory.testCount, let ending = TestEnding(payload) {
            endings.append(ending)
        }
    }

    /// The next records; nil after noting that the journal itself finds them damaged.
    private mutating func page(of journal: Journal, before: Int) async -> [StoredRecord]? {
        do throws(JournalError) { return try await journal.records(limit: 200, before: before) } catch {
            hasRecords = true
            note(before == .max ? 0 : before, error.message)
            return nil
        }
    }

    private static func envelope(of counter: Int, in journal: Journal) async -> Result<[UInt8], JournalError> {
        do throws(JournalError) { return .success(try await journal.envelope(of: counter)) } catch {
            return .failure(error)
        }
    }

    private mutating func note(_ counter: Int, _ detail: Message) {
        history.findings.append(
            Message(.lockEvidenceRecord, ["counter": .integer(counter), "detail": .message(detail)]))
    }

    // MARK: Audit trail

    mutating func readAudit(of journal: Journal) async throws {
        let trail = try await journal.auditTrail()
        if let number = AuditEntry.firstBreak(in: trail) {
            history.findings.append(Message(.lockEvidenceAudit, ["number": .integer(number)]))
        }
        if let newestAudit, !trail.contains(where: { $0.digest == newestAudit.head }) {
            history.findings.append(Message(.lockEvidenceAuditCut, ["counter": .integer(newestAudit.counter)]))
        }
        if let last = trail.last.flatMap({ Timestamp($0.at) }) {
            history.newest = max(history.newest ?? last, last)
        }
        for entry in trail { take(entry) }
        let told = trail.flatMap(\.removedRecords)
        for counter in removed.sorted() where !told.contains(where: { $0.contains(counter) }) {
            history.findings.append(Message(.lockEvidenceRemoval, ["counter": .integer(counter)]))
        }
        history.orders.sort { $0.number < $1.number }
        if hasRecords, history.state == nil { history.findings.append(Message(.lockEvidenceState)) }
    }

    private mutating func take(_ entry: AuditEntry) {
        guard let kind = AssuranceEntry(rawValue: entry.kind), let detail = try? JSONValue(parsing: entry.detail)
        else { return }
        switch kind {
        case .order: takeOrder(detail)
        case .state:
            guard let bytes = detail["envelope"]?.text.map({ Array($0.utf8) }) else { return }
            let report = LaneState.verify(bytes, trust: trust, allowSimulated: origin == .simulated)
            if report.isValid, report.content?.header.lane == lane { history.state = report.content }
        case .clockStep:
            guard let at = detail["at"]?.text.flatMap({ Timestamp($0) }),
                let seconds = detail["seconds"]?.text.flatMap(Double.init)
            else { return }
            let counter = detail["counter"]?.wholeNumber ?? .max
            history.clockSteps.append(ClockStep(at: at, seconds: seconds, counter: counter))
        case .people: history.peopleDigest = detail["digest"]?.text.flatMap { Digest($0) }
        case .opened: history.opening = ClockReading(detail)
        case .signedIn, .signInFailed, .configuration, .parameters: break
        }
    }

    private mutating func takeOrder(_ detail: JSONValue) {
        let bytes = Array((detail["envelope"]?.text ?? "").utf8)
        let report = AuthorityOrder.verify(
            bytes, authority: authority ?? TrustFile.empty, lane: lane, origin: origin)
        guard let order = report.content, report.isValid else {
            let detail = report.findings.first?.message ?? Message(.evidenceOrderUnsigned)
            history.findings.append(Message(.lockEvidenceOrder, ["detail": .message(detail)]))
            return
        }
        history.orders.append(order)
    }
}

extension TestEnding {
    /// Reads how a test ended from its record's payload; nil if it is no test's.
    init?(_ payload: JSONValue) {
        guard payload["kind"] == .string("test"),
            let ended = payload["time"]?["ended"]?.text.flatMap({ Timestamp($0) }),
            let method = payload["test"]?["method"]?.text.flatMap({ TestMethod(rawValue: $0) })
        else { return nil }
        self.init(ended: ended, method: method, isAborted: payload["result"]?["verdict"]?.text == "aborted")
    }
}
