public import Standards

/// A procedure that carries out one check of one instrument.
public protocol CheckProcedure: LaneProcedure where Outcome == CheckOutcome {
    /// The kind of check.
    var kind: CheckKind { get }
    /// The names of its steps, in order, as the status shows them; empty for a check without any.
    var steps: [String] { get }
}

extension CheckProcedure {
    /// None.
    public var steps: [String] { [] }
}

/// Everything that keeps a check from being carried out, at once.
public struct CheckProblems: Error, Hashable, Sendable {
    /// The problems; never empty.
    public let all: [OrderProblem]

    /// Creates the error.
    public init(_ all: [OrderProblem]) { self.all = all }
}
