import ArgumentParser
import Documents
import Evidence
import Foundation
import Lane
import Messages
import Metrology
import Procedures
import Standards

/// `lane plan`: which methods a vehicle can be tested by, and why not by the others.
struct PlanCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "plan", abstract: help(.helpPlan))

    @Option(help: help(.helpOrderFile)) var order: String
    @Option(help: help(.helpChecksFile)) var checks: String?
    @Option(name: .customLong("lane"), help: help(.helpPlanLane)) var laneFile: String?
    @Option(help: help(.helpPlanDay)) var day: String?
    @Flag(help: help(.helpJSON)) var json = false
    @OptionGroup var output: OutputOptions

    func validate() throws {
        if let day, !isCalendarDay(day) { throw ValidationError("--day \(day): YYYY-MM-DD") }
    }

    func run() throws {
        let document = try Document(contentsOf: order)
        let order = try OrderFile.readUndecided(document, checks: try checks.map { try Document(contentsOf: $0) })
        let lane = try laneFile.map {
            try TestInputs(lane: $0, order: nil, share: try output.shareDirectory()).configuration
        }
        let day = day ?? Self.today
        let plan = try MethodPlan(
            order, region: lane?.region ?? RegionRules(), on: day, choice: try PackLibrary.methodChoice(),
            lane: lane?.parameters)
        let decision = VehicleCheckDecision(
            order, rules: try PackLibrary.vehicleCheckRules(), isRequired: lane?.requiresVehicleChecks ?? false)
        let report = PlanReport(order: order, plan: plan, decision: decision, day: day)
        if json {
            Output.json(report.json)
        } else {
            for line in report.lines(output.catalogue, .standardOutput) { Output.line(line) }
        }
    }

    private static var today: String {
        let format = DateFormatter()
        format.locale = Locale(identifier: "en_US_POSIX")
        format.dateFormat = "yyyy-MM-dd"
        return format.string(from: Date())
    }
}

/// A plan for a person and for programs.
struct PlanReport {
    let order: TestOrder
    let plan: MethodPlan
    let decision: VehicleCheckDecision
    let day: String

    func lines(_ catalogue: Catalogue, _ style: Style) -> [String] {
        func text(_ code: MessageCode, _ arguments: [String: MessageArgument] = [:]) -> String {
            catalogue.text(Message(code, arguments))
        }
        var lines = [style.strong(text(.planHeading, ["plate": .text(order.vehicle.plate), "day": .text(day)])), ""]
        for entry in plan.entries {
            let name = catalogue.text(entry.method.message)
            guard entry.isPermitted, let packs = entry.packs else {
                let code: MessageCode = entry.isPermitted ? .planNoPacks : .planExcluded
                lines.append(style.bad(text(code, ["method": .text(name)])))
                for exclusion in entry.exclusions {
                    lines.append("    \(catalogue.text(exclusion.message)) [\(exclusion.rule.grade)]")
                }
                continue
            }
            lines.append(
                style.good(
                    text(
                        .planPermitted,
                        [
                            "method": .text(name), "limits": .text(packs.limits),
                            "requirements": .text(packs.requirements),
                            "sets": .text(entry.limitSets.joined(separator: ", ")),
                        ])))
            for problem in entry.problems { lines.append("    \(problem.member): \(catalogue.text(problem.message))") }
            if !entry.undecided.isEmpty {
                lines.append("    " + text(.planUndecided, ["members": .text(entry.undecided.joined(separator: ", "))]))
            }
        }
        lines.append("")
        if order.vehicle.secondFuel != nil { lines.append(text(.planBothFuels)) }
        if order.vehicle.isHybrid { lines.append(text(.planHybrid)) }
        let duty: MessageCode =
            switch decision.needsOBD {
            case true: .planOBDNeeded
            case false: .planOBDNotNeeded
            case nil: .planOBDUnknown
            }
        lines.append(text(duty))
        for finding in decision.findings {
            let line = "\(finding.member): \(catalogue.text(finding.message)) [\(finding.grade)]"
            lines.append(finding.consequence == .noted ? line : style.bad(line))
        }
        guard order.checks != nil || !decision.isComplete else { return lines }
        lines.append(decision.obstacles.isEmpty ? style.good(text(.planChecksPassed)) : style.bad(text(conclusion)))
        return lines
    }

    /// What `lane test` does with findings that keep the test from being carried out.
    private var conclusion: MessageCode {
        guard decision.isComplete else { return .planChecksIncomplete }
        return decision.consequence == .fails ? .planChecksFail : .planChecksStop
    }

    var json: JSONValue {
        [
            "day": .string(day), "methods": .array(plan.entries.map(\.json)),
            "checks": [
                "obdNeeded": decision.needsOBD.map(JSONValue.boolean) ?? .null,
                "consequence": optional(decision.consequence?.rawValue), "complete": .boolean(decision.isComplete),
                "findings": .array(decision.findings.map(\.json)),
            ],
        ]
    }
}

private func optional(_ text: String?) -> JSONValue { text.map(JSONValue.string) ?? .null }

private func english(_ message: Message) -> JSONValue { .string(Catalogue(.english).text(message)) }

extension MethodPlan.Entry {
    fileprivate var json: JSONValue {
        [
            "method": .string(method.rawValue), "permitted": .boolean(isPermitted),
            "limits": optional(packs?.limits), "requirements": optional(packs?.requirements),
            "limitSets": .array(limitSets.map(JSONValue.string)),
            "undecided": .array(undecided.map(JSONValue.string)),
            "exclusions": .array(exclusions.map(\.json)), "problems": .array(problems.map(\.json)),
        ]
    }
}

extension MethodPlan.Exclusion {
    fileprivate var json: JSONValue {
        [
            "rule": .string(rule.id), "clause": .string(rule.clause), "source": .string(rule.source),
            "grade": .string(rule.grade), "member": .string(member), "code": .string(message.code.rawValue),
            "text": english(message),
        ]
    }
}

extension OrderProblem {
    fileprivate var json: JSONValue {
        ["member": .string(member), "code": .string(message.code.rawValue), "text": english(message)]
    }
}

extension VehicleCheckDecision.Finding {
    /// The finding for programs.
    var json: JSONValue {
        [
            "rule": .string(rule), "member": .string(member), "consequence": optional(consequence?.rawValue),
            "grade": .string(grade), "code": .string(message.code.rawValue), "text": english(message),
        ]
    }
}
