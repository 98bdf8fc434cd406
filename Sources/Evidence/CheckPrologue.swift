import Metrology
public import Procedures
public import Standards

/// Who answers for a record, as it names them.
public struct RecordedPerson: Hashable, Sendable {
    /// The name.
    public let name: String
    /// The role, such as `technician`.
    public let role: String

    /// Creates a person.
    public init(name: String, role: String) {
        self.name = name
        self.role = role
    }

    var value: JSONValue { ["name": .string(name), "role": .string(role)] }
}

/// Everything besides the outcome that a check's record states: who, when, with what.
public struct CheckContext: Sendable {
    /// The check's own identifier.
    public var checkID: String
    /// What was asked for.
    public var order: CheckOrder
    /// Who carries it out; nil on a simulated lane where nobody signs in.
    public var person: RecordedPerson?
    /// Wall-clock start, ISO 8601 with offset.
    public var started: String
    /// Whether the wall clock was synchronised; nil if unknown.
    public var isClockSynchronised: Bool?
    /// How much faster than life the lane ran; 1 for a real one.
    public var rate: Double
    /// The program that ran the check.
    public var software: SoftwareIdentity
    /// The instruments, in the order of their roles.
    public var instruments: [InstrumentIdentity]
    /// What the lane measured with before the check.
    public var lane: LaneParameters
    /// The pack of checks.
    public var requirements: PackReference

    /// Creates a context.
    public init(
        checkID: String, order: CheckOrder, person: RecordedPerson?, started: String, isClockSynchronised: Bool?,
        rate: Double, software: SoftwareIdentity, instruments: [InstrumentIdentity], lane: LaneParameters,
        requirements: PackReference
    ) {
        self.checkID = checkID
        self.order = order
        self.person = person
        self.started = started
        self.isClockSynchronised = isClockSynchronised
        self.rate = rate
        self.software = software
        self.instruments = instruments
        self.lane = lane
        self.requirements = requirements
    }
}

extension TestPrologue {
    /// The prologue of a check that begins (检查记录).
    public init(_ context: CheckContext) {
        var members: JSONObject = [
            "kind": "check", "software": Self.software(context.software),
            "time": [
                "started": .string(context.started),
                "synchronised": context.isClockSynchronised.map(JSONValue.boolean) ?? .null,
                "rate": .string("\(context.rate)"),
            ],
            "check": ["id": .string(context.checkID), "kind": .string(context.order.kind.rawValue)],
            "order": RecordedCheckOrder.value(context.order),
            "packs": .array([
                [
                    "id": .string(context.requirements.id), "kind": .string(PackKind.checks.rawValue),
                    "sha256": .string(Digest(of: context.requirements.bytes).description),
                ]
            ]),
            "instruments": .array(context.instruments.map(Self.instrument)),
            "laneParameters": RecordedLane.value(context.lane),
        ]
        members["person"] = context.person.map(\.value)
        self.init(
            members: members, attachments: Self.attachments([context.requirements], instruments: context.instruments))
    }

    /// The identifier of the test or check.
    public var id: String { (members["test"] ?? members["check"])?["id"]?.text ?? "" }

    /// What lists call it: the test's method, or `check.` and the check's kind.
    public var method: String {
        members["test"]?["method"]?.text ?? members["check"]?["kind"]?.text.map { "check.\($0)" } ?? ""
    }

    /// The kind of check that it is of; nil for a test's.
    public var checkKind: CheckKind? { members["check"]?["kind"]?.text.flatMap { CheckKind(rawValue: $0) } }
}
