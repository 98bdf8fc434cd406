public import Messages
public import Metrology
public import Procedures

/// A test's record before it has a place in the lane's chain: payload members and attachments.
public struct TestRecord: Sendable {
    /// The name of the attachment with the frames.
    public static let framesName = "frames.jsonl"
    /// The name of the attachment with what was on the wires.
    public static let wireName = "wire.jsonl"

    /// The attachments.
    public let attachments: [AttachedFile]
    /// Passed, failed or aborted.
    public let verdict: String

    private let members: JSONObject

    /// Puts a record together.
    ///
    /// - Parameters:
    ///   - prologue: who, when, with what.
    ///   - outcome: what the procedure arrived at.
    ///   - ended: wall-clock end, ISO 8601 with offset.
    ///   - frameFile: the frames as ``FrameWriter`` wrote them.
    ///   - wireLog: what was on the wires; nil if the program that heard it is gone.
    ///   - sampling: how evenly they came.
    ///   - diagnosis: what the lane knows about the reason of an abort, such as port, device and bytes.
    ///   - lines: how each instrument's line has fared; empty if the program that knew it is gone.
    ///   - advice: what somebody should look at; it decides nothing.
    /// - Throws: `MetrologyError` for a value that cannot be reported.
    public init(
        _ prologue: TestPrologue, outcome: any LaneOutcome, ended: String, frameFile: GrowingFile,
        wireLog: GrowingFile? = nil, sampling: SamplingStatistics, diagnosis: Message?,
        lines: [JSONValue] = [], advice: [Message] = []
    ) throws(MetrologyError) {
        attachments =
            [AttachedFile(name: Self.framesName, frameFile)]
            + (wireLog.map { [AttachedFile(name: Self.wireName, $0)] } ?? []) + prologue.attachments
        verdict = outcome.verdict.code
        var members = prologue.members
        var time = members["time"]?.members ?? JSONObject()
        time["ended"] = .string(ended)
        members["time"] = .object(time)
        members["environment"] =
            try outcome.air.map { (air) throws(MetrologyError) in JSONValue(try air.report()) } ?? .null
        members["result"] = JSONValue(try outcome.report())
        members["timing"] = [
            "ticks": .integer(Int64(sampling.ticks)), "missed": .integer(Int64(sampling.missed)),
            "greatestLatenessNanoseconds": .integer(sampling.greatestLateness.nanoseconds),
        ]
        members["lines"] = .array(lines)
        members["advice"] = .array(advice.map(JSONValue.init))
        members["diagnosis"] = diagnosis.map(JSONValue.init) ?? .null
        self.members = members
    }

    /// What lists show: plate, verdict and reason, as canonical JSON.
    ///
    /// - Throws: `JSONError` for a value that JSON cannot hold.
    public func summary() throws(JSONError) -> [UInt8] {
        try JSONValue.object([
            "plate": members["order"]?["vehicle"]?["plate"] ?? .null, "check": members["check"]?["kind"] ?? .null,
            "verdict": .string(verdict),
            "reason": members["result"]?["reason"]?["code"] ?? .null,
            "started": members["time"]?["started"] ?? .null,
        ]).canonicalBytes()
    }

    /// The payload at a place in the lane's chain.
    ///
    /// - Parameters:
    ///   - audit: the head of the audit trail when the record was sealed.
    ///   - signing: the algorithms that it will be signed with.
    ///   - references: the references to ``attachments``, in their order, for these algorithms.
    public func payload(
        lane: String, station: String, epoch: Int = 1, counter: Int, previous: Digest?, audit: Digest?,
        origin: RecordOrigin,
        signing: [SignatureAlgorithm] = [.ed25519], references: [AttachmentReference]
    ) -> JSONObject {
        let header = RecordHeader(
            lane: lane, epoch: epoch, counter: counter, previous: previous, origin: origin, signing: signing,
            attachments: references)
        var payload = header.object
        for member in members.all { payload[member.name] = member.value }
        payload["audit"] = audit.map { .string($0.description) } ?? .null
        payload["lane"] = ["id": .string(lane), "station": .string(station)]
        return payload
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
