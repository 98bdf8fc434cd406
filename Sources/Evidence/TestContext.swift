public import Metrology
public import Procedures

/// Everything besides the outcome that a test's record states: who, when, with what.
public struct TestContext: Sendable {
    /// The station's number.
    public var station: String
    /// The test's own identifier.
    public var testID: String
    /// What was ordered.
    public var order: TestOrder
    /// Who is signed in; nil on a lane where nobody signs in.
    public var person: RecordedPerson?
    /// Wall-clock start, ISO 8601 with offset.
    public var started: String
    /// Whether the wall clock was synchronised; nil if unknown.
    public var isClockSynchronised: Bool?
    /// How much faster than life the lane ran; 1 for a real one.
    public var rate: Double
    /// The program that ran the test.
    public var software: SoftwareIdentity
    /// The instruments, in the order of their roles.
    public var instruments: [InstrumentIdentity]
    /// What the lane's own checks found.
    public var lane: LaneParameters
    /// The packs judged by.
    public var limits: PackReference
    /// The requirements the test followed.
    public var requirements: PackReference
    /// The pack that the checks before the tailpipe were judged by; nil where the order states none.
    public var vehicleChecks: PackReference?
    /// The name of the algorithm that carried the test out.
    public var algorithm: String

    /// Creates a context.
    public init(
        station: String, testID: String, order: TestOrder, started: String, isClockSynchronised: Bool?, rate: Double,
        software: SoftwareIdentity, instruments: [InstrumentIdentity], lane: LaneParameters,
        limits: PackReference, requirements: PackReference
    ) {
        self.station = station
        self.testID = testID
        self.order = order
        self.started = started
        self.isClockSynchronised = isClockSynchronised
        self.rate = rate
        self.software = software
        self.instruments = instruments
        self.lane = lane
        self.limits = limits
        self.requirements = requirements
        algorithm = order.method.algorithm
    }
}

/// The program, as records name it.
public struct SoftwareIdentity: Hashable, Sendable {
    /// The version.
    public let version: String
    /// The digest of the executable file.
    public let executable: Digest
    /// Whether simulators are built in.
    public let isSimulationBuild: Bool

    /// Creates an identity.
    public init(version: String, executable: Digest, isSimulationBuild: Bool) {
        self.version = version
        self.executable = executable
        self.isSimulationBuild = isSimulationBuild
    }
}

/// An instrument, as records name it.
public struct InstrumentIdentity: Hashable, Sendable {
    /// What it is for.
    public let role: InstrumentRole
    /// Maker's name for it.
    public let model: String
    /// Its serial number; nil where neither instrument nor lane file states one.
    public let serial: String?
    /// The port it was reached through.
    public let port: String
    /// Whether that port is a pseudo-terminal.
    public let isPseudoTerminal: Bool
    /// The profile's id.
    public let profile: String
    /// The profile's bytes.
    public let profileBytes: [UInt8]

    /// Creates an identity.
    public init(
        role: InstrumentRole, model: String, serial: String?, port: String, isPseudoTerminal: Bool, profile: String,
        profileBytes: [UInt8]
    ) {
        self.role = role
        self.model = model
        self.serial = serial
        self.port = port
        self.isPseudoTerminal = isPseudoTerminal
        self.profile = profile
        self.profileBytes = profileBytes
    }
}

/// A pack as records name it, with its bytes.
public struct PackReference: Sendable {
    /// The pack's id.
    public let id: String
    /// Its bytes.
    public let bytes: [UInt8]

    /// Creates a reference.
    public init(id: String, bytes: [UInt8]) {
        self.id = id
        self.bytes = bytes
    }
}

/// How evenly a test was sampled.
public struct SamplingStatistics: Hashable, Sendable {
    /// Frames taken.
    public var ticks = 0
    /// Ticks that were skipped.
    public var missed = 0
    /// Greatest lateness of a frame.
    public var greatestLateness = LaneSpan.zero

    /// Statistics of no frame.
    public init() {}

    /// Counts a frame in.
    public mutating func note(_ frame: Frame) {
        missed += frame.tick - ticks - missed
        ticks += 1
        greatestLateness = max(greatestLateness, frame.lateness)
    }

    /// The statistics of some frames.
    public init(_ frames: [Frame]) {
        for frame in frames { note(frame) }
    }
}
