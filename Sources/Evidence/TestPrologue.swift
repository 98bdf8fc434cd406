import Messages
import Metrology
import Procedures
import Standards

/// What a test's record states about the test before it has run: who, when, by what rules, with what instruments.
///
/// It is kept in the journal from the test's first moment, so that a test whose program was killed can still be
/// sealed, with everything it was begun with.
public struct TestPrologue: Sendable {
    /// The record's members that are known already.
    public let members: JSONObject
    /// Packs and profiles by the names that they have beside the record.
    public let attachments: [AttachedFile]

    /// The prologue of a test that begins.
    public init(_ context: TestContext) {
        attachments = Self.attachments(
            [context.limits, context.requirements] + (context.vehicleChecks.map { [$0] } ?? []),
            instruments: context.instruments)
        var members: JSONObject = [
            "kind": "test",
            "software": Self.software(context.software),
            "time": [
                "started": .string(context.started),
                "synchronised": context.isClockSynchronised.map(JSONValue.boolean) ?? .null,
                "rate": .string("\(context.rate)"),
            ],
            "test": [
                "id": .string(context.testID), "method": .string(context.order.method.rawValue),
                "algorithm": .string(context.algorithm),
            ],
            "order": RecordedOrder.value(context.order),
            "packs": .array(
                [Self.pack(context.limits, kind: .limits), Self.pack(context.requirements, kind: .requirements)]
                    + (context.vehicleChecks.map { [Self.pack($0, kind: .vehicleChecks)] } ?? [])),
            "instruments": .array(context.instruments.map(Self.instrument)),
            "laneParameters": RecordedLane.value(context.lane),
        ]
        members["person"] = context.person.map(\.value)
        self.members = members
    }

    init(members: JSONObject, attachments: [AttachedFile]) {
        self.members = members
        self.attachments = attachments
    }

    /// The digests of the attachments that a prologue's bytes name.
    public static func attachmentDigests(_ bytes: [UInt8]) -> [Digest] {
        let index = (try? JSONValue(parsing: bytes))?["attachments"]?.elements ?? []
        return index.compactMap { $0["sha256"]?.text.flatMap { Digest($0) } }
    }

    /// Reads a prologue back from its bytes, its attachments by their digests.
    ///
    /// - Returns: nil if the bytes are no prologue, or an attachment is not to be had.
    public init?(parsing bytes: [UInt8], artifact: (Digest) -> [UInt8]?) {
        guard let value = try? JSONValue(parsing: bytes), let members = value["members"]?.members,
            let index = value["attachments"]?.elements
        else { return nil }
        var attachments: [AttachedFile] = []
        for entry in index {
            guard let name = entry["name"]?.text, let digest = entry["sha256"]?.text.flatMap({ Digest($0) }),
                let bytes = artifact(digest)
            else { return nil }
            attachments.append(AttachedFile(name: name, bytes: bytes))
        }
        self.members = members
        self.attachments = attachments
    }

    /// The prologue as canonical JSON, naming its attachments by digest.
    ///
    /// - Throws: `JSONError` for a value that JSON cannot hold.
    public func bytes() throws(JSONError) -> [UInt8] {
        let index = attachments.map { $0.reference(signing: [.ed25519]).object }
        return try JSONValue.object(["members": .object(members), "attachments": .array(index.map(JSONValue.object))])
            .canonicalBytes()
    }

    /// The bytes of an attachment; nil if there is none of that name.
    public func attachment(_ name: String) -> [UInt8]? { attachments.first { $0.name == name }?.bytes }

    /// Packs and profiles, each once.
    static func attachments(_ packs: [PackReference], instruments: [InstrumentIdentity]) -> [AttachedFile] {
        var files = packs.map { AttachedFile(name: "pack-\($0.id).yaml", bytes: $0.bytes) }
        for instrument in instruments {
            let name = "profile-\(instrument.profile).yaml"
            if files.contains(where: { $0.name == name }) { continue }
            files.append(AttachedFile(name: name, bytes: instrument.profileBytes))
        }
        return files
    }

    private static func pack(_ pack: PackReference, kind: PackKind) -> JSONValue {
        [
            "id": .string(pack.id), "kind": .string(kind.rawValue),
            "sha256": .string(Digest(of: pack.bytes).description),
        ]
    }

    static func software(_ software: SoftwareIdentity) -> JSONValue {
        [
            "name": "LaneAgent", "version": .string(software.version),
            "executable": .string(software.executable.description),
            "simulation": .boolean(software.isSimulationBuild),
        ]
    }

    static func instrument(_ instrument: InstrumentIdentity) -> JSONValue {
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
}
