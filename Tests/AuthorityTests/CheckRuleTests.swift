import Authority
import Testing

@Suite("Rules for checks of instruments")
struct CheckRuleTests {
    /// A single-point check of CO 0.50 % ± 0.02 % and a leak check's flag, both in order.
    static var passed: Value {
        [
            "schema": "laneagent.record/1", "kind": "check",
            "lane": ["id": "320105-03-1", "station": "320105-03"], "counter": 1, "previous": nil,
            "origin": "measured", "signing": ["ed25519"], "software": ["name": "LaneAgent", "version": "1"],
            "time": ["started": "2026-03-01T07:15:30.250+08:00", "ended": "2026-03-01T07:18:02+08:00"],
            "check": ["id": "2f1c", "kind": "gas-single-point"],
            "order": [
                "kind": "gas-single-point", "gases": ["low": ["number": "B-1", "components": [:]]], "filters": [],
                "weights": [], "readings": [],
            ],
            "packs": [["id": "HJ1237-2021-checks", "sha256": .string(Payload.noDigest)]],
            "instruments": [["role": "gas-analyzer", "model": "NHA-506"]], "laneParameters": [:],
            "environment": nil, "person": ["name": "Wu", "role": "technician"],
            "result": [
                "kind": "gas-single-point", "instrument": "gas-analyzer", "verdict": "passed", "reason": nil,
                "items": [
                    [
                        "id": "low.co", "quantity": "co", "reference": "0.500", "value": "0.519", "full": "0.519",
                        "error": "0.019", "tolerance": ["absolute": "0.02", "relative": "3"], "verdict": "passed",
                    ],
                    [
                        "id": "analyzer.pef", "quantity": "pef", "reference": nil, "value": "0.508",
                        "full": "0.508", "tolerance": ["low": "0.490", "high": "0.540"], "verdict": "passed",
                    ],
                ],
                "parameters": [["name": "propane-equivalence", "factor": "0.508"]], "references": ["B-1"],
            ],
            "timing": [:],
            "attachments": [["name": "frames.jsonl", "sha256": .string(Payload.noDigest), "size": 12]],
        ]
    }

    @Test("A check in order gets its receipt")
    func right() async throws {
        try await withServer { server, client, lane in
            let answer = try await client.post(Self.passed, by: lane)
            #expect(answer.status == 200, "\(String(decoding: answer.body, as: UTF8.self))")
            #expect(await server.receipts.count == 1)
        }
    }

    /// What is changed, to what, and the rules that say so.
    static let changes: [([(String, Value)], [String])] = [
        ([("check.kind", "walking")], ["outline.member", "check.kind"]),
        ([("counter", 2)], ["outline.previous"]),
        ([("order.kind", "gas-leak")], ["check.kind"]),
        ([("result.instrument", "opacimeter")], ["check.instrument"]),
        ([("instruments", [])], ["check.instrument"]),
        ([("person", nil)], ["check.person"]),
        ([("person.role", "operator")], ["check.person"]),
        ([("result.references", ["B-2"])], ["check.references"]),
        ([("result.verdict", "failed"), ("result.parameters", [])], ["check.verdict"]),
        ([("result.verdict", "failed")], ["check.verdict", "check.parameters"]),
        (
            [("result.verdict", "aborted"), ("result.reason", ["code": "operator"]), ("result.parameters", [])],
            ["check.verdict"]
        ),
    ]

    @Test("What was changed in a check is refused by its own rule", arguments: changes)
    func changed(changes: [(String, Value)], rules: [String]) async throws {
        var record = Self.passed
        for (path, value) in changes { record.set(path, value) }
        let changed = record
        try await withServer { server, client, lane in
            let answer = try await client.post(changed, by: lane)
            #expect(answer.status == 422)
            var found: [String] = []
            for problem in try answer.problems where !found.contains(problem.rule) { found.append(problem.rule) }
            #expect(found == rules)
            #expect(await server.receipts.isEmpty)
        }
    }

    @Test(
        "An item is judged anew by its tolerance, absolute or relative",
        arguments: [
            ("0.500", "0.519", true), ("0.500", "0.481", true), ("0.500", "0.521", false), ("0.500", "0.479", false),
            ("8.000", "8.23", true), ("8.000", "8.241", false), ("8.000", nil, false),
        ] as [(String, String?, Bool)])
    func judged(reference: String, full: String?, passes: Bool) async throws {
        for (verdict, isRight) in [("passed", passes), ("failed", !passes)] {
            var record = Self.passed
            var item: Value = [
                "id": "low.co", "quantity": "co", "tolerance": ["absolute": "0.02", "relative": "3"],
            ]
            item.set("reference", .string(reference))
            item.set("full", full.map { .string($0) } ?? nil)
            item.set("verdict", .string(verdict))
            record.set("result.items", .array([item]))
            record.set("result.verdict", .string(verdict))
            if verdict == "failed" { record.set("result.parameters", []) }
            let changed = record
            try await withServer { _, client, lane in
                let answer = try await client.post(changed, by: lane)
                #expect(answer.status == (isRight ? 200 : 422), "\(verdict)")
                if !isRight { #expect(try answer.problems.map(\.rule) == ["check.item"]) }
            }
        }
    }

    @Test("Every rule of checks is broken by one of the changes")
    func complete() {
        let broken = Set(Self.changes.flatMap(\.1)).union(["check.item"])
        #expect(RecordProblem.rulesOfChecks.filter { !broken.contains($0) } == [])
        #expect(RecordProblem.rulesOfChecks.count == 7)
    }
}
