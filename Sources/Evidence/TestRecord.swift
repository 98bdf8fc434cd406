public import Messages
public import Metrology
public import Procedures
import Standards

/// Everything besides the outcome that a test's record states: who, when, with what.
public struct TestContext: Sendable {
    /// The lane's number within its station, and the station's.
    public var station: String
    /// The test's own identifier.
    public var testID: String
    /// What was ordered.
    public var order: TestOrder
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
    /// What the rollers take.
    public var parasiticLoss: ParasiticLoss
    /// The packs judged by.
    public var limits: PackReference
    /// The requirements the test followed.
    public var requirements: PackReference

    /// Creates a context.
    public init(
        station: String, testID: String, order: TestOrder, started: String, isClockSynchronised: Bool?, rate: Double,
        software: SoftwareIdentity, instruments: [InstrumentIdentity], parasiticLoss: ParasiticLoss,
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
        self.parasiticLoss = parasiticLoss
        self.limits = limits
        self.requirements = requirements
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

/// A test's record before it has a place in the chain: payload members and attachments.
public struct TestRecord: Sendable {
    /// The name of the attachment with the frames.
    public static let framesName = "frames.jsonl"

    /// The attachments by name.
    public let attachments: [(name: String, bytes: [UInt8])]

    private let members: JSONObject

    /// Puts a record together.
    ///
    /// - Parameters:
    ///   - context: who, when, with what.
    ///   - outcome: what the procedure arrived at.
    ///   - ended: wall-clock end, ISO 8601 with offset.
    ///   - frameFile: the frames as ``FrameWriter`` wrote them.
    ///   - sampling: how evenly they came.
    ///   - diagnosis: what the lane knows about the reason of an abort, such as port, device and bytes.
    /// - Throws: `MetrologyError` for a value that cannot be reported.
    public init(
        _ context: TestContext, outcome: ASMOutcome, ended: String, frameFile: [UInt8], sampling: SamplingStatistics,
        diagnosis: Message?
    ) throws(MetrologyError) {
        var attachments = [(Self.framesName, frameFile)]
        for pack in [context.limits, context.requirements] { attachments.append(("pack-\(pack.id).yaml", pack.bytes)) }
        for instrument in context.instruments
        where !attachments.contains(where: { $0.0 == "profile-\(instrument.profile).yaml" }) {
            attachments.append(("profile-\(instrument.profile).yaml", instrument.profileBytes))
        }
        self.attachments = attachments
        members = [
            "kind": "test",
            "software": [
                "name": "LaneAgent", "version": .string(context.software.version),
                "executable": .string(context.software.executable.description),
                "simulation": .boolean(context.software.isSimulationBuild),
            ],
            "time": [
                "started": .string(context.started), "ended": .string(ended),
                "synchronised": context.isClockSynchronised.map(JSONValue.boolean) ?? .null,
                "rate": .string("\(context.rate)"),
            ],
            "test": [
                "id": .string(context.testID), "method": .string(TestMethod.asm.rawValue),
                "algorithm": .string(ASMProcedure.algorithm),
            ],
            "order": Self.order(context.order),
            "packs": .array([
                Self.pack(context.limits, kind: .limits), Self.pack(context.requirements, kind: .requirements),
            ]),
            "instruments": .array(context.instruments.map(Self.instrument)),
            "parasiticLoss": [
                "quadratic": .string("\(context.parasiticLoss.quadratic)"),
                "linear": .string("\(context.parasiticLoss.linear)"),
                "constant": .string("\(context.parasiticLoss.constant)"),
            ],
            "environment": try outcome.preTest.air.map { (air) throws(MetrologyError) in
                try ASMResultEncoding.air(air)
            } ?? .null,
            "result": try ASMResultEncoding(outcome: outcome).value(),
            "timing": [
                "ticks": .integer(Int64(sampling.ticks)), "missed": .integer(Int64(sampling.missed)),
                "greatestLatenessNanoseconds": .integer(sampling.greatestLateness.nanoseconds),
            ],
            "diagnosis": diagnosis.map(JSONValue.init) ?? .null,
        ]
    }

    /// The payload at a place in the lane's chain: canonical JSON.
    ///
    /// - Throws: `JSONError` for a value that JSON cannot hold.
    public func payload(
        lane: String, station: String, counter: Int, previous: Digest?, origin: RecordOrigin
    ) throws(JSONError) -> [UInt8] {
        let header = RecordHeader(
            lane: lane, counter: counter, previous: previous, origin: origin,
            attachments: attachments.map { AttachmentReference(name: $0.name, content: $0.bytes) })
        var payload = header.object
        for member in members.all { payload[member.name] = member.value }
        payload["lane"] = ["id": .string(lane), "station": .string(station)]
        return try JSONValue.object(payload).canonicalBytes()
    }

    private static func pack(_ pack: PackReference, kind: PackKind) -> JSONValue {
        [
            "id": .string(pack.id), "kind": .string(kind.rawValue),
            "sha256": .string(Digest(of: pack.bytes).description),
        ]
    }

    private static func instrument(_ instrument: InstrumentIdentity) -> JSONValue {
        [
            "role": .string(instrument.role.rawValue), "model": .string(instrument.model),
            "serial": instrument.serial.map(JSONValue.string) ?? .null, "port": .string(instrument.port),
            "pseudoTerminal": .boolean(instrument.isPseudoTerminal),
            "profile": [
                "id": .string(instrument.profile),
                "sha256": .string(Digest(of: instrument.profileBytes).description),
            ],
        ]
    }

    private static func order(_ order: TestOrder) -> JSONValue {
        [
            "number": .string(order.number), "limitSet": .string(order.limitSet),
            "inspector": .string(order.inspector), "driver": .string(order.driver),
            "vehicle": [
                "plate": .string(order.plate), "vin": .string(order.vin), "fuel": .string(order.fuel.rawValue),
                "curbMass": .string(order.curbMass.description),
                "oilTemperatureReadable": .boolean(order.oilTemperatureReadable),
            ],
        ]
    }
}

extension JSONValue {
    /// A message with its stable code and its arguments as texts.
    init(_ message: Message) {
        var arguments = JSONObject()
        for (name, argument) in message.arguments { arguments[name] = .string(argument.description) }
        self = ["code": .string(message.code.rawValue), "arguments": .object(arguments)]
    }
}
