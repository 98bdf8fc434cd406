import Messages

/// A file that belongs to a record, named in its payload by digest.
public struct AttachmentReference: Hashable, Sendable {
    /// A plain file name: ASCII letters, digits, `.`, `_` and `-`, not beginning with a point.
    public let name: String
    /// The digest of its bytes.
    public let digest: Digest
    /// The number of its bytes.
    public let size: Int
    /// The SM3 digest of its bytes, in a record that is signed with SM2, and in no other.
    public let sm3: Digest?

    /// Creates a reference from its parts.
    public init(name: String, digest: Digest, size: Int, sm3: Digest? = nil) {
        self.name = name
        self.digest = digest
        self.size = size
        self.sm3 = sm3
    }

    /// The reference to a file with this content, for a payload that is signed with these algorithms.
    public init(name: String, content: [UInt8], signing: [SignatureAlgorithm] = [.ed25519]) {
        self.init(
            name: name, digest: Digest(of: content), size: content.count,
            sm3: signing.contains(.sm2) ? Digest(of: content, .sm3) : nil)
    }

    /// The reference as a payload holds it.
    public var object: JSONObject {
        var object: JSONObject = [
            "name": .string(name), "sha256": .string(digest.description), "size": .integer(Int64(size)),
        ]
        object["sm3"] = sm3.map { .string($0.description) }
        return object
    }

    /// What keeps a file from being the one that is referred to; nil if nothing does.
    public func difference(from content: [UInt8]) -> Finding? {
        let place = "attachment \(name)"
        guard content.count == size else {
            return Finding(
                .evidenceAttachmentSize, ["found": .integer(content.count), "expected": .integer(size)], at: place)
        }
        for expected in [digest, sm3].compactMap({ $0 }) {
            let found = Digest(of: content, expected.algorithm)
            guard found == expected else {
                return Finding(
                    .evidenceAttachmentDigest,
                    ["found": .text(found.description), "expected": .text(expected.description)], at: place)
            }
        }
        return nil
    }

    /// Whether a name can be a file's in any directory and on any system, and does not collide with the envelope's.
    public static func isPlain(_ name: String) -> Bool {
        let allowed = name.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"):
                true
            default: false
            }
        }
        return allowed && (1...128).contains(name.utf8.count) && !name.hasPrefix(".") && name != envelopeFileName
    }

    /// The name under which an exported record's envelope stands beside its attachments.
    public static let envelopeFileName = "envelope.json"
}

/// The part of a payload that every record has, and that its seal is judged by.
public struct RecordHeader: Hashable, Sendable {
    /// The payload's schema, the only one that this program knows.
    public static let schema = "laneagent.record/1"

    /// The lane (检测线编号).
    public let lane: String
    /// The lane's count of beginnings (链纪元), from 1: a new one begins when records may have been lost, with a signed
    /// statement after which record (``EpochOpening``).
    public let epoch: Int
    /// The lane's count of records, from 1, without gaps; a new epoch goes on after the records that it keeps.
    public let counter: Int
    /// The digest of the payload before this one; nil for the first.
    public let previous: Digest?
    /// Where the readings came from.
    public let origin: RecordOrigin
    /// The algorithms that the payload must be signed with.
    public let signing: [SignatureAlgorithm]
    /// The files that belong to the record.
    public let attachments: [AttachmentReference]

    /// Creates the header of a payload that is to be sealed.
    public init(
        lane: String, epoch: Int = 1, counter: Int, previous: Digest?, origin: RecordOrigin,
        signing: [SignatureAlgorithm] = [.ed25519], attachments: [AttachmentReference]
    ) {
        self.lane = lane
        self.epoch = epoch
        self.counter = counter
        self.previous = previous
        self.origin = origin
        self.signing = signing
        self.attachments = attachments
    }

    /// The header's members, for a payload to be completed with what was tested.
    public var object: JSONObject {
        [
            "schema": .string(Self.schema), "lane": ["id": .string(lane)], "epoch": .integer(Int64(epoch)),
            "counter": .integer(Int64(counter)),
            "previous": previous.map { .string($0.description) } ?? .null, "origin": .string(origin.rawValue),
            "signing": .array(signing.map { .string($0.rawValue) }),
            "attachments": .array(attachments.map { .object($0.object) }),
        ]
    }

    /// Reads the header of a payload; members that it does not know are none of its business.
    ///
    /// - Returns: the header if nothing is wrong with it, and else what is.
    public static func read(_ payload: JSONValue) -> (header: RecordHeader?, findings: [Finding]) {
        var reader = HeaderReader(payload: payload)
        let header = reader.header()
        return (reader.findings.isEmpty ? header : nil, reader.findings)
    }
}

