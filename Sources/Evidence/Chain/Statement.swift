import Messages

/// What a signed statement is about, by its payload's schema.
public enum StatementKind: String, CaseIterable, Sendable {
    /// That a lane begins anew after some of its records.
    case epoch = "laneagent.epoch/1"
    /// The root over a lane's records at the end of a day.
    case treeHead = "laneagent.tree-head/1"
    /// Keys that ask to be enrolled.
    case keyEnrolment = "laneagent.key-enrolment/1"
    /// A key that takes over from another.
    case keyRotation = "laneagent.key-rotation/1"
    /// A key that is to be believed no more.
    case keyRevocation = "laneagent.key-revocation/1"
    /// The state of the audit trail at its export.
    case auditHead = "laneagent.audit-head/1"
    /// What the authority tells a lane to do.
    case authorityOrder = "laneagent.authority-order/1"
    /// Program, packs, profiles and parameters of a lane.
    case laneState = "laneagent.lane-state/1"
}

/// The part that every statement's payload has.
public struct StatementHeader: Hashable, Sendable {
    /// What it is about.
    public let kind: StatementKind
    /// The lane.
    public let lane: String
    /// The epoch of the lane's chain.
    public let epoch: Int
    /// Whether it is about a lane or a simulated one.
    public let origin: RecordOrigin
    /// The algorithms that it must be signed with.
    public let signing: [SignatureAlgorithm]
    /// When it was made, RFC 3339.
    public let at: String

    static let members: Set<String> = ["schema", "lane", "epoch", "origin", "signing", "at"]

    /// Creates a header.
    public init(
        _ kind: StatementKind, lane: String, epoch: Int = 1, origin: RecordOrigin, signing: [SignatureAlgorithm],
        at: String
    ) {
        self.kind = kind
        self.lane = lane
        self.epoch = epoch
        self.origin = origin
        self.signing = signing
        self.at = at
    }

    /// Signs the statement that a header and its further members make.
    ///
    /// - Throws: `JSONError` or ``SigningKeyError``.
    func sealed(_ members: JSONObject, with keys: [SigningKey]) throws -> Envelope {
        var payload: JSONObject = [
            "schema": .string(kind.rawValue), "lane": .string(lane), "epoch": .integer(Int64(epoch)),
            "origin": .string(origin.rawValue), "signing": .array(signing.map { .string($0.rawValue) }),
            "at": .string(at),
        ]
        for member in members.all { payload[member.name] = member.value }
        return try Envelope(
            payload: JSONValue.object(payload).canonicalBytes(), type: .statement, signedWith: keys)
    }

    static func read(_ reader: inout MemberReader, as kind: StatementKind) -> StatementHeader? {
        if reader.value["schema"] != .string(kind.rawValue) {
            reader.adopt([
                Finding(.evidenceSchemaUnknown, ["known": .text(kind.rawValue)], at: "\(reader.place).schema")
            ])
        }
        let lane = reader.text("lane")
        let epoch = reader.count("epoch")
        let origin: RecordOrigin? = reader.choice("origin")
        let signing: [SignatureAlgorithm] = reader.choices("signing")
        let at = reader.moment("at")
        guard let lane, let epoch, let origin, let at else { return nil }
        return StatementHeader(kind, lane: lane, epoch: epoch, origin: origin, signing: signing, at: at)
    }
}

/// What the verification of a statement found.
public struct StatementReport<Content: Sendable>: Sendable {
    /// Everything that is wrong; empty for a good statement.
    public internal(set) var findings: [Finding]
    /// What it says, if it could be read.
    public internal(set) var content: Content?
    /// The enrolled keys whose signatures are good.
    public internal(set) var signers: [TrustedKey] = []

    /// Whether nothing at all is wrong.
    public var isValid: Bool { findings.isEmpty }
}

extension Verifier {
    /// Verifies the envelope of a statement, its signatures and its members.
    ///
    /// - Parameters:
    ///   - members: the members besides the header's.
    ///   - read: reads those.
    func verifyStatement<Content>(
        _ bytes: [UInt8], _ kind: StatementKind, members: Set<String>,
        counter: (Content) -> Int? = { _ in nil },
        read: (inout MemberReader, StatementHeader) -> Content?
    ) -> StatementReport<Content> {
        let envelope: Envelope
        do { envelope = try Envelope(parsing: bytes, type: .statement) } catch {
            return StatementReport(findings: [error], content: nil)
        }
        let (payload, findings) = canonicalPayload(of: envelope)
        var report = StatementReport<Content>(findings: findings, content: nil)
        var claim: SealClaim?
        if let payload {
            var reader = MemberReader(payload, at: "payload")
            reader.expect(only: StatementHeader.members.union(members))
            if let header = StatementHeader.read(&reader, as: kind), let content = read(&reader, header) {
                report.content = content
                claim = SealClaim(
                    lane: header.lane, origin: header.origin, signing: header.signing, epoch: header.epoch,
                    counter: counter(content), moment: header.at)
                if header.origin == .simulated, !allowSimulated {
                    reader.adopt([Finding(.evidenceSimulated, at: "payload.origin")])
                }
            }
            report.findings += reader.findings
        }
        let (problems, signers) = checkSignatures(of: envelope, claim)
        report.findings += problems
        report.signers = signers
        return report
    }
}
