import Authority
import Testing

/// One way to spoil a record, and what must be said about it.
struct Spoiled: CustomTestStringConvertible, Sendable {
    enum Kind: Sendable {
        case passed
        case failed
        case aborted
    }

    let kind: Kind
    let edits: [(path: String, value: Value?)]
    let expected: [String]

    /// - Parameter expected: every problem as `rule path`, in order.
    init(_ kind: Kind, _ edits: [(String, Value?)], _ expected: String...) {
        (self.kind, self.edits, self.expected) = (kind, edits, expected)
    }

    var payload: Value {
        var payload =
            switch kind {
            case .passed: Payload.passed()
            case .failed: Payload.failed()
            case .aborted: Payload.aborted()
            }
        for (path, value) in edits { payload.set(path, value) }
        return payload
    }

    var testDescription: String { expected.joined(separator: "; ") }
}

@Suite("Rules")
struct RuleTests {
    @Test("A passed, a failed and an aborted test keep every rule")
    func right() async throws {
        for payload in [Payload.passed(), Payload.failed(), Payload.aborted()] {
            try await withServer { _, client, lane in
                let answer = try await client.post(payload, by: lane)
                #expect(answer.status == 200, "\(String(decoding: answer.body, as: UTF8.self))")
            }
        }
    }

    @Test(
        "Each broken rule is named with its place, and no other", arguments: outline + circumstances + results + seconds
    )
    func broken(_ spoiled: Spoiled) async throws {
        try await withServer { server, client, lane in
            let answer = try await client.post(spoiled.payload, by: lane)
            #expect(answer.status == 422)
            #expect(try answer.refusal == "rejected")
            #expect(try answer.problems.map { "\($0.rule) \($0.path)" } == spoiled.expected)
            #expect(await server.receipts.isEmpty)
        }
    }

    @Test("Every problem of a record is told at once")
    func allAtOnce() async throws {
        try await withServer { _, client, lane in
            var payload = Payload.passed()
            payload.set("kind", "guess")
            payload.set("time.started", "yesterday")
            payload.set("result.items[2].value", "294.2")
            payload.set("result.seconds[7].df", "1.60")
            let problems = try await client.post(payload, by: lane).problems
            #expect(
                problems.map { "\($0.rule) \($0.path)" } == [
                    "outline.member kind", "outline.member time.started", "item.decimals result.items[2].value",
                    "seconds.dilution result.seconds[7].df", "seconds.corrected result.seconds[7].coc",
                    "seconds.corrected result.seconds[7].hcc", "seconds.corrected result.seconds[7].noc",
                ])
        }
    }

    @Test("A payload that is no object lacks every member")
    func noObject() async throws {
        try await withServer { _, client, lane in
            let problems = try await client.post([1], by: lane).problems
            #expect(problems.count > 20)
            #expect(problems.allSatisfy { $0.problem == "is missing" })
        }
    }

    @Test("A simulated lane is taken only by a platform that is told to")
    func simulated() async throws {
        let lane = try LaneKey(origin: "simulated")
        var payload = Payload.passed()
        payload.set("origin", "simulated")
        for accepts in [true, false] {
            try await withServer(keys: [try lane.trusted], acceptsSimulated: accepts) { _, client, _ in
                let answer = try await client.post(payload, by: lane)
                #expect(answer.status == (accepts ? 200 : 422))
                if !accepts { #expect(try answer.problems.map(\.rule) == ["origin.simulated"]) }
            }
        }
    }

    @Test("The edition of 2005 has other limits, which are not looked up")
    func edition2005() async throws {
        try await withServer { _, client, lane in
            var payload = Payload.passed()
            payload.set("packs[0].id", "GB18285-2005-ASM")
            payload.set("result.items[0].limit", "0.81")
            let answer = try await client.post(payload, by: lane)
            #expect(answer.status == 200)
        }
    }

    @Test("Limit b is as good as limit a")
    func limitB() async throws {
        try await withServer { _, client, lane in
            var payload = Payload.passed()
            for (index, limit) in ["0.35", "47", "420"].enumerated() {
                payload.set("result.items[\(index)].limit", .string(limit))
            }
            let answer = try await client.post(payload, by: lane)
            #expect(answer.status == 200)
        }
    }
}

/// Members that are missing or of another form, each the only thing wrong.
private let memberEdits: [(String, Value?)] = [
    ("schema", "laneagent.record/2"), ("kind", "guess"), ("lane.station", ""),
    ("software", "LaneAgent"), ("time.started", "2026-02-29T10:00:00Z"), ("time.ended", "2026-03-01T10:18:02"),
    ("test.id", 7), ("test.method", "walking"), ("test.algorithm", nil), ("order.vehicle.plate", nil),
    ("order.vehicle.vin", nil), ("order.vehicle.curbMass", "heavy"), ("packs", []), ("packs[0].sha256", "abc"),
    ("packs[0].id", nil), ("instruments", nil), ("environment", nil), ("result.modes", nil), ("result.preTest", nil),
    ("timing", nil), ("attachments[0].size", -1), ("attachments[0].sha256", nil), ("attachments", [:]),
    ("result.seconds", nil), ("result.items", nil),
]

