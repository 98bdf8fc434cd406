/// Rules for records of checks of instruments (仪器检查记录, HJ 1237-2021).
///
/// A tolerance is that of the lane's own pack, which the record names; whether each item and the check were judged
/// rightly by it is computed anew here, from the readings and the reference values.
extension Rule {
    /// What must be there, and in which form.
    static let checkOutline = [
        Rule("outline.member") { record in
            checkMembers.flatMap { path, form in form.violations(of: path, in: record.payload) }
        },
        previous,
    ]

    /// What else is checked, in this order.
    static let checkRules = [
        Rule("check.kind") { record in
            guard let kind = record.payload.at("check.kind")?.text else { return [] }
            return ["order.kind", "result.kind"].filter { record.payload.at($0)?.text != kind }.map {
                Violation($0, "must be \(kind), as the check is")
            }
        },
        Rule("check.instrument") { record in
            guard let kind = record.payload.at("check.kind")?.text, let role = roles[kind] else { return [] }
            guard record.payload.at("result.instrument") == role.map(JSON.string) ?? .null else {
                return [Violation("result.instrument", "must be \(role ?? "null")")]
            }
            let known = (record.payload.at("instruments")?.elements ?? []).compactMap { $0.at("role")?.text }
            guard let role, !known.contains(role) else { return [] }
            return [Violation("instruments", "the \(role) that was checked is not among them")]
        },
        Rule("check.person") { record in
            // Only who is trained may check the instruments of a lane that measures.
            guard record.payload.at("origin")?.text == "measured" else { return [] }
            guard record.payload.at("person.name")?.text?.isEmpty == false else {
                return [Violation("person", "a check needs the person who carried it out")]
            }
            let isTrained = record.payload.at("person.role")?.text.map(["technician", "supervisor"].contains)
            return isTrained == true ? [] : [Violation("person.role", "may not carry out checks")]
        },
        Rule("check.references") { record in
            guard let order = record.payload.at("order") else { return [] }
            var ordered = (order.at("gases")?.members ?? [:]).values.compactMap { $0.at("number")?.text }
            for list in ["filters", "weights", "readings"] {
                ordered += (order.at(list)?.elements ?? []).compactMap { $0.at("number")?.text }
            }
            let named = (record.payload.at("result.references")?.elements ?? []).compactMap(\.text)
            // An interrupted check does not say what it had used.
            guard record.isJudged, Set(named) != Set(ordered) else { return [] }
            return [Violation("result.references", "must be those of the order")]
        },
        Rule("check.item") { record in
            (record.payload.at("result.items")?.elements ?? []).enumerated().compactMap { index, element in
                guard let verdict = element.at("verdict")?.text, let passes = CheckedItem(element)?.passes,
                    verdict != (passes ? "passed" : "failed")
                else { return nil }
                return Violation(
                    "result.items[\(index)].verdict", "the value is \(passes ? "within" : "beyond") its tolerance")
            }
        },
        Rule("check.verdict") { record in
            let verdicts = (record.payload.at("result.items")?.elements ?? []).map { $0.at("verdict")?.text }
            switch record.verdict {
            case "passed" where verdicts.isEmpty || verdicts.contains("failed"):
                return [Violation("result.verdict", "must not be passed: not every item is")]
            case "failed" where !verdicts.contains("failed"):
                return [Violation("result.verdict", "must not be failed: no item is")]
            case "aborted" where !verdicts.isEmpty:
                return [Violation("result.items", "a check that was broken off has no items")]
            default: return []
            }
        },
        Rule("check.parameters") { record in
            guard record.verdict != "passed",
                record.payload.at("result.parameters")?.elements?.isEmpty == false
            else { return [] }
            return [Violation("result.parameters", "only a passed check gives parameters")]
        },
    ]

