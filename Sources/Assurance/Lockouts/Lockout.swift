public import Evidence
public import Messages
public import Standards

/// The rules that can keep a lane from testing (锁止规则).
public enum LockoutRule: String, CaseIterable, Sendable {
    /// A required check was never passed with this instrument (未检查).
    case checkMissing = "check-missing"
    /// The last check failed (检查不合格).
    case checkFailed = "check-failed"
    /// The last passing check is too old (检查过期).
    case checkOverdue = "check-overdue"
    /// An instrument is still warming up (预热未完成).
    case warmUp = "warm-up"
    /// The room's air is outside the range in which the lane may test (环境超范围).
    case ambient
    /// The journal cannot take a test (存储不可用).
    case storage
    /// Too much waits for the authority, or for too long (上传滞后).
    case delivery
    /// The clock was set, or runs behind the lane's own records (时钟异常).
    case clock
    /// What the lane has sealed was changed afterwards (证据被改动).
    case evidence
    /// An instrument has no serial number, or another than was sealed (仪器编号不符).
    case instrument
    /// Too many tests in a row ended without a verdict (连续终止).
    case aborts
    /// The authority locked the lane (主管部门锁止).
    case authority
    /// Program, packs, profiles or parameters differ from the sealed state (软件身份不符).
    case software
    /// The lane file has no section on assurance (未配置质量保证).
    case unassured
    /// The list of people was changed from outside (人员名单被改动).
    case people
}

/// Why the lane does not test: rule, evidence, clause, and what to do next (锁止).
///
/// The same object feeds command line, pages and health endpoint. Nothing overrides it: it is gone when its cause is,
/// by a passing check, by a change of what it states, or by the authority's signed order.
public struct Lockout: Hashable, Sendable {
    /// The rule.
    public let rule: LockoutRule
    /// What the rule is about: a check's kind, an instrument's role, a member of the sealed state; nil for the lane.
    public let subject: String?
    /// The methods that cannot be carried out; nil for all.
    public let methods: Set<TestMethod>?
    /// What was found.
    public let evidence: Message
    /// What the rule rests on.
    public let clause: LocalText?
    /// What to do about it.
    public let next: Message
    /// Since when, as far as that is known.
    public let since: Timestamp?

    /// Whether a method cannot be carried out.
    public func locks(_ method: TestMethod) -> Bool { methods?.contains(method) ?? true }
}

/// A lane is locked for the method that was asked for; nothing has moved.
public struct LaneLocked: Error, Hashable, Sendable, CustomStringConvertible {
    /// The lockouts; never empty.
    public let lockouts: [Lockout]

    /// Creates the error.
    public init(_ lockouts: [Lockout]) { self.lockouts = lockouts }

    /// The rules, for logs.
    public var description: String {
        lockouts.map { "\($0.rule.rawValue) \($0.evidence)" }.joined(separator: "; ")
    }
}