/// What a record must have.
private let outline: [Spoiled] =
    memberEdits.map { path, value in Spoiled(.aborted, [(path, value)], "outline.member \(path)") } + [
        Spoiled(.aborted, [("result.verdict", "maybe")], "outline.member result.verdict"),
        Spoiled(.aborted, [("order.vehicle.fuel", "diesel")], "outline.member order.vehicle.fuel"),
        Spoiled(.aborted, [("counter", 0)], "outline.member counter", "outline.previous previous"),
        Spoiled(.aborted, [("counter", "1")], "outline.member counter", "outline.previous previous"),
        Spoiled(.aborted, [("previous", nil)], "outline.previous previous"),
        Spoiled(.aborted, [("counter", 2)], "outline.previous previous"),
        Spoiled(.aborted, [("previous", .string(Payload.noDigest))], "outline.previous previous"),
        Spoiled(.aborted, [("counter", 2), ("previous", "sha256:00")], "outline.previous previous"),
        Spoiled(.passed, [("instruments", [])], "outline.complete instruments"),
        Spoiled(.passed, [("result.items", [])], "outline.complete result.items"),
        Spoiled(
            .passed, [("result.seconds", [])], "outline.complete result.seconds", "item.mean result.items[0].value",
            "item.mean result.items[1].value", "item.mean result.items[2].value"),
        Spoiled(.passed, [("result.seconds[3].n", nil)], "outline.member result.seconds[3].n"),
        Spoiled(.passed, [("result.seconds[3].t", "soon")], "outline.member result.seconds[3].t"),
        Spoiled(
            .passed, [("result.items[1].unit", "g/km")], "outline.member result.items[1].unit",
            "item.unit result.items[1].unit"),
        Spoiled(.passed, [("result.items[1].value", "0x2D")], "outline.member result.items[1].value"),
        Spoiled(.passed, [("result.seconds[2].o2", 3)], "outline.second result.seconds[2].o2"),
        Spoiled(.passed, [("result.seconds[2].speed", "1e1")], "outline.second result.seconds[2].speed"),
        Spoiled(.passed, [("result.seconds[2].rpm", "01830")], "outline.second result.seconds[2].rpm"),
    ]

/// Who, when and in what air.
private let circumstances: [Spoiled] = [
    Spoiled(.aborted, [("lane.id", "320105-03-2")], "lane.key lane.id"),
    Spoiled(.aborted, [("origin", "elsewhere")], "origin.key origin"),
    Spoiled(.aborted, [("origin", "simulated")], "origin.key origin", "origin.simulated origin"),
    Spoiled(.aborted, [("origin", nil)], "outline.member origin"),
    Spoiled(.aborted, [("signing", [])], "outline.member signing", "signing.algorithms signing"),
    Spoiled(.aborted, [("signing", ["ed25519", "sm2-sm3"])], "signing.algorithms signing"),
    Spoiled(.aborted, [("order.attempt", 2)], "order.retest order.follows"),
    Spoiled(.aborted, [("order.attempt", 2), ("order.follows", "000001")], "order.retest order.follows"),
    Spoiled(.aborted, [("order.attempt", 0)], "order.retest order.attempt"),
    Spoiled(
        .aborted, [("order.attempt", 1), ("order.follows", .string(Payload.noDigest))], "order.retest order.follows"),
    // 10:15:30 at +08:00 is 02:15:30 at UTC.
    Spoiled(.aborted, [("time.ended", "2026-03-01T02:15:29.5Z")], "time.order time.ended"),
    Spoiled(.passed, [("environment.temperature", nil)], "environment.plausible environment.temperature"),
    Spoiled(.passed, [("environment.pressure", nil)], "environment.plausible environment.pressure"),
    Spoiled(.aborted, [("environment.temperature", "45.1")], "environment.plausible environment.temperature"),
    Spoiled(.aborted, [("environment.temperature", 25)], "environment.plausible environment.temperature"),
    Spoiled(
        .aborted, [("environment.relativeHumidity", "100.1")], "environment.plausible environment.relativeHumidity"),
    Spoiled(.aborted, [("environment.pressure", "1013")], "environment.plausible environment.pressure"),
    Spoiled(
        .aborted,
        [
            (
                "attachments",
                [
                    ["name": "a", "sha256": .string(Payload.noDigest), "size": 1],
                    ["name": "a", "sha256": .string(Payload.noDigest), "size": 1],
                ]
            )
        ], "attachments.names attachments[1].name"),
]

