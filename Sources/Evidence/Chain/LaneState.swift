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

    /// Lane, epoch, origin, time.
    public let header: StatementHeader
    /// The parts: digests of files, values of parameters.
    public let parts: [String: String]

    /// Creates a state, to be signed or compared.
    public init(header: StatementHeader, parts: [String: String]) {
        self.header = header
        self.parts = parts
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
            ], with: keys)
    }

    /// Verifies a state against the keys that are enrolled.
    public static func verify(
        _ bytes: [UInt8], trust: TrustFile, allowSimulated: Bool
    ) -> StatementReport<LaneState> {
        Verifier(trust: trust, allowSimulated: allowSimulated).verifyStatement(
            bytes, .laneState, members: ["parts", "head", "size"], read: read)
    }

    private static func read(_ reader: inout MemberReader, _ header: StatementHeader) -> LaneState? {
        if reader.value["head"] != .null { _ = reader.digest("head") }
        _ = reader.count("size", from: 0)
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
        return LaneState(header: header, parts: parts)
    }

    private static func object(_ parts: [String: String]) -> JSONObject {
        var object = JSONObject()
        for (name, text) in parts { object[name] = .string(text) }
        return object
    }
}
