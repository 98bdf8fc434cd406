import Messages

/// What a lane is made of, legally (软件与参数身份, OIML D 31): program, packs, profiles, instruments and parameters,
/// each as a named text, signed by the lane.
public struct LaneState: Hashable, Sendable {
    /// A part that differs between two states.
    public struct Difference: Hashable, Sendable {
        /// The part's name, such as `software.executable`.
        public let part: String
        /// The text that was sealed; nil where the part is new.
        public let sealed: String?
        /// The text that was found; nil where the part is gone.
        public let found: String?

        /// Creates a difference.
        public init(part: String, sealed: String?, found: String?) {
            self.part = part
            self.sealed = sealed
            self.found = found
        }
    }

    /// What a passed check found and the lane measures with (封存参数).
    public struct Parameter: Hashable, Sendable {
        /// The parameter's name, such as `parasitic-loss`.
        public let name: String
        /// The number of the check's record.
        public let counter: Int
        /// The digest of that record's payload.
        public let record: Digest
        /// The parameter as that record holds it, as canonical JSON.
        public let value: String

        /// Creates a parameter.
        public init(name: String, counter: Int, record: Digest, value: String) {
            self.name = name
            self.counter = counter
            self.record = record
            self.value = value
        }
    }

    /// Lane, epoch, origin, time.
    public let header: StatementHeader
    /// The parts: digests of files, values of parameters. They do not change while nobody changes the lane.
    public let parts: [String: String]
    /// What passed checks found, in the order of the names.
    public let parameters: [Parameter]
    /// The fingerprints of the keys that the lane signs with.
    public let keys: [String]
    /// The digest of the newest record's payload; nil before the first.
    public internal(set) var head: Digest?
    /// The newest record's number; 0 before the first.
    public internal(set) var size = 0

    /// Creates a state, to be signed or compared.
    public init(header: StatementHeader, parts: [String: String], parameters: [Parameter] = [], keys: [String] = []) {
        self.header = header
        self.parts = parts
        self.parameters = parameters
        self.keys = keys
    }

    /// The digest of the parts, which the authority's acceptance names.
    public var digest: Digest { Self.digest(of: parts) }

    /// The digest of some parts: of their canonical JSON.
    public static func digest(of parts: [String: String]) -> Digest {
        // Texts alone: canonical JSON holds them all.
        Digest(of: (try? JSONValue.object(object(parts)).canonicalBytes()) ?? [])
    }

    /// What differs, in the order of the names.
    public static func differences(sealed: [String: String], found: [String: String]) -> [Difference] {
        Set(sealed.keys).union(found.keys).sorted().compactMap { part in
            sealed[part] == found[part] ? nil : Difference(part: part, sealed: sealed[part], found: found[part])
        }
    }

    /// Signs the state, with what else it attests.
    ///
    /// - Parameter head: the digest of the newest record's payload, and its number.
    /// - Throws: `JSONError` or ``SigningKeyError``.
    public func sealed(head: Digest?, counter: Int, with keys: [SigningKey]) throws -> Envelope {
        try header.sealed(
            [
                "parts": .object(Self.object(parts)), "head": head.map { .string($0.description) } ?? .null,
                "size": .integer(Int64(counter)),
                "parameters": .array(
                    parameters.map { parameter in
                        [
                            "name": .string(parameter.name), "counter": .integer(Int64(parameter.counter)),
                            "record": .string(parameter.record.description), "value": .string(parameter.value),
                        ]
                    }),
                "keys": .array(self.keys.map(JSONValue.string)),
            ], with: keys)
    }

    /// Verifies a state against the keys that are enrolled.
    public static func verify(
        _ bytes: [UInt8], trust: TrustFile, allowSimulated: Bool
    ) -> StatementReport<LaneState> {
        verify(bytes, with: Verifier(trust: trust, allowSimulated: allowSimulated))
    }

    /// Verifies a state as a verifier judges records.
    public static func verify(_ bytes: [UInt8], with verifier: Verifier) -> StatementReport<LaneState> {
        verifier.verifyStatement(
            bytes, .laneState, members: ["parts", "head", "size", "parameters", "keys"], read: read)
    }

    /// Whether an envelope claims to hold a lane's state; whether it does is for ``verify(_:with:)`` to say.
    public static func isClaimed(by bytes: [UInt8]) -> Bool {
        guard let envelope = try? Envelope(parsing: bytes, type: .statement),
            let payload = try? JSONValue(parsing: envelope.payload)
        else { return false }
        return payload["schema"]?.text == StatementKind.laneState.rawValue
    }

    private static func read(_ reader: inout MemberReader, _ header: StatementHeader) -> LaneState? {
        let head = reader.value["head"] == .null ? nil : reader.digest("head")
        let size = reader.count("size", from: 0)
        guard let members = reader.value["parts"]?.members else {
            reader.note("parts", .expectedMapping)
            return nil
        }
        var parts: [String: String] = [:]
        for member in members.all {
            guard let text = member.value.text else {
                reader.note("parts.\(member.name)", .expectedText)
                return nil
            }
            parts[member.name] = text
        }
        // States that were sealed before these were stated have neither.
        var parameters: [Parameter] = []
        if let listed = reader.value["parameters"] {
            guard let elements = listed.elements else {
                reader.note("parameters", .expectedSequence)
                return nil
            }
            for (index, element) in elements.enumerated() {
                var entry = MemberReader(element, at: "\(reader.place).parameters[\(index)]")
                entry.expect(only: ["name", "counter", "record", "value"])
                let parameter = Self.parameter(&entry)
                reader.adopt(entry.findings)
                guard let parameter else { return nil }
                parameters.append(parameter)
            }
        }
        var keys: [String] = []
        if let listed = reader.value["keys"] {
            guard let elements = listed.elements else {
                reader.note("keys", .expectedSequence)
                return nil
            }
            for (index, element) in elements.enumerated() {
                guard let id = element.text, isFingerprint(id) else {
                    reader.note("keys[\(index)]", .evidenceExpectedKeyID)
                    return nil
                }
                keys.append(id)
            }
        }
        var state = LaneState(header: header, parts: parts, parameters: parameters, keys: keys)
        (state.head, state.size) = (head, size ?? 0)
        return state
    }

    private static func parameter(_ entry: inout MemberReader) -> Parameter? {
        let name = entry.text("name")
        let counter = entry.count("counter")
        let record = entry.digest("record")
        let value = entry.text("value")
        guard let name, let counter, let record, let value else { return nil }
        return Parameter(name: name, counter: counter, record: record, value: value)
    }

    private static func object(_ parts: [String: String]) -> JSONObject {
        var object = JSONObject()
        for (name, text) in parts { object[name] = .string(text) }
        return object
    }
}
