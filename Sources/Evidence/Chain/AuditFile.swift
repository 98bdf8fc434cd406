import Messages

/// An entry of the audit trail (审计日志) as an exported file holds it, a line of canonical JSON each.
public struct AuditLine: Sendable {
    /// The entry's number, from 1, without gaps.
    public let number: Int
    /// When, RFC 3339.
    public let at: String
    /// What happened, such as `key.rotated`.
    public let kind: String
    /// The particulars.
    public let detail: JSONObject
    /// The digest of the entry before; nil for the first.
    public let previous: Digest?

    /// Creates an entry.
    public init(number: Int, at: String, kind: String, detail: JSONObject, previous: Digest?) {
        self.number = number
        self.at = at
        self.kind = kind
        self.detail = detail
        self.previous = previous
    }

    /// The line without its line feed: canonical JSON, whose digest is the entry's.
    ///
    /// - Throws: `JSONError` for a value that JSON cannot hold.
    public func bytes() throws(JSONError) -> [UInt8] {
        try JSONValue.object([
            "number": .integer(Int64(number)), "at": .string(at), "kind": .string(kind), "detail": .object(detail),
            "previous": previous.map { .string($0.description) } ?? .null,
        ]).canonicalBytes()
    }
}

/// The state of the audit trail, signed at its export.
public struct AuditHead: Hashable, Sendable {
    /// Lane, epoch, origin, time.
    public let header: StatementHeader
    /// How many entries there were.
    public let size: Int
    /// The digest of the last one.
    public let head: Digest
    /// The digest of the exported file.
    public let file: Digest

    /// Signs what a file of entries holds; nil if it holds none.
    ///
    /// - Throws: `JSONError` or ``SigningKeyError``.
    public static func sealed(
        over file: [UInt8], header: StatementHeader, with keys: [SigningKey]
    ) throws -> Envelope? {
        let lines = file.split(separator: 0x0A)
        guard let last = lines.last else { return nil }
        return try header.sealed(
            [
                "size": .integer(Int64(lines.count)), "head": .string(Digest(of: Array(last)).description),
                "file": .string(Digest(of: file).description),
            ], with: keys)
    }

    /// What a file of entries has against the head and itself, each with the line's number.
    public func findings(in file: [UInt8]) -> [Finding] {
        var findings: [Finding] = []
        var previous: Digest?
        var count = 0
        // What follows the last line feed is no line.
        var lines = file.split(separator: 0x0A, omittingEmptySubsequences: false)
        if lines.last?.isEmpty == true { lines.removeLast() }
        for line in lines {
            count += 1
            let place = "audit \(count)"
            let bytes = Array(line)
            do throws(JSONError) {
                let value = try JSONValue(parsing: bytes)
                var reader = MemberReader(value, at: place)
                reader.expect(only: ["number", "at", "kind", "detail", "previous"])
                findings += reader.findings
                let stated: JSONValue = previous.map { .string($0.description) } ?? .null
                let canonical = try value.canonicalBytes()
                if value["number"]?.wholeNumber != count || value["previous"] != stated || canonical != bytes {
                    findings.append(Finding(.evidenceAuditBroken, at: place))
                }
            } catch {
                findings.append(Finding(.evidenceNotJSON, ["detail": .message(error.message)], at: place))
            }
            previous = Digest(of: bytes)
        }
        if count != size {
            findings.append(
                Finding(.evidenceAuditTruncated, ["found": .integer(count), "expected": .integer(size)], at: "audit"))
        } else if previous != head || Digest(of: file) != self.file {
            // The chain may be whole and yet another.
            findings.append(Finding(.evidenceAuditBroken, at: "audit \(count)"))
        }
        return findings
    }
}

extension Verifier {
    /// Verifies the signed head of an audit trail.
    public func verifyAuditHead(_ bytes: [UInt8]) -> StatementReport<AuditHead> {
        verifyStatement(bytes, .auditHead, members: ["size", "head", "file"]) { reader, header in
            let (size, head, file) = (reader.count("size"), reader.digest("head"), reader.digest("file"))
            guard let size, let head, let file else { return nil }
            return AuditHead(header: header, size: size, head: head, file: file)
        }
    }
}
