/// Rules for the checks before the tailpipe that a test's order states (外观检验, OBD 检查, 目测烟度).
///
/// GB 18285-2018, GB 3847-2018 and HJ 1237-2021 as far as public sources tell; not compared with the printed standards.
extension Rule {
    /// The name of the algorithm of a test that the checks ended, without its tailpipe.
    static let endAtChecks = "vehicle-checks/1"

    static let vehicleChecks = [
        Rule("checks.form") { record in
            guard let checks = record.checks else {
                return record.endsAtChecks ? [Violation("order.vehicleChecks", "is missing")] : []
            }
            return InspectedVehicle.violations(of: checks)
        },
        Rule("checks.when") { record in
            // What is checked before a tailpipe test cannot have been checked after it.
            guard let checks = record.checks,
                let ended = record.payload.at("time.ended")?.text.flatMap(Timestamp.init)
            else { return [] }
            return InspectedVehicle.signatures(of: checks).compactMap { path, value in
                guard let at = value.at("at")?.text.flatMap(Timestamp.init), at > ended else { return nil }
                return Violation("\(path).at", "lies after time.ended")
            }
        },
        Rule("checks.items") { record in
            // What was not looked at is not in order: a check that was begun answers every question.
            guard let items = record.checks?.at("appearance.items")?.members else { return [] }
            let fuel = record.payload.at("order.vehicle.fuel")?.text ?? ""
            let asked = InspectedVehicle.appearance.filter { $0.fuels?.contains(fuel) ?? true }
            return asked.filter { items[$0.item]?.truth == nil }.map {
                Violation("order.vehicleChecks.appearance.items.\($0.item)", "must be true or false")
            }
        },
        Rule("checks.answers") { record in
            // Where the control units answer, lamp, status, readiness and identification are known.
            guard let obd = record.checks?.at("obd"), obd.at("communication")?.truth == true else { return [] }
            var missing = ["milCommanded", "milLit"].filter { obd.at($0)?.truth == nil }
            if obd.at("monitors")?.members?.isEmpty == true { missing.append("monitors") }
            if obd.at("units")?.elements?.isEmpty == true { missing.append("units") }
            return missing.map { Violation("order.vehicleChecks.obd.\($0)", "is needed: the control units answered") }
        },
        Rule("checks.pack") { record in
            guard record.checks != nil else { return [] }
            let kinds = (record.payload.at("packs")?.elements ?? []).compactMap { $0.at("kind")?.text }
            return kinds.contains("vehicle-checks")
                ? [] : [Violation("packs", "does not name what the checks before the tailpipe were judged by")]
        },
        Rule("checks.decision") { record in
            guard let vehicle = InspectedVehicle(record) else { return [] }
            guard let gravest = vehicle.obstacle else {
                guard record.endsAtChecks else { return [] }
                return [Violation("test.algorithm", "the checks before the tailpipe allow the test")]
            }
            guard record.endsAtChecks else {
                return [Violation("test.algorithm", "the checks before the tailpipe do not allow the test")]
            }
            let code = record.payload.at("result.reason.code")?.text
            let isBrokenOff = record.verdict == "aborted" && code != "precondition"
            guard !isBrokenOff else { return [] }
            let (verdict, reason, detail) = gravest.ending
            guard record.verdict == verdict else {
                return [Violation("result.verdict", "the checks before the tailpipe give \(verdict)")]
            }
            guard code == reason, detail == nil || record.payload.at("result.reason.detail")?.text == detail else {
                return [Violation("result.reason", "must be \(reason)\(detail.map { ", \($0)" } ?? "")")]
            }
            return []
        },
        Rule("checks.findings") { record in
            guard record.endsAtChecks, let vehicle = InspectedVehicle(record) else { return [] }
            let told = (record.payload.at("result.vehicleChecks.findings")?.elements ?? []).map {
                "\($0.at("member")?.text ?? "–") \($0.at("consequence")?.text ?? "–")"
            }
            let expected = Set(vehicle.findings.map { "\($0.member) \($0.consequence.rawValue)" })
            guard Set(told) != expected else { return [] }
            return [
                Violation("result.vehicleChecks.findings", "must be \(expected.sorted().joined(separator: ", "))")
            ]
        },
    ]
}

extension TestRecord {
    /// Whether the checks before the tailpipe ended the test.
    var endsAtChecks: Bool { payload.at("test.algorithm")?.text == Rule.endAtChecks }

    /// The checks before the tailpipe that the order states.
    fileprivate var checks: JSON? { payload.at("order.vehicleChecks") }
}

/// A vehicle as it was found before its tailpipe was tested.
private struct InspectedVehicle {
    /// What a finding leads to, the gravest last.
    enum Consequence: String, Comparable {
        case noted
        case mend
        case comesBack = "comes-back"
        case fails

        private var weight: Int {
            switch self {
            case .noted: 0
            case .mend: 1
            case .comesBack: 2
            case .fails: 3
            }
        }

        static func < (left: Self, right: Self) -> Bool { left.weight < right.weight }

        /// The verdict of a test that ends by it, and its reason.
        var ending: (verdict: String, reason: String, detail: String?) {
            switch self {
            case .fails: ("failed", "vehicle-checks", nil)
            case .comesBack: ("aborted", "precondition", "vehicle-readiness")
            case .mend, .noted: ("aborted", "precondition", "vehicle-condition")
            }
        }
    }