/// Values, limits and verdicts.
private let results: [Spoiled] = [
    Spoiled(.aborted, [("result.reason", nil)], "abort.reason result.reason"),
    Spoiled(.aborted, [("result.reason", "")], "abort.reason result.reason"),
    Spoiled(.aborted, [("result.reason", [:])], "abort.reason result.reason"),
    Spoiled(
        .failed, [("result.items[4].pollutant", "NO"), ("result.items[4].id", "asm2540.no")],
        "items.complete result.items", "items.complete result.items", "item.limit result.items[4].limit",
        "item.mean result.items[4].value"),
    Spoiled(.passed, [("result.items[0].id", "asm2540.co")], "item.id result.items[0].id"),
    Spoiled(.passed, [("result.items[0].unit", "ppm")], "item.unit result.items[0].unit"),
    Spoiled(.passed, [("result.items[0].value", "0.3")], "item.decimals result.items[0].value"),
    Spoiled(.passed, [("result.items[1].value", "45.3")], "item.decimals result.items[1].value"),
    Spoiled(.passed, [("result.items[0].limit", "0.40")], "item.limit result.items[0].limit"),
    Spoiled(.passed, [("result.items[1].limit", "80")], "item.limit result.items[1].limit"),
    Spoiled(.passed, [("result.items[2].limit", "650")], "item.limit result.items[2].limit"),
    Spoiled(.failed, [("result.items[3].limit", "0.50")], "item.limit result.items[3].limit"),
    Spoiled(.failed, [("result.items[4].limit", "90")], "item.limit result.items[4].limit"),
    Spoiled(.failed, [("result.items[5].limit", "700")], "item.limit result.items[5].limit"),
    Spoiled(.passed, [("result.items[0].limit", "0.35")], "item.column result.items"),
    Spoiled(.passed, [("result.items[1].limit", "47")], "item.column result.items"),
    Spoiled(.failed, [("result.items[5].limit", "390")], "item.column result.items"),
    Spoiled(
        .passed, [("result.items[0].verdict", "failed")], "item.verdict result.items[0].verdict",
        "verdict.items result.verdict"),
    Spoiled(
        .failed, [("result.items[3].verdict", "passed")], "item.verdict result.items[3].verdict",
        "verdict.items result.verdict"),
    Spoiled(.failed, [("result.items[0].verdict", "passed")], "item.verdict result.items[0].verdict"),
    Spoiled(.failed, [("result.verdict", "passed")], "verdict.items result.verdict"),
    Spoiled(
        .passed, [("result.verdict", "failed")], "verdict.items result.verdict", "verdict.mode result.verdict"),
]

/// Seconds and what follows from them.
private let seconds: [Spoiled] = [
    Spoiled(.passed, [("result.seconds[4].n", 6)], "seconds.number result.seconds[4].n"),
    Spoiled(.passed, [("result.seconds[0].n", 2)], "seconds.number result.seconds[0].n"),
    Spoiled(.passed, [("result.seconds[4].t", 34)], "seconds.time result.seconds[4].t"),
    Spoiled(.passed, [("result.seconds[4].rpm", nil)], "seconds.missing result.seconds[4].rpm"),
    Spoiled(.passed, [("result.seconds[4].rpm", .null)], "seconds.missing result.seconds[4].rpm"),
    Spoiled(.passed, [("result.seconds[4].noc", .null)], "seconds.missing result.seconds[4].noc"),
    Spoiled(.passed, [("result.seconds[4].force", nil)], "seconds.missing result.seconds[4].force"),
    Spoiled(.passed, [("result.seconds[4].ta", .null)], "seconds.missing result.seconds[4].ta"),
    Spoiled(.passed, [("result.seconds[15].df", "1.5140")], "seconds.dilution result.seconds[15].df"),
    // 25 °C, 50 % and 101.3 kPa give kH 0.973175.
    Spoiled(
        .passed, [("result.seconds[2].kh", "0.9990")],
        "seconds.humidity result.seconds[2].kh", "seconds.corrected result.seconds[2].noc"),
    Spoiled(.passed, [("result.seconds[2].coc", "0.315")], "seconds.corrected result.seconds[2].coc"),
    Spoiled(.passed, [("result.seconds[2].hcc", "46.2")], "seconds.corrected result.seconds[2].hcc"),
    Spoiled(.passed, [("result.seconds[2].noc", "302.3")], "seconds.corrected result.seconds[2].noc"),
    Spoiled(.passed, [("result.seconds[15].mt", 15)], "seconds.run result.seconds[15].mt"),
    Spoiled(.passed, [("result.items[0].value", "0.32")], "item.mean result.items[0].value"),
    Spoiled(.passed, [("result.items[1].value", "47")], "item.mean result.items[1].value"),
    Spoiled(.passed, [("result.items[2].value", "296")], "item.mean result.items[2].value"),
]
