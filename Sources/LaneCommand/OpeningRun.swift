import ArgumentParser
import Assurance
import Evidence
import Lane
import Messages
import Procedures
import Standards

/// The opening routine, carried out on an open lane.
struct OpeningRun {
    let runner: CheckRunner
    let catalogue: Catalogue
    let isJSON: Bool

    private var routine: OpeningRoutine { OpeningRoutine(runner.lane.desk.standings()) }

    /// Carries out what remains. A check that fails, or that its instrument or its references do not let happen, does not
    /// keep the others from being done; one that a person breaks off ends the routine.
    ///
    /// - Returns: whether nothing remains.
    func run() async throws -> Bool {
        let all = routine.checks.map(\.requirement.kind)
        let due = routine.remaining.map(\.requirement.kind)
        let before = all.filter { !due.contains($0) }
        if !before.isEmpty { say(.openingPassed, ["checks": .text(Self.names(before))]) }
        var reports: [CheckReport] = []
        var hindered: [CheckKind: [Message]] = [:]
        for (index, kind) in due.enumerated() {
            say(
                .openingNext,
                [
                    "number": .integer(index + 1), "count": .integer(due.count),
                    "check": .message(kind.message),
                ])
            let report: CheckReport
            do {
                report = try await runner.runRepeatedly(CheckRequest(kind: kind))
            } catch let problems as CheckProblems {
                hindered[kind] = problems.all.map(\.message)
                continue
            }
            reports.append(report)
            if !isJSON, !report.isShown { for line in report.lines(catalogue, .standardOutput) { Output.line(line) } }
            if case .aborted(let reason) = report.outcome.verdict, reason.isByPeople { break }
        }
        let remaining = routine.remaining
        finish(before, reports, remaining, hindered)
        return remaining.isEmpty
    }

    /// Says what is done, and of what remains, why.
    private func finish(
        _ before: [CheckKind], _ reports: [CheckReport], _ remaining: [CheckStanding],
        _ hindered: [CheckKind: [Message]]
    ) {
        func why(_ standing: CheckStanding) -> [Message] {
            [QACommand.Status.words(standing)] + (hindered[standing.requirement.kind] ?? [])
        }
        if isJSON {
            func names(_ kinds: [CheckKind]) -> JSONValue { .array(kinds.map { .string($0.rawValue) }) }
            var reasons = JSONObject()
            for standing in remaining {
                reasons[standing.requirement.kind.rawValue] = .array(
                    why(standing).map { .string(Catalogue(.english).text($0)) })
            }
            Output.json([
                "passedBefore": names(before), "checks": .array(reports.map(\.json)),
                "remaining": names(remaining.map(\.requirement.kind)), "why": .object(reasons),
                "done": .boolean(remaining.isEmpty),
            ])
        } else if remaining.isEmpty {
            say(.openingDone, [:])
        } else {
            say(
                .openingRemaining,
                [
                    "count": .integer(remaining.count),
                    "checks": .text(Self.names(remaining.map(\.requirement.kind))),
                ])
            for standing in remaining {
                let words = why(standing).map(catalogue.text).joined(separator: " ")
                Output.line("  \(standing.requirement.kind.rawValue): \(words)")
            }
        }
    }

    private func say(_ code: MessageCode, _ arguments: [String: MessageArgument]) {
        guard !isJSON else { return }
        Output.line(Style.standardOutput.strong(catalogue.text(Message(code, arguments))))
    }

    private static func names(_ kinds: [CheckKind]) -> String { kinds.map(\.rawValue).joined(separator: ", ") }
}

extension AbortReason {
    /// Whether a person ended the check, or nothing can be stored any more: then no other is begun.
    fileprivate var isByPeople: Bool {
        switch self {
        case .operatorAbort, .emergencyStop, .storageLost, .laneLocked, .interrupted: true
        default: false
        }
    }
}
