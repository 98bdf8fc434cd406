/// What the platform has seen since it was started.
public struct AuthorityReport: Codable, Hashable, Sendable {
    /// Records that arrived, whatever became of them.
    public internal(set) var received = 0
    /// Records stored.
    public internal(set) var accepted = 0
    /// Records that had been stored before.
    public internal(set) var duplicates = 0
    /// Records with a counter that belongs to another one (409).
    public internal(set) var conflicts = 0
    /// Records that broke a rule (422).
    public internal(set) var rejected = 0
    /// Requests that hold no record (400 and 413).
    public internal(set) var malformed = 0
    /// Records that a behaviour other than ``Behaviour/Kind-swift.enum/none`` was shown to, by kind.
    public internal(set) var misbehaved: [String: Int] = [:]
    /// Broken rules, by name.
    public internal(set) var problems: [String: Int] = [:]
    /// Records in the store, those of earlier runs too.
    public internal(set) var stored = 0
}

/// The counts and the present behaviour, which requests share.
actor FrontDesk {
    private(set) var report = AuthorityReport()
    private(set) var behaviour = Behaviour.proper

    /// Sets how the next records are answered.
    func behave(_ behaviour: Behaviour) {
        self.behaviour = behaviour.kind == .none ? .proper : behaviour
    }

    /// Counts a record that arrives, and says how to answer it.
    func arrival() -> Behaviour {
        report.received += 1
        let shown = behaviour
        behaviour = behaviour.afterOne
        if shown.kind != .none { report.misbehaved[shown.kind.rawValue, default: 0] += 1 }
        return shown
    }

    /// Counts what became of a record.
    func count(_ member: any WritableKeyPath<AuthorityReport, Int> & Sendable, problems: [RecordProblem] = []) {
        report[keyPath: member] += 1
        for problem in problems { report.problems[problem.rule, default: 0] += 1 }
    }
}
