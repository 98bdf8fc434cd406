import Assurance
import Evidence
import Foundation
import Journal
import Messages
import Standards
import Testing

@Suite("The history of sealed records")
struct SealedHistoryTests {
    let morning = WholeLane.morning

    /// A lane whose leak check passed, then failed.
    func lane() async throws -> SealedLane {
        let lane = try SealedLane()
        try await lane.withJournal { journal in
            try await lane.sealState(["a": "1"], at: morning, in: journal)
            try await lane.check(.gasLeak, "passed", at: morning + 60, in: journal)
            try await lane.test(.asm, "passed", at: morning + 120, in: journal)
            try await lane.check(.gasLeak, "failed", at: morning + 180, in: journal)
            try await lane.test(.twoSpeedIdle, "aborted", at: morning + 240, in: journal)
        }
        return lane
    }

    @Test("tells checks, tests, state and the newest time, and finds nothing wrong")
    func untouched() async throws {
        let history = try await lane().history()
        #expect(history.findings == [])
        #expect(history.checks.results.map(\.verdict) == ["passed", "failed"])
        #expect(history.checks.results.allSatisfy { $0.kind == .gasLeak && $0.serial == "S-gas-analyzer" })
        #expect(history.tests.map(\.isAborted) == [false, true])
        #expect(history.tests.map(\.method) == [.asm, .twoSpeedIdle])
        #expect(history.newest == morning + 240)
        #expect(history.state?.parts == ["a": "1"])
    }

    @Test(
        "notices every edit of the database",
        arguments: [
            // The failed check made a passed one, where lists show it, and where it is sealed.
            ["UPDATE records SET envelope = (SELECT envelope FROM records WHERE counter = 1) WHERE counter = 3"],
            [
                "UPDATE records SET envelope = (SELECT envelope FROM records WHERE counter = 1), payload_digest = 'x' WHERE counter = 3"
            ],
            ["UPDATE records SET envelope = CAST(REPLACE(envelope, 'A', 'B') AS BLOB) WHERE counter = 3"],
            ["UPDATE records SET payload_digest = 'sha256:' || printf('%064d', 0) WHERE counter = 3"],
            // The failed check gone.
            ["DELETE FROM outbox WHERE counter = 3", "DELETE FROM records WHERE counter = 3"],
            // The first record gone, too.
            ["DELETE FROM outbox WHERE counter = 1", "DELETE FROM records WHERE counter = 1"],
            // The records renumbered over the gap.
            [
                "DELETE FROM outbox WHERE counter >= 3", "DELETE FROM records WHERE counter = 3",
                "UPDATE records SET counter = 3 WHERE counter = 4",
                "INSERT INTO outbox SELECT 99, 'record', 'L-1', (SELECT test FROM records WHERE counter = 3), 1, 3, payload_digest, NULL, 0, 'pending', 0, 0, NULL FROM records WHERE counter = 3",
            ],
            // The audit trail.
            ["UPDATE audit SET at = '2026-01-01T00:00:00.000Z' WHERE number = 2"],
            ["UPDATE audit SET kind = 'nothing' WHERE kind = 'state.sealed'"],
            ["DELETE FROM audit WHERE number = 1"],
            ["DELETE FROM audit WHERE number > 4"],
            ["DELETE FROM audit"],
        ])
    func edited(statements: [String]) async throws {
        let lane = try await lane()
        for statement in statements { try lane.edit(statement) }
        var condition = WholeLane.good()
        let history = try await lane.history()
        condition.findings = history.findings
        condition.history = history.checks
        let rules = WholeLane.lockouts(condition, at: morning + 300).all.map(\.rule)
        #expect(rules.contains(.evidence), "\(history.findings)")
        // Whatever was edited, gasoline cars are not tested.
        #expect(!WholeLane.lockouts(condition, at: morning + 300).on(.asm).isEmpty)
    }

