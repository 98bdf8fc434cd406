public import Messages
public import Metrology
public import Standards

/// A test that the checks before the tailpipe end (检测前检查未通过): its first frame is its last.
///
/// It asks nothing of the instruments but an unloaded dynamometer. The outcome follows from what the order states of
/// the checks, so that the record can be judged again by whoever reads it. Order of an inspection and what an item
/// that is not in order leads to: HJ 1237-2021, GB 18285-2018 and GB 3847-2018, as the pack has them.
public struct VehicleCheckProcedure: LaneProcedure {
    /// The name of the algorithm in records, in place of the method's own.
    public static let algorithm = "vehicle-checks/1"

    /// What the checks lead to.
    public let decision: VehicleCheckDecision
    /// Why there is no tailpipe test.
    private let verdict: Verdict

    /// The outcome, once a frame was there.
    public private(set) var outcome: VehicleCheckOutcome?
    /// That there is no tailpipe test.
    public private(set) var status: ProcedureStatus

    /// Prepares the end of a test.
    ///
    /// - Returns: nil if the checks allow the tailpipe test, or leave open what they lead to.
    public init?(_ order: TestOrder, rules: VehicleCheckRules) {
        decision = VehicleCheckDecision(order, rules: rules)
        guard let verdict = decision.verdict else { return nil }
        self.verdict = verdict
        status = ProcedureStatus(stage: .finished)
        status.progress = 1
        status.instruction = verdict.words
    }

    /// No reading is used.
    public var freshness: [InstrumentRole: LaneSpan] { [:] }

    /// Ends the test, whatever the frame holds; what ends every test from outside keeps its own reason.
    public mutating func advance(_ frame: Frame) -> [Directive] {
        end(AbortReason(ending: frame.events).map(Verdict.aborted) ?? verdict)
    }

    /// Ends the test for a program that is gone.
    public mutating func interrupt() -> [Directive] { end(.aborted(.interrupted)) }

    private mutating func end(_ verdict: Verdict) -> [Directive] {
        guard outcome == nil else { return [] }
        outcome = VehicleCheckOutcome(verdict: verdict, decision: decision)
        return [.unload, .prompt(verdict.words)]
    }
}

/// What a test that the checks ended arrives at.
public struct VehicleCheckOutcome: TestOutcome {
    /// The code of the reason in records where the checks fail the vehicle.
    public static let failure = "vehicle-checks"

    /// Failed, or broken off for a reason.
    public let verdict: Verdict
    /// What was found.
    public let decision: VehicleCheckDecision

    /// The room's air does not matter.
    public var air: AirState? { nil }

    /// Nothing was measured.
    public var items: [JudgedItem] { [] }

    /// That the tailpipe was not tested, and every finding.
    public var notes: [Message] { [verdict.words] + decision.findings.map(\.message) }

    /// Why, as a code and what it is about: the rule that fails the vehicle, or the reason of an abort.
    public var reason: (code: String, detail: String?) {
        if let abort = verdict.abortReason { return (abort.code, abort.detail) }
        return (Self.failure, decision.findings.first { $0.consequence == .fails }?.rule)
    }

    /// Nothing that was measured; every finding with what follows from it.
    public func details() -> [String: Report] {
        [
            "seconds": .list([]), "preTest": .absent,
            "vehicleChecks": [
                "consequence": .optional(decision.consequence?.rawValue),
                "findings": .list(decision.findings.map(\.report)),
            ],
        ]
    }

    /// The record's result: verdict, reason and findings.
    public func report() -> Report {
        var members = details()
        members["verdict"] = .text(verdict.code)
        members["reason"] = ["code": .text(reason.code), "detail": .optional(reason.detail)]
        members["items"] = .list([])
        return .members(members)
    }
}

extension VehicleCheckDecision {
    /// How a test ends that is not carried out for these findings; nil if it is carried out, or if answers are missing.
    fileprivate var verdict: Verdict? {
        guard isComplete else { return nil }
        switch consequence {
        case .fails: return .failed
        case .comesBack: return .aborted(.precondition(.vehicleReadiness))
        case .mend: return .aborted(.precondition(.vehicleCondition))
        case .noted, nil: return nil
        }
    }
}

extension VehicleCheckDecision.Finding {
    /// The finding as records hold it.
    fileprivate var report: Report {
        [
            "rule": .text(rule), "member": .text(member), "consequence": .optional(consequence?.rawValue),
            "grade": .text(grade),
        ]
    }
}

extension Verdict {
    /// That there is no tailpipe test, for driver and operator.
    fileprivate var words: Message { Message(self == .failed ? .vehicleChecksFailed : .vehicleChecksStopped) }
}
