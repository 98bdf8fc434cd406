import Messages

/// What the authority tells a lane to do (主管部门指令), signed with a key that is enrolled as the authority's.
///
/// Orders are numbered from 1 by the authority; a lane takes each once, in order. An order that the lane holds has the
/// authority's signature over its very bytes, so that no file or database edit can make one.
public struct AuthorityOrder: Hashable, Sendable {
    /// What is to be done.
    public enum Action: String, CaseIterable, Sendable {
        /// No test begins until an order unlocks (锁止).
        case lock
        /// What a rule found up to now no longer counts (解锁).
        case unlock
        /// The state with this digest is the lane's from now on (认可软件状态).
        case acceptState = "accept-state"
    }

    /// Lane, epoch, origin, time.
    public let header: StatementHeader
    /// The authority's number of the order.
    public let number: Int
    /// What is to be done.
    public let action: Action
    /// The lockout rule that an unlocking is about; nil unlocks what the authority itself locked.
    public let rule: String?
    /// What the rule is about, such as a kind of check; nil for everything.
    public let subject: String?
    /// Until when an unlocking holds, RFC 3339; nil for good.
    public let until: String?
    /// The digest of the state that is accepted.
    public let state: Digest?
    /// The authority's reason, for people.
    public let reason: String

    static let members: Set<String> = ["number", "action", "rule", "subject", "until", "state", "reason"]

    /// Creates an order, to be signed or judged.
    public init(
        header: StatementHeader, number: Int, action: Action, rule: String? = nil, subject: String? = nil,
        until: String? = nil, state: Digest? = nil, reason: String
    ) {
        self.header = header
        self.number = number
        self.action = action
        self.rule = rule
        self.subject = subject
        self.until = until
        self.state = state
        self.reason = reason
    }

    /// Signs the order.
    ///
    /// - Throws: `JSONError` or ``SigningKeyError``.
    public func sealed(with keys: [SigningKey]) throws -> Envelope {
        func optional(_ text: String?) -> JSONValue { text.map(JSONValue.string) ?? .null }
        return try header.sealed(
            [
                "number": .integer(Int64(number)), "action": .string(action.rawValue), "rule": optional(rule),
                "subject": optional(subject), "until": optional(until), "state": optional(state?.description),
                "reason": .string(reason),
            ], with: keys)
    }

    /// Verifies an order against the keys that are enrolled as the authority's.
    ///
    /// - Parameters:
    ///   - lane: the lane that the order must be for.
    ///   - origin: orders for a simulated lane move no measuring one, and the other way round.
    public static func verify(
        _ bytes: [UInt8], authority: TrustFile, lane: String, origin: RecordOrigin
    ) -> StatementReport<AuthorityOrder> {
        var report = Verifier(trust: authority, allowSimulated: true).verifyStatement(
            bytes, .authorityOrder, members: members, read: read)
        guard let order = report.content else { return report }
        if order.header.lane != lane || order.header.origin != origin {
            report.findings.append(Finding(.evidenceStatementForeign, at: "payload.lane"))
        }
        if report.signers.isEmpty {
            report.findings.append(Finding(.evidenceOrderUnsigned, at: "envelope.signatures"))
        }
        return report
    }

    private static func read(_ reader: inout MemberReader, _ header: StatementHeader) -> AuthorityOrder? {
        let number = reader.count("number")
        let action: Action? = reader.choice("action")
        let reason = reader.text("reason")
        func optional(_ name: String) -> String? { reader.value[name] == .null ? nil : reader.text(name) }
        let rule = optional("rule")
        let subject = optional("subject")
        let until = reader.value["until"] == .null ? nil : reader.moment("until")
        let state = reader.value["state"] == .null ? nil : reader.digest("state")
        guard let number, let action, let reason, reader.findings.isEmpty else { return nil }
        if action == .acceptState, state == nil {
            reader.note("state", .evidenceExpectedDigest)
            return nil
        }
        return AuthorityOrder(
            header: header, number: number, action: action, rule: rule, subject: subject, until: until, state: state,
            reason: reason)
    }
}
