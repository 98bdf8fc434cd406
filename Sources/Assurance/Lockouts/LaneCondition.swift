public import Evidence
public import Messages
public import Metrology
public import Procedures
public import Standards

/// A jump of the wall clock that the lane noticed (时钟跳变).
public struct ClockStep: Hashable, Sendable {
    /// The wall clock after the step.
    public let at: Timestamp
    /// How far it moved against a clock that cannot be set, s; negative backwards.
    public let seconds: Double
    /// The number of the newest record when the step was noticed; 0 for none. What came after a step cannot be told by
    /// the very clock that was set.
    public let counter: Int

    /// Creates a step.
    public init(at: Timestamp, seconds: Double, counter: Int) {
        self.at = at
        self.seconds = seconds
        self.counter = counter
    }
}

/// How a test ended, for rules that look at several.
public struct TestEnding: Hashable, Sendable {
    /// When.
    public let ended: Timestamp
    /// The method.
    public let method: TestMethod
    /// Whether it ended without a verdict.
    public let isAborted: Bool

    /// Creates an ending.
    public init(ended: Timestamp, method: TestMethod, isAborted: Bool) {
        self.ended = ended
        self.method = method
        self.isAborted = isAborted
    }
}

/// Everything that lockouts are decided by. A plain value: the same condition, rules and time give the same lockouts.
public struct LaneCondition: Sendable {
    /// An instrument as it stands on the lane.
    public struct Instrument: Hashable, Sendable {
        /// What it is for.
        public let role: InstrumentRole
        /// The serial number in the lane file.
        public let serial: String?
        /// What it said of itself last; nil if it was not asked yet.
        public let conditions: Set<InstrumentCondition>?

        /// Creates an instrument.
        public init(role: InstrumentRole, serial: String?, conditions: Set<InstrumentCondition>? = nil) {
            self.role = role
            self.serial = serial
            self.conditions = conditions
        }
    }

    /// Whether the lane file has a section on assurance.
    public var isAssured = true
    /// Whether it had one when its state was sealed last: whoever takes the section away unlocks nothing.
    public var wasAssured = false
    /// Whether the lane's records are those of a simulated lane.
    public var isSimulated = false
    /// The methods that the lane carries out, with the instruments of each.
    public var methods: [TestMethod: Set<InstrumentRole>] = [:]
    /// The instruments.
    public var instruments: [Instrument] = []
    /// The sealed checks.
    public var history = CheckHistory()
    /// The tests of late, oldest first.
    public var tests: [TestEnding] = []
    /// The room's air; nil where it was not read yet.
    public var air: AirState?
    /// Free bytes where the journal is; nil if the system does not say.
    public var freeBytes: Int?
    /// What else keeps the journal from taking a test.
    public var storage: Message?
    /// What about delivery keeps another test from beginning.
    public var delivery: [Message] = []
    /// Steps of the wall clock that were noticed.
    public var clockSteps: [ClockStep] = []
    /// The newest time in the lane's own records and audit trail; the clock must not be behind it.
    public var newestSealed: Timestamp?
    /// What in journal or records is not as it was sealed.
    public var findings: [Message] = []
    /// The authority's orders, verified, in the order of their numbers.
    public var orders: [AuthorityOrder] = []
    /// What differs from the sealed state.
    public var differences: [LaneState.Difference] = []
    /// The digest of the state that was found.
    public var stateDigest: Digest?
    /// Whether the list of people is not the one that the audit trail knows.
    public var peopleChanged = false

    /// A condition in which nothing is known yet.
    public init() {}
}

extension LaneCondition {
    /// The methods of the lane that need a check: those named that use the instrument, all named for the clock.
    public func methods(needing requirement: AssuranceRules.RequiredCheck) -> Set<TestMethod> {
        Set(
            requirement.methods.filter { method in
                guard let roles = methods[method] else { return false }
                return requirement.role.map(roles.contains) ?? true
            })
    }

    /// Where a required check stands; nil if the lane has no such instrument.
    public func standing(
        of requirement: AssuranceRules.RequiredCheck, rules: AssuranceRules, now: Timestamp
    ) -> CheckStanding? {
        let instrument = instruments.first { $0.role == requirement.role }
        guard instrument != nil || requirement.role == nil else { return nil }
        return history.standing(
            of: requirement, serial: instrument?.serial, lastUse: requirement.role.flatMap(lastUse), rules: rules,
            now: now)
    }

    private func lastUse(of role: InstrumentRole) -> Timestamp? {
        let tests = tests.last { methods[$0.method]?.contains(role) ?? false }?.ended
        let checks = history.results.last { $0.kind.role == role }?.ended
        return [tests, checks].compactMap { $0 }.max()
    }
}
