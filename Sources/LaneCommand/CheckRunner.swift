import Assurance
import Documents
import Evidence
import Foundation
import Lane
import Messages
import Metrology
import Procedures
import Standards
import Uplink

/// Runs checks on an open lane, one after the other.
struct CheckRunner {
    let lane: RunningLane
    let catalogue: Catalogue
    let isJSON: Bool
    /// Where records are delivered and clocks compared; nil for nowhere.
    let authority: AuthorityLink?
    /// Who is signed in; nil where nobody has to be.
    var person: SignedInPerson?
    /// The registry of reference materials in place of the lane file's.
    var registry: ReferenceRegistry?
    /// What is taken and answered in checks that nobody attends.
    var script: CheckScript?
    /// Where a person says whether to repeat; nil for nowhere.
    var keyboard: Keyboard?
    /// Whoever carries out what the screen says, in place of a person.
    var attendant: (any CheckAttendant)?

    /// Runs a check, and again while it fails: as often as the script says, or as the person at the keyboard wants.
    ///
    /// - Throws: as ``run(_:)``.
    func runRepeatedly(_ request: CheckRequest) async throws -> CheckReport {
        let entry = script?[request.kind]
        let attempts = entry?.attempts ?? 1
        var attempt = 1
        while true {
            var report = try await run(request)
            guard report.outcome.verdict == .failed else { return report }
            let isRepeated: Bool
            if attempt < attempts {
                isRepeated = true
            } else if attendant == nil, entry == nil, !isJSON, let keyboard, keyboard.isAttended {
                for line in report.lines(catalogue, .standardOutput) { Output.line(line) }
                report.isShown = true
                let answer = await keyboard.nextLine { ask(Message(.checkRepeat)) }
                isRepeated = answer?.first == "r"
            } else {
                isRepeated = false
            }
            guard isRepeated else { return report }
            attempt += 1
            if !isJSON {
                Output.line(
                    catalogue.text(
                        Message(
                            .checkAttempt,
                            [
                                "number": .integer(attempt), "count": .integer(max(attempt, attempts)),
                                "check": .message(request.kind.message),
                            ])))
            }
        }
    }

    /// Runs one check, exports and verifies its record, and delivers what is due.
    ///
    /// What the request leaves open the script states, then the registry, then the simulated lane's instruments.
    ///
    /// - Throws: `CheckProblems`, `Problems` of the script, and what preparing and sealing throw.
    func run(_ request: CheckRequest) async throws -> CheckReport {
        let entry = script?[request.kind]
        var attendant = attendant
        attendant?.answers = entry?.answers ?? []
        if attendant == nil, let entry, !entry.answers.isEmpty {
            throw CommandFailure(.usage, .checkScriptAnswers, ["check": .text(request.kind.rawValue)])
        }
        let request = try await completed(request, entry, attendant)
        let prepared = try await lane.session(for: request, by: person)
        try entry?.require(steps: prepared.steps)
        if !isJSON { for warning in prepared.warnings { Output.line("! " + catalogue.text(warning)) } }
        var runner = TestRunner(lane: lane, catalogue: catalogue, isJSON: isJSON, authority: authority)
        runner.person = person
        runner.check = request.kind.message
        if attendant == nil { runner.desk = keyboard?.desk }
        if let attendant { runner.follow = attendant.follower(of: request.kind, on: lane, registry: registry) }
        guard let report = CheckReport(try await runner.carryOut(prepared.session), warnings: prepared.warnings) else {
            throw CommandFailure(.software, .checkNoOutcome, ["check": .message(request.kind.message)])
        }
        return report
    }

    private func completed(
        _ request: CheckRequest, _ entry: CheckScript.Entry?, _ attendant: (any CheckAttendant)?
    ) async throws -> CheckRequest {
        var request = request
        request.registry = request.registry ?? registry
        if request.references.isEmpty { request.references = entry?.references ?? [] }
        if request.references.isEmpty, attendant != nil || entry != nil {
            request.references = try lane.suggestedReferences(for: request.kind, registry: request.registry)
        }
        if request.references.isEmpty, attendant == nil, entry == nil {
            request.references = try await proposedReferences(for: request)
        }
        if request.readings.isEmpty { request.readings = entry?.readings ?? [] }
        let isEntered = entry?.answers.contains { !$0.enters.isEmpty } ?? false
        if request.readings.isEmpty, !isEntered, let attendant {
            request.readings = try await attendant.readings(for: request.kind)
        }
        request.vehicleConnected = request.vehicleConnected || entry?.vehicleConnected ?? false
        if request.clockOffsets.isEmpty { request.clockOffsets = try await clockOffsets(for: request.kind) }
        return request
    }

    /// What the registry has for a check, as the person at the keyboard takes it or replaces it; empty where nobody is
    /// there, or nothing is needed.
    private func proposedReferences(for request: CheckRequest) async throws -> [String] {
        guard !isJSON, let keyboard, keyboard.isAttended else { return [] }
        let proposal = try lane.suggestedReferences(for: request.kind, registry: request.registry)
        guard !proposal.isEmpty else { return [] }
        let words = Message(
            .checkTakeReferences,
            ["check": .message(request.kind.message), "numbers": .text(proposal.joined(separator: " "))])
        let answer = await keyboard.nextLine { ask(words) }
        let others = answer?.split(whereSeparator: \.isWhitespace).map(String.init) ?? []
        return others.isEmpty ? proposal : others
    }

    private func ask(_ question: Message) {
        Output.line(Style.standardOutput.strong(catalogue.text(question)))
    }

    /// The offsets of the lane's clock against the authority's, as many as the pack asks for; empty for every check
    /// but that of the clock, and for a lane without an authority.
    ///
    /// - Throws: `TransportError`, `AuthorityQueryError`.
    private func clockOffsets(for kind: CheckKind) async throws -> [Double] {
        guard kind == .clock, let authority, let rules = lane.desk.assurance?.rules,
            let count = try CheckPackLibrary.requirements(rules.checkPack)?.others.clockExchanges.count
        else { return [] }
        return try await authority.ask { transport in
            var offsets: [Double] = []
            for _ in 0..<count {
                offsets.append(try await AuthorityQuery.clockOffset(at: authority.address, by: transport))
            }
            return offsets
        }
    }
}

/// Whoever carries out a check's instructions in place of a person: the simulated technician.
protocol CheckAttendant: Sendable {
    /// What a script makes the attendant answer.
    var answers: [CheckScript.Answer] { get set }
    /// What reference instruments are going to show in a check, point by point.
    func readings(for kind: CheckKind) async throws -> [[ChannelID: RoundedDecimal]]
    /// Follows the screen of one check.
    func follower(
        of kind: CheckKind, on lane: RunningLane, registry: ReferenceRegistry?
    ) -> @Sendable (ProcedureStatus) async -> Void
}
