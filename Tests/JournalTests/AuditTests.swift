import Evidence
import Journal
import Testing

@Suite("Audit trail")
struct AuditTests {
    @Test("Every entry holds the digest of the one before")
    func chained() async throws {
        try await withJournal { journal, _ in
            try await journal.audit("operator.signed-in", ["name": "李娜"], at: noon)
            try await journal.audit("limit.changed", ["old": "0.50", "new": "0.40"], at: noon)
            let trail = try await journal.auditTrail()
            #expect(trail.map(\.number) == [1, 2])
            #expect(trail[0].previous == nil)
            #expect(trail[1].previous == trail[0].digest)
            #expect(String(decoding: trail[1].detail, as: UTF8.self) == #"{"new":"0.40","old":"0.50"}"#)
            #expect(
                trail[1].digest
                    == Digest(
                        of: bytes(
                            #"{"at":"2026-05-28T20:26:40.000Z","detail":{"new":"0.40","old":"0.50"},"#
                                + #""kind":"limit.changed","number":2,"previous":"\#(trail[0].digest)"}"#)))
            #expect(AuditEntry.firstBreak(in: trail) == nil)
        }
    }

    @Test(
        "An entry that was changed, removed or put in is found",
        arguments: [
            ("UPDATE audit SET detail = CAST('{}' AS BLOB) WHERE number = 2", 2),
            ("UPDATE audit SET at = '2020-01-01T00:00:00.000Z' WHERE number = 3", 3),
            ("UPDATE audit SET kind = 'nothing' WHERE number = 1", 1),
            ("UPDATE audit SET previous = NULL WHERE number = 3", 3),
            ("DELETE FROM audit WHERE number = 2", 2), ("DELETE FROM audit WHERE number = 1", 1),
            ("DELETE FROM audit WHERE number = 2; UPDATE audit SET number = number - 1 WHERE number > 2", 2),
        ])
    func tampering(sql: String, place: Int) async throws {
        try await withTemporaryDirectory { directory in
            let journal = try await Journal.open(directory, reserve: 0)
            for number in 1...4 { try await journal.audit("step", ["number": .integer(Int64(number))], at: noon) }
            try journal.close()
            try tamper(directory, "DROP TRIGGER audit_no_update; DROP TRIGGER audit_no_delete; \(sql)")
            let again = try await Journal.open(directory)
            #expect(AuditEntry.firstBreak(in: try await again.auditTrail()) == place)
        }
    }

    @Test("A trail that is cut short no longer reaches the digest that a record holds")
    func cutShort() async throws {
        try await withTemporaryDirectory { directory in
            let journal = try await Journal.open(directory, reserve: 0)
            try await journal.begin("a")
            try await journal.audit("limit.changed", [:], at: noon)
            let head = try await journal.auditTrail().last?.digest
            try await journal.seal(test: "a", at: noon) { context in
                #expect(context.auditHead == head)
                return try build(context)
            }
            try journal.close()
            try tamper(directory, "DROP TRIGGER audit_no_delete; DELETE FROM audit WHERE number >= 2")
            let trail = try await Journal.open(directory).auditTrail()
            #expect(AuditEntry.firstBreak(in: trail) == nil)
            #expect(!trail.map(\.digest).contains { $0 == head })
        }
    }
}