    /// The questions of the appearance check, whom they are asked of, and what follows from a no.
    static let appearance: [(item: String, fuels: [String]?, otherwise: Consequence)] = [
        // An engine that is not whole or smokes is not let to the tailpipe test; it has to be repaired.
        ("emission-control", nil, .fails), ("crankcase-ventilation", sparkIgnition, .fails),
        ("evaporation-control", ["gasoline"], .fails), ("no-oil-or-black-smoke", nil, .fails),
        // What can be put right on the spot.
        ("machine", nil, .mend), ("instruments", nil, .mend), ("safe-to-test", nil, .mend),
        ("intake-and-exhaust-tight", nil, .mend), ("no-liquid-leak", nil, .mend), ("tyres", nil, .mend),
        ("accessories-off", nil, .mend), ("stability-control-off", nil, .mend), ("fuel", nil, .mend),
    ]

    private static let sparkIgnition = ["gasoline", "lpg", "natural-gas"]

    let findings: [(member: String, consequence: Consequence)]

    /// The gravest finding that keeps the tailpipe from being tested.
    var obstacle: Consequence? { findings.map(\.consequence).filter { $0 > .noted }.max() }

    /// The vehicle of a record; nil if its order states no checks, or not in their form.
    init?(_ record: TestRecord) {
        guard let checks = record.checks, Self.violations(of: checks).isEmpty else { return nil }
        findings = Self.appearance(checks) + Self.obd(checks) + Self.smoke(checks, record)
    }

    private static func appearance(_ checks: JSON) -> [(member: String, consequence: Consequence)] {
        guard let items = checks.at("appearance.items")?.members else { return [] }
        return appearance.filter { items[$0.item]?.truth == false }.map {
            ("vehicle-checks.appearance.\($0.item)", $0.otherwise)
        }
    }

    private static func obd(_ checks: JSON) -> [(member: String, consequence: Consequence)] {
        guard let obd = checks.at("obd"), let answers = obd.at("communication")?.truth else { return [] }
        let member = "vehicle-checks.obd"
        let (commanded, lit) = (obd.at("milCommanded")?.truth, obd.at("milLit")?.truth)
        var findings: [(member: String, consequence: Consequence)] = []
        // A lamp that is commanded on fails the vehicle, and so does one that shows something else.
        let contradicts = commanded != nil && lit != nil && commanded != lit
        if !answers || commanded == true || contradicts { findings.append((member, .fails)) }
        let hasCodes = obd.at("codes")?.elements?.isEmpty == false
        if hasCodes, commanded == false { findings.append((member, .noted)) }
        let incomplete = (obd.at("monitors")?.members ?? [:]).values.count { $0.text == "incomplete" }
        if answers, incomplete >= 3 { findings.append((member, .comesBack)) }
        return findings
    }

    private static func smoke(
        _ checks: JSON, _ record: TestRecord
    ) -> [(member: String, consequence: Consequence)] {
        let isCleanMachine =
            record.payload.at("order.vehicle.category")?.text == "machinery"
            && record.payload.at("order.limitSet")?.text == "class-3"
        return (checks.at("observations")?.elements ?? []).compactMap { observation in
            if let number = observation.at("ringelmann")?.integer {
                return number > 1 ? ("vehicle-checks.observations", .fails) : nil
            }
            guard observation.at("visibleSmoke")?.truth == true else { return nil }
            return ("vehicle-checks.observations", isCleanMachine ? .fails : .noted)
        }
    }

    // MARK: Form

    /// Everything that somebody did at some time, with its path.
    static func signatures(of checks: JSON) -> [(path: String, value: JSON)] {
        let path = "order.vehicleChecks"
        return ["appearance", "obd"].compactMap { name in checks.at(name).map { ("\(path).\(name)", $0) } }
            + (checks.at("observations")?.elements ?? []).enumerated().map { ("\(path).observations[\($0)]", $1) }
    }

    /// What is not as it must be written.
    static func violations(of checks: JSON) -> [Rule.Violation] {
        let path = "order.vehicleChecks"
        var violations = signatures(of: checks).flatMap { path, value in
            Form.text.violations(of: "by", in: value, at: path)
                + Form.timestamp.violations(of: "at", in: value, at: path)
        }
        if let appearance = checks.at("appearance") {
            violations += Form.object.violations(of: "items", in: appearance, at: "\(path).appearance")
        }
        if let obd = checks.at("obd") { violations += self.violations(ofOBD: obd, at: "\(path).obd") }
        for (index, seen) in (checks.at("observations")?.elements ?? []).enumerated() {
            let isNumber = seen.at("ringelmann")?.integer.map((0...5).contains) == true
            let isSmoke = seen.at("visibleSmoke")?.truth != nil
            guard isNumber == isSmoke else { continue }
            violations.append(
                Rule.Violation(
                    "\(path).observations[\(index)]", "must have one of ringelmann, 0 to 5, and visibleSmoke"))
        }
        return violations
    }

    private static func violations(ofOBD obd: JSON, at path: String) -> [Rule.Violation] {
        var violations: [Rule.Violation] = []
        if obd.at("communication")?.truth == nil {
            violations.append(Rule.Violation("\(path).communication", "must be true or false"))
        }
        for name in ["milCommanded", "milLit"] where obd.at(name)?.truth == nil && obd.at(name) != .null {
            violations.append(Rule.Violation("\(path).\(name)", "must be true, false or null"))
        }
        violations += Form.object.violations(of: "monitors", in: obd, at: path)
        for (name, state) in obd.at("monitors")?.members ?? [:]
        where state.text.map(["complete", "incomplete", "unsupported"].contains) != true {
            violations.append(Rule.Violation("\(path).monitors.\(name)", "must be complete, incomplete or unsupported"))
        }
        violations += Form.list(atLeast: 0, of: []).violations(of: "codes", in: obd, at: path)
        // Identification and verification numbers, kept for comparison; null says that the unit gives no CVN.
        let unit: [(member: String, form: Form)] = [("name", .text), ("calid", .text), ("cvn", .present)]
        return violations + Form.list(atLeast: 0, of: unit).violations(of: "units", in: obd, at: path)
    }
}