    /// The kinds of checks and the instruments that they are of; the clock is the lane's own.
    private static let roles: [String: String?] = {
        var roles: [String: String?] = ["clock": String?.none]
        for (role, kinds) in [
            "gas-analyzer": [
                "gas-leak", "gas-span", "gas-single-point", "gas-five-point", "gas-response", "gas-low-flow",
                "gas-background", "oil-temperature",
            ],
            "nox-analyzer": ["nox-leak", "nox-gas", "nox-response", "nox-converter"],
            "opacimeter": ["opacimeter-filters", "opacimeter-drift", "opacimeter-response"],
            "dynamometer": [
                "dynamometer-warm-up", "parasitic-loss", "coast-down", "variable-coast-down", "base-inertia",
                "dynamometer-force", "dynamometer-speed", "load-response", "dynamometer-interlocks",
            ],
            "flow-meter": ["flow-meter"], "tachometer": ["tachometer"], "weather-station": ["weather-station"],
            "obd-adapter": ["obd-adapter"],
        ] {
            for kind in kinds { roles[kind] = .some(role) }
        }
        return roles
    }()

    private static let checkMembers: [(path: String, form: Form)] = [
        ("schema", .exactly("laneagent.record/1")), ("kind", .exactly("check")), ("lane.id", .text),
        ("lane.station", .text), ("counter", .integer(atLeast: 1)), ("origin", .text),
        ("signing", .list(atLeast: 1, of: [])), ("software", .object), ("time.started", .timestamp),
        ("time.ended", .timestamp), ("check.id", .text), ("check.kind", .oneOf(roles.keys.sorted())),
        ("order", .object), ("packs", .list(atLeast: 1, of: [("id", .text), ("sha256", .digest)])),
        ("instruments", .list(atLeast: 0, of: [("role", .text), ("model", .text)])), ("laneParameters", .object),
        ("result.verdict", .oneOf(["passed", "failed", "aborted"])), ("result.kind", .text),
        ("result.instrument", .present),
        (
            "result.items",
            .list(
                atLeast: 0,
                of: [
                    ("id", .text), ("quantity", .text), ("tolerance", .object),
                    ("verdict", .oneOf(["passed", "failed"])),
                ])
        ),
        ("result.parameters", .list(atLeast: 0, of: [("name", .text)])),
        ("result.references", .list(atLeast: 0, of: [])), ("timing", .object),
        (
            "attachments",
            .list(atLeast: 0, of: [("name", .text), ("sha256", .digest), ("size", .integer(atLeast: 0))])
        ),
    ]
}

/// One item of a check's record, to be judged anew (检查项目).
private struct CheckedItem {
    /// Whether it passes; nil where rounding of the reference leaves that open.
    let passes: Bool?

    /// Reads an item; nil if it has not the form.
    init?(_ item: JSON) {
        guard let tolerance = item.at("tolerance") else { return nil }
        func number(_ value: JSON?) -> Double? { value?.text.flatMap(Double.init) }
        guard let measured = number(item.at("full")) else {
            // What was not read cannot pass.
            passes = false
            return
        }
        if let wanted = tolerance.at("wanted")?.truth {
            passes = (measured == 1) == wanted
        } else if let written = item.at("reference")?.text.flatMap(WrittenDecimal.init) {
            let errors = [-0.5, 0.5].map { measured - (written.value + $0 * written.unit) }
            let reference = abs(written.value)
            let widths = [
                number(tolerance.at("absolute")), number(tolerance.at("relative")).map { $0 / 100 * reference },
            ].compactMap { $0 }
            guard let width = widths.max() else { return nil }
            let least = errors[0] * errors[1] < 0 ? 0 : min(abs(errors[0]), abs(errors[1]))
            passes = Self.agreed(least <= width + slack, max(abs(errors[0]), abs(errors[1])) <= width - slack)
        } else {
            func isWithin(_ slack: Double) -> Bool {
                (number(tolerance.at("low")).map { measured >= $0 - slack } ?? true)
                    && (number(tolerance.at("high")).map { measured <= $0 + slack } ?? true)
            }
            passes = Self.agreed(isWithin(slack), isWithin(-slack))
        }
    }

    /// The answer on which the mildest and the strictest reading agree.
    private static func agreed(_ mild: Bool, _ strict: Bool) -> Bool? { mild == strict ? mild : nil }
}

/// What twelve significant digits can hide in values of checks.
private let slack = 1e-8
