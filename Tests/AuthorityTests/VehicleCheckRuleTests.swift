import Authority
import Evidence
import Metrology
import Procedures
import Standards
import Testing

/// A lamp that is commanded on, and is.
private func light(_ checks: inout VehicleChecks) {
    checks.obd?.milCommanded = true
    checks.obd?.milLit = true
}

@Suite("Rules for the checks before the tailpipe")
struct VehicleCheckRuleTests {
    /// Checks of a gasoline car in order, as an order states them.
    private static var good: Value {
        [
            "appearance": [
                "by": "Wang", "at": "2026-03-01T10:05:00+08:00",
                "items": .object(
                    Dictionary(
                        uniqueKeysWithValues: [
                            "machine", "emission-control", "crankcase-ventilation", "evaporation-control",
                            "instruments", "safe-to-test", "no-oil-or-black-smoke", "intake-and-exhaust-tight",
                            "no-liquid-leak", "tyres", "accessories-off", "stability-control-off", "fuel",
                        ].map { ($0, Value.bool(true)) })),
            ],
            "obd": [
                "by": "Wang", "at": "2026-03-01T10:08:00+08:00", "communication": .bool(true),
                "milCommanded": .bool(false), "milLit": .bool(false), "codes": [],
                "monitors": ["catalyst": "complete", "egr": "unsupported", "evap": "incomplete"],
                "units": [["name": "engine", "calid": "8K0907115B-0004", "cvn": "9C3B21F0"]],
            ],
            "observations": [["by": "Li", "at": "2026-03-01T10:09:00+08:00", "ringelmann": 1]],
        ]
    }

    /// A car that passes ASM after checks in order.
    private static var passed: Value {
        var record = Payload.passed()
        record.set("order.vehicleChecks", good)
        record.set(
            "packs",
            [
                ["id": "GB18285-2018-ASM", "kind": "limits", "sha256": .string(Payload.noDigest)],
                ["id": "CN-2018-vehicle-checks", "kind": "vehicle-checks", "sha256": .string(Payload.noDigest)],
            ])
        return record
    }

    /// What a lane seals for a gasoline car with these checks.
    private static func ended(_ change: (inout VehicleChecks) -> Void) throws -> Value {
        let signature = CheckSignature(by: "Wang", at: "2026-03-01T10:05:00+08:00")
        let rules = try PackLibrary.vehicleCheckRules()
        var checks = VehicleChecks(
            appearance: AppearanceCheck(signature: signature, items: [:]),
            obd: OBDCheck(
                signature: signature, communication: true, milCommanded: false, milLit: false,
                monitors: ["catalyst": .complete], units: [.init(name: "engine", calibration: "CAL-1")]),
            observations: [SmokeObservation(signature: signature, kind: .ringelmann(0))])
        for rule in rules.appearance { checks.appearance?.items[rule.id] = true }
        change(&checks)
        return try Tested.ended(by: checks, rules: rules)
    }

    /// Vehicles that the checks stop, by what stops them.
    private static let stopped: [(name: String, change: @Sendable (inout VehicleChecks) -> Void)] = [
        ("failed commanded-on", { light(&$0) }),
        ("failed lamp-dark-though-commanded", { $0.obd?.milCommanded = true }),
        ("failed lamp-lit-though-not-commanded", { $0.obd?.milLit = true }),
        (
            "failed commanded-on",
            {
                light(&$0)
                $0.obd?.codes = ["P0301"]
                $0.appearance?.items["tyres"] = false
            }
        ),
        (
            "failed no-communication",
            {
                $0.obd = OBDCheck(
                    signature: CheckSignature(by: "A", at: "2026-03-01T10:00:00+08:00"), communication: false)
            }
        ),
        ("failed emission-control", { $0.appearance?.items["emission-control"] = false }),
        (
            "failed ringelmann",
            { $0.observations = $0.observations.map { .init(signature: $0.signature, kind: .ringelmann(2)) } }
        ),
        ("aborted vehicle-condition", { $0.appearance?.items["tyres"] = false }),
        (
            "aborted vehicle-readiness",
            { for monitor in ["a", "b", "c"] { $0.obd?.monitors[monitor] = .incomplete } }
        ),
    ]

    @Test("Checks in order, and every way in which they end a test, keep every rule")
    func right() async throws {
        var records = [("passed", Self.passed)]
        for (name, change) in Self.stopped { records.append((name, try Self.ended(change))) }
        for (name, record) in records {
            try await withServer { _, client, lane in
                let answer = try await client.post(record, by: lane)
                #expect(answer.status == 200, "\(name): \(String(decoding: answer.body.prefix(900), as: UTF8.self))")
            }
        }
    }

