import Assurance
import Evidence
import Foundation
import GRDB
import Journal
import Messages
import Metrology
import Standards
import Testing

/// A lane's journal on disk with sealed checks and tests, as a running lane leaves it.
final class SealedLane: Sendable {
    static let name = "L-1"

    let directory: String
    let key = SigningKey(origin: .measured)
    let authority = SigningKey(origin: .measured)

    init() throws {
        var template = Array("/tmp/assurance-tests-XXXXXX".utf8CString)
        directory = try #require(mkdtemp(&template).map { String(cString: $0) })
    }

    deinit { try? FileManager.default.removeItem(atPath: directory) }

    var trust: TrustFile {
        get throws { try TrustFile([TrustedKey(key, lane: Self.name)]) }
    }

    var authorityTrust: TrustFile {
        get throws { try TrustFile([TrustedKey(authority, lane: Self.name)]) }
    }

    /// Opens the journal for a moment.
    func withJournal<Value>(_ body: (Journal) async throws -> Value) async throws -> Value {
        let journal = try await Journal.open(directory)
        do {
            let value = try await body(journal)
            try journal.close()
            return value
        } catch {
            try? journal.close()
            throw error
        }
    }

    func history() async throws -> SealedHistory {
        try await withJournal { journal in
            try await SealedHistory(
                of: journal, lane: Self.name, origin: .measured, trust: try trust, authority: try authorityTrust,
                rules: WholeLane.rules)
        }
    }

    /// Seals a check.
    func check(_ kind: CheckKind, _ verdict: String, at ended: Timestamp, in journal: Journal) async throws {
        try await seal(
            [
                "kind": "check",
                "instruments": [
                    ["role": .string(kind.role?.rawValue ?? ""), "serial": .string(WholeLane.serial(kind.role) ?? "")]
                ],
                "result": ["kind": .string(kind.rawValue), "verdict": .string(verdict), "items": []],
            ], method: "check.\(kind.rawValue)", verdict, at: ended, in: journal)
    }

    /// Seals a test.
    func test(_ method: TestMethod, _ verdict: String, at ended: Timestamp, in journal: Journal) async throws {
        try await seal(
            ["kind": "test", "test": ["method": .string(method.rawValue)], "result": ["verdict": .string(verdict)]],
            method: method.rawValue, verdict, at: ended, in: journal)
    }

    private func seal(
        _ members: JSONObject, method: String, _ verdict: String, at ended: Timestamp, in journal: Journal
    ) async throws {
        let id = UUID().uuidString
        let now = Date(timeIntervalSince1970: Double(ended.seconds))
        try await journal.beginTest(
            id: id, method: method, lane: Self.name, startedAt: ended.text, order: [], context: [], at: now)
        try await journal.seal(test: id, at: now) { [key] place in
            let header = RecordHeader(
                lane: Self.name, counter: place.counter, previous: place.previousDigest, origin: .measured,
                attachments: [])
            var payload = header.object
            for member in members.all { payload[member.name] = member.value }
            payload["time"] = ["ended": .string(ended.text)]
            payload["audit"] = place.auditHead.map { .string($0.description) } ?? .null
            return SealedRecord(
                try SignedRecord(payload: payload, signedWith: [key]), attachments: [], verdict: verdict, summary: [])
        }
    }

    /// Writes the audit entry of a state, as a lane does when it begins.
    func sealState(_ parts: [String: String], at now: Timestamp, in journal: Journal) async throws {
        let header = StatementHeader(
            .laneState, lane: Self.name, origin: .measured, signing: [.ed25519], at: now.text)
        let envelope = try LaneState(header: header, parts: parts).sealed(head: nil, counter: 0, with: [key])
        try await journal.audit(
            AssuranceEntry.state.rawValue, ["envelope": .string(String(decoding: envelope.bytes, as: UTF8.self))],
            at: Date(timeIntervalSince1970: Double(now.seconds)))
    }

    func order(
        _ number: Int, _ action: AuthorityOrder.Action, rule: LockoutRule? = nil, until: Timestamp? = nil,
        state: Digest? = nil, at now: Timestamp, by signer: SigningKey? = nil
    ) throws -> [UInt8] {
        let header = StatementHeader(
            .authorityOrder, lane: Self.name, origin: .measured, signing: [.ed25519], at: now.text)
        return try AuthorityOrder(
            header: header, number: number, action: action, rule: rule?.rawValue, until: until?.text, state: state,
            reason: "by letter"
        ).sealed(with: [signer ?? authority]).bytes
    }

    func take(_ order: [UInt8], at now: Timestamp, in journal: Journal) async throws {
        try await journal.audit(
            AssuranceEntry.order.rawValue, ["envelope": .string(String(decoding: order, as: UTF8.self))],
            at: Date(timeIntervalSince1970: Double(now.seconds)))
    }

    /// Edits the database as somebody with the disk in hands would: the triggers are no hindrance.
    func edit(_ statements: String...) throws {
        let queue = try DatabaseQueue(path: "\(directory)/\(Journal.fileName)")
        try queue.write { db in
            let triggers = try String.fetchAll(db, sql: "SELECT name FROM sqlite_master WHERE type = 'trigger'")
            for trigger in triggers { try db.execute(sql: "DROP TRIGGER \(trigger)") }
            try db.execute(sql: "PRAGMA defer_foreign_keys = ON")
            for statement in statements { try db.execute(sql: statement) }
        }
        try queue.close()
    }
}
