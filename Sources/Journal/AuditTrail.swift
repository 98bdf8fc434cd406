public import Evidence
public import Foundation
import GRDB

/// One entry of the audit trail (审计日志).
public struct AuditEntry: Hashable, Sendable {
    /// The entry's number, from 1, without gaps.
    public let number: Int
    /// When, by the wall clock, in UTC.
    public let at: String
    /// What happened, such as `record.sealed`.
    public let kind: String
    /// The particulars, as canonical JSON.
    public let detail: [UInt8]
    /// The digest of the entry before; nil for the first.
    public let previous: Digest?
    /// The digest of this entry: of the canonical JSON of everything above.
    public let digest: Digest

    /// The digest that the entry must have.
    public var expectedDigest: Digest? {
        guard let detail = try? JSONValue(parsing: detail) else { return nil }
        let content: JSONValue = [
            "number": .integer(Int64(number)), "at": .string(at), "kind": .string(kind), "detail": detail,
            "previous": previous.map { .string($0.description) } ?? .null,
        ]
        return (try? content.canonicalBytes()).map { Digest(of: $0) }
    }

    /// The number of the first entry that does not follow from those before it; nil if all do.
    ///
    /// That entries are missing at the end shows only against the digest of the last one, which every record holds
    /// that was sealed after it.
    public static func firstBreak(in entries: [AuditEntry]) -> Int? {
        var previous: Digest?
        for (index, entry) in entries.enumerated() {
            guard entry.number == index + 1, entry.previous == previous, entry.digest == entry.expectedDigest else {
                return index + 1
            }
            previous = entry.digest
        }
        return nil
    }
}

extension Journal {
    /// Adds an entry to the audit trail.
    ///
    /// - Parameter kind: a stable name, such as `operator.signed-in`.
    /// - Parameter detail: the particulars; old and new value where something was changed.
    public func audit(_ kind: String, _ detail: JSONObject, at now: Date) async throws(JournalError) {
        try await record { try AuditTrail.append(kind, detail, at: now, to: $0) }
    }

    /// The audit trail from its first entry on.
    public func auditTrail() async throws(JournalError) -> [AuditEntry] {
        try await read { db in
            try Row.fetchAll(db, sql: "SELECT * FROM audit ORDER BY number").map { row in
                guard let entry = AuditEntry(row) else {
                    throw JournalError.damaged(item: "audit \(row["number"] as Int)")
                }
                return entry
            }
        }
    }
}

extension AuditEntry {
    /// Reads an entry; nil if its digest is none.
    init?(_ row: Row) {
        guard let digest = Digest(row["digest"]) else { return nil }
        let previous: String? = row["previous"]
        self.init(
            number: row["number"], at: row["at"], kind: row["kind"], detail: bytes(in: row, "detail"),
            previous: previous.flatMap { Digest($0) }, digest: digest)
    }
}

enum AuditTrail {
    /// The digest of the last entry.
    static func head(in db: Database) throws -> Digest? {
        try String.fetchOne(db, sql: "SELECT digest FROM audit ORDER BY number DESC LIMIT 1").flatMap { Digest($0) }
    }

    /// Adds an entry within the caller's transaction.
    static func append(_ kind: String, _ detail: JSONObject, at now: Date, to db: Database) throws {
        let number = (try Int.fetchOne(db, sql: "SELECT MAX(number) FROM audit") ?? 0) + 1
        let previous = try head(in: db)
        let detail = try JSONValue.object(detail).canonicalBytes()
        let draft = AuditEntry(
            number: number, at: wallText(now), kind: kind, detail: detail, previous: previous, digest: Digest(of: []))
        guard let digest = draft.expectedDigest else { throw JournalError.refused(detail: "audit \(kind)") }
        try db.execute(
            sql: "INSERT INTO audit (number, at, kind, detail, previous, digest) VALUES (?, ?, ?, ?, ?, ?)",
            arguments: [
                number, draft.at, kind, Data(detail), previous?.description, digest.description,
            ])
    }
}