    @Test("does not believe records of a key that is not the lane's")
    func foreignKey() async throws {
        let lane = try await lane()
        let other = SigningKey(origin: .measured)
        let history = try await lane.withJournal { journal in
            try await SealedHistory(
                of: journal, lane: SealedLane.name, origin: .measured,
                trust: try TrustFile([TrustedKey(other, lane: SealedLane.name)]), authority: nil,
                rules: WholeLane.rules)
        }
        #expect(history.checks.results.isEmpty)
        #expect(history.findings.filter { $0.code == .lockEvidenceRecord }.count == 4)
        #expect(history.state == nil)
    }

    @Test("takes the authority's orders, and nobody else's")
    func orders() async throws {
        let lane = try await lane()
        func lockouts(at now: Timestamp) async throws -> [LockoutRule] {
            let history = try await lane.history()
            var condition = WholeLane.good()
            condition.findings = history.findings
            condition.orders = history.orders
            condition.clockSteps = [ClockStep(at: morning, seconds: 60, counter: 0)]
            return WholeLane.lockouts(condition, at: now).all.map(\.rule)
        }
        // The clock check of the condition came after the step.
        #expect(try await lockouts(at: morning + 1) == [])
        try await lane.withJournal { journal in
            try await lane.take(lane.order(1, .lock, at: morning + 10), at: morning + 300, in: journal)
        }
        #expect(try await lockouts(at: morning + 301) == [.authority])
        try await lane.withJournal { journal in
            try await lane.take(lane.order(2, .unlock, at: morning + 20), at: morning + 310, in: journal)
        }
        #expect(try await lockouts(at: morning + 311) == [])
        // An unlocking that the lane's own key signed: in the audit trail, but no order.
        try await lane.withJournal { journal in
            try await lane.take(lane.order(3, .lock, at: morning + 30), at: morning + 320, in: journal)
            try await lane.take(
                lane.order(4, .unlock, at: morning + 40, by: lane.key), at: morning + 330, in: journal)
        }
        #expect(try await lockouts(at: morning + 331) == [.evidence, .authority])
    }

    @Test("lets an order lift a lockout that came before it, for as long as it says")
    func unlocking() async throws {
        let lane = try SealedLane()
        func condition(_ order: [UInt8]) throws -> LaneCondition {
            var condition = WholeLane.good()
            condition.history.add(WholeLane.result(.gasLeak, "failed", at: morning + 100, counter: 80))
            let report = AuthorityOrder.verify(
                order, authority: try lane.authorityTrust, lane: SealedLane.name, origin: .measured)
            #expect(report.isValid, "\(report.findings)")
            condition.orders = [try #require(report.content)]
            return condition
        }
        let before = try condition(lane.order(1, .unlock, rule: .checkFailed, at: morning + 99))
        #expect(WholeLane.lockouts(before, at: morning + 200).all.map(\.rule) == [.checkFailed])
        let after = try condition(
            lane.order(1, .unlock, rule: .checkFailed, until: morning + 500, at: morning + 100))
        #expect(WholeLane.lockouts(after, at: morning + 499).all.isEmpty)
        #expect(WholeLane.lockouts(after, at: morning + 500).all.map(\.rule) == [.checkFailed])
        let other = try condition(lane.order(1, .unlock, rule: .clock, at: morning + 200))
        #expect(WholeLane.lockouts(other, at: morning + 200).all.map(\.rule) == [.checkFailed])
    }

    @Test("accepts a changed state only if the authority names its digest")
    func acceptance() throws {
        let lane = try SealedLane()
        var condition = WholeLane.good()
        condition.differences = [.init(part: "software.executable", sealed: "a", found: "b")]
        let found = LaneState.digest(of: ["software.executable": "b"])
        condition.stateDigest = found
        for (digest, isLocked) in [(LaneState.digest(of: ["software.executable": "c"]), true), (found, false)] {
            let order = try lane.order(1, .acceptState, state: digest, at: morning)
            let report = AuthorityOrder.verify(
                order, authority: try lane.authorityTrust, lane: SealedLane.name, origin: .measured)
            condition.orders = [try #require(report.content)]
            #expect(WholeLane.lockouts(condition).all.isEmpty == !isLocked)
        }
    }
}
