import Evidence
import GRDB

extension Journal {
    /// The entries of some kinds, in their order.
    ///
    /// - Throws: ``JournalError/damaged(item:)`` for an entry that cannot be read.
    public func auditEntries(of kinds: [String]) async throws(JournalError) -> [AuditEntry] {
        try await read { db in
            let marks = databaseQuestionMarks(count: kinds.count)
            return try Row.fetchAll(
                db, sql: "SELECT * FROM audit WHERE kind IN (\(marks)) ORDER BY number",
                arguments: StatementArguments(kinds)
            ).map { row in
                guard let entry = AuditEntry(row) else {
                    throw JournalError.damaged(item: "audit \(row["number"] as Int)")
                }
                return entry
            }
        }
    }
}