    /// What is changed in checks in order, to what, and the rules that say so.
    private static let changes: [([(String, Value?)], [String])] = [
        ([("order.vehicleChecks.appearance.by", "")], ["checks.form"]),
        ([("order.vehicleChecks.obd.by", nil)], ["checks.form"]),
        ([("order.vehicleChecks.observations[0].at", "yesterday")], ["checks.form"]),
        ([("order.vehicleChecks.observations[0].ringelmann", 6)], ["checks.form"]),
        ([("order.vehicleChecks.observations[0].visibleSmoke", .bool(true))], ["checks.form"]),
        ([("order.vehicleChecks.obd.communication", 1)], ["checks.form"]),
        ([("order.vehicleChecks.obd.monitors.egr", "perhaps")], ["checks.form"]),
        ([("order.vehicleChecks.obd.units[0].calid", "")], ["checks.form"]),
        ([("order.vehicleChecks.obd.units[0].cvn", nil)], ["checks.form"]),
        ([("order.vehicleChecks.obd.at", "2026-03-01T10:18:03+08:00")], ["checks.when"]),
        ([("order.vehicleChecks.appearance.items.tyres", nil)], ["checks.items"]),
        ([("order.vehicleChecks.obd.units", [])], ["checks.answers"]),
        ([("order.vehicleChecks.obd.monitors", [:])], ["checks.answers"]),
        ([("order.vehicleChecks.obd.milLit", .null)], ["checks.answers"]),
        ([("packs", [["id": "GB18285-2018-ASM", "sha256": .string(Payload.noDigest)]])], ["checks.pack"]),
        ([("order.vehicleChecks.obd.milLit", .bool(true))], ["checks.decision"]),
        (
            [
                ("order.vehicleChecks.obd.milLit", .bool(true)),
                ("order.vehicleChecks.obd.milCommanded", .bool(true)),
            ], ["checks.decision"]
        ),
        ([("order.vehicleChecks.obd.communication", .bool(false))], ["checks.decision"]),
        (
            [
                (
                    "order.vehicleChecks.obd.monitors",
                    ["a": "incomplete", "b": "incomplete", "c": "incomplete"]
                )
            ], ["checks.decision"]
        ),
        ([("order.vehicleChecks.appearance.items.fuel", .bool(false))], ["checks.decision"]),
        ([("order.vehicleChecks.observations[0].ringelmann", 2)], ["checks.decision"]),
        (
            [("test.algorithm", "vehicle-checks/1"), ("result.verdict", "failed")],
            ["checks.decision"]
        ),
    ]

    @Test("What was changed in checks is refused by its own rule", arguments: changes)
    func changed(changes: [(String, Value?)], rules: [String]) async throws {
        try await refuse(Self.passed, changes, rules)
    }

    /// What is changed in a record of a car that its lamp fails.
    private static let changesOfEnd: [([(String, Value?)], [String])] = [
        ([("result.verdict", "passed")], ["checks.decision"]),
        ([("result.reason.code", "stall")], ["checks.decision"]),
        ([("result.verdict", "aborted"), ("result.reason.code", "precondition")], ["checks.decision"]),
        ([("result.vehicleChecks.findings", [])], ["checks.findings"]),
        ([("result.vehicleChecks.findings[0].consequence", "noted")], ["checks.findings"]),
        ([("order.vehicleChecks", nil)], ["checks.form"]),
        (
            [("order.vehicleChecks.obd.milCommanded", .bool(false)), ("order.vehicleChecks.obd.milLit", .bool(false))],
            ["checks.decision", "checks.findings"]
        ),
    ]

    @Test("What was changed in a record that checks ended is refused by its own rule", arguments: changesOfEnd)
    func changedEnd(changes: [(String, Value?)], rules: [String]) async throws {
        try await refuse(try Self.ended { light(&$0) }, changes, rules)
    }

    @Test("Every rule is broken by one of the changes")
    func complete() {
        let broken = Set((Self.changes + Self.changesOfEnd).flatMap(\.1))
        #expect(RecordProblem.rulesOfVehicleChecks.filter { !broken.contains($0) } == [])
        #expect(RecordProblem.rulesOfVehicleChecks.count == 7)
    }

    private func refuse(_ record: Value, _ changes: [(String, Value?)], _ rules: [String]) async throws {
        var record = record
        for (path, value) in changes { record.set(path, value) }
        let changed = record
        try await withServer { server, client, lane in
            let answer = try await client.post(changed, by: lane)
            #expect(answer.status == 422)
            var found: [String] = []
            for problem in try answer.problems where !found.contains(problem.rule) { found.append(problem.rule) }
            #expect(found == rules, "\(String(decoding: answer.body.prefix(900), as: UTF8.self))")
            #expect(await server.receipts.isEmpty)
        }
    }
}