/// Reads a header and notes everything that is wrong with it.
private struct HeaderReader {
    let payload: JSONValue
    var findings: [Finding] = []

    init(payload: JSONValue) { self.payload = payload }

    mutating func header() -> RecordHeader? {
        guard payload.members != nil else {
            findings.append(Finding(.evidenceNotAnObject, at: "payload"))
            return nil
        }
        if payload["schema"] != .string(RecordHeader.schema) {
            findings.append(
                Finding(.evidenceSchemaUnknown, ["known": .text(RecordHeader.schema)], at: "payload.schema"))
        }
        let lane = payload["lane"]?["id"]?.text.flatMap { $0.isEmpty ? nil : $0 }
        if lane == nil { note("payload.lane.id", .expectedText) }
        let epoch = payload["epoch"]?.wholeNumber.flatMap { $0 >= 1 ? $0 : nil }
        if epoch == nil { note("payload.epoch", .evidenceExpectedCounter) }
        let counter = payload["counter"]?.wholeNumber.flatMap { $0 >= 1 ? $0 : nil }
        if counter == nil { note("payload.counter", .evidenceExpectedCounter) }
        let origin = payload["origin"]?.text.flatMap { RecordOrigin(rawValue: $0) }
        if origin == nil {
            let known = RecordOrigin.allCases.map(\.rawValue).joined(separator: ", ")
            note("payload.origin", .evidenceExpectedOneOf, ["known": .text(known)])
        }
        let previous = previous(before: counter)
        let signing = signing()
        let attachments = attachments(withSM3: signing.contains(.sm2))
        guard let lane, let epoch, let counter, let origin else { return nil }
        return RecordHeader(
            lane: lane, epoch: epoch, counter: counter, previous: previous, origin: origin, signing: signing,
            attachments: attachments)
    }

    /// The first record has none before it, every other has one.
    private mutating func previous(before counter: Int?) -> Digest? {
        switch (payload["previous"], counter) {
        case (.null, nil), (.null, 1): return nil
        case (.string(let text), let counter) where counter != 1:
            if let digest = Digest(text) { return digest }
            note("payload.previous", .evidenceExpectedDigest)
        case (_, 1): note("payload.previous", .evidenceExpectedNoPrevious)
        default: note("payload.previous", .evidenceExpectedDigest)
        }
        return nil
    }

    private mutating func signing() -> [SignatureAlgorithm] {
        guard let elements = payload["signing"]?.elements, !elements.isEmpty else {
            note("payload.signing", .expectedSequence)
            return []
        }
        var algorithms: [SignatureAlgorithm] = []
        for (index, element) in elements.enumerated() {
            guard let algorithm = element.text.flatMap({ SignatureAlgorithm(rawValue: $0) }),
                !algorithms.contains(algorithm)
            else {
                let known = SignatureAlgorithm.allCases.map(\.rawValue).joined(separator: ", ")
                note("payload.signing[\(index)]", .evidenceExpectedOneOf, ["known": .text(known)])
                continue
            }
            algorithms.append(algorithm)
        }
        return algorithms
    }

    private mutating func attachments(withSM3: Bool) -> [AttachmentReference] {
        guard let elements = payload["attachments"]?.elements else {
            note("payload.attachments", .expectedSequence)
            return []
        }
        var references: [AttachmentReference] = []
        for (index, element) in elements.enumerated() {
            let place = "payload.attachments[\(index)]"
            let name = element["name"]?.text
            let digest = element["sha256"]?.text.flatMap { Digest($0) }
            let size = element["size"]?.wholeNumber.flatMap { $0 >= 0 ? $0 : nil }
            if digest == nil { note("\(place).sha256", .evidenceExpectedDigest) }
            if size == nil { note("\(place).size", .expectedInteger) }
            guard let name, AttachmentReference.isPlain(name), !references.contains(where: { $0.name == name }) else {
                note("\(place).name", .evidenceExpectedFileName)
                continue
            }
            let sm3 = element["sm3"]?.text.flatMap { Digest($0, .sm3) }
            if withSM3 != (sm3 != nil) || (sm3 == nil) != (element["sm3"] == nil) {
                note("\(place).sm3", withSM3 ? .evidenceExpectedSM3 : .evidenceExpectedNothing)
            }
            guard let digest, let size else { continue }
            references.append(AttachmentReference(name: name, digest: digest, size: size, sm3: sm3))
        }
        return references
    }

    private mutating func note(_ place: String, _ expected: MessageCode, _ arguments: [String: MessageArgument] = [:]) {
        findings.append(
            Finding(.evidenceMemberInvalid, ["expected": .message(Message(expected, arguments))], at: place))
    }
}
