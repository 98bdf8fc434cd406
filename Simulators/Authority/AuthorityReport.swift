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
    /// Items of tests' streams that were stored.
    public internal(set) var streamAccepted = 0
    /// Items of tests' streams that had been stored before.
    public internal(set) var streamDuplicates = 0
    /// Items of tests' streams that came before those they follow, or do not fit.
    public internal(set) var streamRejected = 0
    /// Items of tests' streams in the store, those of earlier runs too.
    public internal(set) var streamStored = 0
}

/// The counts and the present behaviour, which requests share.
actor FrontDesk {
    private(set) var report = AuthorityReport()
    private(set) var behaviour = Behaviour.proper

    /// How many of a hundred records meet a failure of some kind; chance decides which.
    private var erratic: (percent: Int, kinds: [Behaviour.Kind], generator: SplitMix)?

    /// Fails at random from now on; with the same seed in the same order.
    func behaveErratically(percent: Int, kinds: [Behaviour.Kind], seed: UInt64) {
        erratic = percent > 0 && !kinds.isEmpty ? (percent, kinds, SplitMix(state: seed)) : nil
    }

    /// Sets how the next records are answered.
    func behave(_ behaviour: Behaviour) {
        self.behaviour = behaviour.kind == .none ? .proper : behaviour
    }

    /// Counts a record that arrives, and says how to answer it.
    func arrival() -> Behaviour {
        report.received += 1
        var shown = behaviour
        behaviour = behaviour.afterOne
        if shown.kind == .none, var chance = erratic {
            if Int.random(in: 0..<100, using: &chance.generator) < chance.percent,
                let kind = chance.kinds.randomElement(using: &chance.generator)
            {
                shown = Behaviour(kind, delayMilliseconds: 20)
            }
            erratic = chance
        }
        if shown.kind != .none { report.misbehaved[shown.kind.rawValue, default: 0] += 1 }
        return shown
    }

    /// What is to be dealt with once something else was.
    private var later: [@Sendable () async -> Void] = []

    /// Has something dealt with after what comes next.
    func putOff(_ work: @escaping @Sendable () async -> Void) { later.append(work) }

    /// What was put off, in the order in which it came; it is the caller's now.
    func takePutOff() -> [@Sendable () async -> Void] {
        defer { later = [] }
        return later
    }

    /// Counts what became of a record.
    func count(_ member: any WritableKeyPath<AuthorityReport, Int> & Sendable, problems: [RecordProblem] = []) {
        report[keyPath: member] += 1
        for problem in problems { report.problems[problem.rule, default: 0] += 1 }
    }
}

/// Reproducible chance: SplitMix64 (Steele, Lea, Flood 2014).
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }
}
